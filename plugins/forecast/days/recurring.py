"""Events that recur in the calendar: rent on the 1st, pay every second Friday, a peak before Easter.

They are looked for before outliers are cleaned, in what a running median and the pattern of the week leave.
The days of an event have to be among the highest (or lowest) far more often than chance would have it, over
all events that could have been found. An event is kept only if its earlier occurrences forecast the later
ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.patterns import PATTERNS, WEEK
from plugins.forecast.days.search import Found, grouped, longest, means, strongest
from plugins.forecast.days.series import MAD_TO_SIGMA, expected, surroundings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_DAYS = 60
LEAST_TWO_YEARS = 380
"""Days in which a date can have come twice, with a fortnight around it."""
SEASON_DAYS = 91
"""Days of the running median that events of up to a month are looked for above."""
MOST_EVENTS = 12
AS_MUCH = 0.95
"""An event by date, Easter or Thanksgiving that explains this share of what one by weekday does is preferred:
two Black Fridays are last Fridays of November, too."""
STARTED = 0.2
"""An event that began, ended or changed: what a step in its sizes has to leave of their variance."""
PROPORTIONAL = 0.8
"""An event grows with the level if its sizes vary less relative to it, by this factor."""
MATERIAL = 0.02
"""Share of a mean day that an event has to add on one of its days."""
IMPROVED = 0.6
"""Share of the later occurrences that the earlier ones have to forecast better than nothing does."""


class Event(NamedTuple):
    """An event that recurs.

    Attributes:
        pattern: a key of ``PATTERNS``.
        number: its first day's number in the pattern.
        sizes: what each of its days adds, shape ``(days,)``; a share of the usual value if proportional.
        proportional: whether it grows with the level.
        since: ordinal of the first day of the first occurrence that had this size.
    """

    pattern: str
    number: int
    sizes: tuple[float, ...]
    proportional: bool
    since: int


def added(events: Sequence[Event], numbers: Mapping[str, Ints], usual: Floats, first: int) -> Floats:
    """What events add to days.

    Args:
        events: of the series.
        numbers: of the days in each pattern, shape ``(days,)``.
        usual: what the days are without events, shape ``(days,)``.
        first: ordinal of the first of the days.

    >>> rent = Event("day_of_month", 0, (3000.0,), False, 738_000)
    >>> added([rent], {"day_of_month": np.array([30, 0, 1])}, np.full(3, 100.0), 739_000).tolist()
    [0.0, 3000.0, 0.0]
    """
    total = np.zeros(len(usual))
    for event in events:
        place = numbers[event.pattern] - event.number
        inside = (place >= 0) & (place < len(event.sizes)) & (numbers[event.pattern] >= 0)
        inside[: max(0, event.since - first)] = False
        own = np.where(inside, np.array(event.sizes)[np.where(inside, place, 0)], 0.0)
        total += own * np.maximum(usual, 0.0) if event.proportional else own
    return total


def current(sizes: Floats) -> Floats:
    """The occurrences that speak for the next one: those since the last change, if there was one.

    Args:
        sizes: of the occurrences, oldest first, shape ``(m,)``.

    >>> current(np.array([0.0, 1.0, -1.0, 50.0, 51.0, 49.0])).tolist()
    [50.0, 51.0, 49.0]
    """
    m = len(sizes)
    whole = float(((sizes - sizes.mean()) ** 2).sum())
    if m < 4 or whole == 0:
        return sizes
    left = [
        float(((sizes[:k] - sizes[:k].mean()) ** 2).sum() + ((sizes[k:] - sizes[k:].mean()) ** 2).sum())
        for k in range(2, m - 1)
    ]
    k = int(np.argmin(left))
    return sizes[k + 2 :] if left[k] <= STARTED * whole else sizes


def typical(sizes: Floats) -> float:
    """Mean of occurrences, single ones that are far from the others drawn in."""
    middle = float(np.median(sizes))
    reach = 3 * MAD_TO_SIGMA * float(np.median(np.abs(sizes - middle)))
    return (
        float(np.clip(sizes, middle - reach, middle + reach).mean())
        if len(sizes) > 3
        else float(sizes.mean())
    )


def forecasts_itself(sizes: Floats) -> bool:
    """Whether the earlier occurrences forecast the later ones better than nothing does: in sum, and most of
    them.

    Args:
        sizes: oldest first, shape ``(m,)``.

    >>> forecasts_itself(np.array([9.0, 10.0, 11.0])), forecasts_itself(np.array([9.0, -3.0, 0.5]))
    (True, False)
    """
    sizes = current(sizes)
    if len(sizes) < 2:
        return False
    before = np.cumsum(sizes)[:-1] / np.arange(1, len(sizes))
    gain = sizes[1:] ** 2 - (sizes[1:] - before) ** 2
    return bool(gain.sum() > 0 and (gain > 0).mean() >= IMPROVED)


def sized(found: Found, rest: Floats, usual: Floats, first: int) -> Event:
    """An event with its size, in the unit of the series or as a share of the level.

    Args:
        found: the event.
        rest: days less what is usual without the event, shape ``(n,)``.
        usual: shape ``(n,)``.
        first: ordinal of the first day.
    """
    days = found.days
    averages = means(rest, days)
    kept = len(current(averages))
    days, averages, levels = days[-kept:], averages[-kept:], means(usual, days[-kept:])
    proportional = False
    if kept >= 3 and levels.min() > 0 and levels.max() > 1.2 * levels.min():
        shares = averages / levels
        spread = [float(one.std() / max(abs(one.mean()), 1e-300)) for one in (averages, shares)]
        proportional = spread[1] < PROPORTIONAL * spread[0]
    scale = levels if proportional else np.ones(kept)
    sizes = np.full(days.shape[1], typical(averages / scale))
    if days.shape[1] > 1 and kept > 1:
        # What single days of the event have more or less than its mean, shrunk by what noise makes of it.
        seen = days >= 0
        left = np.where(seen, rest[np.where(seen, days, 0)] / scale[:, None] - sizes, 0.0)
        count = np.maximum(seen.sum(axis=0), 1)
        shape = left.sum(axis=0) / count
        noise = float((np.where(seen, left - shape, 0.0) ** 2).sum()) / max(1, seen.sum() - len(shape)) / kept
        spread_of = float((shape**2).mean())
        sizes = sizes + shape * (max(0.0, 1 - noise / spread_of) if spread_of > 0 else 0.0)
    start = int(days[0][days[0] >= 0][0])
    return Event(found.pattern, found.number, tuple(sizes.tolist()), proportional, first + start)


def without(values: Floats, places: Ints) -> Floats:
    """Days replaced by the mean of the same weekday in the weeks around them that are not replaced.

    >>> without(np.array([1.0, 2, 3, 4, 5, 6, 7, 90, 2, 3, 4, 5, 6, 7, 3]), np.array([7]))[7].item()
    2.0
    """
    bare = values.copy()
    out = set(places.tolist())
    for place in out:
        near: list[float] = []
        for weeks in range(1, 9):
            for other in (place - weeks * WEEK, place + weeks * WEEK):
                if 0 <= other < len(values) and other not in out and len(near) < 4:
                    near.append(float(values[other]))
        if near:
            bare[place] = np.mean(near)
    return bare


def learn(values: Floats, first: int, numbers: Mapping[str, Ints]) -> tuple[Event, ...]:
    """The events of a series.

    Args:
        values: shape ``(n,)``.
        first: ordinal of the first day.
        numbers: of the days in each pattern, shape ``(n,)`` each.
    """
    n = len(values)
    if n < LEAST_DAYS:
        return ()
    events: list[Event] = []
    taken: set[tuple[str, int]] = set()
    clean = values
    scale = float(np.abs(values).mean())
    groups = {name: own for name in PATTERNS if (own := grouped(numbers[name])) is not None}
    while len(events) < MOST_EVENTS and len(taken) < 2 * MOST_EVENTS:
        level, week = surroundings(clean)
        found = strongest(clean - level - week, week, groups, taken)
        if n >= LEAST_TWO_YEARS:
            slow, week = surroundings(clean, SEASON_DAYS)
            lasting = longest(clean - slow - week, numbers, taken)
            if lasting is not None and (found is None or lasting.gain > AS_MUCH * found.gain):
                found = lasting
        if found is None:
            break
        taken.add((found.pattern, found.number))
        usual = expected(without(clean, found.days[found.days >= 0]))
        rest = clean - usual
        if not forecasts_itself(means(rest, found.days)):
            continue
        event = sized(found, rest, usual, first)
        if np.abs(event.sizes).max() < MATERIAL * (1.0 if event.proportional else scale):
            continue
        clean = clean - added([event], numbers, usual, first)
        events.append(event)
    return tuple(events)
