"""Campaigns of which an answer was once wrong without saying so."""

from typing import Any

import numpy as np
import pytest

from plugins.propensity.endpoints.uplift_model import ENDPOINT
from plugins.propensity.uplift.adjusting import doubly_robust
from tests.plugins.calls import answered, faults


def campaign(
    count: int = 3000,
    seed: int = 1,
    *,
    confounded: bool = False,
    effect: float = 0.05,
    controls: int | None = None,
    **sent: Any,
) -> dict[str, Any]:
    """Customers whose visits raise their outcome. If confounded, frequent visitors are treated more often."""
    chance = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        age, visits = int(chance.integers(18, 80)), int(chance.integers(0, 6))
        treated = int(chance.random() < (0.15 + 0.14 * visits if confounded else 0.5))
        if controls is not None:
            treated = int(i >= controls)
        outcome = int(chance.random() < 0.1 + 0.06 * visits + effect * treated)
        rows.append(
            {
                "id": f"r{i}",
                "treatment": treated,
                "outcome": outcome,
                "features": {"age": age, "visits": visits, "segment": ("new", "loyal")[i % 2]},
            }
        )
    return {"rows": rows, **sent}


def codes(answer: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in answer.get("warnings", [])}


def with_feature(sent: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    for row in sent["rows"]:
        row["features"][name] = value(row)
    return sent


@pytest.mark.parametrize("name", ["sent_days", "opened", "voucher"])
def test_a_feature_of_one_arm_is_named(name: str) -> None:
    values = {"sent_days": 3, "opened": True, "voucher": "A"}
    sent = with_feature(campaign(1200), name, lambda row: values[name] if row["treatment"] else None)
    answer = answered(ENDPOINT, sent)
    assert answer["model_info"]["leaks_arm"] == [name]
    assert "leaks_arm" in codes(answer)
    assert "additional conversions" not in answer["interpretation"]


@pytest.mark.parametrize(
    "value",
    [
        lambda row: 20.5 * row["outcome"],
        lambda row: -1.0 - row["outcome"],
        lambda row: ("none", "paid")[row["outcome"]],
        lambda row: 12 if row["outcome"] else None,
    ],
)
def test_a_feature_that_tells_the_outcome_is_named(value: Any) -> None:
    answer = answered(ENDPOINT, with_feature(campaign(1200), "basket", value))
    assert answer["model_info"]["leaks_outcome"] == ["basket"]
    assert "leaks_outcome" in codes(answer)


def test_ordinary_features_with_gaps_do_not_leak() -> None:
    chance = np.random.default_rng(3)
    sent = with_feature(campaign(1200), "income", lambda row: None if chance.random() < 0.7 else 3.5)
    answer = answered(ENDPOINT, sent)
    assert not {"leaks_arm", "leaks_outcome"} & codes(answer)


@pytest.mark.parametrize("seed", [1, 2])
def test_arms_that_differ_get_an_adjusted_effect_and_a_hedge(seed: int) -> None:
    answer = answered(ENDPOINT, campaign(6000, seed, confounded=True))
    plain = answer["treatment_cr"] - answer["control_cr"]
    bounds = answer["average_treatment_effect_interval"]
    assert plain > 0.12
    assert bounds["lower_95"] <= 0.05 <= bounds["upper_95"]
    assert answer["average_treatment_effect"] == pytest.approx(0.05, abs=0.04)
    assert "unlike_arms" in codes(answer)
    assert "additional conversions" not in answer["interpretation"]
    assert "random sample" in answer["interpretation"]


def test_a_random_trial_is_not_adjusted() -> None:
    answer = answered(ENDPOINT, campaign(3000, 4))
    assert "adjusted_effect" not in answer["model_info"]
    assert answer["average_treatment_effect"] == pytest.approx(
        answer["treatment_cr"] - answer["control_cr"], abs=1e-4
    )


def test_doubly_robust_intervals_cover() -> None:
    inside = 0
    for seed in range(12):
        chance = np.random.default_rng(seed)
        x = chance.normal(size=(1500, 3))
        treated = chance.random(1500) < 1 / (1 + np.exp(-x[:, 0]))
        outcome = chance.random(1500) < np.clip(0.3 + 0.1 * x[:, 0] + 0.08 * treated, 0, 1)
        found = doubly_robust(x, treated, outcome)
        assert found is not None
        inside += found.lower_95 <= 0.08 <= found.upper_95
    assert inside >= 9


@pytest.mark.parametrize("share", [0.95, 0.99])
def test_a_contamination_that_the_rates_rule_out_is_refused(share: float) -> None:
    [(where, detail)] = faults(ENDPOINT, campaign(6000, 5, effect=0.15, contamination=share))
    assert where == "/contamination"
    assert "ruled out by the rates" in detail


def test_a_possible_contamination_is_taken() -> None:
    assert faults(ENDPOINT, campaign(3000, 5, contamination=0.2)) == []


@pytest.mark.parametrize("controls", [3, 10, 19])
def test_a_handful_of_controls_show_nothing(controls: int) -> None:
    answer = answered(ENDPOINT, campaign(800, controls=controls, effect=0.2))
    for bounds in (answer["qini"], answer["average_treatment_effect_interval"]):
        assert bounds["lower_95"] <= 0 <= bounds["upper_95"]
    assert "too_few_to_rank" in codes(answer)
    assert "additional conversions" not in answer["interpretation"]
