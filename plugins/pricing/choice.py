"""Which of the candidate prices earns most, within the guardrails?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_NEAR = 1e-9


class Guardrails(NamedTuple):
    """What a price must keep.

    Attributes:
        margin: least (price - cost) / price, None if any will do.
        discount: most (last - price) / last, None if any will do.
    """

    margin: float | None
    discount: float | None


class Choice(NamedTuple):
    """The prices, ranked.

    Attributes:
        ranked: places of the prices that may win, best first.
        low_margin, deep_discount, extrapolated: (p,) what speaks against each price.
    """

    ranked: list[int]
    low_margin: Bools
    deep_discount: Bools
    extrapolated: Bools


def lowest(cost: float, last: float, guardrails: Guardrails) -> tuple[float | None, float | None]:
    """The lowest price that keeps the margin, and the lowest that keeps the discount; None if any does."""
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
    """Ranks prices by what they earn; a price that was not observed ranks only if no other is left.

    Ties go to the price nearest to the last one, then to the lower.

    Args:
        prices: (p,) candidates, above 0.
        earned: (p,) profit or revenue of each.
        observed: lowest and highest price of the history.
        cost: of a unit.
        last: price of the last day.
        guardrails: what every price must keep.
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
        [place for place in order.tolist() if allowed[place]], low_margin, deep_discount, extrapolated
    )
