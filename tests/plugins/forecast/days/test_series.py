from __future__ import annotations

import numpy as np
import pytest

from plugins.forecast.days.series import daily, expected, fences

NONE = np.zeros((0, 0))


def rows(days: list[int], values: list[float], fill: str = "zero") -> object:
    return daily(np.array(days), np.array(values), np.zeros((len(days), 0)), fill)


def test_rows_are_sorted_added_up_and_gaps_are_nothing_sold() -> None:
    series = rows([103, 100, 101, 100], [4.0, 1.0, 2.0, 0.5])
    assert (series.first, series.last, series.merged) == (100, 103, 1)
    assert series.values.tolist() == [1.5, 2.0, 0.0, 4.0]
    assert series.filled.tolist() == [False, False, True, False]


def test_gaps_are_interpolated_when_asked() -> None:
    assert rows([1, 4], [1.0, 4.0], "interpolate").values.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_the_order_of_rows_changes_no_bit() -> None:
    random = np.random.default_rng(1)
    days, values = random.integers(0, 50, 400), random.random(400)
    drivers = random.random((400, 2))
    order = random.permutation(400)
    one = daily(days, values, drivers, "zero")
    other = daily(days[order], values[order], drivers[order], "zero")
    assert one.values.tobytes() == other.values.tobytes()
    assert one.drivers.tobytes() == other.drivers.tobytes()


def test_drivers_of_one_day_are_averaged_and_interpolated_over_gaps() -> None:
    series = daily(np.array([1, 1, 3]), np.ones(3), np.array([[0.0], [1.0], [1.5]]), "zero")
    assert series.drivers[:, 0].tolist() == [0.5, 1.0, 1.5]


@pytest.mark.parametrize("rule", ["iqr", "hampel"])
def test_a_spike_is_out_of_line_and_a_weekly_peak_is_not(rule: str) -> None:
    random = np.random.default_rng(2)
    values = 100 + 40 * (np.arange(140) % 7 == 5) + random.normal(0, 3, 140)
    values[80] += 60
    low, high = fences(values, expected(values), rule)
    assert np.flatnonzero((values < low) | (values > high)).tolist() == [80]


@pytest.mark.parametrize(
    "values", [np.zeros(50), np.full(50, 7.0), np.arange(5.0), (np.arange(90) % 3 == 0) * 9.0]
)
def test_nothing_is_out_of_line_in_constant_short_or_intermittent_series(values: np.ndarray) -> None:
    for rule in ("iqr", "hampel"):
        low, high = fences(values, expected(values), rule)
        assert ((values >= low) & (values <= high)).all()


@pytest.mark.parametrize("rule", ["iqr", "hampel"])
@pytest.mark.parametrize("slope", [-5.0, 5.0])
def test_the_ends_of_a_steep_trend_with_a_week_are_in_line(rule: str, slope: float) -> None:
    t = np.arange(120)
    values = 2000 + slope * t + 100 * (t % 7) + np.random.default_rng(4).normal(0, 10, 120)
    usual = expected(values)
    assert np.abs(values - usual).max() < 60
    if rule == "iqr":
        low, high = fences(values, usual, rule)
        assert ((values < low) | (values > high)).sum() <= 6


@pytest.mark.parametrize("place", [0, 40, 89])
@pytest.mark.parametrize("rule", ["iqr", "hampel"])
def test_a_day_unlike_days_that_are_all_alike_is_out_of_line_and_a_few_are_not(rule: str, place: int) -> None:
    values = np.full(90, 10.0)
    values[place] = 1e12
    low, high = fences(values, expected(values), rule)
    assert np.flatnonzero((values < low) | (values > high)).tolist() == [place]
    values[10:80:20] = 50.0
    low, high = fences(values, expected(values), rule)
    assert ((values >= low) & (values <= high)).all()
