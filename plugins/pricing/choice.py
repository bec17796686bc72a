"""Which of the candidate prices earns most, within the guardrails?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_NEAR = 1e-9
"""A price at a bound keeps it, despite rounding."""


class Guardrails(NamedTuple):
    """Bounds for a price.

    Attributes:
        margin: least (price - cost) / price; None for no bound.
        discount: most (last - price) / last; None for no bound.
    """

    margin: float | None
    discount: float | None


class Choice(NamedTuple):
    """The prices, ranked.

    Attributes:
        ranked: numbers of the prices that may win, best first.
        low_margin, deep_discount, extrapolated: (p,) the reasons against each price.
    """

    ranked: list[int]
    low_margin: Bools
    deep_discount: Bools
    extrapolated: Bools


def lowest(cost: float, last: float, guardrails: Guardrails) -> tuple[float | None, float | None]:
    """The lowest price that keeps the margin, and the lowest that keeps the discount; None without a bound.

    >>> lowest(cost=50.0, last=100.0, guardrails=Guardrails(margin=0.5, discount=None))
    (100.0, None)
    """
    margin, discount = guardrails
    return (
        None if margin is None else cost / (1 - margin),
        None if discount is None else last * (1 - discount),
    )


def choose(
    prices: Floats,
    earned: Floats,
    observed: tuple[float, float],
    cost: float,
    last: float,
    guardrails: Guardrails,
    allow_extrapolation: bool,
) -> Choice:
    """Ranks prices by what they earn. A price beyond the observed ones ranks only if no other price is
    allowed.

    Ties go to the price nearest to the last one, then to the lower one.

    Args:
        prices: (p,) candidates, more than 0.
        earned: (p,) profit or revenue of each.
        observed: lowest and highest price of the history.
        cost: cost of a unit.
        last: price of the last day.
        guardrails: bounds for every price.
        allow_extrapolation: whether prices beyond the observed ones rank like others.
    """
    floors = lowest(cost, last, guardrails)
    low_margin, deep_discount = (
        np.zeros(len(prices), np.bool_) if floor is None else prices < floor * (1 - _NEAR) for floor in floors
    )
    extrapolated = (prices < observed[0]) | (prices > observed[1])
    allowed = ~(low_margin | deep_discount)
    if not allow_extrapolation and (allowed & ~extrapolated).any():
        allowed &= ~extrapolated
    order = np.lexsort((prices, abs(prices - last), -earned))
    return Choice(
        [number for number in order.tolist() if allowed[number]], low_margin, deep_discount, extrapolated
    )
