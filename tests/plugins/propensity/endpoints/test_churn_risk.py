"""The route as a caller sees it."""

from __future__ import annotations

import copy
import json
import random
from functools import cache
from typing import Any

import pytest

from abintel.problem import Problem
from plugins.propensity.endpoints.churn_label import ENDPOINT as CHURN_LABEL
from plugins.propensity.endpoints.churn_risk import ENDPOINT, MAX_ROWS
from tests.plugins.calls import Registry, answered, faults, golden

ASKED = {"x-explain-features": "true"}


def example() -> dict[str, Any]:
    return copy.deepcopy(dict(ENDPOINT.examples["train_and_score"]))


def unlabelled(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"data": [{"customer_id": f"N-{place}", "tenure": 100, **row} for place, row in enumerate(rows)]}


def without_labels(body: dict[str, Any]) -> dict[str, Any]:
    return {"data": [{key: value for key, value in row.items() if key != "churned"} for row in body["data"]]}


@cache
def _trained() -> tuple[Registry, str]:
    registry = Registry(ENDPOINT)
    return registry, json.dumps(answered(ENDPOINT, example(), registry))


def trained() -> tuple[Registry, dict[str, Any]]:
    registry, answer = _trained()
    return registry, json.loads(answer)


def test_the_documented_example_ranks_and_advises_as_published() -> None:
    published = golden("churn_risk")
    assert ENDPOINT.example == published["request"]
    answer = answered(ENDPOINT, published["request"])
    expected = published["response"]
    assert list(answer)[:4] == list(expected)
    assert set(answer["evaluation_metrics"]) == set(expected["evaluation_metrics"])
    assert answer["best_algorithm"] == expected["best_algorithm"]
    assert answer["evaluation_metrics"]["Logistic Regression"] == {"roc_auc": 1.0, "f1": 1.0, "accuracy": 1.0}
    for row, known in zip(answer["results"], expected["results"], strict=True):
        assert list(row) == list(known)
        assert row["customer_id"] == known["customer_id"]
        assert row["recommended_action"] == known["recommended_action"]
        risky = known["customer_id"] in ("C-0002", "C-0004")
        assert row["churn_probability"] >= 0.6 if risky else row["churn_probability"] < 0.25
        assert len(row["top_factors"]) == 3
        assert all((" raises the risk (+" in said) == risky for said in row["top_factors"])
    assert answer["interpretation"].startswith(
        "Logistic Regression achieved the highest validation performance (ROC-AUC=1.000, F1=1.000). "
    )
    assert [warning["code"] for warning in answer["warnings"]] == ["small_sample"]


def test_a_few_labels_answer_their_own_request_and_no_other() -> None:
    registry = Registry(ENDPOINT)
    answered(ENDPOINT, ENDPOINT.example, registry)
    answer = answered(ENDPOINT, without_labels(dict(ENDPOINT.example)), registry)
    assert answer["model_info"] == {"note": "not enough labelled rows to train (need ≥2 & both classes)"}


def test_enough_labels_train_a_model_that_answers_the_next_request_without_them() -> None:
    registry, expected = trained()
    assert registry.fit is not None
    assert answered(ENDPOINT, without_labels(example()), registry) == expected
    assert expected["model_info"]["in_sample_rows"] == 45
    assert expected["best_algorithm"] == expected["model_info"]["best_algorithm"]
    assert registry.fit.card.startswith(f"# {registry.fit.algorithm}: the customer churns\n")


@pytest.mark.parametrize("labels", [[], [0], [1, 1, 1], [0, 0, 0, 1]])
@pytest.mark.parametrize(
    ("lang", "action"),
    [
        ("en", "Not scored → continue standard engagement cadence"),
        ("es", "Sin puntuación → mantener la cadencia habitual de contacto"),
        ("pt", "Sem pontuação → manter a cadência habitual de contato"),
    ],
)
def test_without_labels_of_both_classes_and_a_model_nobody_is_scored(
    labels: list[int], lang: str, action: str
) -> None:
    body = unlabelled({}, *({"churned": label} for label in labels))
    answer = answered(ENDPOINT, body, lang=lang)
    assert answer["best_algorithm"] is None
    assert answer["evaluation_metrics"] == {}
    assert answer["results"] == [
        {
            "customer_id": row["customer_id"],
            "churn_probability": None,
            "top_factors": [],
            "recommended_action": action,
        }
        for row in body["data"]
    ]
    assert answer["model_info"] == {"note": "not enough labelled rows to train (need ≥2 & both classes)"}


