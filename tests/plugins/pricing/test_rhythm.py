"""The step of the rows, and prices that follow demand."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.pricing.rhythm import prices_follow_demand, step

START = 738_000


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (np.arange(30), "daily"),
        (np.arange(0, 210, 7), "weekly"),
        (np.delete(np.arange(0, 210, 7), [4, 9]), "weekly"),
        (np.delete(np.arange(60), [3, 4, 17, 40]), "daily"),
        (np.cumsum([31, 28, 31, 30, 31, 30, 31, 31]), "monthly"),
        (np.array([0, 7]), "daily"),
    ],
)
def test_rows_a_week_or_a_month_apart_are_seen(days: np.ndarray, wanted: str) -> None:
    assert step(days + START) == wanted


def history(kind: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days, prices and log demand at one price, which moves slowly."""
    chance = np.random.default_rng(seed)
    price, demand, shock = np.zeros(120), np.zeros(120), 0.0
    for day in range(120):
        shock = 0.8 * shock + chance.normal(0, 0.15)
        if kind == "random":
            price[day] = chance.choice([8, 9, 10, 11, 12])
        elif kind == "weeks":
            price[day] = price[day - 1] if day % 7 else chance.choice([8, 9, 10, 11, 12])
        elif kind == "promotions":
            price[day] = 8 if day % 20 < 4 else 11
        else:
            last_week = demand[max(0, day - 7) : day].mean() if day else 0.0
            price[day] = 10 * np.exp(0.5 * last_week + chance.normal(0, 0.03))
        demand[day] = shock + chance.normal(0, 0.2)
    return np.arange(120) + START, price, demand


def test_prices_that_rise_after_good_weeks_are_seen() -> None:
    assert sum(prices_follow_demand(*history("follows", seed)) for seed in range(20)) >= 19


@pytest.mark.parametrize("kind", ["random", "weeks", "promotions"])
def test_prices_with_a_plan_of_their_own_are_not_accused(kind: str) -> None:
    assert sum(prices_follow_demand(*history(kind, seed)) for seed in range(20)) <= 2


def test_a_short_history_tells_nothing() -> None:
    days, price, demand = history("follows", 0)
    assert not prices_follow_demand(days[:15], price[:15], demand[:15])
