"""From rows to one value a day, and the outlying days of a series."""

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
"""Interquartile ranges beyond the quartiles: Tukey's outer fence. His inner one, 1.5, flags 0.7 % of days."""
HAMPEL_DAYS, HAMPEL_SIGMAS = 7, 4.0
"""Days on either side of a day in Hampel's filter, and the robust deviations of an outlier."""
MAD_TO_SIGMA = 1.4826
"""Standard deviation over median absolute deviation of a normal distribution."""
MANY_ZEROS = 0.4
"""Share of days without sales from which demand counts as intermittent (API reference, 4.3.2)."""
LEVEL_DAYS = 35
FEW_OTHERS = 0.02
"""If most days are exactly as expected, the others are outliers up to this share of all days."""


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

    def with_closed(self, weekdays: tuple[int, ...]) -> Daily:
        """Days of weekdays that are closed, on which nothing is sold instead of what was filled in."""
        closed = self.filled & np.isin((self.first + np.arange(len(self.values)) - 1) % WEEK, weekdays)
        return self._replace(values=np.where(closed, 0.0, self.values))


def daily(days: Ints, values: Floats, drivers: Floats, fill: Fill, last: int | None = None) -> Daily:
    """One value a day: rows of one day are added up, and days without a row are filled.

    Drivers of one day are averaged, and interpolated over gaps.

    Args:
        days: ordinal of each row's day, in any order, shape ``(rows,)``, ``rows >= 1``.
        values: shape ``(rows,)``.
        drivers: shape ``(rows, k)``.
        fill: what a day without a row is: nothing sold (``zero``), or unknown (``interpolate``).
        last: ordinal of the last day of the series, if that is after the last row.

    >>> rows = np.array([3, 1, 3]), np.array([5.0, 1.0, 2.0]), np.zeros((3, 0))
    >>> series = daily(*rows, "zero")
    >>> series.values.tolist(), series.filled.tolist(), series.merged
    ([1.0, 0.0, 7.0], [False, True, False], 1)
    """
    # Values of one day are added in the order of their size: the sum does not depend on the order of rows.
    order = np.lexsort((*drivers.T, values, days))
    days, values, drivers = days[order], values[order], drivers[order]
    own, start, count = np.unique(days, return_index=True, return_counts=True)
    position = own - own[0]
    n = int(position[-1] if last is None else last - own[0]) + 1
    sums = np.add.reduceat(values, start)
    means = np.add.reduceat(drivers, start, axis=0) / count[:, None]
    filled = np.ones(n, np.bool_)
    filled[position] = False
    if fill == "zero":
        complete = np.zeros(n)
        complete[position] = sums
    else:
        complete = np.interp(np.arange(n), position, sums)
    columns = [np.interp(np.arange(n), position, column) for column in means.T]
    return Daily(
        first=int(own[0]),
        values=complete,
        filled=filled,
        drivers=np.column_stack(columns) if columns else np.zeros((n, 0)),
        merged=len(days) - len(own),
    )


def _slope(values: Floats) -> float:
    """Trend a day: the median slope between weeks' medians (Theil 1950, Sen 1968); 0 under four weeks."""
    weeks = len(values) // WEEK
    if weeks < 4:
        return 0.0
    middle = np.median(values[len(values) - weeks * WEEK :].reshape(weeks, WEEK), axis=1)
    before, after = np.triu_indices(weeks, 1)
    return float(np.median((middle[after] - middle[before]) / (after - before))) / WEEK


def expected(values: Floats) -> Floats:
    """What each day should be by its surroundings, shape ``(n,)``."""
    level, week = surroundings(values)
    return level + week


def surroundings(values: Floats, days: int = LEVEL_DAYS) -> tuple[Floats, Floats]:
    """The level of each day, and the pattern of the week, shape ``(n,)`` each: the trend and a running median
    of what it leaves; and the weekday's median difference to both.

    Args:
        values: shape ``(n,)``.
        days: of the running median.

    Without the trend the median would lag at both ends of a growing series, and its last days would look like
    outliers.
    """
    positions = np.arange(len(values))
    trend = _slope(values) * positions
    week = np.zeros(len(values))
    # Twice, because the median at either end has more of some weekdays than of others.
    for _ in range(2):
        level = trend + _level(values - trend - week, days)
        rest = values - level
        week = _profile(rest)[positions % WEEK]
    return np.asarray(level), week


def _profile(rest: Floats) -> Floats:
    """Median of every seventh day, from each of the first seven on, shape ``(7,)``; 0 where there is none."""
    weeks, more = divmod(len(rest), WEEK)
    profile = np.zeros(WEEK)
    whole = rest[: weeks * WEEK].reshape(weeks, WEEK)
    if weeks:
        profile[more:] = np.median(whole[:, more:], axis=0)
    if more:
        profile[:more] = np.median(np.vstack([whole[:, :more], rest[weeks * WEEK :]]), axis=0)
    return profile


def _level(values: Floats, days: int) -> Floats:
    """A running median. At its ends the series is mirrored: repeated, the last day alone would
    be half of what the median there is of.
    """
    size = min(days, 2 * (len(values) // 2) + 1)
    return np.asarray(median_filter(values, size=size, mode="reflect"))


def fences(values: Floats, usual: Floats, rule: Rule) -> tuple[Floats, Floats]:
    """The lowest and the highest value of each day that is not an outlier, ``(n,)`` each.

    Intermittent demand has no outliers. If the spread is zero, because most days are exactly as expected, the
    others are outliers, unless there are many of them.

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
        if spread <= 1e-9 * max(1e-300, np.median(np.abs(values))):
            return _alike(rest, usual, endless)
        return usual + low - FENCE * spread, usual + high + FENCE * spread
    # Mirrored at the ends: repeated, the last day would be half of what its own median is of.
    size = 2 * HAMPEL_DAYS + 1
    middle = median_filter(rest, size=size, mode="reflect")
    sigma = MAD_TO_SIGMA * median_filter(np.abs(rest - middle), size=size, mode="reflect")
    # A stretch of equal days has no spread of its own: the spread of the whole series is used there.
    sigma = np.maximum(sigma, MAD_TO_SIGMA * np.median(np.abs(rest - np.median(rest))))
    if not sigma.max() > 0:
        return _alike(rest, usual, endless)
    return usual + middle - HAMPEL_SIGMAS * sigma, usual + middle + HAMPEL_SIGMAS * sigma


def _alike(rest: Floats, usual: Floats, endless: Floats) -> tuple[Floats, Floats]:
    """The fences of a series of which most days are exactly as expected."""
    other = np.abs(rest) > 1e-9 * np.maximum(1e-300, np.abs(usual))
    few = 0 < other.mean() <= FEW_OTHERS
    return (usual, usual) if few else (-endless, endless)
