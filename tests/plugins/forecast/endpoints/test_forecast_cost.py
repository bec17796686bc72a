from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pytest

from plugins.forecast.endpoints.forecast_cost import ENDPOINT
from plugins.forecast.endpoints.forecast_revenue import ENDPOINT as REVENUE
from tests.plugins.calls import answered, faults

START = datetime.date(2024, 1, 1)


def body(values: Any, column: str = "cost", **more: Any) -> dict[str, Any]:
    rows = [
        {"date": (START + datetime.timedelta(days=day)).isoformat(), column: float(value)}
        for day, value in enumerate(values)
    ]
    return {"forecast_period": 3, "data": rows, **more}


def daily(days: int) -> np.ndarray:
    t = np.arange(days)
    return 400 + t / 3 + 40 * (t % 7) + np.random.default_rng(8).normal(0, 20, days)


def without_words(result: dict[str, Any]) -> dict[str, Any]:
    """What is a figure of the series, under whatever name, in whatever time."""
    copy = json.loads(json.dumps(result))
    metrics = copy["evaluation_metrics"]
    for name in ("average_daily_cost", "average_daily_revenue"):
        if name in metrics:
            metrics["average"] = metrics.pop(name)
    for row in metrics["model_candidates"]:
        del row["seconds"]
    del metrics["Interpretation"], copy["analysis_type"]
    return copy


@pytest.mark.parametrize("days", [59, 75])
def test_the_same_numbers_are_forecast_alike_as_cost_and_as_revenue(days: int) -> None:
    values = daily(days)
    cost = answered(ENDPOINT, body(values, country="BR"))["forecast_result"]
    revenue = answered(REVENUE, body(values, "revenue", country="BR"))["forecast_result"]
    assert without_words(cost) == without_words(revenue)
    assert cost["analysis_type"] == "generic_cost"
    assert "average_daily_revenue" not in cost["evaluation_metrics"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "The average daily cost forecast is $420.00."),
        ("es", "El pronóstico diario promedio de costos es 420,00\xa0$."),
        ("pt", "A previsão diária média de custo é $\xa0420,00."),
    ],
)
def test_the_average_day_is_that_of_the_reported_months_and_in_the_sentence(lang: str, said: str) -> None:
    answer = answered(ENDPOINT, body(np.full(70, 420.0)), lang=lang, currency="$")
    metrics = answer["forecast_result"]["evaluation_metrics"]
    months = answer["forecast_result"]["forecast"]["calendar"]
    assert metrics["average_daily_cost"] == pytest.approx(420)
    assert [row["yyyy-mm"] for row in months] == ["2024-04", "2024-05", "2024-06"]
    assert [row["value"] for row in months] == pytest.approx([420 * days for days in (30, 31, 30)])
    assert metrics["Interpretation"].endswith(said)


def test_what_is_wrong_names_the_cost() -> None:
    sent = body([5, -1, 7, 8])
    sent["data"][0]["cost"] = "5"
    sent["data"][2]["cost"] = None
    del sent["data"][3]["cost"]
    assert [tuple(fault) for fault in faults(ENDPOINT, sent)] == [
        ("/data/0/cost", "Input should be a valid number; got '5'."),
        ("/data/1/cost", "Input should be greater than or equal to 0; got -1.0."),
        ("/data/2/cost", "Input should be a valid number; got null."),
        ("/data/3/cost", "Required, and missing."),
    ]


def test_a_column_of_revenue_is_a_driver_of_cost() -> None:
    sent = body(daily(40))
    for row in sent["data"]:
        row["revenue"] = row["cost"] * 2
    assert answered(ENDPOINT, sent)["forecast_result"]["cleaning"]["drivers"] == ["revenue"]
