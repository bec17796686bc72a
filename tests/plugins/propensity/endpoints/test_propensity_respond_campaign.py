"""The route as a caller sees it."""

from __future__ import annotations

import copy
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from abintel.decode import Decoder
from abintel.problem import Problem
from abintel.wording import Lang
from plugins.propensity.endpoints import propensity_engage_any as engage_any
from plugins.propensity.endpoints.propensity_respond_campaign import ENDPOINT, ROUTE
from plugins.propensity.propensity import tiers
from plugins.propensity.schemas import TIERS, Tier
from tests.plugins.calls import Registry, answered

GOLDEN = Path(__file__).parents[3] / "data" / "golden" / "propensity_respond_campaign_few_labels.json"
NOT_ENOUGH = "not enough labelled rows to train (need ≥20 & both classes)"


def example() -> dict[str, Any]:
    return copy.deepcopy(dict(ENDPOINT.examples["train_and_score"]))


@cache
def _trained() -> tuple[Registry, str]:
    registry = Registry(ENDPOINT)
    return registry, json.dumps(answered(ENDPOINT, example(), registry))


def trained() -> tuple[Registry, dict[str, Any]]:
    registry, answer = _trained()
    return registry, json.loads(answer)


def faults(body: dict[str, Any], registry: Registry | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        answered(ENDPOINT, body, registry)
    assert caught.value.status == 400
    return [(fault.pointer, fault.message) for fault in caught.value.faults]


def unlabelled(*rows: dict[str, Any]) -> dict[str, Any]:
    customers = [{"customer_id": f"C-{place}", "features": row} for place, row in enumerate(rows)]
    return {"campaign_id": "Summer-Preview-2025", "customers": customers}


def test_the_documented_example_of_too_few_labels_is_answered_exactly() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert answered(ENDPOINT, golden["request"]) == golden["response"]
    assert ENDPOINT.example == golden["request"]


def test_the_registrys_reason_follows_the_note() -> None:
    answer = answered(ENDPOINT, ENDPOINT.example, Registry(ENDPOINT, "the stored model expired"))
    assert answer["model_info"] == {"note": f"{NOT_ENOUGH}; the stored model expired"}


@pytest.mark.parametrize(("ones", "zeros"), [(19, 26), (26, 19), (45, 0), (0, 0)])
def test_fewer_than_twenty_labels_of_a_class_train_nothing(ones: int, zeros: int) -> None:
    body = example()
    for place, customer in enumerate(body["customers"]):
        customer["label_respond"] = 1 if place < ones else 0 if place < ones + zeros else None
    answer = answered(ENDPOINT, body)
    assert answer["model_info"] == {"note": NOT_ENOUGH}
    assert {row["propensity_tier"] for row in answer["predictions"]} == {"Very Low"}


def test_enough_labels_train_a_model_that_scores_every_customer_in_order() -> None:
    _, answer = trained()
    assert [row["customer_id"] for row in answer["predictions"]] == [
        customer["customer_id"] for customer in example()["customers"]
    ]
    for row in answer["predictions"]:
        assert 0 <= row["probability"] <= 1
        assert row["interpretation"] == ROUTE.sentences("en")[row["propensity_tier"]]
    info = answer["model_info"]
    assert info["train_rows"] + info["test_rows"] == info["in_sample_rows"] == 45
    assert info["test_rows"] == 4
    assert sorted(info["feature_importance"]) == sorted(example()["customers"][0]["features"])
    assert [candidate["algorithm"] for candidate in info["evaluation_metrics"]] == [
        "Logistic Regression",
        "XGBoost",
        "Random Forest",
        "CatBoost",
        "LightGBM",
    ]
    assert "missing_features" not in info
    assert "note" not in info
    assert [warning["code"] for warning in answer["warnings"]] == ["small_sample"]


def test_the_fit_carries_what_a_reviewer_needs() -> None:
    fit = trained()[0].fit
    assert fit is not None
    assert fit.quality == fit.candidates[fit.algorithm]["roc_auc"]
    assert {"hold_out_brier", "hold_out_log_loss", "cv_brier", "cv_log_loss"} < set(fit.metrics)
    assert fit.info["brier_score"] == fit.metrics["cv_brier"]
    assert fit.info["log_loss"] == fit.metrics["cv_log_loss"]
    assert fit.info["calibration_error"] == fit.metrics["cv_calibration_error"]
    assert set(fit.pictures) == {
        "roc.svg",
        "precision-recall.svg",
        "calibration.svg",
        "gain.svg",
        "confusion.svg",
        "importance.svg",
        "training-profile.csv",
    }
    assert fit.card.startswith(f"# {fit.algorithm}: the customer responds to the campaign")
    assert fit.features == ["email_click_rate", "preferred_channel", "purchases_last_90d", "sms_opt_in"]
    assert ENDPOINT.trainable is not None
    scores = ENDPOINT.trainable.score(fit.model, fit.input_example)
    assert len(scores) == 2
    assert all(0 <= score <= 1 for score in scores)
    assert "C-30" not in json.dumps([fit.input_example, fit.info]) + fit.card


def test_the_order_of_customers_and_features_changes_no_score() -> None:
    body = example()
    random.Random(4).shuffle(body["customers"])
    for customer in body["customers"]:
        customer["features"] = dict(reversed(customer["features"].items()))
    answer = answered(ENDPOINT, body)
    _, expected = trained()

    def by_id(rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {row["customer_id"]: row for row in rows}

    assert by_id(answer["predictions"]) == by_id(expected["predictions"])
    assert answer["model_info"] == expected["model_info"]


def test_the_fingerprint_is_of_the_labelled_rows_alone() -> None:
    assert ENDPOINT.trainable is not None

    def fingerprint(body: dict[str, Any]) -> str:
        training = ENDPOINT.trainable.training(Decoder(ENDPOINT.request).decode(json.dumps(body).encode()))
        assert training is not None
        assert training.rows == 45
        return training.fingerprint

    body = example()
    expected = fingerprint(body)
    body["customers"] = body["customers"][:45]
    for place, customer in enumerate(body["customers"]):
        customer["customer_id"] = f"other {place}"
    assert fingerprint(body) == expected
    body["customers"][0]["label_respond"] = 1 - body["customers"][0]["label_respond"]
    assert fingerprint(body) != expected


def test_a_stored_model_scores_without_labels_as_it_did_with_them() -> None:
    registry, expected = trained()
    body = example()
    for customer in body["customers"]:
        customer.pop("label_respond", None)
    assert answered(ENDPOINT, body, registry) == expected


def test_missing_and_unseen_values_are_scored_and_unknown_features_ignored() -> None:
    registry, _ = trained()
    full = example()["customers"][0]["features"]
    answer = answered(
        ENDPOINT,
        unlabelled(
            {**full, "shoe_size": 44},
            {**full, "preferred_channel": "fax"},
            {**full, "sms_opt_in": None},
            {"preferred_channel": "email"},
        ),
        registry,
    )
    assert answer["model_info"]["missing_features"] == [
        "email_click_rate",
        "purchases_last_90d",
        "sms_opt_in",
    ]
    assert all(row["probability"] is not None for row in answer["predictions"])


def test_features_of_the_model_that_no_customer_has_are_each_named() -> None:
    assert faults(unlabelled({"email_click_rate": 0.1}, {"purchases_last_90d": 1}), trained()[0]) == [
        (
            "/customers",
            "No customer has 'preferred_channel', which the model was trained with; send it.",
        ),
        ("/customers", "No customer has 'sms_opt_in', which the model was trained with; send it."),
    ]


def test_a_text_where_the_model_has_numbers_is_placed() -> None:
    full = example()["customers"][0]["features"]
    body = unlabelled(full, {**full, "sms_opt_in": "yes"})
    expected = "A text, where the model was trained with numbers; send a number or null."
    assert faults(body, trained()[0]) == [("/customers/1/features/sms_opt_in", expected)]


def test_a_text_among_the_customers_to_score_is_refused_before_a_model_is_trained() -> None:
    body, registry = example(), Registry(ENDPOINT)
    body["customers"][50]["features"]["sms_opt_in"] = "yes"
    assert [place for place, _ in faults(body, registry)] == ["/customers/50/features/sms_opt_in"]
    assert registry.fit is None


def test_labels_without_features_are_refused() -> None:
    body = example()
    for customer in body["customers"]:
        customer["features"] = {}
    assert faults(body) == [
        (
            "/customers",
            "45 customers have label_respond, and none of them has a feature; "
            "send features that may explain the label.",
        )
    ]


def test_features_that_cannot_be_learned_from_are_refused_with_the_reason() -> None:
    body = example()
    for place, customer in enumerate(body["customers"]):
        customer["features"] = {"country": "PT", "email": f"{place}@example.org"}
    assert faults(body) == [
        (
            "/customers",
            "No feature of the 45 labelled customers can be learned from ('country': constant; "
            "'email': no category in 3 or more rows, like an identifier); send features that vary.",
        )
    ]


def test_more_features_than_the_server_takes_are_refused() -> None:
    body = example()
    body["customers"][0]["features"] = {f"f{place}": 1 for place in range(300)}
    [(place, message)] = faults(body)
    assert place == "/customers"
    assert message == "The labelled customers have 304 different features; at most 200."


def test_dropped_features_are_named_in_the_answer() -> None:
    body = example()
    for customer in body["customers"]:
        customer["features"]["country"] = "PT"
    info = answered(ENDPOINT, body)["model_info"]
    assert info["dropped_features"] == {"country": "constant"}
    assert "country" not in info["feature_importance"]


def test_a_customer_sent_twice_is_named_with_both_places() -> None:
    body = unlabelled({}, {}, {})
    body["customers"][2]["customer_id"] = "C-0"
    expected = "'C-0' is already at /customers/0; send each customer once."
    assert faults(body) == [("/customers/2/customer_id", expected)]


@pytest.mark.parametrize(
    ("cut_offs", "expected"),
    [
        (
            [0.9, 0.7, 0.7, 0.2],
            [("/tier_quantiles/2", "0.7 is not below 0.7; send four cut-offs in descending order.")],
        ),
        (
            [0.2, 0.4, 0.3, 0.9],
            [
                ("/tier_quantiles/1", "0.4 is not below 0.2; send four cut-offs in descending order."),
                ("/tier_quantiles/3", "0.9 is not below 0.3; send four cut-offs in descending order."),
            ],
        ),
        ([1, 0.7, 0.4, 0.2], [("/tier_quantiles/0", "Input should be less than 1; got 1.")]),
        ([0.9, 0.7, 0.4, 0], [("/tier_quantiles/3", "Input should be greater than 0; got 0.")]),
        (
            [0.9, 0.7, 0.4],
            [
                (
                    "/tier_quantiles",
                    "List should have at least 4 items after validation, not 3; got an array.",
                )
            ],
        ),
    ],
)
def test_cut_offs_that_make_no_tiers_are_refused(
    cut_offs: list[float], expected: list[tuple[str, str]]
) -> None:
    assert faults({**unlabelled({}), "tier_quantiles": cut_offs}) == expected


def test_a_tier_begins_at_its_cut_off() -> None:
    below = [0.8999999, 0.6999999, 0.3999999, 0.1999999]
    cut_offs = [0.9, 0.7, 0.4, 0.2]
    assert tiers([1.0, *cut_offs], cut_offs) == ["Very High", *TIERS[:4]]
    assert tiers([*below, 0.0], cut_offs) == [*TIERS[1:], "Very Low"]


def test_the_callers_cut_offs_move_the_tiers_and_not_the_probabilities() -> None:
    registry, expected = trained()
    answer = answered(ENDPOINT, {**example(), "tier_quantiles": [0.5, 0.4, 0.3, 0.2]}, registry)
    for row, before in zip(answer["predictions"], expected["predictions"], strict=True):
        assert row["probability"] == before["probability"]
        assert (row["propensity_tier"] == "Very High") == (row["probability"] >= 0.5)


@pytest.mark.parametrize(
    ("tier", "lang", "sentence"),
    [
        ("Very High", "en", "Very high propensity – send first, with the full offer."),
        ("High", "en", "High propensity – include in main send."),
        ("Medium", "en", "Medium propensity – include with a lighter offer or by push."),
        ("Low", "en", "Low propensity – leave out of main send; a low-cost reminder at most."),
        ("Very Low", "en", "Very low propensity – suppress or cheaper channel."),
        ("Very High", "es", "Propensión muy alta: enviar primero, con la oferta completa."),
        ("High", "es", "Propensión alta: incluir en el envío principal."),
        (
            "Medium",
            "es",
            "Propensión media: incluir con una oferta más moderada o por notificación push.",
        ),
        (
            "Low",
            "es",
            "Propensión baja: dejar fuera del envío principal; como mucho, un recordatorio de bajo costo.",
        ),
        ("Very Low", "es", "Propensión muy baja: excluir del envío o usar un canal más económico."),
        ("Very High", "pt", "Propensão muito alta: enviar primeiro, com a oferta completa."),
        ("High", "pt", "Propensão alta: incluir no envio principal."),
        (
            "Medium",
            "pt",
            "Propensão média: incluir com uma oferta mais moderada ou por notificação push.",
        ),
        (
            "Low",
            "pt",
            "Propensão baixa: deixar fora do envio principal; no máximo, um lembrete de baixo custo.",
        ),
        ("Very Low", "pt", "Propensão muito baixa: excluir do envio ou usar um canal mais barato."),
    ],
)
def test_sentences(tier: Tier, lang: Lang, sentence: str) -> None:
    assert ROUTE.sentences(lang)[tier] == sentence


def test_a_feature_that_is_the_outcome_is_warned_of() -> None:
    body = example()
    for customer in body["customers"]:
        customer["features"]["clicked"] = customer.get("label_respond", 0)
    warned = {warning["code"]: warning["message"] for warning in answered(ENDPOINT, body)["warnings"]}
    assert warned == {
        "leakage": "'clicked' alone tells the classes apart; check that it was known before the outcome.",
        "small_sample": "roc_auc is judged on 4 held-out rows; "
        "the cross-validated figures in evaluation_metrics are steadier.",
        "too_good": "A ROC-AUC of 1.000 is better than customers can be told apart; 'clicked' is the "
        "outcome. Send only what was known before the outcome.",
    }


def test_customers_unlike_those_of_the_training_are_warned_of() -> None:
    registry, _ = trained()
    body = example()
    for customer in body["customers"]:
        customer.pop("label_respond", None)
        customer["features"].update(purchases_last_90d=40, preferred_channel="fax")
    answer = answered(ENDPOINT, body, registry)
    drift = answer["model_info"]["drift"]
    assert list(drift)[:2] == ["preferred_channel", "purchases_last_90d"]
    assert answer["warnings"] == [
        trained()[1]["warnings"][0],
        {
            "code": "drift",
            "message": "These customers differ from those that the model was trained on in "
            f"'preferred_channel' (PSI {drift['preferred_channel']:.2f}), "
            f"'purchases_last_90d' (PSI {drift['purchases_last_90d']:.2f}); "
            "retrain if this shift persists.",
        },
    ]


def test_a_few_customers_are_no_drift() -> None:
    registry, _ = trained()
    answer = answered(ENDPOINT, unlabelled(example()["customers"][0]["features"]), registry)
    assert set(answer["model_info"]["drift"]) == set(example()["customers"][0]["features"])
    assert [warning["code"] for warning in answer["warnings"]] == ["small_sample"]


def test_features_that_say_nothing_are_warned_of() -> None:
    chance = random.Random(0)
    body = unlabelled(*({"dice": chance.randint(1, 6)} for _ in range(2_000)))
    for place, customer in enumerate(body["customers"]):
        customer["label_respond"] = place % 2
    answer = answered(ENDPOINT, body)
    assert answer["warnings"][-1] == {
        "code": "no_signal",
        "message": "The best model's cross-validated ROC-AUC is 0.51, about chance; "
        "send features that say more.",
    }
    [everybodys] = {row["probability"] for row in answer["predictions"]}
    assert everybodys == pytest.approx(0.5)


class TestAColdCampaign:
    """Neither labels nor a model of its own: propensity_engage_any's champion stands in."""

    @staticmethod
    def others() -> Registry:
        return Registry(ENDPOINT, others={engage_any.ENDPOINT.name: _engaged()})

    @staticmethod
    def cold() -> dict[str, Any]:
        body = dict(copy.deepcopy(engage_any.ENDPOINT.examples["train_and_score"]))
        for customer in body["customers"]:
            customer.pop("label_engage", None)
        return {**body, "campaign_id": "Brand-New"}

    def test_is_scored_as_engage_any_scores_and_says_so(self) -> None:
        answer = answered(ENDPOINT, self.cold(), self.others())
        expected = answered(
            engage_any.ENDPOINT, {"customers": self.cold()["customers"]}, self.others()._others[ENGAGE_ANY]
        )
        for row, general in zip(answer["predictions"], expected["predictions"], strict=True):
            assert row["probability"] == general["probability"]
            assert row["interpretation"] == ROUTE.sentences("en")[row["propensity_tier"]]
        assert answer["model_info"].pop("note") == f"{NOT_ENOUGH}; scored by the model of {ENGAGE_ANY}"
        assert answer["model_info"] == expected["model_info"]
        assert answer["warnings"][0] == {
            "code": "cold_campaign",
            "message": "There is no model for this yet: the probabilities are those of "
            "propensity_engage_any, in general. Send outcomes to train one.",
        }

    @pytest.mark.parametrize("damage", ["a feature that nobody has", "a text for a number"])
    def test_of_other_features_is_not_scored(self, damage: str) -> None:
        body = self.cold()
        if damage == "a text for a number":
            body["customers"][0]["features"]["email_open_rate"] = "often"
        else:
            for customer in body["customers"]:
                del customer["features"]["email_open_rate"]
        answer = answered(ENDPOINT, body, self.others())
        assert answer["model_info"] == {"note": NOT_ENOUGH}
        assert {row["probability"] for row in answer["predictions"]} == {None}
        assert "warnings" not in answer

    def test_with_a_model_of_its_own_is_cold_no_longer(self) -> None:
        registry = self.others()
        answered(ENDPOINT, example(), registry)
        answer = answered(ENDPOINT, unlabelled(example()["customers"][0]["features"]), registry)
        assert "note" not in answer["model_info"]


ENGAGE_ANY = "propensity_engage_any"


@cache
def _engaged() -> Registry:
    registry = Registry(engage_any.ENDPOINT)
    answered(engage_any.ENDPOINT, dict(engage_any.ENDPOINT.examples["train_and_score"]), registry)
    return registry
