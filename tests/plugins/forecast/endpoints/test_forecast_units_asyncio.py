from __future__ import annotations

import datetime
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abintel.decode import Decoder
from abintel.endpoint import Call
from abintel.progress import listen
from plugins.forecast.endpoints import forecast_units_asyncio
from plugins.forecast.endpoints.forecast_units import ENDPOINT as UNITS
from plugins.forecast.endpoints.forecast_units_asyncio import ENDPOINT
from plugins.forecast.training import many_series
from tests.abintel.charts.seen import texts
from tests.plugins.calls import NOW, Registry, answered, faults

START = datetime.date(2024, 1, 1)


def rows(values: Any, **columns: Any) -> list[dict[str, Any]]:
    return [
        {
            "date": (START + datetime.timedelta(days=day)).isoformat(),
            "sales_quantity": int(value),
            **{name: column[day] for name, column in columns.items()},
        }
        for day, value in enumerate(values)
    ]


def body(products: dict[str, Any], **more: Any) -> dict[str, Any]:
    items = [
        {"product_code": code, "data": data if isinstance(data, list) else rows(data)}
        for code, data in products.items()
    ]
    return {"forecast_period": 2, "items": items, **more}


def sales(seed: int, days: int = 60, level: float = 8.0) -> np.ndarray:
    week = np.array([1.2, 1.3, 1.2, 1.1, 1.4, 0.5, 0.3])
    return np.random.default_rng(seed).poisson(level * week[np.arange(days) % 7])


def registry() -> Registry:
    others: dict[str, Registry] = {}
    others[ENDPOINT.name] = made = Registry(ENDPOINT, others=others)
    return made


def by_code(answer: dict[str, Any]) -> dict[str, Any]:
    return {one["product_code"]: one for one in answer["forecasts"]}


def timeless(forecast: Any) -> str:
    copy = json.loads(json.dumps(forecast))
    for row in copy.get("evaluation_metrics", {}).get("model_candidates", ()):
        row["seconds"] = 0
    return json.dumps(copy)


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return [timeless(row) for row in one["forecasts"]] == [timeless(row) for row in other["forecasts"]]


MIXED = {
    "é 😀/~": sales(1),
    "lumpy": (np.random.default_rng(2).random(90) < 0.3) * 5,
    "large": sales(3, 75, 4e9),
    "new": sales(4, 3),
    "nothing": np.zeros(45),
}


@pytest.fixture(scope="module")
def mixed() -> tuple[dict[str, Any], Registry]:
    kept = registry()
    return answered(ENDPOINT, body(MIXED), kept), kept


def test_products_of_every_kind_are_answered_in_order(mixed: Any) -> None:
    answer, _ = mixed
    assert [one["product_code"] for one in answer["forecasts"]] == list(MIXED)
    assert "warnings" not in answer
    for one in answer["forecasts"]:
        for row in [*one["forecast"]["calendar"], *one["forecast"]["business"]]:
            assert (
                0 <= row["lower_95"] <= row["lower_80"] <= row["value"] <= row["upper_80"] <= row["upper_95"]
            )
    found = by_code(answer)
    assert found["large"]["forecast"]["calendar"][0]["value"] == pytest.approx(3.1e10 * 4, rel=0.15)
    assert {row["value"] for row in found["nothing"]["forecast"]["calendar"]} == {0.0}
    assert found["new"]["best_algorithm"] == "Naive mean"
    assert found["new"]["evaluation_metrics"]["note"] == "cold-start"
    assert found["new"]["model_info"]["choice"] == "not_judged"
    assert {"Croston", "TSB", "ADIDA"} <= {
        row["algorithm"] for row in found["lumpy"]["evaluation_metrics"]["model_candidates"]
    }


def test_each_product_is_forecast_as_if_it_were_alone_in_any_part_of_the_whole(mixed: Any) -> None:
    codes = list(MIXED)
    for part in (codes[:1], codes[1:3], codes[3:][::-1]):
        answer = answered(ENDPOINT, body({code: MIXED[code] for code in part}))
        for one in answer["forecasts"]:
            assert timeless(one) == timeless(by_code(mixed[0])[one["product_code"]])


def test_the_same_request_again_is_answered_from_its_table_to_the_last_bit(mixed: Any) -> None:
    answer, kept = mixed
    kept.fit = None
    assert alike(answered(ENDPOINT, body(MIXED), kept), answer)
    assert set(kept.fit.model) == set(MIXED) - {"new"}
    chosen = kept.fit.model["lumpy"]
    assert chosen.chosen_at == "2025-04-28T12:00:00+00:00"


