"""By how many percent does demand change when the price rises by one percent, and which demand follows from
it?

Poisson pseudo-maximum likelihood with a log link (Santos Silva & Tenreyro 2006, *The log of gravity*): a
line in logarithms, in which neither the price nor the controls are penalised. Unlike a regression of
logarithms, it can use days without a sale, and it is consistent even if the variance of the noise changes
with the price. The interval uses the sandwich variance (HC1, MacKinnon & White 1985) and Student's t. If
stock ran out on some days, they count as censored observations (:mod:`plugins.pricing.sold_out`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from plugins.pricing import sold_out as censoring

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FARTHEST = 20.0
"""Demand may lie this far from the mean, as a difference of natural logarithms."""
ROWS_PER_CONTROL = 5
"""Rows that there must be for each control."""
_CONFOUNDED = 0.99
"""Controls may explain at most this share of the price variance. With more, no effect of its own is left."""
_ITERATIONS = 100
_TOLERANCE = 1e-10
_BOUND = 30.0
"""Bound of the linear predictor, which keeps its exponential finite. A fit at the bound has no estimate."""
_FEWEST_FREE = 5
"""Rows with stock left, besides one for each coefficient, that a fit to sold-out days needs."""


class Elasticity(NamedTuple):
    """Percent of demand per percent of price, with its 95 % interval."""

    value: float
    lower_95: float
    upper_95: float


class Line(NamedTuple):
    """Demand as a line in logarithms.

    Attributes:
        elasticity: as it is reported; None if the rows do not determine it.
        slope: the same, at most 0: the line never rises with the price.
        reference: the log price at which the intercept holds.
        intercept: log units at the reference and the mean controls.
        weights: (d,) of the controls; 0 for those that are not used.
        centre: (d,) means of the controls.
        completed: (n,) units; the expected demand on a day that sold out.
    """

    elasticity: Elasticity | None
    slope: float
    reference: float
    intercept: float
    weights: Floats
    centre: Floats
    completed: Floats

    def effect(self, price: Floats) -> Floats:
        """What the price multiplies demand by, compared with the reference price."""
        logs = self.slope * (np.log(price) - self.reference)
        return np.asarray(np.exp(np.clip(logs, -FARTHEST, FARTHEST)))

    def level(self, controls: Floats) -> Floats:
        """Expected units (n,) at the reference price with controls (n, d)."""
        shift = np.clip((controls - self.centre) @ self.weights, -FARTHEST, FARTHEST)
        return np.asarray(np.exp(self.intercept + shift))


def fit(price: Floats, units: Floats, controls: Floats, sold_out: Bools | None = None) -> Line:
    """The demand line at the observed prices.

    Args:
        price: (n,) more than 0.
        units: (n,) 0 or more, at least one more than 0.
        controls: (n, d) what else changes demand. If there are many, only those with the most effect are
            used, one for every five rows.
        sold_out: (n,) whether the stock ran out; None for no day.

    >>> price = np.array([8.0, 9.0, 10.0, 12.0])
    >>> line = fit(price, 1e6 * price**-2.0, np.zeros((4, 0)))
    >>> round(line.elasticity.value, 6), round(float(line.level(np.zeros((1, 0)))[0] * line.effect(10.0)))
    (-2.0, 10000)
    """
    empty = np.zeros(len(price), np.bool_) if sold_out is None else sold_out
    reference = float(np.log(price).mean())
    log_price = np.log(price) - reference
    centre = controls.mean(axis=0)
    scale = np.maximum(controls.std(axis=0), 1e-300)
    scaled = (controls - centre) / scale
    kept = _effective(log_price, units, scaled)
    fitted = None
    if np.ptp(log_price) > 0:
        fitted = _coefficients(
            np.column_stack([log_price, np.ones(len(price)), scaled[:, kept]]), units, empty
        )
    elasticity = None
    if fitted is not None:
        beta, variance, completed = fitted
        reach = float(stdtrit(len(price) - len(beta), 0.975) * np.sqrt(variance[0, 0]))
        elasticity = Elasticity(float(beta[0]), float(beta[0]) - reach, float(beta[0]) + reach)
    if fitted is None or beta[0] > 0:
        # The likelihood is concave, so the best slope of at most 0 is then 0.
        level = _coefficients(np.column_stack([np.ones(len(price)), scaled[:, kept]]), units, empty)
        if level is None:
            kept, level = [], (np.array([_log_mean(units)]), np.zeros((1, 1)), units)
        beta, completed = np.r_[0.0, level[0]], level[2]
    weights = np.zeros(controls.shape[1])
    weights[kept] = beta[2:] / scale[kept]
    return Line(elasticity, float(beta[0]), reference, float(beta[1]), weights, centre, completed)


def _log_mean(units: Floats) -> float:
    mean = float(units.mean())
    return float(np.log(mean)) if mean > 0 else -FARTHEST


def _coefficients(matrix: Floats, units: Floats, sold_out: Bools) -> tuple[Floats, Floats, Floats] | None:
    """Coefficients of log units, their variance, and the units with the demand of sold-out days.

    Args:
        matrix: (n, k) columns, one of them all ones.
        units: (n,) units.
        sold_out: (n,) whether units are a lower bound.

    Returns:
        None if the rows do not determine the coefficients.
    """
    n, k = matrix.shape
    if n <= k or not units.any():
        return None
    if sold_out.any() and (~sold_out).sum() < k + _FEWEST_FREE:
        return None
    # Iteratively reweighted least squares (McCullagh & Nelder 1989, section 2.5): the weights are the fitted
    # means, and the working response is the linear predictor plus the relative residual.
    total = units.mean()
    target = units / total
    beta = np.zeros(k)
    mean = (target + 1) / 2
    eta = np.log(mean)
    deviance = np.inf
    for _ in range(_ITERATIONS):
        root = np.sqrt(mean)
        working = eta + (target - mean) / mean
        beta = np.linalg.lstsq(matrix * root[:, None], working * root, rcond=None)[0]
        eta = np.clip(matrix @ beta, -_BOUND, _BOUND)
        mean = np.exp(eta)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(target > 0, target * np.log(target / mean), 0.0)
        before, deviance = deviance, float(2 * (ratio - target + mean).sum())
        if abs(before - deviance) <= _TOLERANCE * (abs(deviance) + 1e-3):
            break
    # The sandwich (XᵀWX)⁻¹ · Σ rᵢ²xᵢxᵢᵀ · (XᵀWX)⁻¹, times n / (n − k).
    bread = np.linalg.pinv(matrix.T @ (matrix * mean[:, None]))
    scores = matrix * (target - mean)[:, None]
    variance = bread @ (scores.T @ scores) @ bread * (n / (n - k))
    if not (np.isfinite(beta).all() and np.isfinite(variance).all() and variance[0, 0] >= 0):
        return None
    if abs(eta).max() >= _BOUND:
        return None
    beta = beta + np.linalg.lstsq(matrix, np.full(n, np.log(total)), rcond=None)[0]
    if not sold_out.any():
        return beta, variance, units
    return censoring.fit(matrix, units, sold_out, beta)


def _effective(log_price: Floats, units: Floats, controls: Floats) -> list[int]:
    """The controls to keep: not too many for the rows, and none that explains the price almost completely."""
    logs = np.log(np.maximum(units, 0.5))
    slope = (log_price @ (logs - logs.mean())) / max(log_price @ log_price, 1e-300)
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
