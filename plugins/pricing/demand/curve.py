"""Expected units at any price, and the interval of a day's units.

Trees change in steps at prices between the observed ones. So they are asked at observed prices only, and
demand is interpolated in logarithms between these. Beyond the observed prices, demand follows the elasticity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from plugins.pricing.demand.learner import FARTHEST, HALF, Model
from plugins.pricing.design import Design

Floats = NDArray[np.float64]

_ANCHORS = 24
"""Observed prices that are asked at most."""


class Demand(NamedTuple):
    """A fitted demand.

    Attributes:
        model: the fit.
        design: the sales that it was fitted to.
        spread: standard deviation of log(units / expected units).
        held_out: how many errors the spread was estimated from.
    """

    model: Model
    design: Design
    spread: float
    held_out: int

    def curve(self, prices: Floats, elasticity: float) -> Floats:
        """Expected units per day (p,) at prices (p,), averaged over the weekdays; never rises with the price.

        Args:
            prices: (p,) more than 0.
            elasticity: how demand changes beyond the observed prices; an elasticity above 0 counts as 0.
        """
        observed = np.unique(self.design.price)
        anchors = np.unique(observed[np.linspace(0, len(observed) - 1, _ANCHORS).round().astype(int)])
        # Each anchor price on each weekday.
        now, weekdays = self.design.now, len(self.design.now)
        asked = self.model.units(np.repeat(anchors, weekdays), np.tile(now, (len(anchors), 1)))
        units = asked.reshape(-1, weekdays).mean(axis=1)
        lowest = float(self.design.units.mean()) * np.exp(-FARTHEST)
        logs = np.log(np.maximum(np.minimum.accumulate(units), lowest))
        within = np.interp(np.log(prices), np.log(anchors), logs)
        beyond = np.log(np.maximum(prices / anchors[-1], 1)) + np.log(np.minimum(prices / anchors[0], 1))
        change = np.clip(min(elasticity, 0.0) * beyond, -FARTHEST, FARTHEST)
        return np.asarray(np.exp(within + change))

    def interval(self, units: Floats, level: float) -> tuple[Floats, Floats]:
        """Bounds (p,) that a day's units lie between with probability `level`, given expected units (p,).

        Student's t with as many degrees of freedom as held-out errors, in logarithms.
        """
        quantile = float(stdtrit(self.held_out, (1 + level) / 2))
        factor = np.exp(min(quantile * self.spread, FARTHEST))
        return np.maximum((units + HALF) / factor - HALF, 0.0), (units + HALF) * factor - HALF
