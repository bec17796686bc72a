"""Level shifts: the level changed from one day to the next (a new shop, a lost client, another price).

Models with a trend take such a step for a slope. So the days before it are moved to the level after it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WEEK = 7
LEAST_WEEKS, BEFORE_WEEKS, AFTER_WEEKS, ABRUPT_WEEKS = 10, 3, 6, 3
"""Weeks of a history, before a step and after it; a shorter spell after it may be a passing one."""
YEAR_WEEKS = 52
SEASONAL = 0.5
"""Share of a step that the same weeks of the year before may have shown, up to which it is no season."""
EXPLAINED = 0.6
"""Squared error of a step over that of a straight line, at most; with more it is a trend."""
SIZE = 4.0
"""Least size of a step, in standard deviations of the weeks' noise."""
ABRUPT = 0.7
"""Share of the step that the three weeks before it and the three after must show."""


class Shift(NamedTuple):
    """A step.

    Attributes:
        start: position of the first day on the new level.
        size: new level less old one.
    """

    start: int
    size: float


def find(z: Floats) -> Shift | None:
    """The largest step of a series that six weeks confirm and that is no season: on weeks' means, then to the
    day.

    Args:
        z: shape ``(n,)``.

    Returns:
        None if there is none.

    >>> find(np.repeat([10.0, 30.0], 50))
    Shift(start=50, size=20.0)
    """
    weeks = len(z) // WEEK
    if weeks < LEAST_WEEKS:
        return None
    head = len(z) - weeks * WEEK
    means = z[head:].reshape(weeks, WEEK).mean(axis=1)
    split = _split(means, BEFORE_WEEKS, AFTER_WEEKS)
    before, after = means[:split], means[split:]
    size = float(after.mean() - before.mean())
    left = float(((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum())
    t = np.arange(weeks)
    line = float(((means - np.polyval(np.polyfit(t, means, 1), t)) ** 2).sum())
    # 0.6745: median of the absolute standard normal; sqrt(2): a difference has twice the variance.
    noise = float(np.median(np.abs(np.diff(means)))) / 0.6745 / np.sqrt(2)
    near = means[split : split + ABRUPT_WEEKS].mean() - means[split - ABRUPT_WEEKS : split].mean()
    if left > EXPLAINED * line or abs(size) <= SIZE * noise or near * size <= ABRUPT * size**2:
        return None
    if _seasonal(means, split, size):
        return None
    start = head + (split - 2) * WEEK
    around = z[start : start + 4 * WEEK]
    start += _split(around, WEEK, WEEK)
    return Shift(start, float(z[start:].mean() - z[:start].mean()))


def _seasonal(means: Floats, split: int, size: float) -> bool:
    """Whether the level changed likewise a year before: six weeks after the place less six before it."""
    place = split - YEAR_WEEKS
    if place < BEFORE_WEEKS:
        return False
    before = means[max(0, place - AFTER_WEEKS) : place].mean()
    after = means[place : min(split, place + AFTER_WEEKS)].mean()
    return bool((after - before) * np.sign(size) > SEASONAL * abs(size))


def _split(values: Floats, before: int, after: int) -> int:
    """The split at which two means have the least squared error, with so many values before and after it."""
    n = len(values)
    splits = np.arange(before, n - after + 1)
    # Two means lower the squared error by n sums² / (k (n - k)), sums being over the first k values.
    sums = np.cumsum(values - values.mean())[splits - 1]
    return int(splits[np.argmax(sums**2 / (splits * (n - splits)))])
