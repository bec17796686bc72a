from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pytest

from plugins.forecast.endpoints.forecast_units import ENDPOINT
from tests.plugins.calls import Registry, answered, faults, golden

START = datetime.date(2024, 1, 1)


def body(values: Any, months: int = 3, **more: Any) -> dict[str, Any]:
    rows = [
        {"date": (START + datetime.timedelta(days=day)).isoformat(), "sales_quantity": int(value)}
        for day, value in enumerate(values)
    ]
    return {"product_code": "A", "forecast_period": months, "data": rows, **more}


def timeless(answer: dict[str, Any]) -> str:
    copy = json.loads(json.dumps(answer))
    copy["execution_time_seconds"] = 0
    for row in copy["forecasts"][0]["evaluation_metrics"]["model_candidates"]:
        row["seconds"] = 0
    return json.dumps(copy)


def names(answer: dict[str, Any]) -> set[str]:
    return {row["algorithm"] for row in answer["forecasts"][0]["evaluation_metrics"]["model_candidates"]}


@pytest.fixture(scope="module")
def published() -> tuple[dict[str, Any], dict[str, Any]]:
    example = golden("forecast_units")
    return example, answered(ENDPOINT, example["request"])


def test_the_published_example_has_its_shape_its_months_and_no_higher_error(published: Any) -> None:
    example, answer = published
    wanted, [result] = example["response"]["forecasts"][0], answer["forecasts"]
    assert set(example["response"]) <= set(answer)
    assert set(wanted) <= set(result)
    assert set(wanted["evaluation_metrics"]) <= set(result["evaluation_metrics"])
    assert result["product_code"] == "38788"
    for view in ("calendar", "business"):
        labels = [[row["yyyy-mm"] for row in one["forecast"][view]] for one in (wanted, result)]
        assert labels[0] == labels[1]
    assert result["evaluation_metrics"]["RMSE"] <= 1.0094506384700848
    assert "The average daily sales forecast is" in result["evaluation_metrics"]["Interpretation"]


def test_every_documented_model_is_among_the_candidates(published: Any) -> None:
    assert names(published[1]) >= {"ARIMA", "STL-ETS", "Prophet", "TBATS", "Random Forest", "Gradient Boost"}
    assert not names(published[1]) & {"Croston", "TSB", "ADIDA"}


def test_rows_in_another_order_get_the_same_answer(published: Any) -> None:
    example, answer = published
    turned = {**example["request"], "data": example["request"]["data"][::-1]}
    assert timeless(answered(ENDPOINT, turned)) == timeless(answer)


def test_lumpy_demand_is_tried_with_the_methods_for_it() -> None:
    demand = (np.random.default_rng(3).random(90) < 0.3) * 4
    answer = answered(ENDPOINT, body(demand))
    assert names(answer) >= {"Croston", "TSB", "ADIDA"}
    month = answer["forecasts"][0]["forecast"]["calendar"][0]
    assert month["value"] == pytest.approx(30 * demand.mean(), rel=0.35)


def test_under_thirty_days_it_is_a_cold_start_with_the_mean() -> None:
    answer = answered(ENDPOINT, body([3, 5, 4] * 9 + [4, 4]))
    [result] = answer["forecasts"]
    assert result["best_algorithm"] == "Naive mean"
    assert result["evaluation_metrics"]["note"] == "cold-start"
    assert [row["value"] for row in result["forecast"]["calendar"]] == pytest.approx([116, 124, 120])
    codes = [warning["code"] for warning in answer["warnings"]]
    assert codes == ["short_history", "under_two_years", "far_ahead"]
    assert answer["model_info"]["choice"] == "not_judged"


def test_thirty_days_are_judged() -> None:
    answer = answered(ENDPOINT, body([3, 5, 4] * 10, months=1))
    assert answer["model_info"]["choice"] == "judged"
    assert "note" not in answer["forecasts"][0]["evaluation_metrics"]


def test_two_days_are_enough_for_an_answer() -> None:
    [result] = answered(ENDPOINT, body([3, 5]))["forecasts"]
    assert result["forecast"]["calendar"][0]["value"] == pytest.approx(4 * 29)


def test_champions_are_kept_by_product() -> None:
    kept = Registry(ENDPOINT)
    values = np.random.default_rng(5).poisson(6, 32)
    answered(ENDPOINT, body(values), kept)
    answered(ENDPOINT, {**body(values), "product_code": "B"}, kept)
    assert set(kept._kept) == {'{"product_code": "A"}', '{"product_code": "B"}'}


@pytest.mark.parametrize("values", [np.zeros(70), np.full(70, 5), np.append(np.zeros(69), 10**12)])
def test_strange_series_get_finite_answers(values: np.ndarray) -> None:
    for row in answered(ENDPOINT, body(values))["forecasts"][0]["forecast"]["calendar"]:
        assert 0 <= row["lower_95"] <= row["lower_80"] <= row["value"] <= row["upper_80"] <= row["upper_95"]


def test_what_is_wrong_is_named() -> None:
    sent = body([1, 2, 3])
    sent["data"][1]["sales_quantity"] = 1.5
    sent["data"][2]["sales_quantity"] = -1
    del sent["product_code"]
    found = [fault.pointer for fault in faults(ENDPOINT, sent)]
    assert sorted(found) == ["/data/1/sales_quantity", "/data/2/sales_quantity", "/product_code"]


def test_the_sentence_is_in_the_language_asked_for_and_has_no_currency() -> None:
    [result] = answered(ENDPOINT, body([3, 5] * 5), lang="pt", currency="R$")["forecasts"]
    said = result["evaluation_metrics"]["Interpretation"]
    assert said.startswith("O histórico é curto demais")
    assert said.endswith("A previsão diária média de vendas é 4,00.")
