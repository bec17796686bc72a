"""The penalised minimum, beside scikit-learn's saga and by its own conditions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from plugins.propensity.learners.elastic_net import columns_of_flags, minimum, rows_of


def sample(rows: int, numbers: int, groups: int, seed: int = 1) -> tuple[Any, Any]:
    """Numbers, and groups of one-hot columns that sum to one."""
    chance = np.random.default_rng(seed)
    hot = [np.eye(4)[chance.integers(0, 4, rows)] for _ in range(groups)]
    matrix = np.ascontiguousarray(np.hstack([chance.normal(size=(rows, numbers)), *hot]))
    weights = chance.normal(size=matrix.shape[1]) * (chance.random(matrix.shape[1]) < 0.5)
    labels = (chance.random(rows) < 1 / (1 + np.exp(-(matrix @ weights)))).astype(np.int8)
    labels[:2] = 0, 1
    return matrix, labels


def fitted(matrix: Any, labels: Any, strength: float, ratio: float) -> tuple[Any, float]:
    flags = columns_of_flags(matrix)
    assert not flags[: int((~flags).sum())].any(), "numbers come first here"
    width = matrix.shape[1]
    rows = rows_of(matrix, flags, np.zeros(width), np.ones(width))
    return minimum(rows, width, labels, strength=strength, ratio=ratio)


@pytest.mark.parametrize("size", [(8, 3, 0), (80, 3, 2), (600, 5, 3)], ids=str)
@pytest.mark.parametrize(("strength", "ratio"), [(1.0, 0.1), (0.5, 0.5), (3.0, 0.9), (1.0, 0.0)])
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_coefficients_equal_sagas(size: tuple[int, int, int], strength: float, ratio: float) -> None:
    matrix, labels = sample(*size)
    theirs = LogisticRegression(
        C=strength, l1_ratio=ratio, penalty="elasticnet", solver="saga", tol=1e-9, max_iter=50_000
    ).fit(matrix, labels)
    found, intercept = fitted(matrix, labels, strength, ratio)
    np.testing.assert_allclose(found, theirs.coef_[0], atol=1e-4)
    if found.any():  # saga stops at once where all coefficients stay 0
        assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-4)


@pytest.mark.parametrize("ratio", [0.0, 0.5, 0.95])
def test_no_coefficient_can_be_moved_to_a_lower_value(ratio: float) -> None:
    matrix, labels = sample(3_000, 4, 8, seed=2)
    found, intercept = fitted(matrix, labels, 0.5, ratio)
    chance = 1 / (1 + np.exp(-(matrix @ found + intercept)))
    slope = matrix.T @ (chance - labels) + (1 - ratio) / 0.5 * found
    moved = found != 0
    np.testing.assert_allclose(slope[moved], -ratio / 0.5 * np.sign(found[moved]), atol=1e-5)
    assert (np.abs(slope[~moved]) <= ratio / 0.5 + 1e-5).all()
    assert (chance - labels).sum() == pytest.approx(0, abs=1e-5)


def test_classes_that_are_parted_wholly_have_a_finite_minimum() -> None:
    matrix = np.linspace(-1, 1, 40)[:, None]
    found, intercept = fitted(matrix, (matrix[:, 0] > 0).astype(np.int8), 1.0, 0.5)
    assert np.isfinite(found).all()
    assert found[0] > 1
    assert intercept == pytest.approx(0, abs=1e-6)


def test_noise_gets_exact_zeros() -> None:
    chance = np.random.default_rng(3)
    matrix = chance.normal(size=(400, 30))
    labels = (matrix[:, 0] + chance.normal(size=400) > 0).astype(np.int8)
    found, _ = fitted(matrix, labels, 0.05, 0.9)
    assert found[0] > 0
    assert (found[1:] == 0).sum() > 15
