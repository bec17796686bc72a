"""A level that changed from one day to the next: a new shop, a lost client, another price.

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
"""What a step leaves unexplained, over what a straight line leaves: more, and it is a trend."""
SIZE = 4.0
"""A step of this many times the weeks' own noise is one."""
ABRUPT = 0.7
"""Share of the whole step that has to show between the three weeks before it and the three after."""


class Shift(NamedTuple):
    """A step.

    Attributes:
        place: first day on the new level.
        size: new level less old one.
    """

    place: int
    size: float


def find(z: Floats) -> Shift | None:
    """The largest step of a series, None if there is none: on weeks' means, then to the day.

    Args:
        z: shape ``(n,)``.
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
    noise = float(np.median(np.abs(np.diff(means)))) / 0.6745 / np.sqrt(2)
    near = means[split : split + ABRUPT_WEEKS].mean() - means[split - ABRUPT_WEEKS : split].mean()
    if left > EXPLAINED * line or abs(size) <= SIZE * noise or near * size <= ABRUPT * size**2:
        return None
    start = head + (split - 2) * WEEK
    around = z[start : start + 4 * WEEK]
    place = start + _split(around, WEEK)
    return Shift(place, float(z[place:].mean() - z[:place].mean()))


def _split(values: Floats, side: int) -> int:
    """Where two means explain the most, at least ``side`` values from either end."""
    n = len(values)
    places = np.arange(side, n - side + 1)
    sums = np.cumsum(values - values.mean())[places - 1]
    return int(places[np.argmax(sums**2 / (places * (n - places)))])
