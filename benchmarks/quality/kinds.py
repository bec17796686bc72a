"""Simulated series whose expected future is known: events of the calendar, ordinary and rare demand."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np
from dateutil.easter import easter  # type: ignore[import-untyped]
from numpy.typing import NDArray

from benchmarks.quality.series import Series

Floats = NDArray[np.float64]
Forecast = Callable[[Series, int], list[dict[str, float]]]
Day = datetime.date
MONTHS = 12


def _business(day: Day) -> int:
    """Which business day of its month a day is; 0 for a weekend."""
    days = [day.replace(day=n) for n in range(1, day.day + 1)]
    return sum(one.weekday() < 5 for one in days) if day.weekday() < 5 else 0


def _last_business(day: Day) -> bool:
    rest = [day + datetime.timedelta(n) for n in range(1, 4)]
    return day.weekday() < 5 and not any(one.month == day.month and one.weekday() < 5 for one in rest)


def _black_friday(year: int) -> Day:
    first = Day(year, 11, 1)
    return first + datetime.timedelta((3 - first.weekday()) % 7 + 22)


KINDS: dict[str, tuple[int, Callable[[Day], bool]]] = {
    "1st of the month": (1, lambda day: day.day == 1),
    "15th of the month": (1, lambda day: day.day == 15),
    "last day of the month": (1, lambda day: (day + datetime.timedelta(1)).day == 1),
    "first business day": (1, lambda day: _business(day) == 1),
    "third business day": (1, lambda day: _business(day) == 3),
    "last business day": (1, _last_business),
    "second Tuesday": (1, lambda day: day.weekday() == 1 and 8 <= day.day <= 14),
    "every 14 days": (1, lambda day: day.toordinal() % 14 == 5),
    "every 28 days": (2, lambda day: day.toordinal() % 28 == 5),
    "20th of each quarter": (2, lambda day: day.day == 20 and day.month % 3 == 1),
    "a date each year": (3, lambda day: (day.month, day.day) == (9, 12)),
    "10 to 24 December": (3, lambda day: day.month == 12 and 10 <= day.day <= 24),
    "a week before Easter": (3, lambda day: 0 <= (easter(day.year) - day).days <= 7),
    "Black Friday": (3, lambda day: day == _black_friday(day.year)),
    "second Sunday of May": (3, lambda day: day.month == 5 and day.weekday() == 6 and 8 <= day.day <= 14),
}
SIZES = (2.0, 20.0)
"""An event's size in mean days: a good day, and a rent."""


def event_series(kind: str, size: float, seed: int) -> Series:
    """A level of 1,000 with a week, noise of a tenth, and an event; a year ahead."""
    years, test = KINDS[kind]
    random = np.random.default_rng([seed, list(KINDS).index(kind)])
    first = Day(2025 - years, 1, 1).toordinal() + int(random.integers(0, 28))
    known, days = 365 * years, 365 * years + 400
    dates = [Day.fromordinal(first + day) for day in range(days)]
    week = 1 + 0.15 * np.sin(2 * np.pi * np.array([day.weekday() for day in dates]) / 7)
    expected = 1000 * week + 1000 * size * np.array([test(day) for day in dates])
    values = np.maximum(0.0, expected + random.normal(0, 100, days))
    return Series(f"{kind}-{size}-{seed}", first, values[:known], values[known:], expected[known:])


def table(forecast: Forecast, quick: bool) -> str:
    """A line per kind and size of event."""
    lines = ["| event | size | forecast / truth | months within 95 % |", "| --- | --- | --- | --- |"]
    for kind, (_, test) in list(KINDS.items())[:: 4 if quick else 1]:
        for size in SIZES:
            one = event_series(kind, size, 1)
            assert one.expected is not None
            months, ratios, inside = forecast(one, MONTHS), [], []
            for row, (start, end) in zip(months, one.months(MONTHS), strict=False):
                truth = float(one.expected[start:end].sum())
                inside.append(row["lower_95"] <= truth <= row["upper_95"])
                if any(test(Day.fromordinal(one.last + 1 + day)) for day in range(start, end)):
                    ratios.append(row["value"] / truth)
            lines.append(
                f"| {kind} | {size:g} | {min(ratios):.3f}–{max(ratios):.3f} | {np.mean(inside):.0%} |"
            )
    return "\n".join(lines)


def _ordinary(seed: int) -> Series:
    random = np.random.default_rng([5, seed])
    known = int(random.choice([120, 180, 365, 540]))
    days = known + 123
    t = np.arange(days)
    level = (
        1 + np.cumsum(random.normal(0, random.uniform(0, 0.006), days)) + random.uniform(-0.3, 1) * t / days
    )
    week = random.normal(0, 0.15, 7)[t % 7]
    values = np.exp(random.uniform(3, 9)) * np.maximum(
        0.0, level + week + random.normal(0, random.uniform(0.05, 0.3), days)
    )
    first = Day(2023, 1, 1).toordinal() + int(random.integers(0, 365))
    return Series(f"ordinary-{seed}", first, values[:known], values[known:])


def _rare(seed: int) -> Series:
    random = np.random.default_rng([6, seed])
    known = int(random.choice([120, 180, 365]))
    days = known + 123
    values = (random.random(days) < random.uniform(0.05, 0.4)) * np.ceil(random.gamma(2, 3, days))
    first = Day(2023, 1, 1).toordinal() + int(random.integers(0, 365))
    return Series(f"rare-{seed}", first, values[:known], values[known:])


def coverage(money: Forecast, pieces: Forecast, quick: bool) -> str:
    """A line per kind of demand."""
    lines = ["| series | months | within 80 % | within 95 % |", "| --- | --- | --- | --- |"]
    count = 10 if quick else 60
    for name, make, forecast in (("ordinary", _ordinary, money), ("intermittent", _rare, pieces)):
        inside = []
        for seed in range(count):
            one = make(seed)
            for row, (start, end) in zip(forecast(one, 3), one.months(3), strict=False):
                known = float(one.ahead[start:end].sum())
                inside.append(
                    (row["lower_80"] <= known <= row["upper_80"], row["lower_95"] <= known <= row["upper_95"])
                )
        in_80, in_95 = np.mean(inside, axis=0)
        lines.append(f"| {name} | {len(inside)} | {in_80:.1%} | {in_95:.1%} |")
    return "\n".join(lines)
