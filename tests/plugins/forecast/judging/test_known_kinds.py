"""Series whose months ahead are known: what recurs, what passed, what steps and what grows."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from plugins.forecast.days.calendar import business_mask
from plugins.forecast.days.patterns import easter, thanksgiving
from plugins.forecast.days.series import daily
from plugins.forecast.judging.champion import Champion, judged
from plugins.forecast.judging.history import History
from plugins.forecast.judging.outlook import Period, outlook

Day = datetime.date
Floats = np.ndarray


class Ahead(NamedTuple):
    """A champion and its months."""

    champion: Champion
    history: History
    months: list[Period]

    @property
    def values(self) -> list[float]:
        """Their sums."""
        return [month.value for month in self.months]


def forecast(values: Floats, first: Day, months: int = 12, rule: Any = "iqr") -> Ahead:
    """The months after a series, by the quick models."""
    days = np.arange(first.toordinal(), first.toordinal() + len(values))
    series = daily(days, np.maximum(0.0, values), np.zeros((len(values), 0)), "zero")
    history = History(series, (), None, np.zeros(0, np.int64), np.zeros((0, 0)), rule, "many")
    champion = judged(history)
    return Ahead(champion, history, outlook(champion, history, months, "month").calendar)


def series(
    first: Day, last: Day, add: Callable[[Day], float], level: float, noise: float, seed: int = 1
) -> Floats:
    """A level with noise, and what is added on each day."""
    days = [first + datetime.timedelta(n) for n in range((last - first).days + 1)]
    random = np.random.default_rng(seed)
    return np.array([level + add(day) for day in days]) + random.normal(0, noise, len(days))


def truth(month: str, add: Callable[[Day], float], level: float) -> float:
    """Sum of a month ahead without noise."""
    day, total = Day.fromisoformat(f"{month}-01"), 0.0
    while day.isoformat()[:7] == month:
        total += level + add(day)
        day += datetime.timedelta(1)
    return total


def business(day: Day) -> bool:
    return bool(business_mask(day.toordinal(), np.zeros(1, np.bool_))[0])


def nth_business(day: Day) -> int:
    return sum(business(day.replace(day=n)) for n in range(1, day.day + 1)) if business(day) else 0


def last_business(day: Day) -> bool:
    rest = [day + datetime.timedelta(n) for n in range(1, 8)]
    return business(day) and not any(one.month == day.month and business(one) for one in rest)


def on(test: Callable[[Day], bool], size: float) -> Callable[[Day], float]:
    return lambda day: size * test(day)


RECURRING: dict[str, tuple[Day, Day, Callable[[Day], float], float, float]] = {
    "rent on the 1st": (Day(2025, 1, 1), Day(2025, 12, 31), on(lambda d: d.day == 1, 3000), 100, 10),
    "pay every 14 days": (
        Day(2025, 1, 1),
        Day(2025, 12, 31),
        on(lambda d: d.toordinal() % 14 == 12, 7000),
        100,
        10,
    ),
    "billing on the last business day": (
        Day(2025, 1, 1),
        Day(2025, 12, 31),
        on(last_business, 20_000),
        1000,
        100,
    ),
    "tax each quarter": (
        Day(2025, 1, 1),
        Day(2025, 12, 31),
        on(lambda d: d.day == 20 and d.month % 3 == 1, 9000),
        100,
        10,
    ),
    "Christmas, three years": (
        Day(2023, 1, 1),
        Day(2025, 12, 31),
        on(lambda d: d.month == 12 and 10 <= d.day <= 24, 2000),
        1000,
        50,
    ),
    "a day each year": (
        Day(2023, 1, 1),
        Day(2025, 12, 31),
        on(lambda d: (d.month, d.day) == (11, 1), 20_000),
        1000,
        50,
    ),
    "Black Friday": (
        Day(2022, 1, 1),
        Day(2024, 12, 31),
        on(lambda d: d.toordinal() == thanksgiving(d.year) + 1, 20_000),
        1000,
        50,
    ),
    "before Easter": (
        Day(2023, 1, 1),
        Day(2025, 12, 31),
        on(lambda d: 0 <= (easter(d.year) - d).days <= 7, 3000),
        1000,
        50,
    ),
    "the last days of the year closed": (
        Day(2024, 1, 2),
        Day(2025, 12, 31),
        on(lambda d: d.month == 12 and d.day >= 20, -500),
        500,
        30,
    ),
}
MORE: dict[str, tuple[Day, Day, Callable[[Day], float], float, float]] = {
    # The same kinds with other sizes, dates, lengths and levels.
    "wages on the 15th": (Day(2024, 3, 5), Day(2025, 5, 17), on(lambda d: d.day == 15, 800), 300, 40),
    "rent on the last day": (
        Day(2024, 7, 1),
        Day(2025, 6, 20),
        on(lambda d: (d + datetime.timedelta(1)).day == 1, 500),
        50,
        8,
    ),
    "third business day": (
        Day(2023, 5, 3),
        Day(2024, 9, 9),
        on(lambda d: nth_business(d) == 3, 900),
        200,
        30,
    ),
    "first business day": (
        Day(2025, 1, 1),
        Day(2025, 10, 31),
        on(lambda d: nth_business(d) == 1, 400),
        80,
        10,
    ),
    "every 28 days": (
        Day(2023, 2, 1),
        Day(2024, 11, 30),
        on(lambda d: d.toordinal() % 28 == 3, 5000),
        700,
        60,
    ),
    "second Tuesday": (
        Day(2024, 1, 1),
        Day(2025, 4, 30),
        on(lambda d: d.weekday() == 1 and 8 <= d.day <= 14, 600),
        150,
        20,
    ),
    "Mother's Day": (
        Day(2021, 1, 1),
        Day(2024, 12, 31),
        on(lambda d: d.month == 5 and d.weekday() == 6 and 8 <= d.day <= 14, 4000),
        400,
        40,
    ),
    "closed in August": (
        Day(2022, 3, 1),
        Day(2025, 2, 28),
        on(lambda d: d.month == 8 and d.day <= 16, -300),
        300,
        20,
    ),
    "Carnival": (
        Day(2022, 1, 1),
        Day(2025, 12, 31),
        on(lambda d: 47 <= (easter(d.year) - d).days <= 51, 900),
        300,
        30,
    ),
    "Cyber week": (
        Day(2021, 1, 1),
        Day(2024, 10, 31),
        on(lambda d: 1 <= d.toordinal() - thanksgiving(d.year) <= 4, 2500),
        600,
        60,
    ),
}


@pytest.mark.parametrize("kind", [*RECURRING, *(pytest.param(kind, marks=pytest.mark.slow) for kind in MORE)])
def test_what_recurs_is_forecast_in_its_months(kind: str) -> None:
    first, last, add, level, noise = (RECURRING | MORE)[kind]
    made = forecast(series(first, last, add, level, noise), first)
    known = [truth(month.label, add, level) for month in made.months]
    assert len(made.champion.events) == 1
    # The level itself is only known as well as its noise lets it be.
    assert made.values == pytest.approx(known, rel=0.03 + 0.35 * noise / level)
    inside = [
        month.lower_95 <= actual <= month.upper_95 for month, actual in zip(made.months, known, strict=True)
    ]
    assert np.mean(inside) >= 0.9
    assert made.champion.left_out < 0.02


def test_pieces_on_the_first_of_the_month_are_forecast_as_units() -> None:
    random = np.random.default_rng(3)
    values = random.poisson(20, 365) + 300.0 * np.array(
        [(Day(2025, 1, 1) + datetime.timedelta(n)).day == 1 for n in range(365)]
    )
    assert forecast(values, Day(2025, 1, 1), 6, "hampel").values[0] == pytest.approx(920, rel=0.03)


def test_a_step_of_lognormal_sales_is_forecast_by_its_mean() -> None:
    random = np.random.default_rng(1)
    values = np.where(np.arange(730) < 365, 50.0, 100.0) * random.lognormal(0, 0.5, 730)
    made = forecast(values, Day(2024, 1, 2), 6)
    means = np.array(made.values) / [31, 28, 31, 30, 31, 30]
    assert means == pytest.approx(100 * np.exp(0.125), rel=0.05)


def test_a_clean_line_goes_on_for_a_year() -> None:
    t = np.arange(365 + 365)
    line = 100 + t
    made = forecast(line[:365] + np.random.default_rng(1).normal(0, 7, 365), Day(2025, 1, 1))
    known = [float(line[365 + 334 :].sum()), made.months[-1]]
    assert known[1].value == pytest.approx(known[0], rel=0.05)
    assert known[1].lower_80 <= known[0] <= known[1].upper_80


def test_a_summer_that_was_seen_once_and_begins_again_is_carried_on() -> None:
    first = Day(2024, 8, 19)
    t = np.array([(first + datetime.timedelta(n)).timetuple().tm_yday for n in range(865)])
    year = 1000 + 600 * np.sin(2 * np.pi * (t - 100) / 365.25)
    noisy = year[:500] * np.random.default_rng(1).lognormal(0, 0.15, 500)
    made = forecast(noisy, first)
    july = float(year[t == 196][0]) * 31
    assert made.values[6] == pytest.approx(july, rel=0.12)


def test_a_stockout_that_is_over_does_not_widen_the_bounds() -> None:
    random = np.random.default_rng(1)
    values = random.poisson(20, 365).astype(float)
    whole = forecast(values, Day(2025, 1, 1), 3, "hampel").months[0]
    values[200:235] = 0
    broken = forecast(values, Day(2025, 1, 1), 3, "hampel").months[0]
    assert broken.value == pytest.approx(620, rel=0.05)
    assert broken.upper_80 - broken.lower_80 < 3 * (whole.upper_80 - whole.lower_80)


def test_the_weeks_before_the_end_are_no_step_of_the_level() -> None:
    values = 100 + np.random.default_rng(1).normal(0, 5, 365)
    values[-15:] += 200
    assert forecast(values, Day(2025, 1, 1)).champion.shift is None
    values[-60:-15] += 200
    made = forecast(values, Day(2025, 1, 1))
    assert made.champion.shift is not None
    assert made.champion.shift.start == 305
    assert made.values[-1] == pytest.approx(31 * 300, rel=0.05)


def test_rare_demand_lies_within_its_bounds() -> None:
    inside = []
    for seed in range(8):
        random = np.random.default_rng(seed)
        demand = (random.random(242) < 0.1) * random.gamma(2, 5, 242).round()
        made = forecast(demand[:180], Day(2025, 1, 2), 2, "hampel")
        sums = [demand[180:211].sum(), demand[211:].sum()]
        inside += [
            one.lower_80 <= known <= one.upper_80 for one, known in zip(made.months, sums, strict=True)
        ]
    assert 0.65 <= np.mean(inside) <= 0.95
