"""The search for events that recur: by ranks, so that a heavy tail or another event makes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from plugins.forecast.days.patterns import PATTERNS, WEEK
from plugins.forecast.days.series import MAD_TO_SIGMA

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST_EVENT = 45
LEAP_DAY = 59
EXCESS, HIGHEST = 2.5, 12.0
"""Standard errors from which on a day lengthens a yearly event, and as many as it counts at most."""
SHARP_FROM, SHARP = 4, 0.5
"""Days from which on an event has to begin or end with a jump of this share of its size: no season does."""
CHANCE, CHANCE_OF_STRONG = 2e-4, 5e-3
"""Expected number of events that noise makes in a family, up to which one is believed: any, and one whose
days are all far out and of similar sizes."""
FAR_OUT = 6.0
"""Robust standard deviations from which on a day is far out."""
SIMILAR = 2.0
"""The largest size over the smallest, up to which they are similar."""
LEAST = {"month": 3, "fortnight": 4, "quarter": 3, "year": 3}
"""Occurrences that an event of one day needs."""
LEAST_FAR_OUT = 2
"""The same of a yearly event whose days are all far out and of similar sizes."""
LEAST_LONG, LONG_FROM = 3, 15
"""Occurrences that an event of so many days by Easter needs: months of fasting look like it."""
RANKED_ALONE = 4
"""Occurrences from which on the sum of ranks counts: of fewer, each one has to be among the extreme days."""
CONTRAST = 1 + np.pi / 2
"""Variance of a mean less a median of as many days, in variances of the mean."""


class Ranks:
    """Ranks of what is left of the days, as chances and as normal scores."""

    def __init__(self, rest: Floats) -> None:
        self.sorted = np.sort(rest)
        self.days = len(rest)
        self.sigma = float(MAD_TO_SIGMA * np.median(np.abs(rest - np.median(rest))))

    def scores(self, rest: Floats) -> Floats:
        """Normal scores (van der Waerden 1952), ties at the middle of their ranks."""
        low = np.searchsorted(self.sorted, rest, "left")
        high = np.searchsorted(self.sorted, rest, "right")
        return np.asarray(ndtri(((low + high) / 2 + 0.5) / (self.days + 1)))

    def extreme(self, weakest: Floats, upwards: NDArray[np.bool_]) -> Floats:
        """Share of all days that are at least as far out as the weakest of an event's days."""
        above = self.days - np.searchsorted(self.sorted, weakest, "left")
        below = np.searchsorted(self.sorted, weakest, "right")
        return np.asarray(np.where(upwards, above, below) / self.days)


class Found(NamedTuple):
    """A candidate event.

    Attributes:
        pattern, number: of its first day.
        days: places of its days, a row per occurrence, oldest first, -1 for a day that is not in the series.
        gain: squared error that it explains.
    """

    pattern: str
    number: int
    days: Ints
    gain: float


class Groups(NamedTuple):
    """The days of a series by their number in a pattern.

    Attributes:
        order: places of the days that have a number, by number and then by day.
        labels, start, days: each number, where its days start in the order, and how many they are.
    """

    order: Ints
    labels: Ints
    start: Ints
    days: Ints


def grouped(number: Ints) -> Groups | None:
    """Days by their number; None if no day has one."""
    inside = np.flatnonzero(number >= 0)
    if len(inside) == 0:
        return None
    order = inside[np.argsort(number[inside], kind="stable")]
    return Groups(order, *np.unique(number[order], return_index=True, return_counts=True))


