from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pytest

from abintel.problem import Problem
from plugins.forecast.endpoints.forecast_revenue import ENDPOINT
from plugins.forecast.examples import paid_days
from tests.abintel.charts.seen import texts
from tests.plugins.calls import Registry, answered, faults, golden

START = datetime.date(2024, 1, 1)


def body(values: Any, months: int = 3, **more: Any) -> dict[str, Any]:
    rows = [
        {"date": (START + datetime.timedelta(days=day)).isoformat(), "revenue": float(value)}
        for day, value in enumerate(values)
    ]
    return {"forecast_period": months, "data": rows, **more}


def weekly(days: int, seed: int = 1) -> np.ndarray:
    t = np.arange(days)
    return 1000 + t + 80 * (t % 7) + np.random.default_rng(seed).normal(0, 30, days)


def registry() -> Registry:
    others: dict[str, Registry] = {}
    made = Registry(ENDPOINT, others=others)
    others[ENDPOINT.name] = made
    return made


def timeless(answer: dict[str, Any]) -> str:
    copy = json.loads(json.dumps(answer))
    copy["execution_time_seconds"] = 0
    for row in copy["forecast_result"]["evaluation_metrics"]["model_candidates"]:
        row["seconds"] = 0
    return json.dumps(copy)


@pytest.fixture(scope="module")
def published() -> tuple[dict[str, Any], dict[str, Any], Registry]:
    kept = registry()
    example = golden("forecast_revenue")
    return example, answered(ENDPOINT, example["request"], kept), kept


def test_the_published_example_has_its_shape_its_months_and_a_lower_error(published: Any) -> None:
    example, answer, _ = published
    wanted, result = example["response"]["forecast_result"], answer["forecast_result"]
    assert set(wanted) <= set(result)
    assert set(wanted["evaluation_metrics"]) <= set(result["evaluation_metrics"])
    for view in ("calendar", "business"):
        labels = [[row["yyyy-mm"] for row in one["forecast"][view]] for one in (wanted, result)]
        assert labels[0] == labels[1]
    assert result["evaluation_metrics"]["RMSE"] <= wanted["evaluation_metrics"]["RMSE"]
    assert result["analysis_type"] == "generic_revenue"
    assert example["request"]["data"] == paid_days("revenue")


def test_every_documented_model_is_among_the_candidates(published: Any) -> None:
    names = {
        row["algorithm"] for row in published[1]["forecast_result"]["evaluation_metrics"]["model_candidates"]
    }
    assert names >= {"ARIMA", "STL-ETS", "Prophet", "TBATS", "Theta", "Seasonal naive", "Aggregation"}


def test_bounds_are_nested_and_never_negative(published: Any) -> None:
    for view in published[1]["forecast_result"]["forecast"].values():
        for row in view:
            assert (
                0 <= row["lower_95"] <= row["lower_80"] <= row["value"] <= row["upper_80"] <= row["upper_95"]
            )


def test_the_backtest_gives_the_figures(published: Any) -> None:
    result = published[1]["forecast_result"]
    errors = [day["actual"] - day["forecast"] for fold in result["backtest"] for day in fold["days"]]
    assert len(result["backtest"]) == 4
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(result["evaluation_metrics"]["RMSE"])


def test_the_same_history_asked_for_other_months_is_not_judged_again(published: Any) -> None:
    example, answer, kept = published
    longer = answered(ENDPOINT, {**example["request"], "forecast_period": 60}, kept)
    first = longer["forecast_result"]["forecast"]["calendar"][:12]
    rows = answer["forecast_result"]["forecast"]["calendar"]
    assert [row["value"] for row in first] == [row["value"] for row in rows]
    assert kept.fit is not None
    assert len(longer["forecast_result"]["forecast"]["calendar"]) == 60


def test_rows_in_another_order_get_the_same_answer(published: Any) -> None:
    example, answer, _ = published
    turned = {**example["request"], "data": example["request"]["data"][::-1]}
    assert timeless(answered(ENDPOINT, turned, registry())) == timeless(answer)


