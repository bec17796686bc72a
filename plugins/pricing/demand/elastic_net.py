"""Demand as a line in logarithms, with an elastic net on the controls (Zou & Hastie 2005).

    log units = intercept + slope · log price + controls · weights

The slope is not penalised, and at most 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.pricing.demand.learner import FARTHEST, HALF

Floats = NDArray[np.float64]


class LogLinear(NamedTuple):
    """The fitted line.

    Attributes:
        slope: of the log price: the elasticity, at most 0.
        intercept: of the line.
        weights: (d,) of the controls.
        centre: (d,) means of the controls.
        level: mean log units, which forecasts are kept near.
    """

    slope: float
    intercept: float
    weights: Floats
    centre: Floats
    level: float

    def units(self, price: Floats, controls: Floats) -> Floats:
        """Expected units."""
        logs = self.slope * np.log(price) + self.intercept + (controls - self.centre) @ self.weights
        return np.asarray(np.exp(np.clip(logs, self.level - FARTHEST, self.level + FARTHEST)))


def fit(price: Floats, units: Floats, controls: Floats) -> LogLinear:
    """Fits rows in order of time.

    >>> price = np.array([8.0, 10.0] * 10)
    >>> line = fit(price, 500 * price**-2.0, np.zeros((20, 0)))
    >>> round(line.slope, 6), line.units(np.array([10.0]), np.zeros((1, 0))).round(6).tolist()
    (-2.0, [5.0])
    """
    log_price = np.log(price)
    logs = np.log(np.maximum(units, HALF))
    centre, scale = controls.mean(axis=0), np.maximum(controls.std(axis=0), 1e-300)
    scaled = (controls - centre) / scale
    slope, weights = _slope_and_weights(log_price, logs, scaled)
    if slope > 0:  # the loss is convex, so the best slope of at most 0 is then 0
        slope, weights = 0.0, _slope_and_weights(np.zeros_like(log_price), logs, scaled)[1]
    intercept = float((logs - slope * log_price - scaled @ weights).mean())
    line = LogLinear(slope, intercept, weights / scale, centre, float(logs.mean()))
    # Smearing (Duan 1983): the exponential of mean logarithms underestimates the mean of units.
    total = float(line.units(price, controls).sum())
    correction = float(np.log(units.sum() / total)) if units.sum() > 0 else -FARTHEST
    return line._replace(intercept=intercept + correction)


def _slope_and_weights(log_price: Floats, logs: Floats, controls: Floats) -> tuple[float, Floats]:
    """The slope of the price, and the weights of the controls.

    Price and intercept are first regressed out of controls and units (Frisch & Waugh 1933). The net is fitted
    to the residuals, so its penalty does not change the slope.
    """
    unpenalised = np.column_stack([np.ones_like(log_price), log_price - log_price.mean()])
    if np.ptp(log_price) == 0:
        unpenalised = unpenalised[:, :1]
    basis = np.linalg.qr(unpenalised)[0]
    residual_controls = controls - basis @ (basis.T @ controls)
    residual_logs = logs - basis @ (basis.T @ logs)
    weights = np.zeros(controls.shape[1])
    varying = np.flatnonzero(residual_controls.std(axis=0) > 1e-6)
    if varying.size and len(logs) >= 4 and residual_logs.std() > 1e-9:
        from sklearn.linear_model import ElasticNetCV
        from sklearn.model_selection import KFold

        net = ElasticNetCV(
            l1_ratio=0.5,
            alphas=15,
            eps=3e-3,
            cv=KFold(min(5, len(logs) // 2)),
            fit_intercept=False,
            max_iter=5000,
            tol=3e-3,
        )
        weights[varying] = net.fit(residual_controls[:, varying], residual_logs).coef_
    if unpenalised.shape[1] == 1:
        return 0.0, weights
    explained = logs - controls @ weights
    return float(np.linalg.lstsq(unpenalised, explained, rcond=None)[0][1]), weights
