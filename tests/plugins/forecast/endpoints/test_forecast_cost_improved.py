from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pytest

from plugins.forecast.endpoints.forecast_cost_improved import ENDPOINT
from tests.plugins.calls import Registry, answered, faults

START = datetime.date(2024, 1, 1)


def body(costs: dict[str | None, Any], **more: Any) -> dict[str, Any]:
    rows = []
    for centre, values in costs.items():
        for day, value in enumerate(values):
            row = {"date": (START + datetime.timedelta(days=day)).isoformat(), "cost": float(value)}
            rows.append(row if centre is None else {**row, "cost_center": centre})
    return {"forecast_period": 3, "data": rows, **more}


def weekly(days: int, seed: int, level: float = 100.0) -> np.ndarray:
    t = np.arange(days)
    return level + t / 5 + 8 * (t % 7) + np.random.default_rng(seed).normal(0, 3, days)


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return answered(ENDPOINT, ENDPOINT.example)


def test_centres_add_up_to_the_total_to_the_last_bit_in_any_order(example: dict[str, Any]) -> None:
    assert [one["cost_center"] for one in example["cost_centers"]] == ["logistics", "service"]
    for view in ("calendar", "business"):
        parts = [[row["value"] for row in one["forecast"][view]] for one in example["cost_centers"]]
        whole = [row["value"] for row in example["forecast_result"]["forecast"][view]]
        assert [sum(column) for column in zip(*parts, strict=True)] == whole
        assert [math.fsum(column) for column in zip(*parts[::-1], strict=True)] == whole


def test_contributions_add_up_to_a_hundred_and_name_the_driver(example: dict[str, Any]) -> None:
    rows = example["driver_contributions"]
    assert [row["driver"] for row in rows] == ["baseline", "overtime"]
    assert sum(row["contribution_pct"] for row in rows) == 100
    assert 1 < rows[1]["contribution_pct"] < 8


def test_bounds_are_around_the_values(example: dict[str, Any]) -> None:
    for one in [example["forecast_result"], *example["cost_centers"]]:
        for row in [*one["forecast"]["calendar"], *one["forecast"]["business"]]:
            assert (
                0 <= row["lower_95"] <= row["lower_80"] <= row["value"] <= row["upper_80"] <= row["upper_95"]
            )


def test_without_centres_there_is_the_total_alone() -> None:
    answer = answered(ENDPOINT, body({None: weekly(40, 1)}))
    assert answer["cost_centers"] == []
    assert answer["driver_contributions"] == [{"driver": "baseline", "contribution_pct": 100.0}]


def test_rows_without_a_centre_are_one_of_their_own_and_a_late_one_is_none_too_short() -> None:
    sent = body({None: weekly(45, 1), "b": weekly(45, 2), "a": weekly(5, 3)})
    kept = Registry(ENDPOINT)
    answer = answered(ENDPOINT, sent, kept)
    assert [one["cost_center"] for one in answer["cost_centers"]] == ["a", "b", None]
    whole = [row["value"] for row in answer["forecast_result"]["forecast"]["calendar"]]
    parts = [[row["value"] for row in one["forecast"]["calendar"]] for one in answer["cost_centers"]]
    assert [sum(column) for column in zip(*parts, strict=True)] == whole


def test_nothing_spent_is_nothing_ahead() -> None:
    answer = answered(ENDPOINT, body({"a": np.zeros(40), "b": np.zeros(40)}))
    assert {row["value"] for row in answer["forecast_result"]["forecast"]["calendar"]} == {0.0}
    assert answer["driver_contributions"] == [{"driver": "baseline", "contribution_pct": 100.0}]


def test_a_driver_explains_what_it_makes_on_a_logarithmic_scale_too() -> None:
    level = np.exp(np.arange(120) / 60 + np.random.default_rng(1).normal(0, 0.02, 120)) * 100
    shop = np.arange(120) % 5 == 0
    sent = body({None: level * np.where(shop, 1.5, 1.0)})
    for row, flag in zip(sent["data"], shop.tolist(), strict=True):
        row["shop"] = flag
    rows = answered(ENDPOINT, sent)["driver_contributions"]
    assert sum(row["contribution_pct"] for row in rows) == 100
    assert 3 < rows[1]["contribution_pct"] < 20


def test_too_many_centres_are_refused() -> None:
    sent = body({f"c{place}": [1, 2] for place in range(51)})
    assert [tuple(fault) for fault in faults(ENDPOINT, sent)] == [
        ("/data", "The rows name 51 cost centres; send at most 50.")
    ]


def driven(drivers: dict[str, np.ndarray], effect: np.ndarray, days: int = 200) -> dict[str, Any]:
    """A history of ``days`` days, and the drivers of three months after it."""
    noise = np.random.default_rng(8).normal(0, 20, len(effect))
    cost = 1000 + 50 * (np.arange(len(effect)) % 7 == 0) + effect + noise
    rows = [
        {
            "date": (START + datetime.timedelta(days=day)).isoformat(),
            **{name: float(values[day]) for name, values in drivers.items()},
        }
        for day in range(len(effect))
    ]
    history = [{**row, "cost": float(value)} for row, value in zip(rows, cost, strict=False)]
    return {"forecast_period": 3, "data": history[:days], "future_drivers": rows[days:]}


def test_drivers_of_any_scale_and_twice_the_same_share_their_effect() -> None:
    sales = np.random.default_rng(9).gamma(2.0, 1.0, 320)
    shares = []
    for scale in (1e-9, 1.0, 1e9):
        answer = answered(ENDPOINT, driven({"sales": sales * scale, "again": sales * 2}, 100 * sales))
        parts = {row["driver"]: row["contribution_pct"] for row in answer["driver_contributions"]}
        assert parts["sales"] == pytest.approx(parts["again"], rel=0.05)
        shares.append(parts["sales"] + parts["again"])
    assert shares == pytest.approx([shares[0]] * 3, rel=1e-3)
    assert 14 < shares[0] < 20


def test_a_driver_beyond_what_was_seen_is_warned_of_and_makes_bounds_wide() -> None:
    crew = np.random.default_rng(10).normal(1.0, 0.1, 320)
    crew[200:] += 2.0
    answer = answered(ENDPOINT, driven({"crew": crew}, 200 * crew))
    assert "extrapolated" in {warning["code"] for warning in answer["warnings"]}
    for row in answer["forecast_result"]["forecast"]["calendar"]:
        month = START + datetime.timedelta(days=200)
        days = [month + datetime.timedelta(days=day) for day in range(120)]
        same = [day for day in days if day.isoformat()[:7] == row["yyyy-mm"]]
        truth = sum(1000 + 50 * ((day - START).days % 7 == 0) + 600 for day in same)
        assert row["lower_95"] < truth < row["upper_95"]
        assert row["upper_95"] - row["lower_95"] > 0.02 * truth


def test_a_driver_that_is_a_trend_has_no_part_in_the_cost() -> None:
    answer = answered(ENDPOINT, driven({"day": 1e6 + np.arange(320.0)}, np.zeros(320)))
    assert answer["driver_contributions"] == [
        {"driver": "baseline", "contribution_pct": 100.0},
        {"driver": "day", "contribution_pct": 0.0},
    ]
