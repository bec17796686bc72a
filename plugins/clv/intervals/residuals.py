"""How far trees are off: intervals from what customers with a similar prediction really did.

The customers of the held-out window are grouped by predicted value. What the customers of a group bought and
brought is the distribution of a customer of that group, scaled to the prediction: split conformal prediction
within groups (Lei, J. et al. (2018), *JASA* 113(523), 1094–1111). A total has three uncertainties: chance
over its customers, the level of the training window, which is a sample, and the error of the level in the
held-out window."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from plugins.clv.intervals.simulation import LEVELS, Interval, Simulation
from plugins.clv.models.prediction import Prediction

Floats = NDArray[np.float64]

MOST_GROUPS = 10
FEWEST_IN_GROUP = 20
_LARGEST_ERROR = 2.0
"""Of the logarithm of a level."""


class Spread(NamedTuple):
    """What m groups did, of purchases or of value.

    Attributes:
        predicted: (m,) mean prediction.
        bounds: (m, 4) quantiles of the truth at :data:`LEVELS`.
        variance: (m,) of the truth.
        level: standard error of the logarithm of a total.
    """

    predicted: Floats
    bounds: Floats
    variance: Floats
    level: float


class Residuals(NamedTuple):
    """Spreads by groups of predicted value.

    Attributes:
        edges: (m − 1,) predicted values between the groups, ascending, in currency.
        txns, value: the spreads.
        days: length of the held-out window.
    """

    edges: Floats
    txns: Spread
    value: Spread
    days: int

    def as_json(self) -> dict[str, Any]:
        """For :meth:`from_json`."""
        return {
            "days": self.days,
            "edges": self.edges.tolist(),
            **{
                name: {key: np.asarray(part).tolist() for key, part in spread._asdict().items()}
                for name, spread in (("txns", self.txns), ("value", self.value))
            },
        }

    @classmethod
    def from_json(cls, stored: Any) -> Residuals:
        """Reads what :meth:`as_json` gave.

        Raises:
            ValueError: it is damaged.
        """
        try:
            edges = np.array(stored["edges"], dtype=float)
            groups = len(edges) + 1
            spreads = []
            for name in ("txns", "value"):
                predicted, bounds, variance = (
                    np.array(stored[name][key], dtype=float) for key in ("predicted", "bounds", "variance")
                )
                level = float(stored[name]["level"])
                shapes = predicted.shape, bounds.shape, variance.shape
                if shapes != ((groups,), (groups, len(LEVELS)), (groups,)) or level < 0:
                    raise ValueError(name)
                if not all(np.isfinite(part).all() for part in (edges, predicted, bounds, variance, level)):
                    raise ValueError(name)
                spreads.append(Spread(predicted, bounds, variance, level))
            return cls(edges, spreads[0], spreads[1], int(stored["days"]))
        except (KeyError, TypeError, ValueError):
            raise ValueError("the residuals of model.json are damaged") from None


def learn(predicted: Prediction, txns: Floats, value: Floats, days: int) -> Residuals:
    """Groups of equal size, at least 20 customers each.

    Args:
        predicted: of n customers.
        txns, value: (n,) the truth, in any order.
        days: length of the window.
    """
    groups = max(1, min(MOST_GROUPS, len(txns) // FEWEST_IN_GROUP))
    edges = np.unique(np.quantile(predicted.value, np.arange(1, groups) / groups))
    group = np.searchsorted(edges, predicted.value, side="right")
    # Ties may leave a group empty.
    present, group = np.unique(group, return_inverse=True)
    edges = edges[present[1:] - 1]
    return Residuals(
        edges,
        _spread(predicted.txns, txns, group, len(present)),
        _spread(predicted.value, value, group, len(present)),
        days,
    )


def _spread(predicted: Floats, truth: Floats, group: NDArray[np.intp], groups: int) -> Spread:
    parts = [truth[group == g] for g in range(groups)]
    means = np.array([predicted[group == g].mean() for g in range(groups)])
    bounds = np.array([np.quantile(part, LEVELS) for part in parts])
    variance = np.array([part.var() for part in parts])
    total, expected = float(truth.sum()), float(predicted.sum())
    if total <= 0 or expected <= 0:
        return Spread(means, bounds, variance, 1.0)
    error = min(max(math.log(total / expected), -_LARGEST_ERROR), _LARGEST_ERROR)
    sampling = float(truth.var()) * len(truth) / total**2
    return Spread(means, bounds, variance, math.sqrt(error**2 + sampling))


def intervals(
    learnt: Residuals, window: Prediction, predicted: Prediction, growth: Floats, weight: Floats
) -> Simulation:
    """Intervals around a prediction.

    Args:
        learnt: the residuals.
        window: of n customers, over the trees' window; it decides the group of each.
        predicted: of the same customers, over the time to come; the value is weighted.
        growth: (n,) purchases of that time, in multiples of the window's.
        weight: (n,) what a unit of value counts, such as a discount.
    """
    group = np.searchsorted(learnt.edges, window.value, side="right")
    longer = max(1.0, float(growth.max(initial=0.0)))
    txns = _around(learnt.txns, group, predicted.txns, growth, longer)
    value = _around(learnt.value, group, predicted.value, growth * weight, longer)
    return Simulation(txns[0], value[0], txns[1], value[1])


def _around(
    spread: Spread, group: NDArray[np.intp], predicted: Floats, growth: Floats, longer: float
) -> tuple[Interval, Interval]:
    """Intervals of each customer, and of all together."""
    # The truth of a group, scaled from the group's mean prediction to the customer's.
    mean = spread.predicted[group]
    like = (mean > 0) & (predicted > 0)
    scale = np.where(growth <= 0, 0.0, np.where(like, predicted / np.where(like, mean, 1.0), growth))
    each = spread.bounds[group] * scale[:, None]
    total = float(predicted.sum())
    chance = float((scale**2 * spread.variance[group]).sum())
    # The error of a level grows with the square root of the time, as that of a random walk does.
    level = spread.level * math.sqrt(longer)
    z = np.array([float(ndtri(level)) for level in LEVELS])
    # Chance and level are independent: a log-normal total, or a normal one where the total is not positive.
    if total > 0:
        bounds = total * np.exp(z * math.sqrt(math.log1p(chance / total**2) + level**2))
    else:
        bounds = total + z * math.sqrt(chance + (level * total) ** 2)
    return Interval(*each.T), Interval(*bounds)
