"""The mean of several models, weighted by how well they did (Bates & Granger 1969)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_WEIGHT = 0.02
"""A member of less is left out: it would cost a fit and change nothing."""
CLEAR = 2.5
"""Standard errors by which a single model has to lead over the combination."""
BLOCK = 7
"""Days whose errors are added up before they are compared: those of neighbours depend on each other."""


def weekly_error(errors: Floats) -> float:
    """Root mean square of the weeks' mean errors: sums of days are asked for, and most of a day's error is
    noise that is the same for every model.

    Args:
        errors: on the held-out days, shape ``(folds, days)``, a week or more.

    >>> weekly_error(np.array([[1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 7.0]]))
    1.0
    """
    weeks = errors.shape[1] // BLOCK
    means = errors[:, : weeks * BLOCK].reshape(-1, BLOCK).mean(axis=1)
    return float(np.sqrt((means**2).mean()))


def weights(scores: Mapping[str, float]) -> dict[str, float]:
    """Weights in proportion to 1 / error², which add up to 1; best first, ties in the order given.

    Args:
        scores: errors of the members, 0 or more.

    >>> weights({"ETS": 1.0, "Theta": 2.0})
    {'ETS': 0.8, 'Theta': 0.2}
    """
    if not scores:
        return {}
    least = max(min(scores.values()), 1e-12 * max(1e-300, *scores.values()))
    raw = {name: (least / max(score, least)) ** 2 for name, score in scores.items()}
    total = sum(raw.values())
    kept = {name: value for name, value in raw.items() if value >= LEAST_WEIGHT * total}
    total = sum(kept.values())
    return {name: kept[name] / total for name in sorted(kept, key=lambda name: -kept[name])}


def combined(paths: Sequence[Floats], shares: Sequence[float]) -> Floats:
    """The weighted mean of paths, shape ``(days,)``.

    >>> combined([np.array([1.0]), np.array([3.0])], [0.25, 0.75])
    array([2.5])
    """
    return np.asarray(np.tensordot(np.asarray(shares), np.asarray(paths), 1))


def clearly_better(single: Floats, combination: Floats) -> bool:
    """Whether a model's lead over the combination is beyond chance (Diebold & Mariano 1995, on weeks).

    Args:
        single: its errors on the held-out days, shape ``(folds, days)``.
        combination: those of the combination.

    >>> random = np.random.default_rng(1)
    >>> noise = random.normal(0, 1, (4, 91))
    >>> clearly_better(noise, noise + 2), clearly_better(noise, noise + 0.01)
    (True, False)
    """
    gain = combination**2 - single**2
    if not gain.any():
        return False
    if not single.any():
        return True
    weeks = gain.shape[1] // BLOCK
    blocks = gain[:, : weeks * BLOCK].reshape(-1, BLOCK).mean(axis=1) if weeks > 1 else gain.ravel()
    # Errors of the weeks of a fold go together: a fold counts as one and a half observations.
    spread = float(blocks.std(ddof=1)) / np.sqrt(1.5 * len(gain))
    return bool(blocks.mean() > CLEAR * spread)
