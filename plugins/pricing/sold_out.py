"""Days on which the stock ran out: what was sold is a lower bound of what was wanted.

Demand is negative binomial, which has the variance of counts with noise. A day with stock left counts
with the probability of its sales, a day that sold out with the probability of at least its sales (a
censored likelihood, as Tobit's 1958, for counts).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betainc, betaln, gammaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FARTHEST = 30.0
"""Bound of the linear predictor, which keeps its exponential finite."""
_LEAST_DISPERSION, _MOST_DISPERSION = 1e-6, 10.0
_STEP = 1e-5


class Censored(NamedTuple):
    """A fitted demand.

    Attributes:
        beta: (k,) coefficients of log demand.
        variance: (k, k) robust variance of these.
        completed: (n,) units; the expected demand on a day that sold out.
    """

    beta: Floats
    variance: Floats
    completed: Floats


def days(day: Ints, units: Floats, stock: Floats) -> Bools:
    """(n,) whether a row's stock was sold: by the row alone, or by all rows of its day that share one stock.

    Args:
        day: (n,) ordinals.
        units: (n,) units sold.
        stock: (n,) units at the start of the day, NaN if not known.

    >>> days(np.array([1, 2, 2]), np.array([5.0, 3.0, 7.0]), np.array([8.0, 10.0, 10.0])).tolist()
    [False, True, True]
    """
    _, inverse = np.unique(day, return_inverse=True)
    whole_day = np.bincount(inverse, units)[inverse]
    lowest, highest = np.full(inverse.max() + 1, np.inf), np.full(inverse.max() + 1, -np.inf)
    np.minimum.at(lowest, inverse, stock)
    np.maximum.at(highest, inverse, stock)
    shared = (lowest == highest)[inverse]
    return np.asarray((units == stock) | (shared & (whole_day == stock)))


def fit(matrix: Floats, units: Floats, sold_out: Bools, start: Floats) -> Censored | None:
    """Maximum likelihood.

    Args:
        matrix: (n, k) columns of log demand.
        units: (n,) units sold.
        sold_out: (n,) whether more could have been sold.
        start: (k,) coefficients to start from.

    Returns:
        None if the likelihood has no maximum.

    >>> chance = np.random.default_rng(0)
    >>> log_price = np.log(chance.choice([8.0, 9.0, 10.0, 11.0], 400))
    >>> wanted = chance.poisson(20 * np.exp(-3 * (log_price - np.log(10))))
    >>> matrix = np.column_stack([log_price, np.ones(400)])
    >>> sold = np.minimum(wanted, 25) * 1.0
    >>> bool(abs(fit(matrix, sold, sold == 25, np.array([-1.0, 5.0])).beta[0] + 3) < 0.3)
    True
    """
    k = matrix.shape[1]

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, slopes = _likelihood(matrix, units, sold_out, theta[:k], float(np.exp(theta[k])))
        above, below = (
            _likelihood(matrix, units, sold_out, theta[:k], float(np.exp(theta[k] + step)))[0].sum()
            for step in (_STEP, -_STEP)
        )
        gradient = np.append(matrix.T @ slopes, (above - below) / (2 * _STEP))
        return -float(value.sum()) / len(units), -gradient / len(units)

    bounds = [(None, None)] * k + [(np.log(_LEAST_DISPERSION), np.log(_MOST_DISPERSION))]
    found = minimize(loss, np.append(start, np.log(0.05)), jac=True, method="L-BFGS-B", bounds=bounds)
    beta, dispersion = found.x[:k], float(np.exp(found.x[k]))
    if not np.isfinite(found.fun) or abs(matrix @ beta).max() >= FARTHEST:
        return None
    # Sandwich variance: the Hessian by differences of the gradient, and the products of the scores.
    hessian = np.empty((k, k))
    for column in range(k):
        step = np.zeros(k)
        step[column] = _STEP
        up, down = (
            matrix.T @ _likelihood(matrix, units, sold_out, beta + sign * step, dispersion)[1]
            for sign in (1, -1)
        )
        hessian[column] = (down - up) / (2 * _STEP)
    scores = matrix * _likelihood(matrix, units, sold_out, beta, dispersion)[1][:, None]
    bread = np.linalg.pinv((hessian + hessian.T) / 2)
    variance = bread @ (scores.T @ scores) @ bread * len(units) / max(len(units) - k, 1)
    expected = np.exp(matrix @ beta)
    completed = np.where(sold_out, _wanted(units, expected, dispersion), units)
    return Censored(beta, variance, completed)


def _likelihood(
    matrix: Floats, units: Floats, sold_out: Bools, beta: Floats, dispersion: float
) -> tuple[Floats, Floats]:
    """(n,) log likelihoods, and their derivatives by the linear predictor."""
    mean = np.exp(np.clip(matrix @ beta, -FARTHEST, FARTHEST))
    r = 1 / dispersion
    share = mean / (r + mean)
    log_share, log_rest = np.log(share), np.log1p(-share)
    exact = gammaln(units + r) - gammaln(r) - gammaln(units + 1) + r * log_rest + units * log_share
    exact_slope = (units - mean) * r / (r + mean)
    # P(Y ≥ s) is the regularised incomplete beta function I_share(s, r); of 0 units it is 1.
    some = np.maximum(units, 1.0)
    least = np.log(np.maximum(betainc(some, r, share), 1e-300))
    density = (some - 1) * log_share + (r - 1) * log_rest - betaln(some, r) + np.log(share) + log_rest
    least_slope = np.exp(np.minimum(density - least, 50.0))
    bound, bound_slope = np.where(units > 0, least, 0.0), np.where(units > 0, least_slope, 0.0)
    return np.where(sold_out, bound, exact), np.where(sold_out, bound_slope, exact_slope)


def _wanted(units: Floats, mean: Floats, dispersion: float) -> Floats:
    """(n,) expected demand, given that it is at least the units: E[Y | Y ≥ s]."""
    r = 1 / dispersion
    share = mean / (r + mean)
    beyond = np.where(units > 1, betainc(np.maximum(units - 1, 1.0), r + 1, share), 1.0)
    reached = np.where(units > 0, betainc(np.maximum(units, 1.0), r, share), 1.0)
    return np.maximum(units, mean * beyond / np.maximum(reached, 1e-300))
