from __future__ import annotations

import datetime

import numpy as np
import pytest

from plugins.forecast.days.patterns import numbered
from plugins.forecast.days.recurring import Event, added, learn, typical

FIRST = datetime.date(2024, 1, 1).toordinal()


def events(values: np.ndarray, first: int = FIRST) -> tuple[Event, ...]:
    return learn(values, first, numbered(first, len(values)))


def firsts(days: int) -> np.ndarray:
    """Whether each day is the first of its month."""
    return numbered(FIRST, days)["day_of_month"] == 0


@pytest.mark.parametrize("kind", ["normal", "lognormal", "Poisson", "rare", "walk", "promotions"])
def test_noise_has_no_events(kind: str) -> None:
    found = 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        n = int(random.choice([120, 365, 730]))
        values = {
            "normal": 100 + random.normal(0, 10, n),
            "lognormal": 100 * random.lognormal(0, 0.7, n),
            "Poisson": random.poisson(3, n).astype(float),
            "rare": (random.random(n) < 0.15) * random.gamma(2, 5, n).round(),
            "walk": np.maximum(0, 200 + np.cumsum(random.normal(0, 3, n))),
            "promotions": 100 * random.lognormal(0, 0.15, n) * (1 + (random.random(n) < 0.05)),
        }[kind]
        found += bool(events(values))
    assert found <= 1


def test_an_event_that_grows_with_the_level_is_a_share_of_it() -> None:
    level = np.linspace(100, 400, 730)
    values = level * (1 + 0.8 * firsts(730)) + np.random.default_rng(1).normal(0, 5, 730)
    [event] = events(values)
    assert event.proportional
    assert event.sizes[0] == pytest.approx(0.8, rel=0.1)
    assert added([event], numbered(FIRST + 730, 31), np.full(31, 500.0), FIRST + 730).max() == pytest.approx(
        400, rel=0.1
    )


def test_an_event_that_began_later_has_its_size_since_then() -> None:
    values = 100 + np.random.default_rng(1).normal(0, 10, 730) + 900 * firsts(730) * (np.arange(730) > 300)
    [event] = events(values)
    assert event.sizes[0] == pytest.approx(900, rel=0.05)
    assert event.since > FIRST + 300


def test_an_event_that_ended_does_not_come_again() -> None:
    values = 100 + np.random.default_rng(1).normal(0, 10, 730) + 900 * firsts(730) * (np.arange(730) < 500)
    assert all(abs(event.sizes[0]) < 100 for event in events(values))


def test_two_events_of_a_series_are_both_found() -> None:
    numbers = numbered(FIRST, 1096)
    values = 1000 + np.random.default_rng(1).normal(0, 50, 1096)
    values += 3000 * (numbers["day_before_month_end"] == 0) + 9000 * (numbers["date"] == 200)
    assert {event.pattern for event in events(values)} == {"day_before_month_end", "date"}


def test_a_single_occurrence_far_from_the_others_is_drawn_in() -> None:
    assert typical(np.array([10.0, 11.0, 9.0, 10.0, 500.0])) < 12


def test_an_order_of_the_last_business_day_is_not_taken_for_the_last_day() -> None:
    numbers = numbered(FIRST, 600)
    values = 5000.0 * (numbers["business_day_before_month_end"] == 0)
    [event] = events(values)
    assert event.pattern == "business_day_before_month_end"


def test_pay_every_fortnight_shows_in_five_occurrences() -> None:
    values = 100 + np.random.default_rng(7).normal(0, 10, 70) + 3000.0 * (np.arange(70) % 14 == 5)
    [event] = events(values)
    assert event.pattern == "every_14_days"


def test_a_weekday_of_a_month_far_out_in_two_years_comes_again() -> None:
    numbers = numbered(FIRST, 760)
    sunday = (numbers["weekday_of_month_yearly"] == 13 * 12 + 4).astype(float)
    values = 400 + np.random.default_rng(7).normal(0, 40, 760) + 4000 * sunday
    [event] = events(values)
    assert (event.pattern, event.number) == ("weekday_of_month_yearly", 160)


def test_a_month_of_fasting_is_no_event_of_easter_or_of_a_date() -> None:
    starts = {2023: (3, 23), 2024: (3, 11)}
    first = datetime.date(2023, 1, 1).toordinal()
    values = 500 + np.random.default_rng(7).normal(0, 50, 730)
    for year, (month, day) in starts.items():
        start = datetime.date(year, month, day).toordinal() - first
        values[start : start + 30] += 600
    assert events(values, first) == ()
