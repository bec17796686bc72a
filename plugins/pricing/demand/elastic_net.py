"""The level of demand as a line in logarithms, with an elastic net on the controls (Zou & Hastie 2005).

log units = intercept + controls · weights
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.pricing.demand.learner import HALF
from plugins.pricing.elasticity import FARTHEST

Floats = NDArray[np.float64]


class LogLinear(NamedTuple):
    """The fitted line.

    Attributes:
        intercept: log units at the mean controls.
        weights: (d,) of the controls.
        centre: (d,) means of the controls.
    """

    intercept: float
    weights: Floats
    centre: Floats

    def level(self, controls: Floats) -> Floats:
        """Expected units."""
        shift = np.clip((controls - self.centre) @ self.weights, -FARTHEST, FARTHEST)
        return np.asarray(np.exp(self.intercept + shift))


def fit(units: Floats, weight: Floats, controls: Floats) -> LogLinear:
    """Fits rows in order of time.

    >>> promo = np.array([[0.0], [1.0]] * 10)
    >>> line = fit(10 * np.exp(0.5 * promo[:, 0]), np.ones(20), promo)
    >>> line.level(promo[:2]).round(1).tolist()
    [10.2, 16.3]
    """
    logs = np.log(np.maximum(units, HALF))
    logs -= logs.mean()
    centre, scale = controls.mean(axis=0), np.maximum(controls.std(axis=0), 1e-300)
    scaled = (controls - centre) / scale
    weights = np.zeros(controls.shape[1])
    if controls.shape[1] and len(logs) >= 4 and logs.std() > 1e-9:
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
        weights = net.fit(scaled, logs).coef_
    line = LogLinear(0.0, weights / scale, centre)
    # Smearing (Duan 1983): the exponential of mean logarithms underestimates the mean of units.
    total = float((line.level(controls) * weight).sum())
    sold = float((units * weight).sum())
    return line._replace(intercept=float(np.log(sold / total)) if sold > 0 else -FARTHEST)
