"""The arrays score as scikit-learn's own trees do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from plugins.propensity.learners.forest import SETTINGS, Forest
from plugins.shared.trees import BLOCK


def sample(rows: int, seed: int = 3) -> tuple[Any, Any]:
    chance = np.random.default_rng(seed)
    # few distinct values and some beyond float32's precision: ties at thresholds are where code goes wrong
    matrix = np.column_stack(
        [chance.integers(0, 4, rows), chance.normal(size=rows), 1e9 + chance.integers(0, 500, rows)]
    ).astype(float)
    labels = (matrix[:, 0] + matrix[:, 1] + chance.normal(size=rows) > 1.5).astype(np.int8)
    return matrix, labels


def stored(forest: Forest, folder: Path) -> dict[str, Any]:
    """The arrays that a forest is stored as."""
    forest.save(folder / "forest.npz")
    return dict(np.load(folder / "forest.npz"))


@pytest.mark.parametrize("rows", [40, 2_000])
def test_probabilities_equal_scikit_learns(rows: int) -> None:
    matrix, labels = sample(rows)
    others, _ = sample(BLOCK + 100, seed=4)
    theirs = RandomForestClassifier(n_jobs=1, **SETTINGS).fit(matrix, labels)
    ours = Forest.fit(matrix, labels)
    for values in (matrix, others):
        np.testing.assert_allclose(
            ours.probability(values), theirs.predict_proba(values)[:, 1], rtol=0, atol=1e-12
        )


def test_a_stored_forest_scores_the_same_to_the_last_bit(tmp_path: Path) -> None:
    matrix, labels = sample(500)
    forest = Forest.fit(matrix, labels)
    forest.save(tmp_path / "forest.npz")
    np.testing.assert_array_equal(
        Forest.load(tmp_path / "forest.npz", 3).log_odds(matrix), forest.log_odds(matrix)
    )


DAMAGES: dict[str, tuple[Any, str]] = {
    "a child before its parent": (lambda parts: parts["left"].__setitem__(5, 0), "an index is out of range"),
    "a child beyond the end": (
        lambda parts: parts["right"].__setitem__(0, len(parts["right"])),
        "an index is out of range",
    ),
    "a root beyond the end": (lambda parts: parts["roots"].__setitem__(0, 10**9), "an index is out of range"),
    "a negative root": (lambda parts: parts["roots"].__setitem__(0, -1), "an index is out of range"),
    "a column beyond the width": (
        lambda parts: parts["feature"].__setitem__(0, 3),
        "an index is out of range",
    ),
    "a short array": (
        lambda parts: parts.update(share=parts["share"][1:]),
        "share has a wrong kind or length",
    ),
    "no trees": (lambda parts: parts.update(roots=parts["roots"][:0]), "roots has a wrong kind or length"),
    "fractional nodes": (
        lambda parts: parts.update(left=parts["left"].astype(float)),
        "left has a wrong kind or length",
    ),
    "NaN": (lambda parts: parts["threshold"].__setitem__(0, np.nan), "threshold is not finite"),
    "a share of 2": (lambda parts: parts["share"].__setitem__(0, 2.0), "a share is not between 0 and 1"),
    "an array less": (lambda parts: parts.pop("gain"), "an array is missing"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_forest_is_refused(damage: Any, message: str, tmp_path: Path) -> None:
    parts = stored(Forest.fit(*sample(200)), tmp_path)
    damage(parts)
    np.savez(tmp_path / "forest.npz", **parts)
    with pytest.raises(ValueError, match=rf"forest\.npz is damaged: {message}"):
        Forest.load(tmp_path / "forest.npz", 3)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    parts = stored(Forest.fit(*sample(100)), tmp_path)
    np.savez(tmp_path / "forest.npz", **{**parts, "share": np.array([{}], dtype=object)})
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        Forest.load(tmp_path / "forest.npz", 3)
