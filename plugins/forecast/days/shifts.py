"""Level shifts: the level changed from one day to the next (a new shop, a lost client, another price).

Models with a trend take such a step for a slope. So the days before it are moved to the level after it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WEEK = 7
LEAST_WEEKS, SIDE_WEEKS, ABRUPT_WEEKS = 10, 3, 3
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
    """The largest step of a series, None if there is none.

    The week is found on weekly means, then the day.

    Args:
        z: shape ``(n,)``.

    >>> find(np.repeat([10.0, 30.0], 50))
    Shift(start=50, size=20.0)
    """
    weeks = len(z) // WEEK
    if weeks < LEAST_WEEKS:
        return None
    head = len(z) - weeks * WEEK
    means = z[head:].reshape(weeks, WEEK).mean(axis=1)
    split = _split(means, SIDE_WEEKS)
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
    first = head + (split - 2) * WEEK
    start = first + _split(z[first : first + 4 * WEEK], WEEK)
    return Shift(start, float(z[start:].mean() - z[:start].mean()))


def _split(values: Floats, side: int) -> int:
    """The split at which two means have the least squared error, ``side`` values or more from either end."""
    n = len(values)
    splits = np.arange(side, n - side + 1)
    # Two means lower the squared error by n sums² / (k (n - k)), sums being over the first k values.
    sums = np.cumsum(values - values.mean())[splits - 1]
    return int(splits[np.argmax(sums**2 / (splits * (n - splits)))])
