"""Trees as arrays score as the libraries that grew them do, and damaged ones are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from plugins.shared import ensembles, lightgbm_text, trees
from plugins.shared.trees import Trees

CHANCE = np.random.default_rng(4)
# Few distinct values: rows that are equal to a threshold are where code goes wrong.
MATRIX = np.column_stack([CHANCE.integers(0, 4, 400), CHANCE.normal(size=400)]).astype(float)
LABELS = (MATRIX.sum(axis=1) + CHANCE.normal(size=400) > 1.5).astype(np.int8)


def boosted(**settings: Any) -> Any:
    data = lightgbm.Dataset(MATRIX, LABELS)
    return lightgbm.train({"objective": "binary", "verbosity": -1, **settings}, data, 20)


def score(ensemble: ensembles.Ensemble) -> Any:
    return ensemble.offset + ensemble.trees.sums(MATRIX, single=ensemble.single)


def test_scikit_learns_trees_score_as_its_forests() -> None:
    classifier = RandomForestClassifier(20, max_depth=5, random_state=1).fit(MATRIX, LABELS)
    ours = score(ensembles.of_scikit_learn(classifier.estimators_, output=1)) / 20
    np.testing.assert_allclose(ours, classifier.predict_proba(MATRIX)[:, 1], atol=1e-12)
    regressor = RandomForestRegressor(20, max_depth=5, random_state=1).fit(MATRIX, LABELS)
    ours = score(ensembles.of_scikit_learn(regressor.estimators_)) / 20
    np.testing.assert_allclose(ours, regressor.predict(MATRIX), atol=1e-12)


@pytest.mark.parametrize("settings", [{}, {"min_data_in_leaf": 399}])
def test_lightgbms_trees_score_as_its_booster_also_where_they_do_not_split(settings: Any) -> None:
    booster = boosted(**settings)
    np.testing.assert_allclose(
        score(ensembles.of_lightgbm(booster)), booster.predict(MATRIX, raw_score=True), atol=1e-12
    )


def test_xgboosts_trees_score_as_its_booster_within_its_float32() -> None:
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(MATRIX, LABELS), 20)
    expected = booster.predict(xgboost.DMatrix(MATRIX), output_margin=True)
    np.testing.assert_allclose(score(ensembles.of_xgboost(booster)), expected, atol=2e-6)


def stump() -> Trees:
    children = np.array([1, -1, -1]), np.array([2, -1, -1])
    return trees.joined(np.array([3]), np.zeros(3, int), np.zeros(3), *children, np.array([0.0, 1.0, 2.0]))


def test_stored_trees_come_back_with_what_was_stored_beside_them(tmp_path: Path) -> None:
    trees.save(tmp_path / "a.npz", stump(), value="share", cover=np.array([3.0, 2.0, 1.0]), gain=np.ones(1))
    read, others = trees.load(tmp_path / "a.npz", 1, value="share", per_node=["cover"], per_column=["gain"])
    for array, expected in zip(read, stump(), strict=True):
        np.testing.assert_array_equal(array, expected)
    assert others["cover"].tolist() == [3.0, 2.0, 1.0]
    assert others["gain"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"left": np.array([0, 1, 2])}, "an index is out of range"),
        ({"right": np.array([3, 1, 2])}, "an index is out of range"),
        ({"feature": np.array([1, 0, 0])}, "an index is out of range"),
        ({"feature": np.array([-1, 0, 0])}, "an index is out of range"),
        ({"roots": np.array([3])}, "an index is out of range"),
        ({"roots": np.empty(0, np.int64)}, "roots has a wrong kind or length"),
        ({"left": np.array([1.0, 1.0, 2.0])}, "left has a wrong kind or length"),
        ({"threshold": np.full(3, np.nan)}, "threshold is not finite"),
        ({"value": np.zeros(2)}, "uplift has a wrong kind or length"),
    ],
)
def test_damaged_trees_are_refused(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    trees.save(tmp_path / "a.npz", stump()._replace(**change), value="uplift")
    with pytest.raises(ValueError, match=rf"a\.npz is damaged: {message}"):
        trees.load(tmp_path / "a.npz", 1, value="uplift")


@pytest.mark.parametrize("content", [b"", b"tree", b"tree\n\nend of trees\n", b"\xff", None])
def test_a_text_that_is_no_booster_is_refused(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.txt is (missing or )?damaged"):
        lightgbm_text.read(tmp_path / "a.txt", 2)


def test_a_booster_of_another_width_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(boosted().model_to_string())
    assert lightgbm_text.read(tmp_path / "a.txt", 2).num_feature() == 2
    with pytest.raises(ValueError, match=r"a\.txt is damaged: it has not 3 columns"):
        lightgbm_text.read(tmp_path / "a.txt", 3)
