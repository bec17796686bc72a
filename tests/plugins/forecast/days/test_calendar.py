from __future__ import annotations

import datetime

import numpy as np

from plugins.forecast.days.calendar import business_mask, countries, holiday_mask, months_after, weekdays


def day(text: str) -> int:
    return datetime.date.fromisoformat(text).toordinal()


def test_months_start_after_that_of_the_last_day_wherever_in_it_that_is() -> None:
    for last in ("2024-03-01", "2024-03-30", "2024-03-31"):
        assert [month.label for month in months_after(day(last), 2)] == ["2024-04", "2024-05"]


def test_months_run_over_the_turn_of_the_year_and_know_leap_years() -> None:
    months = months_after(day("2023-12-15"), 2)
    assert [(month.label, month.end - month.first) for month in months] == [("2024-01", 31), ("2024-02", 29)]


def test_the_first_of_january_2024_was_a_monday() -> None:
    assert weekdays(day("2024-01-01"), 8).tolist() == [0, 1, 2, 3, 4, 5, 6, 0]


def test_business_days_of_april_2024_are_22_as_published() -> None:
    first = day("2024-04-01")
    assert business_mask(first, holiday_mask(None, first, 30)).sum() == 22


def test_a_holiday_of_the_country_is_no_business_day() -> None:
    first = day("2024-12-23")
    assert holiday_mask("US", first, 5).tolist() == [False, False, True, False, False]
    assert business_mask(first, holiday_mask("US", first, 5)).sum() == 4
    assert not holiday_mask(None, first, 5).any()


def test_holidays_span_years() -> None:
    first = day("2023-12-31")
    assert holiday_mask("BR", first, 2).tolist() == [False, True]


def test_countries_are_two_letters_each() -> None:
    assert {"US", "BR", "ES", "PT"} <= countries()
    assert {len(code) for code in countries()} == {2}
    assert np.array_equal(holiday_mask("US", day("2024-01-01"), 0), [])