def strongest(
    rest: Floats, week: Floats, groups: Mapping[str, Groups], taken: set[tuple[str, int]]
) -> Found | None:
    """The event of one day that explains most of what is left, among those that chance does not explain.

    Args:
        rest: days less their level and week, shape ``(n,)``.
        week: the pattern of the week of each day, shape ``(n,)``.
        groups: the days by pattern.
        taken: pattern and number of events that were tried before.
    """
    ranks = Ranks(rest)
    scores = ranks.scores(rest)
    best: Found | None = None
    for name, (order, labels, start, count) in groups.items():
        pattern = PATTERNS[name]
        if pattern.steps_with:
            continue
        own, own_scores = rest, scores
        if pattern.family == "fortnight":
            own = _against_other_weeks(rest, week, 14 if name == "every_14_days" else 28)
            own_scores = ranks.scores(own)
        values = own[order]
        sums = np.add.reduceat(own_scores[order], start)
        low, high = np.minimum.reduceat(values, start), np.maximum.reduceat(values, start)
        upwards = sums > 0
        weakest = np.where(upwards, low, high)
        aligned = np.where(upwards, low > 0, high < 0)
        # All occurrences are among the extreme days; or their ranks add up to more than chance makes of them.
        chance = np.where(aligned, ranks.extreme(weakest, upwards) ** count, 1.0)
        contrast = pattern.family == "fortnight"
        summed = 2 * ndtr(-np.abs(sums) / np.sqrt(count * (CONTRAST if contrast else 1.0)))
        ratio = np.where(upwards, high, low) / np.where(weakest == 0, np.inf, weakest)
        strong = aligned & (np.abs(weakest) >= FAR_OUT * ranks.sigma) & (ratio <= SIMILAR) & (ranks.sigma > 0)
        # A contrast of weeks is extreme by how it is made, unless all of its days are far out.
        chance = np.where(contrast & ~strong, 1.0, chance)
        chance = pattern.candidates * np.where(count >= RANKED_ALONE, np.minimum(chance, summed), chance)
        likely = (chance <= CHANCE) | (strong & (chance <= CHANCE_OF_STRONG))
        least = np.full(len(count), LEAST[pattern.family])
        if pattern.family == "year":
            least[strong] = LEAST_FAR_OUT
        for place in np.flatnonzero(likely & (count >= least)):
            days = np.sort(order[start[place] : start[place] + count[place]])
            gain = _explained(own[days])
            key = (name, int(labels[place]))
            if key not in taken and (best is None or gain > best.gain * (1 + 1e-9)):
                best = Found(*key, days[:, None], gain)
    return best


def _explained(sizes: Floats) -> float:
    """Squared error that an event of the median size explains; occurrences without it count against it, and
    larger ones count as the median.
    """
    size = float(np.median(sizes))
    shown = np.clip(sizes * np.sign(size), 0.0, abs(size))
    return float(abs(size) * (2 * shown - abs(size)).sum())


def longest(rest: Floats, numbers: Mapping[str, Ints], taken: set[tuple[str, int]]) -> Found | None:
    """The event of one or several days a year that explains most: the run of days whose mean over the years,
    in its standard errors, adds up to most beyond a threshold.

    Args:
        rest: days less their slow level and week, shape ``(n,)``.
        numbers: of the days in each pattern.
        taken: pattern and number of events that were tried before.
    """
    ranks = Ranks(rest)
    sigma = max(ranks.sigma, 1e-9 * float(np.abs(rest).max()), 1e-300)
    best: Found | None = None
    for name, pattern in PATTERNS.items():
        number = numbers[name]
        inside = number >= 0
        if not pattern.steps_with or not inside.any():
            continue
        count = np.bincount(number[inside], minlength=pattern.candidates)
        mean = np.bincount(number[inside], rest[inside], pattern.candidates) / np.maximum(count, 1)
        if name == "date" and count[LEAP_DAY] < 2:
            mean[LEAP_DAY], count[LEAP_DAY] = mean[LEAP_DAY - 1], count[LEAP_DAY - 1]
        for sign in (1.0, -1.0):
            score = np.where(count >= 2, sign * mean * np.sqrt(count) / sigma - EXCESS, -np.inf)
            score = np.minimum(score, HIGHEST)
            for start, end in _runs(score):
                days = _occurrences(number, start, end)
                if name == "easter" and end - start >= LONG_FROM and len(days) < LEAST_LONG:
                    continue
                if (name, start) in taken or not _believed(rest, days, pattern.candidates, ranks):
                    continue
                gain = float((means(rest, days) ** 2 * (days >= 0).sum(axis=1)).sum())
                if best is None or gain > best.gain * (1 + 1e-9):
                    best = Found(name, start, days, gain)
    return best


def _runs(score: Floats) -> list[tuple[int, int]]:
    """First number and number after the last of the run of the largest sum, if that is above 0 (Kadane)."""
    best, total, start, found = 0.0, 0.0, 0, None
    for place, value in enumerate(score.tolist()):
        if total <= 0 or place - start >= LONGEST_EVENT:
            total, start = 0.0, place
        total += value
        if total > best:
            best, found = total, (start, place + 1)
    return [found] if found is not None else []


