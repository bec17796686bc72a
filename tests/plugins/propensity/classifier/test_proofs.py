"""What the AutoML finds where the truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from plugins.propensity.classifier.automl import Outcome
from plugins.propensity.classifier.calibration import table
from tests.plugins.propensity.classifier.models import logistic_truth, trained

ROWS = 20_000
UNSEEN = 20_000


def calibration_error(probabilities: NDArray[np.float64], labels: NDArray[np.int8]) -> float:
    bins = table(probabilities, labels)
    return sum(part.rows * abs(part.predicted - part.observed) for part in bins) / len(labels)


def judged(
    rows: list[dict[str, Any]], truth: NDArray[np.float64], seed: int, known: int
) -> tuple[Outcome, float, float]:
    """What was trained on the first rows; how far its ROC-AUC on the others is below the truth's; and its
    expected calibration error there."""
    labels = (np.random.default_rng(seed).random(len(rows)) < truth).astype(np.int8)
    outcome = trained(rows[:known], labels[:known].tolist())
    found = outcome.scorer.score(rows[known:])
    best = roc_auc_score(labels[known:], truth[known:])
    loss = best - roc_auc_score(labels[known:], found)
    return outcome, float(loss), calibration_error(found, labels[known:])


@pytest.mark.slow
def test_a_logistic_truth_is_found_to_the_hundredth_and_calibrated() -> None:
    rows, _, truth = logistic_truth(ROWS + UNSEEN, seed=41, weights=(1.0, -0.8, 0.5, 0.3, 0, 0, 0, 0, 0, 0))
    outcome, loss, error = judged(rows, truth, 42, ROWS)
    assert loss < 0.01
    assert error < 0.03
    assert outcome.calibration.error < 0.03


@pytest.mark.slow
def test_an_interacting_truth_is_found_by_trees() -> None:
    chance = np.random.default_rng(43)
    values = chance.normal(size=(ROWS + UNSEEN, 5))
    truth = np.asarray(expit(1.5 * np.sign(values[:, 0] * values[:, 1]) + 0.8 * np.abs(values[:, 2]) - 1.2))
    rows = [{f"x{place}": value for place, value in enumerate(row)} for row in values.tolist()]
    outcome, loss, error = judged(rows, truth, 44, ROWS)
    assert outcome.winner.name != "Logistic Regression"
    assert loss < 0.01
    assert error < 0.03


@pytest.mark.slow
def test_at_a_base_rate_of_two_in_a_hundred_ranking_and_rates_hold() -> None:
    chance = np.random.default_rng(45)
    values = chance.normal(size=(24_000, 3))
    truth = np.asarray(expit(values @ np.array([1.0, -0.7, 0.4]) - 4.6))
    assert 0.015 < truth.mean() < 0.025
    rows = [{"a": a, "b": b, "c": c} for a, b, c in values.tolist()]
    _, loss, error = judged(rows, truth, 46, 4_000)
    assert loss < 0.02
    assert error < 0.006


@pytest.mark.slow
def test_categories_and_missing_values_say_what_they_say() -> None:
    chance = np.random.default_rng(47)
    count = 24_000
    level, value = chance.integers(0, 12, count), chance.normal(size=count)
    absent = chance.random(count) < 0.25
    # being absent is informative in the category alone
    effect = np.linspace(-1.5, 1.5, 12)[level]
    truth = np.asarray(expit(np.where(absent, 1.0, effect) + 0.8 * value - 0.5))
    rows: list[dict[str, Any]] = [
        {"plan": None if gone else f"plan-{plan}", "usage": number}
        for gone, plan, number in zip(absent.tolist(), level.tolist(), value.tolist(), strict=True)
    ]
    _, loss, error = judged(rows, truth, 48, 4_000)
    assert loss < 0.015
    assert error < 0.03
