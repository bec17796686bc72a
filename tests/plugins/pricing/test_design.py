"""Daily sales as columns."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.pricing.design import Sales, design, last_price, merged

MONDAY = 738_886  # 2024-01-01


def sales(count: int = 30, **columns: list[float]) -> Sales:
    price = np.array([9.0, 10.0, 11.0] * 20)[:count]
    numbers = {name: np.array(column, float) for name, column in columns.items()}
    return Sales(np.arange(MONDAY, MONDAY + count), price, np.full(count, 5.0), numbers, {})


def test_rows_that_differ_in_nothing_but_units_add_up() -> None:
    rows = Sales(
        np.array([2, 1, 2, 2]),
        np.array([9.0, 9.0, 9.0, 9.0]),
        np.array([3.0, 1.0, 4.0, 5.0]),
        {"promo": np.array([np.nan, 0.0, np.nan, 1.0])},
        {"channel": ["web", "web", "web", "web"]},
    )
    found = merged(rows)
    assert found.day.tolist() == [1, 2, 2]
    assert found.units.tolist() == [1.0, 7.0, 5.0]
    assert found.texts == {"channel": ["web", "web", "web"]}


def test_the_order_of_the_rows_changes_nothing() -> None:
    chance = np.random.default_rng(1)
    rows = Sales(
        chance.integers(1, 20, 60),
        chance.choice([8.0, 9.0], 60),
        chance.integers(0, 9, 60) * 1.0,
        {"x": chance.choice([0.0, 1.0, np.nan], 60)},
        {"c": chance.choice(["a", "b"], 60).tolist()},
    )
    order = chance.permutation(60)
    other = Sales(
        *(column[order] for column in rows[:3]),
        {"x": rows.numbers["x"][order]},
        {"c": [rows.texts["c"][place] for place in order]},
    )
    one, two = design(merged(rows), {}), design(merged(other), {})
    for mine, theirs in zip(one[:5], two[:5], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_weekdays_are_told_apart_from_two_weeks_on_and_a_trend_from_four() -> None:
    names = [len(design(sales(count), {}).names) for count in (13, 14, 27, 28)]
    assert names == [0, 6, 6, 7]


def test_the_days_to_price_are_one_for_each_weekday_with_sales() -> None:
    week = design(sales(28), {})
    assert week.now.shape == (7, 7)
    assert week.now[:, :6].sum() == 6
    assert set(week.now[:, 6]) == {28 / 365.25}
    rows = sales(28)
    weekdays = rows.day % 7 < 5
    working = Sales(rows.day[weekdays], rows.price[weekdays], rows.units[weekdays], {}, {})
    assert len(design(working, {}).now) == 5


def test_gaps_are_carried_forward_and_what_is_mostly_missing_is_left_out() -> None:
    nan = np.nan
    found = design(sales(8, rival=[nan, 7, nan, nan, 8, 8, 9, 9], rare=[nan] * 5 + [1, 2, 3]), {})
    assert found.names == ("rival",)
    assert found.controls[:, 0].tolist() == [7, 7, 7, 7, 8, 8, 9, 9]
    assert found.now.tolist() == [[9.0]]
    assert design(sales(8, rival=[7.0] * 7 + [8]), {"rival": 3.0}).now.tolist() == [[3.0]]


def test_a_column_that_never_changes_is_left_out() -> None:
    assert design(sales(8, rival=[7.0] * 8), {}).names == ()


def test_logarithms_of_what_may_be_none_are_of_one_more() -> None:
    found = design(sales(3, stock=[0.0, 1.0, 2.0]), {}, logs=("stock",))
    assert found.controls[:, 0] == pytest.approx(np.log([1, 2, 3]))


def test_categories_have_columns_and_one_never_seen_has_none_set() -> None:
    channels = ["web"] * 5 + ["store"] * 4 + ["kiosk"] * 3
    rows = sales(12)._replace(texts={"channel": channels})
    seen = design(rows, {"channel": "store"})
    assert seen.names == ("channel=store", "channel=kiosk")  # web is what they differ from
    assert seen.now.tolist() == [[1.0, 0.0]]
    assert seen.unseen == ()
    unseen = design(rows, {"channel": "app"})
    assert unseen.now.tolist() == [[0.0, 0.0]]
    assert unseen.unseen == ("channel",)


def test_the_last_price_is_that_of_the_last_day_at_which_most_was_sold() -> None:
    rows = Sales(np.array([2, 1, 2]), np.array([9.0, 5.0, 8.0]), np.array([1.0, 99.0, 2.0]), {}, {})
    assert last_price(rows) == 8.0
