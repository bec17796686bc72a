"""Shapley values of trees, against their definition, the libraries' own and the shap package's."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import lightgbm
import numpy as np
import pytest
import shap
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from plugins.propensity.learners import treeshap
from plugins.propensity.learners.forest import SETTINGS, Forest
from plugins.propensity.learners.treeshap import DEEPEST, TreeShap
from plugins.propensity.learners.xgboost_trees import XGBoostTrees
from plugins.shared import ensembles
from plugins.shared.ensembles import Ensemble
from plugins.shared.trees import Trees


def sample(rows: int, width: int, seed: int = 7) -> tuple[Any, Any]:
    """Ties, a flag, an interaction, and values beyond float32's precision."""
    chance = np.random.default_rng(seed)
    matrix = chance.normal(size=(rows, width))
    matrix[:, 0] = chance.integers(0, 4, rows)
    matrix[:, 1] = matrix[:, 1] > 0.8
    matrix[:, 2] = 1e9 + chance.integers(0, 500, rows)
    score = matrix[:, 0] - 1.5 + 2 * matrix[:, 1] * matrix[:, 3] + chance.normal(size=rows)
    return matrix, (score > 0).astype(np.int8)


def by_definition(ensemble: Ensemble, row: Any) -> list[float]:
    """Σ over sets S of the other columns, |S|! (d − |S| − 1)! / d! · (v(S + j) − v(S)), d the width."""
    row = row.astype(np.float32).astype(np.float64)
    trees, cover = ensemble.trees, ensemble.cover

    def worth(known: set[int], node: int = 0) -> float:
        left, right = trees.left[node], trees.right[node]
        if left == node:
            return float(trees.value[node])
        column = trees.feature[node]
        if column in known:
            return worth(known, left if row[column] <= trees.threshold[node] else right)
        both = cover[left] * worth(known, left) + cover[right] * worth(known, right)
        return float(both / (cover[left] + cover[right]))

    width = len(row)
    values = []
    for column in range(width):
        others = [other for other in range(width) if other != column]
        values.append(
            sum(
                factorial(size)
                * factorial(width - size - 1)
                / factorial(width)
                * (worth({*known, column}) - worth(set(known)))
                for size in range(width)
                for known in combinations(others, size)
            )
        )
    return values


@pytest.mark.parametrize(("width", "depth"), [(4, 1), (4, 3), (5, 6), (6, None)])
def test_small_trees_have_the_values_of_shapleys_definition(width: int, depth: int | None) -> None:
    matrix, labels = sample(150, width)
    grown = DecisionTreeClassifier(max_depth=depth, random_state=1).fit(matrix, labels)
    trees = ensembles.of_scikit_learn([grown], output=1)
    found = TreeShap.of(trees).contributions(matrix[:5])
    np.testing.assert_allclose(found, [by_definition(trees, row) for row in matrix[:5]], atol=1e-12)


def test_a_forests_probability_has_the_values_of_the_shap_package() -> None:
    matrix, labels = sample(600, 8)
    theirs = RandomForestClassifier(**{**SETTINGS, "n_estimators": 20}).fit(matrix, labels)
    expected = shap.TreeExplainer(theirs).shap_values(matrix[:25], check_additivity=False)[..., 1]
    found = sum(
        TreeShap.of(ensembles.of_scikit_learn([one], output=1)).contributions(matrix[:25]) for one in theirs
    )
    np.testing.assert_allclose(found / 20, expected, atol=1e-12)


def test_xgboosts_own_values_within_its_float32() -> None:
    matrix, labels = sample(600, 8)
    booster = XGBoostTrees.fit(matrix, labels).booster
    expected = booster.predict(xgboost.DMatrix(matrix, nthread=1), pred_contribs=True)
    ours = TreeShap.of(ensembles.of_xgboost(booster))
    np.testing.assert_allclose(ours.contributions(matrix), expected[:, :-1], atol=5e-6)
    assert ours.base == pytest.approx(expected[0, -1], abs=5e-6)


@pytest.mark.parametrize("rows", [60, 600])
def test_lightgbms_own_values(rows: int) -> None:
    matrix, labels = sample(rows, 8)
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3}
    booster = lightgbm.train(settings, lightgbm.Dataset(matrix, labels), 30)
    expected = booster.predict(matrix, pred_contrib=True)
    ours = TreeShap.of(ensembles.of_lightgbm(booster))
    np.testing.assert_allclose(ours.contributions(matrix), expected[:, :-1], atol=1e-12)
    assert ours.base == pytest.approx(expected[0, -1], abs=1e-12)


def test_trees_that_do_not_split_explain_nothing_and_are_all_base() -> None:
    matrix, labels = sample(12, 4)
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(matrix, labels), 3)
    ours = TreeShap.of(ensembles.of_lightgbm(booster))
    assert not ours.contributions(matrix).any()
    np.testing.assert_allclose(booster.predict(matrix, raw_score=True), ours.base)


def chain(depth: int) -> Ensemble:
    """A tree that asks a new column at each level, and goes on to the right only: node, leaf, node, leaf …"""
    nodes = 2 * depth + 1
    own = np.arange(nodes)
    inner = (own % 2 == 0) & (own < nodes - 1)
    tree = Trees(
        roots=np.array([0]),
        feature=np.where(inner, own // 2, 0),
        threshold=np.zeros(nodes),
        left=np.where(inner, own + 1, own),
        right=np.where(inner, own + 2, own),
        value=np.where(inner, 0.0, own + 1.0),
    )
    return Ensemble(tree, np.where(inner, 2.0, 1.0) * 0.5 ** (own // 2), offset=0.25)


@pytest.mark.parametrize("depth", [2, 12, 13, 40, DEEPEST])
def test_contributions_and_base_sum_to_the_score_however_long_the_way(depth: int) -> None:
    rows = np.random.default_rng(3).normal(size=(30, depth))
    rows[0] = 1.0
    explained = TreeShap.of(chain(depth))
    steps = np.where((rows > 0).all(axis=1), depth, (rows <= 0).argmax(axis=1))
    score = 0.25 + np.where(steps == depth, 2 * depth + 1, 2 * steps + 2)
    np.testing.assert_allclose(explained.base + explained.contributions(rows).sum(axis=1), score, rtol=1e-10)


def test_a_way_too_long_for_a_whole_number_is_refused() -> None:
    with pytest.raises(ValueError, match="a tree has 63 levels; at most 62 can be explained"):
        TreeShap.of(chain(DEEPEST + 1))


def test_a_child_without_training_rows_is_no_division_by_zero() -> None:
    empty = chain(2)._replace(cover=np.zeros(5))
    explained = TreeShap.of(empty)
    assert np.isfinite(explained.contributions(np.array([[1.0, 1.0], [-1.0, 1.0]]))).all()
    half = chain(1)._replace(cover=np.array([1.0, 0.0, 1.0]))
    rows = np.array([[-1.0], [1.0]])
    explained = TreeShap.of(half)
    np.testing.assert_allclose(explained.base + explained.contributions(rows).sum(axis=1), [2.25, 3.25])


def test_a_row_is_explained_alike_in_any_company() -> None:
    matrix, labels = sample(400, 6)
    explained = Forest.fit(matrix, labels).explainer()
    whole = explained.contributions(matrix)
    np.testing.assert_array_equal(explained.contributions(matrix[::-1])[::-1], whole)
    np.testing.assert_array_equal([explained.contributions(row[None])[0] for row in matrix[:20]], whole[:20])


def test_compiling_ahead_runs_a_tree() -> None:
    treeshap.warm()
