"""A learner that is added by one file (``nearest_mean.py``) and a roster line takes part everywhere."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from plugins.propensity.classifier import automl
from plugins.propensity.endpoints import churn_risk, propensity_buy_product
from plugins.propensity.learners import logistic, roster
from plugins.propensity.learners.learner import Kind
from tests.plugins.calls import Registry, answered
from tests.plugins.propensity.learners import nearest_mean

EXPLAIN = {"x-explain-features": "true"}


def enlist(monkeypatch: pytest.MonkeyPatch, kind: Kind) -> None:
    """The roster with one more line."""
    monkeypatch.setitem(roster.LEARNERS, kind.name, kind)
    # Any learner may win on sixty customers. The new one is preferred, so that it is stored and asked.
    best = automl.best
    monkeypatch.setattr(
        automl, "best", lambda found: next((one for one in found if one.name == kind.name), best(found))
    )


def body(endpoint: Any, rows: str, label: str) -> dict[str, Any]:
    sent = copy.deepcopy(dict(endpoint.examples["train_and_score"]))
    for row in sent[rows]:
        row.pop(label, None)
    return sent


def test_it_is_raced_stored_reloaded_explained_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    enlist(monkeypatch, nearest_mean.KIND)
    endpoint = propensity_buy_product.ENDPOINT
    registry = Registry(endpoint)
    trained = answered(endpoint, endpoint.examples["train_and_score"], registry, headers=EXPLAIN)
    info = trained["model_info"]
    assert [row["algorithm"] for row in info["evaluation_metrics"]] == list(roster.LEARNERS)
    assert info["best_algorithm"] == "Nearest Mean"
    assert registry.fit is not None
    assert registry.fit.card.startswith("# Nearest Mean: ")
    assert "- distance: standardised" in registry.fit.card
    assert any(row["top_factors"] for row in trained["predictions"])
    again = answered(endpoint, body(endpoint, "customers", "label_buy"), registry, headers=EXPLAIN)
    assert json.dumps(again["predictions"]) == json.dumps(trained["predictions"])


def test_one_that_explains_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    enlist(monkeypatch, nearest_mean.SILENT)
    endpoint = churn_risk.ENDPOINT
    answer = answered(endpoint, endpoint.examples["train_and_score"], Registry(endpoint))
    assert answer["best_algorithm"] == "Silent Mean"
    assert {len(row["top_factors"]) for row in answer["results"]} == {0}
    assert {
        "code": "not_explained",
        "message": "Silent Mean does not say what moves its scores; no row has top_factors.",
    } in answer["warnings"]
    assert answer["model_info"].get("drivers") is None
    assert answer["interpretation"].startswith("Silent Mean achieved the highest validation performance")
    assert "driver" not in answer["interpretation"]


def test_the_roster_names_each_learner_and_file_once() -> None:
    assert len(roster.LEARNERS) == len(roster.ROSTER) == len({kind.file for kind in roster.ROSTER})
    assert roster.ROSTER[0] is logistic.KIND