def test_a_cold_product_is_forecast_as_by_forecast_units() -> None:
    many_one = answered(ENDPOINT, body({"A": sales(5, 20)}, backtest=True, country="BR"))
    alone = answered(
        UNITS, {"product_code": "A", "forecast_period": 2, "country": "BR", "data": rows(sales(5, 20))}
    )
    [one], [other] = many_one["forecasts"], alone["forecasts"]
    for key in ("best_algorithm", "evaluation_metrics", "forecast", "backtest", "cleaning"):
        assert one[key] == other[key]
    assert one["warnings"] == alone["warnings"]
    assert many_one["interval_method"] == other["interval_method"]


def test_the_backtest_is_there_where_it_is_asked_for(mixed: Any) -> None:
    assert "backtest" not in mixed[0]["forecasts"][0]
    [one] = answered(ENDPOINT, body({"A": sales(1, 40)}, backtest=True))["forecasts"]
    assert [len(fold["days"]) for fold in one["backtest"]] == [7, 7, 7, 7]


def test_a_bad_product_carries_its_error_and_sinks_no_other() -> None:
    good = rows(sales(6, 20))
    products = {
        "good": good,
        "no rows": [],
        "one row": good[:1],
        "one day": [good[0], good[0]],
        "negative": [*good, {"date": "2024-01-30", "sales_quantity": -1}],
        "ahead": [*good, {"date": "2031-01-01", "sales_quantity": 1}],
        "a date of its own": [*good, {"date": "2024-02-30", "sales_quantity": 1}],
        "drivers": rows(sales(6, 20), **{f"x{place}": [place] * 20 for place in range(21)}),
        "also good": good,
    }
    answer = answered(ENDPOINT, body(products))
    found = by_code(answer)
    said = {code: one["error"]["errors"] for code, one in found.items() if "error" in one}
    today = "2031-01-01 is after the server's date, 2025-04-28, by more than a day; send history only."
    few = "List should have at least 2 items after validation, not {}; got an array."
    one_day = "All rows are of one day; a forecast needs at least 2 days."
    assert {code: [(row["pointer"], row["message"]) for row in rows] for code, rows in said.items()} == {
        "no rows": [("/items/1/data", few.format(0))],
        "one row": [("/items/2/data", few.format(1))],
        "one day": [("/items/3/data", one_day)],
        "negative": [
            ("/items/4/data/20/sales_quantity", "Input should be greater than or equal to 0; got -1.")
        ],
        "ahead": [("/items/5/data/20/date", today)],
        "a date of its own": [
            (
                "/items/6/data/20/date",
                "Input should be a valid date in the format YYYY-MM-DD, day is out of range for month; "
                "got '2024-02-30'.",
            )
        ],
        "drivers": [
            ("/items/7/data", "The rows have 21 numeric columns beside sales_quantity; send at most 20.")
        ],
    }
    assert set(found["negative"]) == {"product_code", "error"}
    assert found["negative"]["error"]["status"] == 400
    assert found["good"]["forecast"] == found["also good"]["forecast"]
    assert answer["warnings"] == [
        {"code": "products_failed", "message": "7 of 9 products could not be forecast."}
    ]


@pytest.mark.parametrize("data", [None, "x", 5, {}, [None], [[]], {"date": []}])
def test_what_is_no_history_is_the_error_of_its_product(data: Any) -> None:
    sent = body({"good": sales(6, 10), "bad": []})
    sent["items"][1]["data"] = data
    good, bad = answered(ENDPOINT, sent)["forecasts"]
    assert "forecast" in good
    assert all(row["pointer"].startswith("/items/1") for row in bad["error"]["errors"])


def test_numbers_that_are_not_finite_are_the_error_of_their_product() -> None:
    days = (
        '[{"date": "2024-01-01", "sales_quantity": %s, "x": %s}, {"date": "2024-01-02", "sales_quantity": 2}]'
    )
    products = [("1e400", "1"), ("1", "1e400"), ("1", "1")]
    items = ", ".join(
        f'{{"product_code": "{place}", "data": {days % pair}}}' for place, pair in enumerate(products)
    )
    call = Call(tenant="acme", now=NOW, models=registry())
    request = Decoder(ENDPOINT.request).decode(f'{{"forecast_period": 1, "items": [{items}]}}'.encode())
    found = ENDPOINT.handle(request, call)["forecasts"]
    assert [one.get("error", {}).get("detail") for one in found] == [
        "/items/0/data/0/sales_quantity: Input should be a valid integer; got inf.",
        "/items/1: The body holds NaN, Infinity or a number too large to be finite; send finite numbers.",
        None,
    ]


