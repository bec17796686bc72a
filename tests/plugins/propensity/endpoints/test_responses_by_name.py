"""Responses by name: none, click or buy."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from plugins.propensity.endpoints.propensity_respond_campaign import ENDPOINT
from tests.plugins.calls import Registry, answered, faults


def customers(seed: int, rows: int) -> list[dict[str, Any]]:
    """Old customers respond; those who view much buy, the others click."""
    chance = np.random.default_rng(seed)
    sent = []
    for number in range(rows):
        age, views = chance.normal(), chance.normal()
        responds = 1.5 * age + chance.logistic() > 0.3
        label = ("buy" if 2 * views + chance.logistic() > 0 else "click") if responds else "none"
        features = {"age": float(age), "views": float(views)}
        sent.append({"customer_id": f"C-{number}", "features": features, "label_respond": label})
    return sent


@cache
def trained() -> tuple[Registry, Any]:
    registry = Registry(ENDPOINT)
    return registry, answered(ENDPOINT, {"campaign_id": "A", "customers": customers(1, 400)}, registry)


def test_each_class_has_a_probability_that_ranks_new_customers() -> None:
    fresh = customers(2, 300)
    unlabelled = [{key: row[key] for key in ("customer_id", "features")} for row in fresh]
    answer = answered(ENDPOINT, {"campaign_id": "A", "customers": unlabelled}, trained()[0])
    for row in answer["predictions"]:
        assert sum(row["probabilities"].values()) == pytest.approx(1)
        assert row["probability"] == pytest.approx(1 - row["probabilities"]["none"])
    for name, least in (("none", 0.75), ("click", 0.7), ("buy", 0.7)):
        happened = [row["label_respond"] == name for row in fresh]
        said = [row["probabilities"][name] for row in answer["predictions"]]
        assert roc_auc_score(happened, said) > least
    assert answer["model_info"]["no_response"] == "none"
    assert sorted(answer["model_info"]["classes"]) == ["buy", "click", "none"]


def test_labels_of_two_kinds_and_an_unknown_name_are_faults() -> None:
    sent = customers(1, 60)
    sent[3]["label_respond"] = 1
    body = {"campaign_id": "A", "customers": sent, "no_response": "ignored"}
    assert faults(ENDPOINT, body) == [
        ("/customers/3/label_respond", "1 among names; send either 0 and 1, or names."),
        ("/no_response", "No customer has the label 'ignored'."),
    ]
