"""Do the months of a horizon bring more or less than others? The models of purchases spread them evenly."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import Occasions

Floats = NDArray[np.float64]

YEAR = 365
YEARS = 2
"""In which the same days must have differed, each beyond chance: one year's peak may be a campaign."""
LEAST = 1 / 3
"""Share by which they must differ."""
ERRORS = 4.0
"""Standard errors of a Poisson count by which they must."""


def factor(bought: Occasions, today: int, days: int) -> float:
    """Purchases of the horizon's days over those of an even year; 1 unless two past years agree that they
    differ.

    In each of the past two years, the repeat purchases of the same days are compared with those that an even
    year would have brought them: all of the year's, in proportion to the customers known on each day.

    Args:
        bought: occasions of n customers.
        today: ordinal.
        days: length of the horizon.

    Customers who buy every year on day 0 of the year, and a horizon that ends before that day:

    >>> owner = np.repeat(np.arange(100), 4)
    >>> day = np.tile(np.arange(4) * 365, 100)
    >>> yearly = Occasions(owner, day, np.ones(400))
    >>> factor(yearly, 3 * 365 + 180, 150) < 0.1
    True
    """
    if days >= YEAR or int(bought.day.min()) > today - YEARS * YEAR - days // 2:
        return 1.0
    first = np.concatenate(([True], bought.owner[1:] != bought.owner[:-1]))
    repeats, starts = bought.day[~first], np.sort(bought.day[first])
    seen, even = 0.0, 0.0
    directions = set()
    for year in range(1, YEARS + 1):
        begins = today - year * YEAR
        known = np.searchsorted(starts, np.arange(begins, begins + YEAR), side="right").astype(float)
        within = repeats[(repeats > begins) & (repeats <= begins + YEAR)] - begins - 1
        if not known.any():
            return 1.0
        here = float((within < days).sum())
        expected = float(len(within) * known[:days].sum() / known.sum())
        if abs(here - expected) <= max(LEAST * expected, ERRORS * math.sqrt(expected)):
            return 1.0
        directions.add(here > expected)
        seen, even = seen + here, even + expected
    return (seen + 0.5) / (even + 0.5) if len(directions) == 1 else 1.0
