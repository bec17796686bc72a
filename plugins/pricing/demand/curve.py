"""Expected units at any price, and the interval of a day's units."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from plugins.pricing.demand.learner import HALF, Level
from plugins.pricing.design import Design
from plugins.pricing.elasticity import FARTHEST, Line

Floats = NDArray[np.float64]


class Demand(NamedTuple):
    """A fitted demand: the effect of the price, times the level that the other columns tell.

    Attributes:
        line: gives the effect of the price.
        level: gives the level; the line itself, or a learner that proved better.
        design: the sales that both were fitted to.
        spread: standard deviation of log(units / expected units).
        held_out: how many errors the spread was estimated from.
    """

    line: Line
    level: Level
    design: Design
    spread: float
    held_out: int

    def curve(self, prices: Floats) -> Floats:
        """Expected units (p,) of a day or other step at prices (p,), averaged over the weekdays.

        It never rises with the price.
        """
        level = float(self.level.level(self.design.now).mean())
        return np.asarray(level * self.line.effect(prices))

    def at_one_price(self) -> Floats:
        """(n,) log units of the history, less the effect of the price."""
        return np.asarray(np.log((self.line.completed + HALF) / self.line.effect(self.design.price)))

    def interval(self, units: Floats, level: float) -> tuple[Floats, Floats]:
        """Bounds (p,) that a day's units lie between with probability `level`, given expected units (p,).

        Student's t with as many degrees of freedom as held-out errors, in logarithms.
        """
        quantile = float(stdtrit(self.held_out, (1 + level) / 2))
        factor = np.exp(min(quantile * self.spread, FARTHEST))
        return np.maximum((units + HALF) / factor - HALF, 0.0), (units + HALF) * factor - HALF
