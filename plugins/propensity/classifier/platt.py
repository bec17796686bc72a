"""Platt scaling: from a learner's log-odds to probabilities that hold out of sample.

Platt 1999, "Probabilistic outputs for support vector machines", section 2.2, on out-of-fold scores.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

FARTHEST = 50.0
"""Log-odds are clipped here, which keeps products finite; the probability rounds to 0 or 1 long before."""


class Platt(NamedTuple):
    """P(label = 1) = 1 / (1 + exp(−(slope · score + intercept))), slope ≥ 0: ranks are kept."""

    slope: float
    intercept: float

    def probability(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities ``(n,)`` in [0, 1] of log-odds ``(n,)``.

        SciPy's ``expit`` is a scalar loop, so a row's probability does not depend on its neighbours.

        >>> Platt(1.0, 0.0).probability(np.array([0.0])).tolist()
        [0.5]
        """
        return np.asarray(expit(self.slope * np.clip(scores, -FARTHEST, FARTHEST) + self.intercept))


def fit(scores: NDArray[np.float64], labels: NDArray[np.int8]) -> Platt:
    """Maximum likelihood with Platt's targets, (N₁ + 1) / (N₁ + 2) and 1 / (N₀ + 2) for 1 and 0.

    Scores that rank no better than chance get slope 0: every row gets the base rate.

    Args:
        scores: out-of-fold log-odds ``(n,)``.
        labels: ``(n,)`` of 0 and 1, both present.
    """
    ones = int(labels.sum())
    target = np.where(labels == 1, (ones + 1) / (ones + 2), 1 / (len(labels) - ones + 2))
    score = np.clip(scores, -FARTHEST, FARTHEST)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        log_odds = parameters[0] * score + parameters[1]
        error = expit(log_odds) - target
        value = (np.logaddexp(0.0, log_odds) - target * log_odds).mean()
        return float(value), np.array([(error * score).mean(), error.mean()])

    base = float(np.log(target.mean() / (1 - target.mean())))
    best = minimize(
        loss,
        np.array([1.0, 0.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None), (None, None)],
        options={"gtol": 1e-9, "ftol": 1e-14},
    ).x
    return Platt(float(best[0]), float(best[1])) if best[0] > 0 else Platt(0.0, base)
