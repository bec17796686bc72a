"""Logistic regression scores by a sum of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plugins.propensity.learners.logistic import Logistic


def fitted() -> Logistic:
    chance = np.random.default_rng(5)
    matrix = np.column_stack([chance.normal(50, 10, 300), chance.integers(0, 2, 300), np.full(300, 7.0)])
    labels = (matrix[:, 0] / 10 + matrix[:, 1] + chance.normal(size=300) > 5.5).astype(np.int8)
    return Logistic.fit(matrix, labels)


def test_flags_keep_their_unit_and_numbers_are_standardised() -> None:
    model = fitted()
    assert model.scale[1] == model.scale[2] == 1.0
    assert model.scale[0] == pytest.approx(10, rel=0.1)
    assert model.coefficients[2] == 0.0
    assert model.importance()[0] > model.importance()[1] > model.importance()[2] == 0.0


def test_a_row_far_outside_has_a_finite_score() -> None:
    assert np.isfinite(fitted().log_odds(np.array([[1e15, 1.0, -1e15], [-1e15, 0.0, 1e15]]))).all()


@pytest.mark.parametrize("column", ["coefficients", "mean", "scale", "spread", "intercept"])
def test_a_damaged_array_is_refused(column: str, tmp_path: Path) -> None:
    parts = fitted()._asdict()
    np.savez(tmp_path / "model.npz", **{**parts, column: np.array([1.0, 2.0])})
    with pytest.raises(ValueError, match=f"{column} has a wrong shape or is not finite"):
        Logistic.load(tmp_path / "model.npz", 3)


def test_a_scale_of_zero_or_a_missing_array_is_refused(tmp_path: Path) -> None:
    parts = fitted()._asdict()
    np.savez(tmp_path / "model.npz", **{**parts, "scale": np.zeros(3)})
    with pytest.raises(ValueError, match="a scale is not positive"):
        Logistic.load(tmp_path / "model.npz", 3)
    del parts["mean"]
    np.savez(tmp_path / "model.npz", **parts)
    with pytest.raises(ValueError, match="an array is missing"):
        Logistic.load(tmp_path / "model.npz", 3)