def test_days_and_weeks_add_up_to_the_months(published: Any) -> None:
    example, answer, kept = published
    total = sum(row["value"] for row in answer["forecast_result"]["forecast"]["calendar"])
    for granularity, count in (("week", 53), ("day", 365)):
        finer = answered(ENDPOINT, {**example["request"], "granularity": granularity}, kept)
        rows = finer["forecast_result"]["forecast"]["calendar"]
        assert len(rows) == count
        assert rows[0]["date"] == "2024-04-01"
        assert sum(row["value"] for row in rows) == pytest.approx(total)


def test_a_grown_history_keeps_the_champion_and_fits_it_anew() -> None:
    kept, values = registry(), weekly(200)
    before = answered(ENDPOINT, body(values[:180]), kept)
    after = answered(ENDPOINT, body(values), kept)
    assert before["model_info"]["choice"] == "judged"
    assert after["model_info"]["choice"] == "carried_on"
    assert after["model_info"]["judged_days"] == 180
    assert after["forecast_result"]["best_algorithm"] == before["forecast_result"]["best_algorithm"]
    assert [warning["code"] for warning in after["warnings"]] == ["carried_on", "under_two_years"]


def test_a_grown_history_that_went_astray_is_judged_again() -> None:
    kept, values = registry(), weekly(200)
    answered(ENDPOINT, body(values[:180]), kept)
    values[180:] *= 3
    answer = answered(ENDPOINT, body(values), kept)
    assert answer["model_info"]["choice"] == "judged_again"
    assert "judged again" in answer["model_info"]["note"]


def test_a_history_that_was_changed_in_its_middle_is_judged_as_a_new_one() -> None:
    kept, values = registry(), weekly(200)
    answered(ENDPOINT, body(values[:180]), kept)
    values[50] += 1
    assert answered(ENDPOINT, body(values), kept)["model_info"]["choice"] == "judged"


def test_a_champion_is_not_carried_over_to_another_country() -> None:
    kept, values = registry(), weekly(200)
    answered(ENDPOINT, body(values[:180]), kept)
    assert answered(ENDPOINT, body(values, country="US"), kept)["model_info"]["choice"] == "judged"


def test_under_sixty_days_the_aggregation_stands_in_and_nothing_is_kept() -> None:
    kept = registry()
    answer = answered(ENDPOINT, body(weekly(59)), kept)
    assert answer["forecast_result"]["best_algorithm"] == "Aggregation"
    assert answer["model_info"]["choice"] == "not_judged"
    assert kept.fit is None
    assert "short_history" in [warning["code"] for warning in answer["warnings"]]


def test_duplicates_are_added_up_and_said() -> None:
    sent = body(weekly(30))
    sent["data"].append({"date": "2024-01-30", "revenue": 5.0})
    answer = answered(ENDPOINT, sent)
    assert answer["forecast_result"]["cleaning"]["duplicates_merged"] == 1
    assert "duplicates_merged" in [warning["code"] for warning in answer["warnings"]]


def test_a_promotion_known_ahead_lifts_its_days() -> None:
    values = weekly(150)
    promo = np.random.default_rng(2).random(150) < 0.15
    sent = body(values + 600 * promo, granularity="day")
    for row, flag in zip(sent["data"], promo.tolist(), strict=True):
        row["promo_day"] = flag
    sent["future_drivers"] = [
        {"date": (START + datetime.timedelta(days=day)).isoformat(), "promo_day": day == 160}
        for day in range(150, 260)
    ]
    rows = answered(ENDPOINT, sent)["forecast_result"]["forecast"]["calendar"]
    value = {row["date"]: row["value"] for row in rows}
    day = START + datetime.timedelta(days=160)
    neighbours = [value[(day + datetime.timedelta(days=step)).isoformat()] for step in (-7, 7) if step > 0]
    assert value[day.isoformat()] - np.mean(neighbours) == pytest.approx(600, abs=120)


