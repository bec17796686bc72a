"""The past, cut at a day: what was known until then is history, what came after is the truth to predict.

No candidate sees anything after the cut.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Histories, Occasions, histories

Floats = NDArray[np.float64]

HELD_OUT = 1 / 3
"""Largest share of the observed time that is held out."""


class Split(NamedTuple):
    """Histories of the n customers known on the day of the cut, and what they did after it.

    Attributes:
        history: until the day of the cut, included.
        txns: (n,) purchases after it.
        value: (n,) what they brought, in currency.
        days: length of the time after it.
    """

    history: Histories
    txns: Floats
    value: Floats
    days: int


def split(bought: Occasions, today: int, horizon_days: int) -> Split | None:
    """Holds out the horizon, or a third of the observed time if that is less.

    Args:
        bought: all occasions.
        today: ordinal of the last day of the observation.
        horizon_days: length of the time to forecast, 1 or more.

    Returns:
        None if less than a day can be held out.
    """
    span = today - int(bought.day.min())
    days = min(horizon_days, math.floor(span * HELD_OUT))
    if days < 1:
        return None
    cut = today - days
    before = bought.day <= cut
    known = histories(bought.at(before), cut)
    later, customers = ~before, int(bought.owner.max()) + 1
    txns = np.bincount(bought.owner[later], minlength=customers).astype(float)
    value = np.bincount(bought.owner[later], weights=bought.value[later], minlength=customers).astype(float)
    return Split(known, txns[known.owner], value[known.owner], days)