def test_a_product_without_data_says_so() -> None:
    [one] = answered(ENDPOINT, {"forecast_period": 1, "items": [{"product_code": "A"}]})["forecasts"]
    assert one["error"]["detail"] == "/items/0/data: Required, and missing."


def test_all_products_bad_is_an_answer_too() -> None:
    kept = registry()
    answer = answered(ENDPOINT, body({"a": [], "b": []}), kept)
    assert ["error" in one for one in answer["forecasts"]] == [True, True]
    assert answer["model_info"]["series"] == 0
    assert kept.fit is None


def test_of_very_many_faults_the_first_twenty_are_listed() -> None:
    sent = body({"A": -np.ones(50)})
    [one] = answered(ENDPOINT, sent)["forecasts"]
    assert [row["pointer"] for row in one["error"]["errors"]] == [
        f"/items/0/data/{place}/sales_quantity" for place in range(20)
    ]
    assert one["error"]["errors_truncated"] is True


def test_what_breaks_on_one_series_is_our_fault_and_sinks_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.forecast.judging import reuse

    judged = reuse.judged

    def breaking(history: Any) -> Any:
        if history.days == 41:
            raise ZeroDivisionError
        return judged(history)

    monkeypatch.setattr(reuse, "judged", breaking)
    bad, good = answered(ENDPOINT, body({"bad": sales(1, 41), "good": sales(1, 40)}))["forecasts"]
    assert bad["error"]["title"] == "Internal Server Error"
    assert bad["error"]["status"] == 500
    assert "forecast" in good


def test_faults_of_the_envelope_are_refused() -> None:
    sent = body({"a": sales(1, 5), "b": []}, country="ZZ")
    sent["items"][1]["product_code"] = "a"
    assert [tuple(fault) for fault in faults(ENDPOINT, sent)] == [
        ("/items/1/product_code", "'a' is already at /items/0; send each product once."),
        ("/country", "'ZZ' is no ISO 3166 code of a country with known holidays."),
    ]
    assert [fault.pointer for fault in faults(ENDPOINT, {})] == ["/forecast_period", "/items"]
    assert [fault.pointer for fault in faults(ENDPOINT, {"forecast_period": 61, "items": []})] == [
        "/forecast_period",
        "/items",
    ]
    assert [fault.pointer for fault in faults(ENDPOINT, {"forecast_period": 1, "items": [{"data": []}]})] == [
        "/items/0/product_code"
    ]


def test_an_earlier_table_that_covers_some_series_is_made_use_of() -> None:
    kept = registry()
    old = {"same": sales(1), "grown": sales(2, 90)[:80], "astray": sales(3, 80)[:60], "gone": sales(4)}
    before = by_code(answered(ENDPOINT, body(old), kept))
    astray = np.append(sales(3, 80)[:60], sales(3, 80)[60:] + 60)
    now = {"new": sales(5), "grown": sales(2, 90), "same": old["same"], "astray": astray}
    answer = answered(ENDPOINT, body(now), kept, now=NOW + datetime.timedelta(days=1))
    after = by_code(answer)
    assert [one["product_code"] for one in answer["forecasts"]] == ["new", "grown", "same", "astray"]
    assert {code: one["model_info"]["choice"] for code, one in after.items()} == {
        "new": "judged",
        "grown": "carried_on",
        "same": "judged",
        "astray": "judged_again",
    }
    assert timeless(after["same"]) == timeless(before["same"])
    assert after["grown"]["best_algorithm"] == before["grown"]["best_algorithm"]
    assert [row["code"] for row in after["grown"]["warnings"]] == ["carried_on", "under_two_years"]
    assert set(kept.fit.model) == {"new", "grown", "same", "astray"}
    assert {code: row.chosen_at[:10] for code, row in kept.fit.model.items()} == {
        "new": "2025-04-29",
        "grown": "2025-04-29",
        "same": "2025-04-28",
        "astray": "2025-04-29",
    }


def test_a_choice_that_is_older_than_a_version_may_be_is_made_anew() -> None:
    row = many_series.Row(None, "2025-03-20T00:00:00+00:00")
    info = {"trained_at": "2025-04-19T00:00:00Z", "expires_at": "2025-05-19T00:00:00Z"}
    served = many_series.Served({}, info)
    assert many_series._live(row, served, datetime.datetime(2025, 4, 18, tzinfo=datetime.UTC))
    assert not many_series._live(row, served, datetime.datetime(2025, 4, 20, tzinfo=datetime.UTC))


