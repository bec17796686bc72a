"""How many units at which price."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.pricing.demand import contest
from plugins.pricing.demand.contest import mape
from plugins.pricing.demand.roster import LEARNERS
from plugins.pricing.design import Design, Sales, design, merged
from plugins.pricing.history import sales
from tests.plugins.pricing.shops import GRID, best_cost, days, regret


def laid_out(price: np.ndarray, units: np.ndarray) -> Design:
    return design(merged(Sales(np.arange(len(price)) + 738_000, price, units, {}, {})), {})


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from([3.0, 4.0, 5.0, 7.5]), st.integers(0, 50)), min_size=10, max_size=40),
)
def test_demand_never_rises_with_the_price_whatever_the_history(rows: list[tuple[float, int]]) -> None:
    price, units = (np.array(column, float) for column in zip(*rows, strict=True))
    shop = laid_out(price, units + (units.sum() == 0))
    curve = contest.fit(shop).demand.curve(np.linspace(1, 20, 80))
    assert (np.diff(curve) <= 1e-9 * curve[0]).all()
    assert (curve >= 0).all()


@pytest.mark.parametrize("elasticity", [-3.0, -2.4, -1.8, -1.2])
def test_the_chosen_price_earns_within_three_percent_of_the_best_in_nine_of_ten_seeds(
    elasticity: float,
) -> None:
    grid, close = np.array(GRID), 0
    for seed in range(10):
        fitted = contest.fit(design(merged(sales(days(seed, elasticity))), {"promo": 0.0}))
        earned = (grid - best_cost(elasticity)) * fitted.demand.curve(grid)
        close += regret(elasticity, GRID[int(np.argmax(earned))]) <= 0.03
    assert close >= 9


def test_expected_units_are_those_of_the_demand_that_made_the_history() -> None:
    fitted = contest.fit(design(merged(sales(days(1, -2.0, weekday=0, promo=0))), {"promo": 0.0}))
    prices = np.array([80.0, 100.0, 120.0])
    assert fitted.demand.curve(prices) == pytest.approx(100 * (prices / 100) ** -2, rel=0.06)


def test_beyond_the_observed_prices_demand_follows_the_elasticity() -> None:
    shop = laid_out(np.array([8.0, 10.0] * 10), np.array([30.0, 20.0] * 10))
    fitted = contest.fit(shop)
    slope = fitted.demand.line.slope
    near, at, far = fitted.demand.curve(np.array([8.0, 10.0, 20.0]))
    assert (far / at, at / near) == pytest.approx((2**slope, 1.25**slope))


def test_a_learner_only_wins_if_it_proves_better_on_the_last_quarter_of_the_days() -> None:
    fitted = contest.fit(design(merged(sales(days(2, -2.0))), {}))
    assert [candidate.algorithm for candidate in fitted.candidates] == [contest.LINE, *LEARNERS]
    assert fitted.held_out == 45
    assert fitted.algorithm == contest.LINE


def test_a_level_that_no_line_has_is_learned_and_the_slope_stays() -> None:
    rows = days(4, -2.0, 300, weekday=0, promo=0)
    for place, row in enumerate(rows):
        row["heat"] = place * 7 % 40
        row["units_sold"] *= 4 if 10 < row["heat"] < 20 else 1
    fitted = contest.fit(design(merged(sales(rows)), {"heat": 15.0}))
    assert fitted.algorithm in LEARNERS
    low, high = fitted.demand.curve(np.array([80.0, 120.0]))
    assert high / low == pytest.approx(1.5**fitted.demand.line.slope)
    assert high == pytest.approx(400 * 1.2**-2, rel=0.25)


def test_days_that_sold_out_are_not_judged() -> None:
    rows = days(5, -2.0, 100)
    for row in rows:
        row["inventory_level"] = 120
        row["units_sold"] = min(row["units_sold"], 120)
    fitted = contest.fit(design(merged(sales(rows)), {}))
    ended = sum(row["units_sold"] == 120 for row in rows[-25:])
    assert ended > 0
    assert fitted.held_out == 25 - ended


def test_rows_of_a_single_day_are_judged_on_a_quarter_of_them() -> None:
    rows = Sales(np.full(12, 7), np.array([8.0, 9.0] * 6), np.arange(12) + 5.0, {}, {})
    assert contest.fit(design(rows, {})).held_out == 3


def test_threads_change_nothing() -> None:
    shop = design(merged(sales(days(3, -2.0, 60))), {})
    grid = np.array(GRID)
    one, three = (contest.fit(shop, threads=threads) for threads in (1, 3))
    assert one.candidates == three.candidates
    assert one.demand.curve(grid).tolist() == three.demand.curve(grid).tolist()


def test_error_of_a_day_without_a_sale_is_that_of_one_with_one_unit() -> None:
    assert mape(np.array([0.0, 10.0]), np.array([0.5, 9.0])) == pytest.approx(0.3)


def test_a_95_percent_interval_holds_about_95_percent_of_days_to_come() -> None:
    held = total = 0
    for seed in range(12):
        rows = days(seed, -2.0, 240, weekday=0, promo=0)
        fitted = contest.fit(design(merged(sales(rows[:180])), {"promo": 0.0}))
        later = rows[180:]
        units = fitted.demand.curve(np.array([row["price"] for row in later]))
        low, high = fitted.demand.interval(units, 0.95)
        sold = np.array([row["units_sold"] for row in later])
        held += int(((sold >= low) & (sold <= high)).sum())
        total += len(later)
    assert 0.91 <= held / total <= 0.99
