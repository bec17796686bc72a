"""By how many percent does demand change when the price rises by one percent?

Poisson pseudo-maximum likelihood with a log link (Santos Silva & Tenreyro 2006, *The log of gravity*). Unlike
a regression of logarithms, it can use days without a sale, and it is consistent even if the variance of the
noise changes with the price. The interval uses the sandwich variance (HC1, MacKinnon & White 1985) and
Student's t.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

ROWS_PER_CONTROL = 5
"""Rows that there must be for each control."""
_CONFOUNDED = 0.99
"""Controls may explain at most this share of the price variance. With more, no effect of its own is left."""
_ITERATIONS = 100
_TOLERANCE = 1e-10
_FARTHEST = 30.0
"""Bound of the linear predictor, which keeps its exponential finite. A fit at the bound has no estimate."""


class Elasticity(NamedTuple):
    """Percent of demand per percent of price, with its 95 % interval."""

    value: float
    lower_95: float
    upper_95: float


def estimate(price: Floats, units: Floats, controls: Floats) -> Elasticity | None:
    """The elasticity at the observed prices.

    Args:
        price: (n,) more than 0, at least two distinct prices.
        units: (n,) 0 or more, at least one more than 0.
        controls: (n, d) what else changes demand. If there are many, only those with the most effect are
        used, one
            for every five rows.

    Returns:
        None if the rows do not determine it.

    >>> price = np.array([8.0, 9.0, 10.0, 12.0])
    >>> found = estimate(price, 1e6 * price**-2.0, np.zeros((4, 0)))
    >>> round(found.value, 6)
    -2.0
    """
    log_price = np.log(price)
    log_price -= log_price.mean()
    controls = _standardised(controls)
    kept = _effective(log_price, units, controls)
    matrix = np.column_stack([log_price, np.ones(len(price)), controls[:, kept]])
    n, k = matrix.shape
    if n <= k:
        return None
    # Iteratively reweighted least squares (McCullagh & Nelder 1989, section 2.5): the weights are the fitted
    # means, and the working response is the linear predictor plus the relative residual.
    target = units / units.mean()
    beta = np.zeros(k)
    mean = (target + 1) / 2
    eta = np.log(mean)
    deviance = np.inf
    for _ in range(_ITERATIONS):
        root = np.sqrt(mean)
        working = eta + (target - mean) / mean
        beta = np.linalg.lstsq(matrix * root[:, None], working * root, rcond=None)[0]
        eta = np.clip(matrix @ beta, -_FARTHEST, _FARTHEST)
        mean = np.exp(eta)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(target > 0, target * np.log(target / mean), 0.0)
        before, deviance = deviance, float(2 * (ratio - target + mean).sum())
        if abs(before - deviance) <= _TOLERANCE * (abs(deviance) + 1e-3):
            break
    # The sandwich (XᵀWX)⁻¹ · Σ rᵢ²xᵢxᵢᵀ · (XᵀWX)⁻¹, times n / (n − k).
    bread = np.linalg.pinv(matrix.T @ (matrix * mean[:, None]))
    scores = matrix * (target - mean)[:, None]
    variance = (bread @ (scores.T @ scores) @ bread)[0, 0] * n / (n - k)
    if not (np.isfinite(beta[0]) and np.isfinite(variance) and variance >= 0) or abs(eta).max() >= _FARTHEST:
        return None
    reach = float(stdtrit(n - k, 0.975) * np.sqrt(variance))
    value = float(beta[0])
    return Elasticity(value, value - reach, value + reach)


def _standardised(controls: Floats) -> Floats:
    centred = controls - controls.mean(axis=0)
    return np.asarray(centred / np.maximum(centred.std(axis=0), 1e-300))


def _effective(log_price: Floats, units: Floats, controls: Floats) -> list[int]:
    """The controls to keep: not too many for the rows, and none that explains the price almost completely."""
    logs = np.log(np.maximum(units, 0.5))
    slope = (log_price @ (logs - logs.mean())) / (log_price @ log_price)
    effect = abs(controls.T @ (logs - logs.mean() - slope * log_price))
    kept = np.argsort(-effect, kind="stable")[: len(units) // ROWS_PER_CONTROL].tolist()
    while kept:
        matrix = np.column_stack([np.ones(len(units)), controls[:, kept]])
        unexplained = log_price - matrix @ np.linalg.lstsq(matrix, log_price, rcond=None)[0]
        if unexplained @ unexplained >= (1 - _CONFOUNDED) * (log_price @ log_price):
            break
        # The control that is most correlated with the price goes first.
        kept.remove(max(kept, key=lambda column: abs(float(controls[:, column] @ log_price))))
    return sorted(kept)
