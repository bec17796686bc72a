"""Learners that are given noise say so: nothing of the held-out rows, or of the labels, has leaked."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.propensity.classifier.automl import Outcome
from plugins.propensity.features.design import learn
from plugins.propensity.uplift import choice
from tests.plugins.propensity.classifier.models import trained

SEEDS = 3
ROWS = 600


def of_noise(seed: int) -> Outcome:
    """Five features, one a category of many levels, and labels that have nothing to do with them."""
    chance = np.random.default_rng(seed)
    rows = [
        {
            **{f"x{place}": float(value) for place, value in enumerate(chance.normal(size=4))},
            "town": f"t{chance.integers(0, 60)}",
        }
        for _ in range(ROWS)
    ]
    return trained(rows, chance.permutation(np.arange(ROWS) % 2).tolist())


def of_few_kinds(seed: int) -> Outcome:
    """Customers of whom many are alike in all features, as real ones are, and labels that say nothing."""
    chance = np.random.default_rng(seed)
    rows = [
        {
            "plan": float(chance.integers(0, 4)),
            "months": float(chance.integers(0, 4)),
            "town": f"t{chance.integers(0, 12)}",
        }
        for _ in range(2_000)
    ]
    return trained(rows, chance.permutation(np.arange(2_000) % 2).tolist())


@pytest.mark.slow
def test_customers_who_are_alike_tell_nothing_of_each_other() -> None:
    outcomes = [of_few_kinds(seed) for seed in range(SEEDS)]
    for name in {one.name for outcome in outcomes for one in outcome.candidates}:
        areas = [one.roc_auc for outcome in outcomes for one in outcome.candidates if one.name == name]
        assert np.mean(areas) == pytest.approx(0.5, abs=0.05), name
    # Of 200 held-out customers each: four standard errors of the mean.
    assert np.mean([outcome.roc_auc for outcome in outcomes]) == pytest.approx(0.5, abs=0.1)


@pytest.mark.slow
def test_treated_customers_who_are_alike_tell_nothing_of_each_other() -> None:
    spans = 0
    for seed in range(12):
        chance = np.random.default_rng(seed)
        columns = {f"x{place}": chance.integers(0, 4, 900).astype(float) for place in range(3)}
        treated, gained = chance.integers(0, 2, 900), chance.random(900) < 0.3
        outcome = choice.train(learn(columns)[0], columns, (2 * treated + gained).astype(np.uint8), 0.0)
        spans += outcome.winner.ranking.qini.spans_zero
    assert spans >= 9


@pytest.mark.slow
def test_shuffled_labels_give_every_learner_an_area_of_a_half() -> None:
    areas: dict[str, list[float]] = {}
    for seed in range(SEEDS):
        for one in of_noise(seed).candidates:
            areas.setdefault(one.name, []).append(one.roc_auc)
    assert len(areas) >= 4
    means = {name: float(np.mean(values)) for name, values in areas.items()}
    assert all(abs(mean - 0.5) <= 0.05 for mean in means.values()), means