def test_why_there_is_no_stored_model_is_said() -> None:
    registry = Registry(ENDPOINT, note="the stored model was rejected in review")
    answer = answered(ENDPOINT, unlabelled({}), registry)
    assert answer["model_info"]["note"] == (
        "not enough labelled rows to train (need ≥2 & both classes); the stored model was rejected in review"
    )


def test_the_same_rows_in_another_order_give_each_customer_the_same() -> None:
    body = example()
    body["data"].reverse()
    answer, (_, expected) = answered(ENDPOINT, body), trained()
    answer["results"].reverse()
    assert answer == expected


def test_actions_and_factors_follow_the_language_and_names_and_figures_do_not() -> None:
    registry, expected = trained()
    answer = answered(ENDPOINT, without_labels(example()), registry, lang="pt")
    assert answer["best_algorithm"] == expected["best_algorithm"]
    for row, english in zip(answer["results"], expected["results"], strict=True):
        assert row["churn_probability"] == english["churn_probability"]
        assert row["recommended_action"].startswith(("Risco alto → ", "Risco médio → ", "Risco baixo → "))
        assert [said.split(" = ")[0] for said in row["top_factors"]] == [
            said.split(" = ")[0] for said in english["top_factors"]
        ]
        assert all("o risco (" in said for said in row["top_factors"])


def test_factors_name_what_was_sent_and_never_a_flag() -> None:
    _, answer = trained()
    for row, sent in zip(answer["results"], example()["data"], strict=True):
        for said in row["top_factors"]:
            name, _, rest = said.partition(" = ")
            assert rest.split(" ")[0] == str(sent[name]).removesuffix(".0")


def test_what_is_missing_is_imputed_and_said() -> None:
    registry, _ = trained()
    body = unlabelled({"nps": -60}, {"usage_frequency": 0.5, "service_tickets": 5, "payment_events": 1})
    answer = answered(ENDPOINT, body, registry)
    assert answer["model_info"]["missing_features"] == [
        "nps",
        "payment_events",
        "service_tickets",
        "usage_frequency",
    ]
    assert all(row["churn_probability"] is not None for row in answer["results"])


def test_a_feature_of_the_model_that_nobody_has_is_named() -> None:
    registry, _ = trained()
    body = unlabelled({"nps": 5, "service_tickets": 1}, {"payment_events": 0})
    with pytest.raises(Problem) as caught:
        answered(ENDPOINT, body, registry)
    assert list(caught.value.faults) == [
        ("/data", "No customer has 'usage_frequency', which the model was trained with; send it.")
    ]


def test_customers_unlike_those_of_the_training_are_warned_of_by_feature() -> None:
    registry, _ = trained()
    body = without_labels(example())
    for row in body["data"]:
        row["service_tickets"] = 40
    answer = answered(ENDPOINT, body, registry)
    assert [warning["code"] for warning in answer["warnings"]] == ["small_sample", "drift"]
    assert "in 'service_tickets' (PSI " in answer["warnings"][1]["message"]
    assert "high_ticket" not in json.dumps(answer)


def test_an_outcome_among_the_features_is_warned_of() -> None:
    body = example()
    for row in body["data"]:
        row["payment_events"] = row.get("churned", 0) * 3
    warned = {warning["code"]: warning["message"] for warning in answered(ENDPOINT, body)["warnings"]}
    assert warned["leakage"] == (
        "'payment_events' alone tells the classes apart; check that it was known before the outcome."
    )


def test_up_to_five_thousand_customers_are_explained_and_more_only_if_asked_for() -> None:
    registry, _ = trained()
    rows = [
        {**row, "customer_id": f"{turn}-{row['customer_id']}"}
        for turn in range(84)
        for row in without_labels(example())["data"]
    ]
    explained = answered(ENDPOINT, {"data": rows[:5000]}, registry)
    assert all(row["top_factors"] for row in explained["results"][:60])
    silent = answered(ENDPOINT, {"data": rows[:5001]}, registry)
    assert not any(row["top_factors"] for row in silent["results"])
    asked = answered(ENDPOINT, {"data": rows[:5001]}, registry, headers=ASKED)
    assert asked["results"][:5000] == explained["results"]


