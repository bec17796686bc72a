"""Snapshots as the classifier takes them, and what drives churn in them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from plugins.propensity.churn import FEATURES, RULES, TRAINABLE, Snapshot, Snapshots, drivers, snapshots
from plugins.propensity.classifier.platt import Platt
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.features.columns import Row
from plugins.propensity.features.design import learn
from plugins.propensity.features.fingerprint import canonical
from plugins.propensity.learners.logistic import Logistic


def row(**values: Any) -> Any:
    return SimpleNamespace(**{**dict.fromkeys((*FEATURES, "churned")), **values})


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ({"service_tickets": 3, "nps": -1, "payment_events": 1}, [True, True, True]),
        ({"service_tickets": 2, "nps": 0, "payment_events": 0}, [False, False, False]),
    ],
)
def test_three_tickets_a_negative_nps_and_a_failed_payment_raise_flags(
    values: dict[str, Any], flags: list[bool]
) -> None:
    [snapshot] = snapshots([row(tenure=5, **values)]).customers
    assert [snapshot.features[flag] for flag in RULES] == flags


def test_what_is_not_known_is_left_out_with_its_flag() -> None:
    [snapshot] = snapshots([row(tenure=5, nps=-20, churned=1)]).customers
    assert snapshot == Snapshot({"tenure": 5, "nps": -20, "detractor": True}, 1)


def invented(rows: int, seed: int = 1) -> Snapshots:
    """Churn of many tickets and of little usage, in that order; nothing else matters."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(rows):
        tickets, usage = int(chance.poisson(2)), float(chance.gamma(2, 2))
        odds = 0.9 * (tickets - 2) - 0.25 * (usage - 4)
        found.append(
            row(
                tenure=int(chance.integers(1, 2000)),
                usage_frequency=usage,
                service_tickets=tickets,
                nps=int(chance.integers(-100, 101)),
                payment_events=int(chance.poisson(0.5)),
                churned=int(chance.random() < 1 / (1 + np.exp(-odds))),
            )
        )
    return snapshots(found)


def fitted(customers: Snapshots) -> Any:
    training = TRAINABLE.training(customers)
    assert training is not None
    return training.fit()


def linear(customers: Snapshots) -> tuple[Scorer, list[Row]]:
    """A logistic regression of customers, and their rows."""
    rows = [customer.features for customer in customers.customers]
    data = canonical(rows, [customer.churned or 0 for customer in customers.customers])
    design, _ = learn(data.columns)
    learner = Logistic.fit(design.matrix(data.columns), data.labels)
    return Scorer("Logistic Regression", design, learner, Platt(1.0, 0.0)), rows


def test_drivers_are_those_of_the_truth_whatever_the_order_of_the_rows() -> None:
    scorer, rows = linear(invented(600))
    found = drivers(scorer, rows)
    assert [(one["feature"], one["raises_risk_when"]) for one in found[:2]] == [
        ("service_tickets", "high"),
        ("usage_frequency", "low"),
    ]
    assert found[0]["share"] > found[1]["share"] > 0.1
    assert drivers(scorer, rows[::-1]) == found


def test_answers_know_nothing_of_flags() -> None:
    customers = invented(60)
    calm = Snapshots(
        tuple(
            one._replace(features={**one.features, "payment_events": 0, "failed_pay": False})
            for one in customers.customers
        )
    )
    info = fitted(calm).info
    assert set(info["feature_importance"]) == {"tenure", "usage_frequency", "service_tickets", "nps"}
    assert info["dropped_features"] == {"payment_events": "constant"}
    assert set(info["selected_features"]) <= set(info["feature_importance"])


def test_an_outcome_in_disguise_is_told_by_the_feature_and_not_by_its_flag() -> None:
    customers = invented(60)
    leaking = Snapshots(
        tuple(
            one._replace(
                features={**one.features, "payment_events": one.churned or 0, "failed_pay": bool(one.churned)}
            )
            for one in customers.customers
        )
    )
    info = fitted(leaking).info
    assert info["suspected_leakage"] == ["payment_events"]
    assert info["drivers"][0]["feature"] == "payment_events"


def test_of_many_rows_drivers_are_found_in_a_part_that_stands_for_all() -> None:
    scorer, rows = linear(invented(300))
    once, often = drivers(scorer, rows), drivers(scorer, rows * 20)
    assert [one["feature"] for one in often] == [one["feature"] for one in once]
    assert [one["share"] for one in often] == pytest.approx([one["share"] for one in once], abs=0.03)


@pytest.mark.parametrize(
    ("leavers", "stayers", "kept"), [(1, 9, None), (2, 2, False), (19, 30, False), (20, 20, True)]
)
def test_two_of_each_class_train_and_twenty_are_kept(leavers: int, stayers: int, kept: bool | None) -> None:
    customers = Snapshots(
        tuple(
            Snapshot({"tenure": place % 17, "nps": place % 5}, int(place < leavers))
            for place in range(leavers + stayers)
        )
    )
    training = TRAINABLE.training(customers)
    assert (training and training.register) == kept