def _occurrences(number: Ints, start: int, end: int) -> Ints:
    """Places of the days of each occurrence of a run, a row each, -1 for a day that is not in the series."""
    places = np.flatnonzero((number >= start) & (number < end))
    groups = np.split(places, np.flatnonzero(np.diff(places) > LONGEST_EVENT) + 1)
    days = np.full((len(groups), end - start), -1)
    for row, group in zip(days, groups, strict=True):
        row[number[group] - start] = group
    return days


def _believed(rest: Floats, days: Ints, candidates: int, ranks: Ranks) -> bool:
    """Whether the occurrences of a yearly event are alike, and beyond chance."""
    averages = means(rest, days)
    count, length = days.shape
    if count < 2 or not (np.all(averages > 0) or np.all(averages < 0)):
        return False
    sizes = np.abs(averages)
    if sizes.max() > SIMILAR * sizes.min():
        return False
    if (
        length > 1
        and min(np.quantile(_seen(rest, row) / averages[0], 0.25) for row in days) * abs(averages[0])
        < ranks.sigma
    ):
        return False
    every = _seen(rest, days) * np.sign(averages[0])
    strong = (
        ranks.sigma > 0 and np.quantile(every, 0.1) >= (FAR_OUT if length == 1 else FAR_OUT / 2) * ranks.sigma
    )
    if length >= SHARP_FROM:
        jumps = _jumps(rest, days) / averages
        # On average, and half of it in each occurrence: what moves through the year shows an end once.
        jump = np.where(jumps.min(axis=1) >= SHARP / 2, jumps.mean(axis=1), 0.0)
        if jump.max() < SHARP or (strong and count == 2 and jump.min() < SHARP):
            return False
        if strong:
            return True
    # Blocks of that length, anywhere in the series, that are at least as far out as the weakest occurrence.
    blocks = np.convolve(rest, np.full(length, 1 / length), mode="valid") * np.sign(averages[0])
    share = max(float((blocks >= sizes.min() * (1 - 1e-9)).mean()), 1 / len(blocks))
    chance = candidates / length * share**count
    return bool(chance <= (CHANCE_OF_STRONG if strong else CHANCE))


def _seen(values: Floats, days: Ints) -> Floats:
    return values[days[days >= 0]]


def _jumps(rest: Floats, days: Ints) -> Floats:
    """Mean of the three days within either end of each occurrence less that of the three outside of it, shape
    ``(2, occurrences)``.
    """
    jumps = []
    for side, step in ((0, 1), (-1, -1)):
        first = np.array([row[row >= 0][side] for row in days])
        near = np.clip(first[:, None] + step * np.arange(3), 0, len(rest) - 1)
        far = first[:, None] - step * np.arange(1, 4)
        known = (far >= 0) & (far < len(rest))
        outer = np.where(known, rest[np.where(known, far, 0)], 0.0).sum(axis=1) / np.maximum(
            known.sum(axis=1), 1
        )
        jumps.append(rest[near].mean(axis=1) - outer)
    return np.array(jumps)


def _against_other_weeks(rest: Floats, week: Floats, cycle: int) -> Floats:
    """Days less the same weekday of the other weeks of a cycle: the pattern of the week has taken a share of
    an event of every second one. Of two alternating weeks the one nearer to the other weekdays is the usual.

    Args:
        rest, week: of each day, shape ``(n,)``.
        cycle: 14 or 28 days.
    """
    n = len(rest)
    cycles = n // cycle
    recent = rest[n - cycles * cycle :].reshape(cycles, cycle)
    middle = np.median(recent, axis=0)
    size = np.abs(middle + week[n - cycle :])
    steps = np.array([np.roll(np.arange(cycle), -step) for step in range(WEEK, cycle, WEEK)])
    phase = (np.arange(n) - n) % cycle
    others = np.median(middle[steps], axis=0)[phase]
    return np.where((size >= size[steps].max(axis=0))[phase], rest - others, 0.0)


def means(values: Floats, days: Ints) -> Floats:
    """Mean of each occurrence's days; days of -1 are not in the series."""
    seen = days >= 0
    return np.asarray(np.where(seen, values[np.where(seen, days, 0)], 0.0).sum(axis=1) / seen.sum(axis=1))
