"""What the answers say of rows, champions and members, through the routes."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from plugins.forecast.endpoints.forecast_cost import ENDPOINT as COST
from plugins.forecast.endpoints.forecast_cost_improved import ENDPOINT as IMPROVED
from plugins.forecast.endpoints.forecast_revenue import ENDPOINT as REVENUE
from tests.plugins.calls import Registry, answered

START = datetime.date(2024, 1, 1)


def rows(values: Any, column: str, step: int = 1, **more: Any) -> list[dict[str, Any]]:
    return [
        {"date": (START + datetime.timedelta(days=step * day)).isoformat(), column: float(value), **more}
        for day, value in enumerate(values)
    ]


def codes(answer: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in answer.get("warnings") or []]


def registry(endpoint: Any) -> Registry:
    others: dict[str, Registry] = {}
    made = Registry(endpoint, others=others)
    others[endpoint.name] = made
    return made


def test_members_add_up_to_one_and_the_cleaning_is_said() -> None:
    values = 100 + np.random.default_rng(1).normal(0, 10, 366)
    values[[(START + datetime.timedelta(day)).day == 1 for day in range(366)]] += 3000
    answer = answered(COST, {"forecast_period": 2, "data": rows(values, "cost")})
    result = answer["forecast_result"]
    assert sum(member["weight"] for member in result["members"]) == pytest.approx(1)
    [event] = result["cleaning"]["recurring"]
    assert event["pattern"] == "1st of the month"
    assert event["next_dates"] == ["2025-01-01", "2025-02-01", "2025-03-01"]
    assert event["size"] == pytest.approx(3000, rel=0.02)
    assert result["cleaning"]["level_shift"] is None
    assert "outliers_left_out" not in codes(answer)
    assert "under_two_years" in codes(answer)


def test_spikes_that_do_not_recur_are_said_to_be_left_out_in_the_callers_language() -> None:
    values = 100 + np.random.default_rng(1).normal(0, 5, 200)
    values[[13, 58, 102, 155, 171]] += 700
    answer = answered(REVENUE, {"forecast_period": 2, "data": rows(values, "revenue")}, lang="es")
    said = {warning["code"]: warning["message"] for warning in answer["warnings"]}
    assert said["outliers_left_out"].startswith("Los días atípicos se corrigieron")
    assert "\xa0%" in said["outliers_left_out"]


@pytest.mark.parametrize("step", [7, 30])
def test_rows_a_week_or_a_month_apart_keep_their_totals(step: int) -> None:
    values = np.full(40, 700.0)
    data = rows(values, "revenue", step)
    if step == 30:
        days = [datetime.date(2021 + month // 12, month % 12 + 1, 1) for month in range(40)]
        data = [{**row, "date": day.isoformat()} for row, day in zip(data, days, strict=True)]
    answer = answered(REVENUE, {"forecast_period": 3, "data": data, "fill": "interpolate"})
    months = [row["value"] for row in answer["forecast_result"]["forecast"]["calendar"]]
    assert "cadence" in codes(answer)
    assert answer["forecast_result"]["cleaning"]["cadence"] == ("weekly" if step == 7 else "monthly")
    assert sum(months) == pytest.approx(3 * 700 if step == 30 else 100 * 90, rel=0.05)


def test_weekdays_that_never_have_a_row_are_closed() -> None:
    data = [
        row
        for row in rows(np.full(280, 50.0), "revenue")
        if datetime.date.fromisoformat(row["date"]).weekday() < 5
    ]
    answer = answered(REVENUE, {"forecast_period": 1, "data": data, "fill": "interpolate"}, lang="pt")
    said = {warning["code"]: warning["message"] for warning in answer["warnings"]}
    assert "sábado e domingo" in said["cadence"]
    month = answer["forecast_result"]["forecast"]
    assert month["calendar"][0]["value"] == pytest.approx(month["business"][0]["value"])


def test_scenarios_of_one_history_share_a_version_and_have_their_own_forecast() -> None:
    hours = np.random.default_rng(1).normal(10, 3, 300)
    data = rows(500 + 100 * hours, "cost")
    for row, value in zip(data, hours.tolist(), strict=True):
        row["hours"] = value
    kept, days = registry(IMPROVED), []
    for scenario in (6.0, 12.0):
        future = [
            {"date": (START + datetime.timedelta(days=300 + day)).isoformat(), "hours": scenario}
            for day in range(40)
        ]
        answer = answered(IMPROVED, {"forecast_period": 1, "data": data, "future_drivers": future}, kept)
        days.append(answer["forecast_result"]["forecast"]["calendar"][0]["value"] / 30)
        assert answer["model_info"]["choice"] == "judged"
    assert days == pytest.approx([1100, 1700], rel=0.02)
    assert kept.fit is not None


def test_several_centres_of_a_day_are_no_duplicates() -> None:
    data = rows(np.full(70, 10.0), "cost", cost_center="a") + rows(np.full(70, 5.0), "cost", cost_center="b")
    answer = answered(IMPROVED, {"forecast_period": 1, "data": data})
    assert "duplicates_merged" not in codes(answer)
    assert answer["forecast_result"]["cleaning"]["duplicates_merged"] == 0
    twice = answered(IMPROVED, {"forecast_period": 1, "data": [*data, data[0]]})
    assert "duplicates_merged" in codes(twice)


def test_a_champion_is_judged_again_after_thirty_days() -> None:
    kept = registry(REVENUE)
    values = 1000 + 80 * (np.arange(160) % 7) + np.random.default_rng(1).normal(0, 30, 160)
    answered(REVENUE, {"forecast_period": 1, "data": rows(values[:100], "revenue")}, kept)
    after = answered(REVENUE, {"forecast_period": 1, "data": rows(values[:135], "revenue")}, kept)
    assert after["model_info"]["choice"] == "judged_again"
    assert "after 30 all are judged again" in after["model_info"]["note"]