def test_another_value_of_the_header_is_refused_before_anything_is_trained() -> None:
    registry = Registry(ENDPOINT)
    with pytest.raises(Problem) as caught:
        answered(ENDPOINT, example(), registry, headers={"x-explain-features": "please"})
    assert caught.value.detail == "X-Explain-Features: 'please' is not one of true, false."
    assert registry.fit is None


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        ({"tenure": None}, "/data/1/tenure", "Input should be a valid integer; got null."),
        ({"tenure": -1}, "/data/1/tenure", "Input should be greater than or equal to 0; got -1."),
        ({"tenure": 1.5}, "/data/1/tenure", "Input should be a valid integer; got 1.5."),
        (
            {"usage_frequency": -0.1},
            "/data/1/usage_frequency",
            "Input should be greater than or equal to 0; got -0.1.",
        ),
        ({"service_tickets": "3"}, "/data/1/service_tickets", "Input should be a valid integer; got '3'."),
        ({"nps": 101}, "/data/1/nps", "Input should be less than or equal to 100; got 101."),
        ({"nps": -101}, "/data/1/nps", "Input should be greater than or equal to -100; got -101."),
        ({"payment_events": True}, "/data/1/payment_events", "Input should be a valid integer; got true."),
        ({"churned": 2}, "/data/1/churned", "Input should be less than or equal to 1; got 2."),
        ({"churned": "yes"}, "/data/1/churned", "Input should be a valid integer; got 'yes'."),
        ({"customer_id": ""}, "/data/1/customer_id", "String should have at least 1 character; got ''."),
        (
            {"customer_id": "N-0"},
            "/data/1/customer_id",
            "'N-0' is already at /data/0; send each customer once.",
        ),
    ],
)
def test_a_bad_row_is_named_with_what_is_wrong(change: dict[str, Any], place: str, message: str) -> None:
    assert faults(ENDPOINT, unlabelled({}, change)) == [(place, message)]


def test_the_required_fields() -> None:
    assert faults(ENDPOINT, {"data": [{}]}) == [
        ("/data/0/customer_id", "Required, and missing."),
        ("/data/0/tenure", "Required, and missing."),
    ]
    assert [place for place, _ in faults(ENDPOINT, {"data": []})] == ["/data"]


def test_unknown_keys_are_ignored() -> None:
    registry, expected = trained()
    body = without_labels(example())
    for row in body["data"]:
        row.update(high_ticket=1, region={"any": ["thing"]})
    assert answered(ENDPOINT, body, registry) == expected


def test_labels_that_nothing_can_explain_are_refused() -> None:
    body = unlabelled(*({"churned": place % 2} for place in range(8)))
    assert faults(ENDPOINT, body) == [
        (
            "/data",
            "No feature of the 8 labelled customers can be learned from ('tenure': constant); "
            "send features that vary.",
        )
    ]


def test_extreme_values_have_probabilities_and_finite_reasons() -> None:
    registry, _ = trained()
    wide = {"tenure": 10**12, "usage_frequency": 1e15, "service_tickets": 10**12, "nps": -100}
    answer = answered(ENDPOINT, unlabelled({**wide, "payment_events": 10**12}), registry)
    [row] = answer["results"]
    assert 0 <= row["churn_probability"] <= 1
    assert all("e+" not in said for said in row["top_factors"])


def test_labels_of_churn_label_are_taken_as_they_come() -> None:
    """Section 4.1.12 feeds 4.1.13: its ``churned`` is the label here."""
    body = example()
    snapshots = [
        {
            "customer_id": row["customer_id"],
            "snapshot_date": "2025-04-01",
            "last_purchase_date": "2024-10-01" if row.get("churned") else "2025-03-20",
        }
        for row in body["data"][:45]
    ]
    labelled = answered(CHURN_LABEL, {"business_type": "ecommerce", "data": snapshots})
    for row, label in zip(body["data"], labelled, strict=False):
        row.pop("churned")
        row.update(label)
    assert answered(ENDPOINT, body) == trained()[1]


def test_features_that_say_nothing_are_no_drivers_and_no_reason() -> None:
    chance = random.Random(4)
    body = unlabelled(*({"tenure": chance.randint(1, 900), "churned": place % 2} for place in range(60)))
    answer = answered(ENDPOINT, body)
    if len({row["churn_probability"] for row in answer["results"]}) == 1:
        assert not any(row["top_factors"] for row in answer["results"])
        assert answer["interpretation"].endswith("No feature stood out as a driver of churn.")
    assert "no_signal" in [warning["code"] for warning in answer["warnings"]]


def test_it_takes_as_many_customers_as_documented() -> None:
    assert ENDPOINT.max_rows == {"data": MAX_ROWS} == {"data": 250_000}
