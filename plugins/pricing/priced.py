"""Everything that is computed for a request, before it is written as an answer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.pricing.choice import Choice
from plugins.pricing.demand.contest import Contest
from plugins.pricing.design import Design
from plugins.pricing.elasticity import Elasticity

Floats = NDArray[np.float64]


class Priced(NamedTuple):
    """The figures of p candidate prices.

    Attributes:
        design: the columns that demand was learned from.
        contest: the learners, and the winner's fit.
        elasticity: how demand responds to the price; None if the history does not show it.
        prices, units, revenue, profit: (p,) expected per day.
        choice: which candidates may win.
        follows: whether prices followed demand, so that the effect may be understated.
    """

    design: Design
    contest: Contest
    elasticity: Elasticity | None
    prices: Floats
    units: Floats
    revenue: Floats
    profit: Floats
    choice: Choice
    follows: bool

    @property
    def best(self) -> int:
        """Number of the price that wins."""
        return self.choice.ranked[0]

    @property
    def outside(self) -> bool:
        """Whether the best price lies outside the prices of the history."""
        return bool(self.choice.extrapolated[self.best])

    @property
    def no_effect(self) -> bool:
        """Whether the history does not show that demand falls when the price rises."""
        return self.elasticity is None or self.elasticity.upper_95 >= 0

    @property
    def loses(self) -> bool:
        """Whether the best price earns less than nothing."""
        return bool(self.profit[self.best] < 0)

    @property
    def profitable(self) -> float | None:
        """The candidate with the highest profit, whether it may win or not; None if all lose."""
        highest = int(np.argmax(self.profit))
        return float(self.prices[highest]) if self.profit[highest] > 0 else None

    @property
    def end(self) -> str | None:
        """``lowest`` or ``highest`` if the best price is at that end of the prices that may win."""
        allowed = self.prices[self.choice.ranked]
        if len(allowed) < 2:
            return None
        best = self.prices[self.best]
        return "highest" if best == allowed.max() else "lowest" if best == allowed.min() else None