def test_the_fingerprint_does_not_depend_on_the_order_of_products_or_rows() -> None:
    kept, other = registry(), registry()
    answered(ENDPOINT, body({"a": sales(1, 40), "b": sales(2, 40)}), kept)
    turned = body({"b": rows(sales(2, 40))[::-1], "a": sales(1, 40)})
    answered(ENDPOINT, turned, other)
    assert kept.fit.params == other.fit.params
    assert kept.fit.model["a"].kept.fingerprint == other.fit.model["a"].kept.fingerprint


def test_progress_is_told_up_to_the_end() -> None:
    heard: list[float] = []
    with listen(heard.append):
        answered(ENDPOINT, body({str(place): sales(place, 5) for place in range(10)}))
    assert heard == sorted(heard)
    assert heard[0] == pytest.approx(0.1)
    assert heard[-1] == 1.0


@pytest.mark.slow
def test_a_thousand_tiny_products_are_answered() -> None:
    answer = answered(ENDPOINT, body({str(place): np.array([3, place]) for place in range(1000)}))
    assert [one["product_code"] for one in answer["forecasts"]] == [str(place) for place in range(1000)]
    month = answer["forecasts"][7]["forecast"]["calendar"][0]
    assert month["value"] == pytest.approx(29 * 5)


def test_a_promotion_known_ahead_lifts_its_days() -> None:
    promo = np.random.default_rng(2).random(120) < 0.2
    sent = body({"A": rows(sales(7, 120) + 30 * promo, promo=promo.tolist())}, granularity="day")
    sent["items"][0]["future_drivers"] = [
        {"date": (START + datetime.timedelta(days=day)).isoformat(), "promo": day == 140}
        for day in range(120, 200)
    ]
    [one] = answered(ENDPOINT, sent)["forecasts"]
    value = {row["date"]: row["value"] for row in one["forecast"]["calendar"]}
    day = START + datetime.timedelta(days=140)
    assert value[day.isoformat()] - value[(day + datetime.timedelta(days=7)).isoformat()] > 15


def test_the_sentences_are_in_the_language_asked_for() -> None:
    [one] = answered(ENDPOINT, body({"A": sales(1, 10)}), lang="es")["forecasts"]
    assert one["evaluation_metrics"]["Interpretation"].startswith("El historial es demasiado corto")


def test_a_table_comes_back_from_its_files_and_a_damaged_one_is_refused(mixed: Any) -> None:
    _, kept = mixed
    table = kept.fit.model
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ENDPOINT.trainable.save(table, folder)
        assert ENDPOINT.trainable.load(folder) == table
        file = folder / "table.json"
        read = json.loads(file.read_text())
        for damage in (
            {"members": ["os.system"]},
            {"algorithm": "none"},
            {"how": "x"},
            {"digest": 5},
            {"orders": [1]},
            {"choices": [1]},
            {"format": 1},
            {"candidates": None},
            {"more": 1},
        ):
            file.write_text(json.dumps({**read, "lumpy": {**read["lumpy"], **damage}}))
            with pytest.raises(ValueError, match=r"."):
                ENDPOINT.trainable.load(folder)
        file.write_text("[]")
        with pytest.raises(ValueError, match="damaged"):
            ENDPOINT.trainable.load(folder)


def test_a_reviewer_gets_a_picture_a_card_and_scores(mixed: Any) -> None:
    fit = mixed[1].fit
    assert "Series that each model is the champion of" in texts(fit.pictures["champions.svg"])
    assert fit.card.startswith("# Champions of 4 series")
    assert fit.metrics["MASE"] > 0
    found, missing = ENDPOINT.trainable.score(fit.model, [{"series": "lumpy"}, {"series": "x"}])
    assert found > 0
    assert math.isnan(missing)


def test_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    products = {f"P-{place}": sales(place, 5 if place % 4 else 70) for place in range(9)}
    products["P-7"] = [{"date": "2024-03-01", "sales_quantity": -1}] * 2
    whole = answered(ENDPOINT, body(products))
    monkeypatch.setattr(forecast_units_asyncio, "PIECE", 2)
    parted = answered(ENDPOINT, body(products))
    for answer in (whole, parted):
        del answer["execution_time_seconds"]
        for one in answer["forecasts"]:
            for candidate in one.get("evaluation_metrics", {}).get("model_candidates", ()):
                candidate.pop("seconds", None)
    assert whole == parted
    assert whole["forecasts"][7]["error"]["errors"][0]["pointer"] == "/items/7/data/0/sales_quantity"
