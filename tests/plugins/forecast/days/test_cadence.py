from __future__ import annotations

import datetime

import numpy as np
import pytest

from plugins.forecast.days.cadence import Cadence, cadence_of, closed_weekdays, spread_evenly
from plugins.forecast.days.interruptions import inside_of, interruptions

FIRST = datetime.date(2024, 1, 1).toordinal()


def months(day: int) -> np.ndarray:
    return np.array([datetime.date(2024, month, day).toordinal() for month in range(1, 13)])


@pytest.mark.parametrize("day", [1, 15, 28])
def test_a_row_a_month_is_seen_on_any_day_of_it(day: int) -> None:
    assert cadence_of(months(day)) == "monthly"


def test_a_gap_in_weekly_rows_leaves_them_weekly() -> None:
    assert cadence_of(np.delete(FIRST + 7 * np.arange(30), 12)) == "weekly"


def test_rows_of_some_days_are_daily() -> None:
    days = FIRST + np.flatnonzero(np.random.default_rng(1).random(200) < 0.3)
    assert cadence_of(days) == "daily"
    assert not closed_weekdays(days).any()
    assert cadence_of(FIRST + np.arange(3) * 7) == "daily"


@pytest.mark.parametrize("cadence", ["weekly", "monthly"])
def test_totals_stay_when_rows_are_spread(cadence: Cadence) -> None:
    days = FIRST + 7 * np.arange(30) if cadence == "weekly" else months(5)
    values = np.random.default_rng(1).random(len(days))
    own, even = spread_evenly(days, values, cadence)
    assert even.sum() == pytest.approx(values.sum())
    assert (np.diff(own) == 1).all()
    assert own[-1] == (days[-1] if cadence == "weekly" else datetime.date(2024, 12, 31).toordinal())


def test_an_interruption_is_over_after_six_weeks_and_only_where_days_of_nothing_are_rare() -> None:
    values = np.full(200, 9.0)
    values[80:110] = 0
    assert interruptions(values) == [(80, 110)]
    assert inside_of([(80, 110)], 200, 10).sum() == 40
    assert interruptions(values[:140]) == []
    assert interruptions(values * (np.arange(200) % 3 > 0)) == []
    assert interruptions(np.zeros(50)) == []
