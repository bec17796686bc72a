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
    """

    design: Design
    contest: Contest
    elasticity: Elasticity | None
    prices: Floats
    units: Floats
    revenue: Floats
    profit: Floats
    choice: Choice
