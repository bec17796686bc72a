"""By how many percent does demand change when the price rises by one?

Poisson pseudo-maximum likelihood with a log link (Santos Silva & Tenreyro 2006, *The log of gravity*): unlike
a regression of logarithms it takes days without a sale as they are, and is consistent whatever the spread of
the noise. The interval is of the sandwich variance (HC1), with Student's t.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

ROWS_PER_CONTROL = 5
_CONFOUNDED = 0.99
"""Share of the price's variance that controls may explain; beyond it nothing is left to learn from."""
_ITERATIONS = 100
_TOLERANCE = 1e-10
_FARTHEST = 30.0


class Elasticity(NamedTuple):
    """Percent of demand per percent of price, with its 95 % interval."""

    value: float
    lower_95: float
    upper_95: float


def estimate(price: Floats, units: Floats, controls: Floats) -> Elasticity | None:
    """The elasticity at the observed prices.

    Args:
        price: (n,) above 0, two distinct at least.
        units: (n,) 0 or more, one above 0 at least.
        controls: (n, d) what else moves demand; of many, those that tell most of it, one in five rows.

    Returns:
        None where the rows do not tell it.
    """
    log_price = np.log(price)
    log_price -= log_price.mean()
    controls = _standardised(controls)
    kept = _telling(log_price, units, controls)
    matrix = np.column_stack([log_price, np.ones(len(price)), controls[:, kept]])
    n, k = matrix.shape
    if n <= k:
        return None
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


def _telling(log_price: Floats, units: Floats, controls: Floats) -> list[int]:
    """Controls to keep: not too many for the rows, and none that leaves nothing of the price."""
    logs = np.log(np.maximum(units, 0.5))
    own = (log_price @ (logs - logs.mean())) / (log_price @ log_price)
    tells = abs(controls.T @ (logs - logs.mean() - own * log_price))
    kept = np.argsort(-tells, kind="stable")[: len(units) // ROWS_PER_CONTROL].tolist()
    while kept:
        matrix = np.column_stack([np.ones(len(units)), controls[:, kept]])
        rest = log_price - matrix @ np.linalg.lstsq(matrix, log_price, rcond=None)[0]
        if rest @ rest >= (1 - _CONFOUNDED) * (log_price @ log_price):
            break
        kept.remove(max(kept, key=lambda column: abs(float(controls[:, column] @ log_price))))
    return sorted(kept)
