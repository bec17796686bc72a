"""Scaling is kept where it helps unseen folds, and the figures are those of unseen rows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as reference_log_loss

from plugins.propensity.classifier.calibration import IDENTITY, Calibration, brier, calibrate, log_loss, table
from plugins.propensity.classifier.contest import deal


def drawn(rows: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Log-odds and outcomes that were drawn with them."""
    chance = np.random.default_rng(seed)
    scores = chance.normal(-1, 1.5, rows)
    return scores, (chance.random(rows) < expit(scores)).astype(np.int8)


def calibrated(scores: NDArray[np.float64], labels: NDArray[np.int8]) -> Calibration:
    return calibrate(scores, labels, deal(labels))


@pytest.mark.parametrize(("slope", "shift"), [(3.0, 0.0), (0.3, 0.0), (1.0, 2.0)])
def test_scores_that_are_off_are_scaled_back(slope: float, shift: float) -> None:
    scores, labels = drawn(5_000, seed=1)
    found = calibrated(slope * scores + shift, labels)
    assert found.helps
    np.testing.assert_allclose(found.platt.slope * slope, 1, atol=0.1)
    assert found.error < 0.03
    assert found.log_loss < log_loss(expit(slope * scores + shift), labels)


def test_scores_that_are_right_are_mostly_left_alone() -> None:
    left = [not calibrated(*drawn(500, seed)).helps for seed in range(100)]
    assert sum(left) > 50


def test_scores_left_alone_are_the_learners_own() -> None:
    scores, labels = next(
        (scores, labels)
        for scores, labels in (drawn(500, seed) for seed in range(100))
        if not calibrated(scores, labels).helps
    )
    found = calibrated(scores, labels)
    assert found.platt == IDENTITY
    np.testing.assert_allclose(found.probabilities, expit(scores))


def test_scores_without_a_signal_give_the_base_rate() -> None:
    chance = np.random.default_rng(2)
    labels = (chance.random(2_000) < 0.2).astype(np.int8)
    found = calibrated(chance.normal(0, 5, 2_000), labels)
    assert found.helps
    assert found.probabilities == pytest.approx(0.2, abs=0.06)


def test_perfect_scores_have_finite_figures() -> None:
    labels = np.array([0, 1] * 20, dtype=np.int8)
    found = calibrated(np.where(labels == 1, np.inf, -np.inf), labels)
    assert np.isfinite([found.log_loss, found.brier, found.error]).all()
    assert found.log_loss < 0.1


def test_figures_are_scikit_learns() -> None:
    scores, labels = drawn(300, seed=3)
    assert log_loss(expit(scores), labels) == pytest.approx(reference_log_loss(labels, expit(scores)))
    assert brier(expit(scores), labels) == pytest.approx(brier_score_loss(labels, expit(scores)))
    assert np.isfinite(log_loss(np.array([0.0, 1.0]), np.array([1, 0], dtype=np.int8)))


def test_bins_hold_equal_counts_and_never_part_equal_rows() -> None:
    scores, labels = drawn(1_000, seed=4)
    assert [part.rows for part in table(expit(scores), labels)] == [100] * 10
    coarse = np.repeat([0.1, 0.6, 0.9], [500, 300, 200])
    found = table(coarse, labels)
    assert [part.rows for part in found] == [500, 300, 200]
    assert [part.predicted for part in found] == pytest.approx([0.1, 0.6, 0.9])
    [everybody] = table(np.full(4, 0.5), np.array([0, 1, 1, 1], dtype=np.int8))
    assert everybody == (4, 0.5, 0.75)
