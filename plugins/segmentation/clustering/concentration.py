"""Whether a few customers decide where the others are: their share of a feature's squared deviations."""

from __future__ import annotations

import numpy as np

from plugins.segmentation.clustering.feature_space import is_amount
from plugins.segmentation.clustering.partition import Floats

LEAST_CUSTOMERS = 50
FEW = 0.02
"""A few customers are 2 % of them, and at least two."""
DECISIVE = 0.5
"""A feature is skewed if a few customers hold more than this share. They hold 0.15 of it if the feature is
normally distributed, 0.32 if exponentially."""
MAGNITUDES = 100.0
"""A feature is skewed, too, if its 90th percentile is this many times its 10th. It is 22 times if
exponentially distributed."""


def concentrated(figures: Floats) -> list[int]:
    """Columns whose largest values decide where the others are: a few customers hold most of the squared
    deviations from the mean, or the values span magnitudes.

    Only money and counts are looked at, which may be compared by their logarithms.

    Args:
        figures: shape ``(n, d)``, in original units.

    Returns:
        Indices of the columns; none for fewer than 50 customers.

    >>> concentrated(np.column_stack([np.arange(60.0), np.append(np.arange(59.0), 10_000.0)]))
    [1]
    >>> concentrated(np.append(np.full(30, 40.0), np.full(30, 6_000.0))[:, None])
    [0]
    """
    if len(figures) < LEAST_CUSTOMERS:
        return []
    few = max(2, int(FEW * len(figures)))
    # Divided by the largest value first, as squares of the largest amounts would lose the small ones.
    relative = figures / np.maximum(np.abs(figures).max(axis=0), 1e-300)
    squares = np.sort((relative - relative.mean(axis=0)) ** 2, axis=0)
    total = squares.sum(axis=0)
    held = squares[-few:].sum(axis=0)
    low, high = np.quantile(figures, (0.1, 0.9), axis=0)
    spans = (low > 0) & (high > MAGNITUDES * low)
    return np.flatnonzero(((held > DECISIVE * total) | spans) & is_amount(figures)).tolist()
