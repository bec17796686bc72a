"""A loyalty index from behaviour: scaled metrics in a weighted mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

METRICS = ("purchase_total", "visit_frequency", "avg_ticket", "product_diversity", "recency_days")
"""The columns of a metrics array, in order."""

DEFAULT_WEIGHTS = (0.25, 0.30, 0.10, 0.15, 0.20)
"""Weights of :data:`METRICS`, those of the API reference, 4.1.3."""

TIERS = {"Platinum": 0.85, "Gold": 0.70, "Silver": 0.50, "Bronze": 0.30}
"""Lower bounds of the tiers, API reference, 4.1.3."""

LOWEST_TIER = "At-Risk"
"""The tier under every bound."""

LEAST_TO_JUDGE = 10
"""Of fewer customers each has a large part in the range."""

_RECENCY = METRICS.index("recency_days")


def min_max(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scales each column to 0–1 (Han, Kamber & Pei 2011, equation 3.8).

    Args:
        columns: (n, d), n of 1 or more.

    Returns:
        (n, d); a column whose values are all equal is 1.

    >>> min_max(np.array([[10.0, 7.0], [20.0, 7.0], [15.0, 7.0]])).tolist()
    [[0.0, 1.0], [1.0, 1.0], [0.5, 1.0]]
    """
    low = columns.min(axis=0)
    span = columns.max(axis=0) - low
    constant = span == 0
    scaled: NDArray[np.float64] = (columns - low) / np.where(constant, 1.0, span)
    scaled[:, constant] = 1.0
    return scaled


def ranks(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rank of each value in its column, from 0 to 1; equal values share the mean of their ranks.

    Args:
        columns: (n, d), n of 1 or more.

    Returns:
        (n, d); a column whose values are all equal is 1.

    >>> ranks(np.array([[10.0, 7.0], [9e9, 7.0], [15.0, 7.0]])).tolist()
    [[0.0, 1.0], [1.0, 1.0], [0.5, 1.0]]
    """
    from scipy.stats import rankdata

    return min_max(rankdata(columns, axis=0))


SCALINGS = {"minmax": min_max, "rank": ranks}
"""How a metric gets from 0 to 1, by name."""


def dominated(metrics: NDArray[np.float64]) -> list[int]:
    """Columns whose range a few customers stretch: without them it is under a quarter.

    A few are a fiftieth of the customers, at least one, at either end.

    Args:
        metrics: (n, d).

    Returns:
        Indices of the columns; none for fewer than :data:`LEAST_TO_JUDGE` customers.

    >>> dominated(np.column_stack([np.arange(20.0), np.append(np.arange(19.0), 5000.0)]))
    [1]
    """
    count = len(metrics)
    if count < LEAST_TO_JUDGE:
        return []
    few = max(1, count // 50)
    ordered = np.sort(metrics, axis=0)
    span = ordered[-1] - ordered[0]
    inner = np.minimum(ordered[-1 - few] - ordered[0], ordered[-1] - ordered[few])
    columns: list[int] = np.flatnonzero(4 * inner < span).tolist()
    return columns


def loyalty_index(
    metrics: NDArray[np.float64], weights: NDArray[np.float64], scaling: str = "minmax"
) -> NDArray[np.float64]:
    """Loyalty of each customer among those given, 0 to 1, 1 being best.

    Args:
        metrics: (n, 5) values of :data:`METRICS`; fewer days since the last purchase count as better.
        weights: (5,) that sum to 1.
        scaling: one of :data:`SCALINGS`.

    Returns:
        (n,) at 12 decimals, so that a score of 0.85 reaches a bound of 0.85 in whatever order its terms
        were added.

    >>> best, worst = [100.0, 9, 20, 5, 1], [10.0, 1, 10, 1, 90]
    >>> loyalty_index(np.array([best, worst]), np.array(DEFAULT_WEIGHTS)).tolist()
    [1.0, 0.0]
    """
    oriented = metrics.copy()
    oriented[:, _RECENCY] *= -1
    index: NDArray[np.float64] = (SCALINGS[scaling](oriented) * weights).sum(axis=1)
    return index.clip(max=1.0).round(12)
