"""The route as a caller sees it."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from abintel.wording import Lang
from plugins.propensity.endpoints.uplift_model import ENDPOINT, rows
from plugins.propensity.uplift.words import Doubt, Group, interpret
from tests.abintel.charts.seen import texts
from tests.plugins.calls import Registry, answered, faults, golden

CAMPAIGN = {"campaign_id": "Winback-2025"}


def body(**more: Any) -> dict[str, Any]:
    return {"rows": rows(), **more}


def of_id(answer: dict[str, Any]) -> dict[str, Any]:
    return {row["id"]: row for row in answer["details"]}


def test_the_published_example_has_its_rates_shape_and_wording() -> None:
    published = golden("uplift_model")
    answer = answered(ENDPOINT, published["request"])
    for name in published["check"]["equal"]:
        assert answer[name] == published["response"][name]
    assert answer["average_treatment_effect"] == 0.4482
    assert [row["id"] for row in answer["details"]] == [row["id"] for row in published["request"]["rows"]]
    assert [part["decile"] for part in answer["decile_summary"]] == list(range(1, 11))
    assert [part["n_customers"] for part in answer["decile_summary"]] == [21] * 10
    best, worst = answer["decile_summary"][-1], answer["decile_summary"][0]
    assert answer["interpretation"] == (
        "Treatment group converted at 63.81% vs control 25.71% (ATE +0.448).  "
        f"**Decile 10** contains 21 customers with mean uplift {best['mean_uplift']:+.3f}, representing "
        f"≈ {21 * best['mean_uplift']:.1f} additional conversions if fully targeted.  "
        f"**Decile 1**’s mean uplift is {worst['mean_uplift']:+.3f} — ideal as a hold-out or cost-control "
        "segment."
    )
    assert max(abs(row["uplift_score"]) for row in answer["details"]) < 0.95
    assert set(published["response"]) <= set(answer)


def test_the_order_of_rows_and_keys_and_the_spelling_of_numbers_change_nothing() -> None:
    plain = answered(ENDPOINT, body())
    shuffled = body()
    random.Random(1).shuffle(shuffled["rows"])
    for row in shuffled["rows"]:
        row["features"] = {
            key: float(value) if isinstance(value, int) else value
            for key, value in reversed(row["features"].items())
        }
    other = answered(ENDPOINT, shuffled)
    assert of_id(other) == of_id(plain)
    del other["details"], plain["details"]
    assert other == plain


def test_rows_without_treatment_or_outcome_are_scored_and_change_no_other_score() -> None:
    plain = answered(ENDPOINT, body())
    more = body()
    for index, (treatment, outcome) in enumerate([(None, None), (None, 1), (0, None)]):
        row = {"id": f"N-{index}", "treatment": treatment, "outcome": outcome}
        more["rows"].append({**row, "features": {"age": 40, "country": "BR", "prior_purchases": 2}})
    more["rows"].append({"id": "N-3", "features": {"age": 40, "country": "BR", "prior_purchases": 2}})
    answer = answered(ENDPOINT, more)
    scored = of_id(answer)
    assert len({scored[f"N-{index}"]["uplift_score"] for index in range(4)}) == 1
    for row in plain["details"]:
        assert scored[row["id"]]["uplift_score"] == row["uplift_score"]
    for name in ("average_treatment_effect", "treatment_cr", "control_cr", "qini", "auuc"):
        assert answer[name] == plain[name]
    assert answer["model_info"]["train_rows"] == 240


def test_warm_equals_cold_and_new_customers_are_scored_by_the_stored_model() -> None:
    registry = Registry(ENDPOINT)
    cold = answered(ENDPOINT, body(**CAMPAIGN), registry)
    assert json.dumps(answered(ENDPOINT, body(**CAMPAIGN), registry)) == json.dumps(cold)
    some = body(**CAMPAIGN)
    some["rows"] = some["rows"][:100]
    for row in answered(ENDPOINT, some, registry)["details"]:
        assert row["uplift_score"] == of_id(cold)[row["id"]]["uplift_score"]
    new = [{"id": "N", "features": {"age": 40, "country": "XX", "prior_purchases": 2}}]
    answer = answered(ENDPOINT, {**CAMPAIGN, "rows": new}, registry)
    assert answer["qini"] == cold["qini"]
    assert answer["details"][0]["uplift_decile"] == 1
    assert [warning["code"] for warning in answer["warnings"]] == ["few_rows"]
    assert answer["decile_summary"][0]["observed_uplift"] is None


def test_new_ids_give_the_same_scores_to_different_customers() -> None:
    plain = answered(ENDPOINT, body())
    renamed = body()
    for row in renamed["rows"]:
        row["id"] = f"X-{row['id']}"
    scores = [row["uplift_score"] for row in answered(ENDPOINT, renamed)["details"]]
    assert scores == [row["uplift_score"] for row in plain["details"]]


def test_a_campaign_without_a_model_gets_no_score_and_a_note() -> None:
    answer = answered(
        ENDPOINT, {**CAMPAIGN, "rows": rows(50)}, Registry(ENDPOINT, "the stored model expired")
    )
    assert answer["model_info"]["note"] == (
        "not enough labelled rows to train (need ≥200 with both treatment & outcome variants); "
        "the stored model expired"
    )
    assert {row["uplift_score"] for row in answer["details"]} == {None}
    assert answer["decile_summary"] == []


def changed(**values: Any) -> dict[str, Any]:
    sent = body()
    for row in sent["rows"]:
        row.update(values)
    return sent


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"rows": rows(199)}, "199 rows have treatment and outcome; at least 200 are needed."),
        (
            changed(treatment=1),
            "0 control rows (treatment 0) of 240; at least 3 of each arm are needed.",
        ),
        (
            changed(treatment=0),
            "0 treated rows (treatment 1) of 240; at least 3 of each arm are needed.",
        ),
        (changed(outcome=0), "All 240 outcomes are 0; both 0 and 1 are needed."),
        (changed(outcome=1), "All 240 outcomes are 1; both 0 and 1 are needed."),
        (changed(outcome=None), "0 rows have treatment and outcome; at least 200 are needed."),
    ],
)
def test_too_little_to_learn_from_is_said(sent: dict[str, Any], message: str) -> None:
    more = f"{message} Send more, or the campaign_id of a campaign with a stored model."
    assert faults(ENDPOINT, sent) == [("/rows", more)]


def test_features_that_cannot_be_learned_from_and_texts_for_numbers_are_named() -> None:
    assert faults(ENDPOINT, changed(features={"x": 1})) == [
        (
            "/rows",
            "No feature of the 240 training rows can be learned from ('x': constant); "
            "send features that vary.",
        )
    ]
    assert faults(ENDPOINT, changed(features={})) == [
        ("/rows", "None of the 240 training rows has a feature; send features that may tell who is moved.")
    ]
    sent = body()
    sent["rows"].append({"id": "N", "features": {"age": "old"}})
    assert faults(ENDPOINT, sent) == [
        (
            "/rows/240/features/age",
            "A text, where the model was trained with numbers; send a number or null.",
        )
    ]


def test_a_customer_sent_twice_is_named() -> None:
    sent = body()
    sent["rows"][7]["id"] = "C-001"
    assert faults(ENDPOINT, sent) == [
        ("/rows/7/id", "'C-001' is already at /rows/0; send each customer once.")
    ]


@pytest.mark.parametrize("contamination", [-0.1, 1.0, 1.5, "0.1", True])
def test_contamination_is_a_share_below_1(contamination: Any) -> None:
    assert [fault.pointer for fault in faults(ENDPOINT, body(contamination=contamination))] == [
        "/contamination"
    ]


def test_contamination_corrects_the_effect_and_not_the_observed_rates() -> None:
    plain, corrected = answered(ENDPOINT, body()), answered(ENDPOINT, body(contamination=0.3))
    for name in ("treatment_cr", "control_cr"):
        assert corrected[name] == plain[name]
    assert corrected["average_treatment_effect"] == pytest.approx(
        plain["average_treatment_effect"] / 0.7, abs=2e-4
    )
    assert answered(ENDPOINT, body(contamination=0.5))["average_treatment_effect"] <= 1


@pytest.mark.parametrize("arm", [0, 1])
def test_a_tiny_arm_is_answered_with_a_warning_and_its_model_is_not_kept(arm: int) -> None:
    sent = body(**CAMPAIGN)
    for place, row in enumerate(sent["rows"]):
        row.update(treatment=arm if place < 5 else 1 - arm, outcome=place % 2)
    answer = answered(ENDPOINT, sent)
    assert "small_sample" in [warning["code"] for warning in answer["warnings"]]
    assert all(-1 <= row["uplift_score"] <= 1 for row in answer["details"])
    assert ENDPOINT.trainable is not None
    from abintel.decode import Decoder

    decoded = Decoder(ENDPOINT.request).decode(json.dumps(sent).encode())
    training = ENDPOINT.trainable.training(decoded)
    assert training is not None
    assert not training.register


def test_controls_without_any_outcome_are_an_answer() -> None:
    sent = body()
    for row in sent["rows"]:
        row["outcome"] = row["outcome"] if row["treatment"] else 0
    answer = answered(ENDPOINT, sent)
    assert answer["control_cr"] == 0
    assert answer["average_treatment_effect"] == answer["treatment_cr"]


def test_numbers_of_every_size_missing_values_and_identifiers_are_no_trouble() -> None:
    sent = body()
    for place, row in enumerate(sent["rows"]):
        row["features"] |= {
            "huge": (-1) ** place * 1e15,
            "zero": -0.0 if place % 2 else 0.0,
            "name": f"customer {place}",
            "mixed": [None, True, "ñ", 3][place % 4],
        }
        if place % 3 == 0:
            del row["features"]["age"]
    answer = answered(ENDPOINT, sent)
    assert answer["model_info"]["missing_features"] == ["age", "mixed"]
    assert answer["model_info"]["dropped_features"] == {
        "name": "no category in 3 or more rows, like an identifier",
        "zero": "constant",
    }


def test_treated_customers_of_another_kind_are_noticed() -> None:
    sent = body()
    for row in sent["rows"]:
        row["features"]["prior_purchases"] += 4 * row["treatment"]
    answer = answered(ENDPOINT, sent)
    assert answer["model_info"]["unlike_arms"] == ["prior_purchases"]
    assert "unlike_arms" in [warning["code"] for warning in answer["warnings"]]


def test_what_a_reviewer_gets() -> None:
    registry = Registry(ENDPOINT)
    answered(ENDPOINT, copy.deepcopy(body(**CAMPAIGN)), registry)
    fit = registry.fit
    assert fit is not None
    assert set(fit.pictures) == {"qini.svg", "deciles.svg", "importance.svg"}
    said = {name: texts(picture) for name, picture in fit.pictures.items()}
    qini = fit.candidates["T-Learner"]["qini"]
    assert {f"T-Learner ({qini:.3f})", "Dotted: a random order."} <= {*said["qini.svg"]}
    assert {"Uplift (percentage points)", "observed, 95% interval", "10"} <= {*said["deciles.svg"]}
    assert "age" in said["importance.svg"]
    assert set(fit.candidates) == {"UpliftRandomForestClassifier", "T-Learner"}
    assert fit.quality == fit.metrics["qini"] == max(one["qini"] for one in fit.candidates.values())
    assert "C-001" not in fit.card


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            [
                "Treatment group converted at 10.00% vs control 12.00% (ATE -0.020).",
                "Even **decile 10** (20 customers) has a mean uplift of -0.010: the campaign is "
                "expected to gain nobody.",
                "**Decile 1**’s mean uplift is -0.200 — ideal as a hold-out or cost-control segment. "
                "Contact lowered conversion there (“sleeping dogs”): leave these customers alone.",
                "The ranking is not shown to be better than chance: do not choose customers by it yet.",
            ],
        ),
        (
            "es",
            [
                "El grupo de tratamiento convirtió un 10,00\xa0% frente a un 12,00\xa0% del grupo de control "
                "(ATE -0,020).",
                "Incluso el **decil 10** (20 clientes) tiene un uplift medio de -0,010: no se espera "
                "que la campaña gane a nadie.",
                "El uplift medio del **decil 1** es -0,200: ideal como grupo de control o para ahorrar "
                "costos. Allí el contacto redujo la conversión («perros dormidos»): no contactar a "
                "estos clientes.",
                "No está demostrado que el orden sea mejor que el azar: no elegir clientes por él todavía.",
            ],
        ),
        (
            "pt",
            [
                "O grupo de tratamento converteu 10,00% contra 12,00% do grupo de controle (ATE -0,020).",
                "Mesmo o **decil 10** (20 clientes) tem uplift médio de -0,010: não se espera que a "
                "campanha ganhe ninguém.",
                "O uplift médio do **decil 1** é -0,200: ideal como grupo de controle ou para reduzir "
                "custos. Ali o contato reduziu a conversão (“cães adormecidos”): não contatar esses "
                "clientes.",
                "Não está demonstrado que a ordem seja melhor que o acaso: não escolher clientes por "
                "ela ainda.",
            ],
        ),
    ],
)
def test_a_campaign_that_loses_customers_in_words(lang: Lang, said: list[str]) -> None:
    groups = [Group(1, -0.2, 20, True), Group(10, -0.01, 20, False)]
    assert interpret(0.10, 0.12, -0.02, groups, Doubt(True, False, False), lang) == "  ".join(said)