def test_columns_that_are_no_numbers_are_left_out_and_said() -> None:
    sent = body(weekly(20))
    for row in sent["data"]:
        row["weather"] = "rain"
    answer = answered(ENDPOINT, sent)
    assert answer["forecast_result"]["cleaning"]["drivers"] == []
    assert {"code": "ignored_columns", "message": "No number or boolean in every row: 'weather'."} in answer[
        "warnings"
    ]


def test_holidays_are_no_business_days() -> None:
    plain, holidays = (
        answered(ENDPOINT, body(np.full(40, 10.0), months=12, **more))["forecast_result"]["forecast"][
            "business"
        ]
        for more in ({}, {"country": "US"})
    )
    assert plain[1]["value"] == pytest.approx(220)  # April 2024 has 22 business days, published as well
    december = [rows[9]["value"] for rows in (plain, holidays)]
    assert december == pytest.approx([220, 210])


@pytest.mark.parametrize(
    "values", [np.zeros(70), np.full(70, 5.0), np.append(np.zeros(69), 1e15), np.full(65, 1e15)]
)
def test_strange_series_get_finite_answers(values: np.ndarray) -> None:
    answer = answered(ENDPOINT, body(values))
    assert all(
        row["upper_95"] >= row["value"] >= 0 for row in answer["forecast_result"]["forecast"]["calendar"]
    )


def test_what_is_wrong_is_named() -> None:
    assert faults(ENDPOINT, {"forecast_period": 0, "data": []}) != []
    sent = body([1, 2, 3])
    sent["data"][1]["date"] = "2031-01-01"
    assert [tuple(fault) for fault in faults(ENDPOINT, sent)] == [
        (
            "/data/1/date",
            "2031-01-01 is after the server's date, 2025-04-28, by more than a day; send history only.",
        )
    ]
    sent = body([1, 2, 3])
    sent["data"][0]["date"] = "1924-01-01"
    assert [tuple(fault) for fault in faults(ENDPOINT, sent)] == [
        (
            "/data",
            "The rows span 1924-01-01 to 2024-01-03; send at most 20 years, and look for a mistyped year.",
        )
    ]
    sent = {"forecast_period": 1, "data": [{"date": "2024-01-01", "revenue": 1.0}] * 2}
    assert [tuple(fault) for fault in faults(ENDPOINT, sent)] == [
        ("/data", "All rows are of one day; a forecast needs at least 2 days.")
    ]
    assert [fault.pointer for fault in faults(ENDPOINT, body([1, -2, 3]))] == ["/data/1/revenue"]
    assert [tuple(fault) for fault in faults(ENDPOINT, body([1, 2], country="ZZ"))] == [
        ("/country", "'ZZ' is no ISO 3166 code of a country with known holidays.")
    ]


def test_future_drivers_come_after_the_history_and_once() -> None:
    sent = body(
        [1, 2], future_drivers=[{"date": "2024-01-02"}, {"date": "2024-01-05"}, {"date": "2024-01-05"}]
    )
    assert [fault.pointer for fault in faults(ENDPOINT, sent)] == [
        "/future_drivers/0/date",
        "/future_drivers/2/date",
    ]


def test_too_many_drivers_are_refused() -> None:
    sent = body([1, 2])
    for row in sent["data"]:
        row.update({f"x{place}": place for place in range(21)})
    with pytest.raises(Problem, match="send at most 20"):
        answered(ENDPOINT, sent)


def test_a_reviewer_gets_three_pictures_and_a_card(published: Any) -> None:
    fit = published[2].fit
    assert set(fit.pictures) == {"forecast.svg", "backtest.svg", "candidates.svg"}
    said = {name: texts(picture) for name, picture in fit.pictures.items()}
    assert {"80% interval", "history", "Sum of the month"} <= {*said["forecast.svg"]}
    assert {"actual", "forecast", "Per day"} <= {*said["backtest.svg"]}
    assert {"Prophet", "champion", "candidate"} <= {*said["candidates.svg"]}
    assert "| Prophet |" in fit.card
