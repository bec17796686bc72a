"""What all propensity routes do alike, seen through each; the model behind them is tested in depth through
propensity_respond_campaign."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from abintel.problem import Problem
from plugins.propensity.endpoints import (
    propensity_buy_product,
    propensity_downgrade_plan,
    propensity_engage_any,
    propensity_respond_campaign,
    propensity_upgrade_plan,
)
from plugins.propensity.propensity import NOT_ENOUGH
from plugins.propensity.schemas import TIERS
from tests.plugins.calls import Registry, answered, faults

MODULES = (
    propensity_buy_product,
    propensity_respond_campaign,
    propensity_upgrade_plan,
    propensity_downgrade_plan,
    propensity_engage_any,
)
each_route = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.ENDPOINT.name)
each_key = pytest.mark.parametrize(
    ("module", "key"),
    [pytest.param(one, key, id=f"{one.ENDPOINT.name}-{key}") for one in MODULES for key in one.ROUTE.scope],
)
OPENINGS = {
    "en": ["Very high propensity – ", "High propensity – ", "Medium propensity – ", "Low propensity – "],
    "es": ["Propensión muy alta: ", "Propensión alta: ", "Propensión media: ", "Propensión baja: "],
    "pt": ["Propensão muito alta: ", "Propensão alta: ", "Propensão média: ", "Propensão baixa: "],
}
LAST_OPENING = {
    "en": "Very low propensity – ",
    "es": "Propensión muy baja: ",
    "pt": "Propensão muito baixa: ",
}


def example(module: ModuleType) -> dict[str, Any]:
    return copy.deepcopy(dict(module.ENDPOINT.examples["train_and_score"]))


def unlabelled(module: ModuleType) -> dict[str, Any]:
    body = example(module)
    for customer in body["customers"]:
        customer.pop(module.ROUTE.label, None)
    return body


@cache
def _trained(module: ModuleType) -> tuple[Registry, str]:
    registry = Registry(module.ENDPOINT)
    return registry, json.dumps(answered(module.ENDPOINT, example(module), registry))


def trained(module: ModuleType) -> tuple[Registry, dict[str, Any]]:
    registry, answer = _trained(module)
    return registry, json.loads(answer)


@each_route
def test_enough_labels_train_a_model_that_scores_every_customer_in_order(module: ModuleType) -> None:
    registry, answer = trained(module)
    customers = example(module)["customers"]
    assert [row["customer_id"] for row in answer["predictions"]] == [row["customer_id"] for row in customers]
    for row in answer["predictions"]:
        assert 0 <= row["probability"] <= 1
        assert row["interpretation"] == module.ROUTE.sentences("en")[row["propensity_tier"]]
    assert len({row["propensity_tier"] for row in answer["predictions"]}) > 1
    info = answer["model_info"]
    assert (info["train_rows"], info["test_rows"], info["in_sample_rows"]) == (41, 4, 45)
    assert sorted(info["feature_importance"]) == sorted(customers[0]["features"])
    assert [warning["code"] for warning in answer["warnings"]] == ["small_sample"]
    assert registry.fit is not None
    assert registry.fit.card.startswith(f"# {registry.fit.algorithm}: {module.ROUTE.question}\n")


@each_route
@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_a_stored_model_scores_without_labels_as_it_did_with_them(module: ModuleType, lang: str) -> None:
    registry, expected = trained(module)
    answer = answered(module.ENDPOINT, unlabelled(module), registry, lang=lang)
    for row in expected["predictions"]:
        row["interpretation"] = module.ROUTE.sentences(lang)[row["propensity_tier"]]
    assert answer == expected


@each_key
def test_a_model_serves_only_what_it_was_trained_for(module: ModuleType, key: str) -> None:
    body = {**unlabelled(module), key: "another"}
    answer = answered(module.ENDPOINT, body, trained(module)[0])
    assert answer["model_info"] == {"note": NOT_ENOUGH}


def test_the_routes_that_learn_per_product_campaign_plans_and_tenant() -> None:
    assert [module.ROUTE.scope for module in MODULES] == [
        ("product_sku",),
        ("campaign_id",),
        ("current_plan", "target_plan"),
        ("current_plan", "target_plan"),
        (),
    ]


@each_key
def test_what_a_model_is_for_is_required(module: ModuleType, key: str) -> None:
    body = dict(module.ENDPOINT.example)
    del body[key]
    assert faults(module.ENDPOINT, body) == [(f"/{key}", "Required, and missing.")]


@each_route
@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "Very low propensity – deprioritise in current cycle."),
        ("es", "Propensión muy baja: sin prioridad en el ciclo actual."),
        ("pt", "Propensão muito baixa: sem prioridade no ciclo atual."),
    ],
)
def test_without_labels_and_model_nobody_is_scored(module: ModuleType, lang: str, sentence: str) -> None:
    answer = answered(module.ENDPOINT, unlabelled(module), lang=lang)
    assert answer == {
        "predictions": [
            {
                "customer_id": customer["customer_id"],
                "probability": None,
                "propensity_tier": "Very Low",
                "interpretation": sentence,
            }
            for customer in example(module)["customers"]
        ],
        "model_info": {"note": NOT_ENOUGH},
    }


@each_route
def test_the_labels_of_another_route_are_none(module: ModuleType) -> None:
    body = unlabelled(module)
    for before, after in zip(example(module)["customers"], body["customers"], strict=True):
        after["label_something"] = before.get(module.ROUTE.label)
    assert answered(module.ENDPOINT, body)["model_info"] == {"note": NOT_ENOUGH}


@each_route
@pytest.mark.parametrize("label", [2, -1, 0.5, True])
def test_a_label_is_zero_or_one(module: ModuleType, label: Any) -> None:
    assert_refused(module, label)


@pytest.mark.parametrize(
    "module", [module for module in MODULES if module is not propensity_respond_campaign]
)
def test_a_label_is_no_text_where_responses_have_no_names(module: ModuleType) -> None:
    assert_refused(module, "1")


def assert_refused(module: ModuleType, label: Any) -> None:
    body = example(module)
    body["customers"][7][module.ROUTE.label] = label
    assert [fault.pointer for fault in faults(module.ENDPOINT, body)] == [
        f"/customers/7/{module.ROUTE.label}"
    ]


@each_route
def test_a_customer_sent_twice_and_cut_offs_that_rise_are_both_named(module: ModuleType) -> None:
    body = {**example(module), "tier_quantiles": [0.9, 0.7, 0.4, 0.5]}
    body["customers"].append(body["customers"][3])
    assert [fault.pointer for fault in faults(module.ENDPOINT, body)] == [
        "/customers/60/customer_id",
        "/tier_quantiles/3",
    ]


@each_route
def test_it_takes_as_many_customers_as_documented(module: ModuleType) -> None:
    assert module.ENDPOINT.max_rows == {"customers": 100_000}


@each_route
@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_every_tier_has_its_sentence(module: ModuleType, lang: str) -> None:
    sentences = module.ROUTE.sentences(lang)
    assert tuple(sentences) == TIERS
    for opening, sentence in zip([*OPENINGS[lang], LAST_OPENING[lang]], sentences.values(), strict=True):
        assert sentence.startswith(opening)
        assert sentence.endswith(".")
    assert len(set(sentences.values())) == len(TIERS)


@pytest.mark.parametrize("module", [propensity_upgrade_plan, propensity_downgrade_plan])
def test_a_plan_to_itself_is_refused(module: ModuleType) -> None:
    body = {**module.ENDPOINT.example, "current_plan": "Gold", "target_plan": "Gold"}
    assert faults(module.ENDPOINT, body) == [
        ("/target_plan", "'Gold' is the current_plan too; send the plan they may change to.")
    ]


@each_route
@pytest.mark.parametrize(
    ("lang", "verb"), [("en", "the propensity"), ("es", "la propensión"), ("pt", "a propensão")]
)
def test_the_header_adds_the_strongest_factors_of_each_score_and_nothing_else(
    module: ModuleType, lang: str, verb: str
) -> None:
    registry, expected = trained(module)
    answer = answered(
        module.ENDPOINT, unlabelled(module), registry, lang=lang, headers={"x-explain-features": "true"}
    )
    features = example(module)["customers"][0]["features"]
    said = [reason for row in answer["predictions"] for reason in row.pop("top_factors")]
    assert said
    for reason in said:
        assert re.fullmatch(rf"({'|'.join(features)}) = .+ {verb} \([+-]\d+[.,]\d\d\)", reason)
    assert answer == answered(module.ENDPOINT, unlabelled(module), registry, lang=lang)
    assert "top_factors" not in json.dumps(expected)


@each_route
def test_customers_without_a_score_have_no_factors(module: ModuleType) -> None:
    answer = answered(module.ENDPOINT, unlabelled(module), headers={"x-explain-features": "true"})
    assert {len(row["top_factors"]) for row in answer["predictions"]} == {0}


@each_route
def test_a_header_that_is_neither_true_nor_false_is_refused(module: ModuleType) -> None:
    with pytest.raises(Problem) as caught:
        answered(module.ENDPOINT, unlabelled(module), headers={"x-explain-features": "1"})
    assert (caught.value.status, caught.value.slug) == (400, "invalid-parameter")
    assert caught.value.detail == "X-Explain-Features: '1' is not one of true, false."
