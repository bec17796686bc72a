"""From rows to a series of one value a day, and the days that are out of line with it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Fill = Literal["zero", "interpolate"]
Rule = Literal["iqr", "hampel"]

WEEK = 7
FENCE = 3.0
"""Interquartile ranges beyond the quartiles: Tukey's outer fence. His inner one, 1.5, flags 0.7 % of good
days.
"""
HAMPEL_DAYS, HAMPEL_SIGMAS = 7, 4.0
"""Days on either side of a day that Hampel's filter looks at, and how many robust deviations are too many."""
MAD_TO_SIGMA = 1.4826
MANY_ZEROS = 0.4
"""Share of days without sales from which demand counts as intermittent (API reference, 4.3.2)."""
LEVEL_DAYS = 35


class Daily(NamedTuple):
    """A series without gaps.

    Attributes:
        first: ordinal of the first day.
        values: value of each day, shape ``(n,)``.
        filled: days that no row was sent for, shape ``(n,)``.
        drivers: values of the further columns, shape ``(n, k)``.
        merged: rows that were added to another row of the same day.
    """

    first: int
    values: Floats
    filled: Bools
    drivers: Floats
    merged: int

    @property
    def last(self) -> int:
        """Ordinal of the last day."""
        return self.first + len(self.values) - 1


def daily(days: Ints, values: Floats, drivers: Floats, fill: Fill, last: int | None = None) -> Daily:
    """One value a day: rows sorted, those of one day added up, days between them filled.

    Drivers of one day are averaged, and interpolated over gaps.

    Args:
        days: ordinal of each row's day, in any order, shape ``(rows,)``, ``rows >= 1``.
        values: shape ``(rows,)``.
        drivers: shape ``(rows, k)``.
        fill: what a day without a row is: nothing sold (``zero``), or unknown (``interpolate``).
        last: ordinal of the day that the series reaches to, if that is not the last row's; later than that.
    """
    # The values of a day are added up in the order of their size, so that the order of rows changes no bit.
    order = np.lexsort((*drivers.T, values, days))
    days, values, drivers = days[order], values[order], drivers[order]
    own, start, count = np.unique(days, return_index=True, return_counts=True)
    place = own - own[0]
    n = int(place[-1] if last is None else last - own[0]) + 1
    sums = np.add.reduceat(values, start)
    means = np.add.reduceat(drivers, start, axis=0) / count[:, None]
    filled = np.ones(n, np.bool_)
    filled[place] = False
    if fill == "zero":
        complete = np.zeros(n)
        complete[place] = sums
    else:
        complete = np.interp(np.arange(n), place, sums)
    columns = [np.interp(np.arange(n), place, column) for column in means.T]
    return Daily(
        int(own[0]),
        complete,
        filled,
        np.column_stack(columns) if columns else np.zeros((n, 0)),
        len(days) - len(own),
    )


def expected(values: Floats) -> Floats:
    """What each day should be by its surroundings: a running median of five weeks, and its weekday's median
    difference to that; shape ``(n,)``.
    """
    level = median_filter(values, size=min(LEVEL_DAYS, 2 * (len(values) // 2) + 1), mode="nearest")
    rest = values - level
    profile = np.array([np.median(rest[phase::WEEK]) if phase < len(rest) else 0.0 for phase in range(WEEK)])
    return np.asarray(level + profile[np.arange(len(values)) % WEEK])


def fences(values: Floats, usual: Floats, rule: Rule) -> tuple[Floats, Floats]:
    """The lowest and the highest value that each day may have before it is out of line, ``(n,)`` each.

    Nothing is out of line where most days are alike (the spread is zero) or demand is intermittent.

    Args:
        values: shape ``(n,)``.
        usual: what :func:`expected` gives for them.
        rule: ``iqr``, Tukey's fences around the usual value; or ``hampel``, Hampel's filter over the
            differences to it (Davies & Gather 1993).
    """
    endless = np.full(len(values), np.inf)
    if len(values) < 2 * WEEK or (values == 0).mean() >= MANY_ZEROS:
        return -endless, endless
    rest = values - usual
    if rule == "iqr":
        low, high = np.quantile(rest, (0.25, 0.75))
        spread = high - low
        if spread <= 1e-9 * max(1e-300, np.abs(values).max()):
            return -endless, endless
        return usual + low - FENCE * spread, usual + high + FENCE * spread
    size = 2 * HAMPEL_DAYS + 1
    middle = median_filter(rest, size=size, mode="nearest")
    sigma = MAD_TO_SIGMA * median_filter(np.abs(rest - middle), size=size, mode="nearest")
    # A stretch of days that are all alike has no spread of its own: the whole series' serves there.
    sigma = np.maximum(sigma, MAD_TO_SIGMA * np.median(np.abs(rest - np.median(rest))))
    if not sigma.max() > 0:
        return -endless, endless
    return usual + middle - HAMPEL_SIGMAS * sigma, usual + middle + HAMPEL_SIGMAS * sigma
