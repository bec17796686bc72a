"""The choice among the learners: who wins, how well it ranks, and that it never depends on order."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from plugins.propensity.classifier import automl, contest
from plugins.propensity.classifier.automl import Outcome, held_out
from plugins.propensity.classifier.contest import deal
from plugins.propensity.learners.roster import LEARNERS
from tests.plugins.propensity.classifier.models import logistic_truth, trained


@cache
def logistic_outcome() -> Outcome:
    rows, labels, _ = logistic_truth(3_000, seed=21)
    return trained(rows, labels)


@pytest.mark.parametrize(("ones", "zeros"), [(20, 20), (21, 44), (200, 800), (25, 1_000)])
def test_hold_out_and_folds_are_stratified(ones: int, zeros: int) -> None:
    labels = np.array([1] * ones + [0] * zeros, dtype=np.int8)
    test = held_out(labels)
    assert abs(test.sum() - len(labels) / 10) <= 1
    assert abs(labels[test].sum() - ones / 10) <= 0.5
    folds = deal(labels[~test])
    for label in (0, 1):
        sizes = np.bincount(folds[labels[~test] == label], minlength=5)
        assert sizes.max() - sizes.min() <= 1
    sizes = np.bincount(folds)
    assert sizes.max() - sizes.min() <= 1


@pytest.mark.slow
def test_on_logistic_data_it_ranks_new_customers_as_well_as_the_truth() -> None:
    rows, labels, truth = logistic_truth(20_000, seed=22)
    best = roc_auc_score(labels, truth)
    assert roc_auc_score(labels, logistic_outcome().scorer.score(rows)) > best - 0.01


@pytest.mark.slow
def test_on_interacting_data_trees_win_and_rank_close_to_the_truth() -> None:
    chance = np.random.default_rng(23)
    values = chance.normal(size=(24_000, 3))
    truth = 1 / (1 + np.exp(-2.0 * np.sign(values[:, 0] * values[:, 1])))
    labels = (chance.random(24_000) < truth).astype(int).tolist()
    rows = [{"a": a, "b": b, "noise": c} for a, b, c in values.tolist()]
    outcome = trained(rows[:4_000], labels[:4_000])
    assert outcome.winner.name != "Logistic Regression"
    found = roc_auc_score(labels[4_000:], outcome.scorer.score(rows[4_000:]))
    assert found > roc_auc_score(labels[4_000:], truth[4_000:]) - 0.02


def test_probabilities_are_calibrated_on_new_customers() -> None:
    rows, _, truth = logistic_truth(20_000, seed=24)
    assert np.abs(logistic_outcome().scorer.score(rows) - truth).mean() < 0.02


def test_all_five_learners_compete_in_a_fixed_order() -> None:
    candidates = logistic_outcome().candidates
    assert [candidate.name for candidate in candidates] == [*LEARNERS, "Blend"]
    assert logistic_outcome().winner.roc_auc == max(candidate.roc_auc for candidate in candidates)


def test_equal_figures_are_settled_by_f1_then_accuracy_then_the_fixed_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, labels, _ = logistic_truth(60, seed=25)
    real = automl.cross_validate

    def winner(*figures: tuple[float, float, float]) -> str:
        def made_up(matrix: Any, known: Any, coded: Any, done: Any, blends: bool) -> Any:
            found = real(matrix, known)
            return tuple(
                candidate._replace(roc_auc=a, f1=b, accuracy=c)
                for candidate, (a, b, c) in zip(found, figures, strict=True)
            )

        monkeypatch.setattr(automl, "cross_validate", made_up)
        return trained(rows, labels).winner.name

    assert (
        winner((0.7, 0.5, 0.5), (0.7, 0.6, 0.1), (0.7, 0.6, 0.2), *[(0.6, 0.9, 0.9)] * 2) == "Random Forest"
    )
    assert winner(*[(0.7, 0.5, 0.5)] * 5) == "Logistic Regression"


def test_the_order_of_rows_and_keys_changes_no_bit() -> None:
    rows, labels, _ = logistic_truth(300, seed=26)
    for number, row in enumerate(rows):
        row["channel"] = ["email", "sms", None][number % 3]
    expected = trained(rows, labels)
    order = list(range(len(rows)))
    random.Random(1).shuffle(order)
    found = trained([dict(reversed(rows[place].items())) for place in order], [labels[p] for p in order])
    np.testing.assert_array_equal(found.scorer.score(rows), expected.scorer.score(rows))
    assert found.roc_auc == expected.roc_auc
    assert [one.figures() for one in found.candidates] == [one.figures() for one in expected.candidates]


def test_noise_gives_everybody_nearly_the_base_rate() -> None:
    chance = np.random.default_rng(27)
    rows = [{"a": a, "b": b} for a, b in chance.normal(size=(400, 2)).tolist()]
    labels = (chance.random(400) < 0.3).astype(int).tolist()
    scores = trained(rows, labels).scorer.score(rows)
    assert scores.max() - scores.min() < 0.3
    assert scores.mean() == pytest.approx(np.mean(labels), abs=0.05)


def test_a_feature_that_is_the_outcome_is_suspected() -> None:
    rows, labels, _ = logistic_truth(200, seed=28)
    for row, label in zip(rows, labels, strict=True):
        row["revenue_after"] = 50.0 * label
        row["converted"] = "yes" if label else "no"
    assert trained(rows, labels).leaks.suspects == ("converted", "revenue_after")
    assert logistic_outcome().leaks.suspects == ()


def test_a_feature_that_is_nearly_all_of_a_strong_model_is_suspected() -> None:
    # every status belongs to one outcome, and none of them alone tells the classes apart
    rows, labels, _ = logistic_truth(300, seed=29)
    for number, (row, label) in enumerate(zip(rows, labels, strict=True)):
        row["status"] = ["open", "new", "asked", "sent", "paid", "done"][3 * label + number % 3]
    assert trained(rows, labels).leaks.suspects == ("status",)


@pytest.mark.parametrize("noise", [0.5, 1.0])
def test_a_feature_that_is_nearly_all_of_a_fair_model_is_not_suspected(noise: float) -> None:
    chance = np.random.default_rng(30)
    values = chance.normal(size=(400, 2))
    labels = (values[:, 0] + noise * chance.normal(size=400) > 0).astype(int).tolist()
    outcome = trained([{"signal": a, "other": b} for a, b in values.tolist()], labels)
    assert outcome.leaks.suspects == ()


def test_a_model_of_one_feature_is_not_suspected_for_having_no_other() -> None:
    chance = np.random.default_rng(31)
    values = chance.normal(size=400)
    labels = (values + 0.25 * chance.normal(size=400) > 0).astype(int).tolist()
    outcome = trained([{"signal": value} for value in values.tolist()], labels)
    assert outcome.winner.roc_auc > 0.95
    assert outcome.leaks.suspects == ()


def test_figures_of_the_probabilities_are_close_to_the_truths() -> None:
    outcome = logistic_outcome()
    _, labels, truth = logistic_truth(20_000, seed=22)
    best = float(np.square(truth - np.array(labels)).mean())
    assert outcome.calibration.brier == pytest.approx(best, abs=0.01)
    assert outcome.brier == pytest.approx(best, abs=0.02)
    assert outcome.calibration.error < 0.03
    assert sum(part.rows for part in outcome.calibration.table) == len(outcome.train_labels)


def test_a_learner_that_cannot_be_fitted_is_left_out_and_the_others_compete() -> None:
    # the only feature varies in one row: CatBoost refuses to learn without it, whichever fold has it
    rows: list[dict[str, Any]] = [{"flag": int(number == 31)} for number in range(60)]
    labels = [int(number >= 30) for number in range(60)]
    outcome = trained(rows, labels)
    assert [candidate.name for candidate in outcome.candidates] == [
        "Logistic Regression",
        "XGBoost",
        "Random Forest",
        "LightGBM",
    ]
    assert np.isfinite(outcome.scorer.score(rows)).all()


@pytest.mark.parametrize(
    "rows",
    [
        [{"a": number % 7, "same": 1} for number in range(50)],
        [{"a": number % 7} if number % 2 else {} for number in range(50)],
        [{"a": 1e15 * (number % 3), "b": 1e-300 * (number % 5)} for number in range(50)],
    ],
    ids=["a constant feature", "rows without features", "extreme magnitudes"],
)
def test_degenerate_rows_still_give_probabilities(rows: list[dict[str, Any]]) -> None:
    found = trained(rows, [number % 2 for number in range(50)]).scorer.score(rows)
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.slow
def test_with_many_rows_a_learner_far_behind_on_the_first_fold_is_spared_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(contest, "RACE_ROWS", 1_000)
    chance = np.random.default_rng(33)
    values = chance.normal(size=(2_000, 2))
    truth = 1 / (1 + np.exp(-2.0 * np.sign(values[:, 0] * values[:, 1])))
    labels = (chance.random(2_000) < truth).astype(int).tolist()
    outcome = trained([{"a": a, "b": b} for a, b in values.tolist()], labels)
    folds = {candidate.name: candidate.folds for candidate in outcome.candidates}
    assert list(folds)[: len(LEARNERS)] == list(LEARNERS)
    assert folds["Logistic Regression"] == 1
    assert folds[outcome.winner.name] == 5
    monkeypatch.setattr(contest, "RACE_ROWS", 10_000)
    alone = trained([{"a": a, "b": b} for a, b in values.tolist()], labels)
    # The mean is of those that finished, which differ; a learner's own figures are the same.
    figures = {one.name: one.figures() for one in alone.candidates}
    finished = [one for one in outcome.candidates if one.folds == 5 and not one.members]
    assert finished
    assert [one.figures() for one in finished] == [figures[one.name] for one in finished]
    assert {candidate.folds for candidate in alone.candidates} == {5}


@pytest.mark.slow
@pytest.mark.parametrize(("ones", "zeros"), [(2, 2), (2, 9), (3, 3), (7, 30), (19, 19)])
def test_a_handful_of_rows_is_cross_validated_without_a_hold_out(ones: int, zeros: int) -> None:
    chance = np.random.default_rng(34)
    labels = [1] * ones + [0] * zeros
    rows = [{"a": 2.0 * label + chance.normal(), "b": chance.normal()} for label in labels]
    outcome = trained(rows, labels)
    assert len(outcome.test_labels) == 0
    assert len(outcome.train_labels) == ones + zeros
    assert outcome.folds == min(5, ones, zeros)
    assert outcome.roc_auc == outcome.winner.roc_auc
    assert {candidate.name for candidate in outcome.candidates} >= {"Logistic Regression", "XGBoost"}
    assert np.isfinite(outcome.scorer.score(rows)).all()


def test_few_rows_that_chance_parts_are_no_leakage() -> None:
    rows = [{"a": float(number), "b": float(number % 2)} for number in range(8)]
    assert trained(rows, [int(number >= 4) for number in range(8)]).leaks.suspects == ()
