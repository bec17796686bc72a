"""Intermittent demand: Croston (1972) with the correction of Syntetos & Boylan (2005), TSB (Teunter, Syntetos
& Babai 2011) and ADIDA (Nikolopoulos et al. 2011). Each forecasts one mean demand for every day ahead.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.forecast.models.model import Model

Floats = NDArray[np.float64]
ALPHAS = np.array([0.01, 0.05, 0.1, 0.15, 0.2, 0.3])
CROSTON_ALPHA = 0.1
"""Croston's own value. Larger ones follow single orders."""


@njit(cache=True, nogil=True)
def _smoothed(values: Floats, alpha: float) -> tuple[float, float]:
    """Simple exponential smoothing from the first value on: the last level, and the sum of squared one-step
    errors.
    """
    level, total = values[0], 0.0
    for t in range(1, len(values)):
        error = values[t] - level
        total += error * error
        level += alpha * error
    return level, total


@njit(cache=True, nogil=True)
def _tsb(values: Floats, alpha: float, beta: float) -> tuple[float, float]:
    """Probability of demand times its size after the last day, and the sum of squared one-step errors.

    The size is updated on days with demand, the probability on
    every day. Both start at their means over the series.
    """
    count, size = 0, 0.0
    for value in values:
        if value > 0:
            count += 1
            size += value
    if count == 0:
        return 0.0, 0.0
    chance, size, total = count / len(values), size / count, 0.0
    for value in values:
        error = value - chance * size
        total += error * error
        if value > 0:
            size += alpha * (value - size)
            chance += beta * (1.0 - chance)
        else:
            chance -= beta * chance
    return chance * size, total


def croston(z: Floats) -> float:
    """Croston's mean demand a day with the correction of Syntetos & Boylan; 0 without any demand.

    Sizes and intervals of demands are smoothed separately. Their ratio is too high by about alpha / 2, which
    the factor 1 - alpha / 2 corrects (Syntetos & Boylan 2005).

    Args:
        z: shape ``(n,)``, never negative.

    >>> round(croston(np.tile([0.0, 0.0, 6.0], 20)), 6)
    1.9
    """
    demands = np.flatnonzero(z > 0)
    if len(demands) == 0:
        return 0.0
    gaps = np.diff(demands, prepend=-1).astype(np.float64)
    size, _ = _smoothed(z[demands], CROSTON_ALPHA)
    gap, _ = _smoothed(gaps, CROSTON_ALPHA)
    return float((1 - CROSTON_ALPHA / 2) * size / gap)


def tsb(z: Floats) -> float:
    """TSB's mean demand a day. Unlike Croston's it falls while nothing is sold.

    The two smoothing parameters are those of a grid with the lowest sum of squared errors.

    Args:
        z: shape ``(n,)``, never negative.

    >>> tsb(np.zeros(30)), round(tsb(np.ones(30)), 6)
    (0.0, 1.0)
    """
    tried = [_tsb(z, alpha, beta) for alpha in ALPHAS for beta in ALPHAS]
    return float(min(tried, key=lambda fitted: fitted[1])[0])


def adida(z: Floats) -> float:
    """Mean demand a day by smoothing the sums of blocks, each as long as the mean time between two demands.

    Args:
        z: shape ``(n,)``, never negative.

    >>> round(adida(np.tile([0.0, 0.0, 6.0], 20)), 6)
    2.0
    """
    demands = np.flatnonzero(z > 0)
    if len(demands) < 2:
        return float(z.mean())
    block = max(1, round(float(np.diff(demands).mean())))
    blocks = len(z) // block
    sums = z[len(z) - blocks * block :].reshape(blocks, block).sum(axis=1)
    tried = [_smoothed(sums, alpha) for alpha in ALPHAS]
    return float(min(tried, key=lambda fitted: fitted[1])[0]) / block


def _model(name: str, mean_demand: Callable[[Floats], float]) -> Model:
    """A model that forecasts the same mean demand for every day ahead."""
    return Model(
        name,
        lambda sample, horizon: np.full(horizon, mean_demand(np.maximum(sample.z, 0.0))),
        series="intermittent",
    )


CROSTON = _model("Croston", croston)
TSB = _model("TSB", tsb)
ADIDA = _model("ADIDA", adida)
