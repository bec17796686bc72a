"""Dates, numbers and flags as people write them: training and scoring read them alike, and say how."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from abintel.problem import Problem
from plugins.propensity.endpoints import propensity_buy_product
from tests.plugins.calls import Registry, answered

ENDPOINT = propensity_buy_product.ENDPOINT
ROWS = 900
NEWEST = datetime.date(2025, 3, 1)


def customers(seed: int) -> tuple[list[dict[str, Any]], list[int], list[float]]:
    """Customers as they are sent, who buys, and with what log-odds."""
    chance = np.random.default_rng(seed)
    features, labels, truth = [], [], []
    for number in range(ROWS):
        days, spent = int(chance.integers(0, 900)), round(float(chance.gamma(2.0, 900.0)), 2)
        vip, late = chance.random() < 0.3, int(chance.poisson(0.6))
        score = 0.004 * (days - 450) + 0.0012 * (spent - 1800) + 1.5 * vip - 0.8 * late
        row: dict[str, Any] = {
            "since": (NEWEST - datetime.timedelta(days=days)).strftime("%d/%m/%Y"),
            "spent": f"{spent:,.2f}".translate({44: 46, 46: 44}) if number % 50 else "N/A",
            "nothing": None,
            "region": ("north", "south", "-")[number % 3],
            "opted_in": (True, "no", 1, "yes", 0, None)[number % 6],
        }
        if vip:
            row["vip"] = True
        if late:
            row["late"] = late
        features.append(row)
        truth.append(score)
        labels.append(int(chance.random() < 1 / (1 + np.exp(-score))))
    return features, labels, truth


def body(features: list[dict[str, Any]], labels: list[int | None]) -> dict[str, Any]:
    return {
        "product_sku": "A",
        "customers": [
            {"customer_id": f"C-{number}", "features": row, "label_buy": label}
            for number, (row, label) in enumerate(zip(features, labels, strict=True))
        ],
    }


@cache
def trained() -> tuple[Registry, Any]:
    features, labels, _ = customers(1)
    registry = Registry(ENDPOINT)
    return registry, answered(ENDPOINT, body(features, list(labels)), registry)


def scored(features: list[dict[str, Any]], **call: Any) -> Any:
    return answered(ENDPOINT, body(features, [None] * len(features)), trained()[0], **call)


def test_dirty_columns_rank_new_customers_as_the_clean_ones_would() -> None:
    features, labels, truth = customers(2)
    found = [row["probability"] for row in scored(features)["predictions"]]
    assert roc_auc_score(labels, found) > roc_auc_score(labels, truth) - 0.03


def test_a_customer_alone_has_the_same_probability_as_among_others() -> None:
    features, _, _ = customers(1)
    together = trained()[1]["predictions"]
    for number in (0, 1, 7, 50):
        [alone] = scored([features[number]])["predictions"]
        assert alone["probability"] == together[number]["probability"]


def test_the_answer_says_what_was_made_of_each_feature() -> None:
    info = trained()[1]["model_info"]
    said = {feature.pop("name"): feature for feature in info["features"]}
    assert said["since"] == {
        "type": "date",
        "made_of": f"dates, as days before {NEWEST}",
        "missing_share": 0.0,
    }
    assert said["spent"]["type"] == "number"
    assert said["spent"]["made_of"].startswith("numbers as text, with a decimal comma")
    assert said["spent"]["missing_share"] == 0.02
    assert said["vip"]["made_of"] == "yes and no, as 1 and 0; 0 where it is not sent"
    assert said["late"]["made_of"] == "numbers; 0 where it is not sent"
    assert said["opted_in"]["type"] == "flag"
    assert said["nothing"]["type"] == "empty"
    assert info["dropped_features"] == {"nothing": "no value in any labelled row"}
    assert info["converted_features"] == ["late", "opted_in", "region", "since", "spent", "vip"]
    [warning] = [one for one in trained()[1]["warnings"] if one["code"] == "converted_features"]
    assert "'spent'" in warning["message"]
    assert trained()[0].fit is not None
    assert "## How features were read" in trained()[0].fit.card


def test_reasons_name_the_value_that_was_sent() -> None:
    features, _, _ = customers(3)
    answer = scored(features[:40], headers={"x-explain-features": "true"})
    for customer, row in zip(features[:40], answer["predictions"], strict=True):
        for reason in row["top_factors"]:
            if reason.startswith(("since = ", "spent = ")):
                assert customer[reason.split(" ")[0]] in reason
    said = " ".join(reason for row in answer["predictions"] for reason in row["top_factors"])
    assert "since = " in said
    assert "spent = " in said


def test_another_kind_of_value_is_refused_by_name() -> None:
    features, _, _ = customers(1)
    bad = body([{**features[0], "since": 7}, {**features[1], "opted_in": "perhaps"}], [None, None])
    registry = trained()[0]
    with pytest.raises(Problem) as caught:
        answered(ENDPOINT, bad, registry)
    assert sorted(fault.pointer for fault in caught.value.faults) == [
        "/customers/0/features/since",
        "/customers/1/features/opted_in",
    ]


@pytest.mark.parametrize("leak", ["sum", "missing"])
def test_features_that_are_the_outcome_are_named(leak: str) -> None:
    chance = np.random.default_rng(4)
    labels = (chance.random(240) < 0.4).astype(int).tolist()
    features = []
    for label in labels:
        part = float(chance.normal())
        row = {"age": int(chance.integers(18, 80)), "part": part, "rest": label - part}
        if leak == "missing":
            del row["rest"]
            if label:
                row["reason"] = int(chance.integers(2, 9))
        features.append(row)
    answer = answered(ENDPOINT, body(features, list(labels)), Registry(ENDPOINT))
    warnings = {one["code"]: one["message"] for one in answer["warnings"]}
    assert "is better than customers can be told apart" in warnings["too_good"]
    if leak == "sum":
        assert "'part', 'rest' together are the outcome" in warnings["too_good"]
        assert answer["model_info"]["too_good"] == ["part", "rest"]
    else:
        assert "'reason' is missing only where the label is 0" in warnings["leakage"]
        assert answer["model_info"]["missing_in_one_class"] == {"reason": 0}
