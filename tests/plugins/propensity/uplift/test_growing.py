"""Trees of our own beside the library's, and what a split has to keep to."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from plugins.propensity.uplift.forest import Bins
from plugins.propensity.uplift.growing import Rows, Rules, grow


def trial(rows: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    matrix = np.round(chance.normal(size=(rows, 4)) * 7).clip(-25, 25)
    treated = chance.integers(0, 2, rows)
    outcome = (chance.random(rows) < 0.2 + 0.2 * treated * (matrix[:, 0] > 0)).astype(int)
    return matrix, treated, outcome


@pytest.mark.slow  # the library takes seconds to import
@pytest.mark.parametrize(("depth", "leaf", "prior"), [(3, 100, 100), (6, 40, 10)])
def test_a_tree_is_the_one_of_causalml_0_18(depth: int, leaf: int, prior: int) -> None:
    from causalml.inference.tree import UpliftTreeClassifier

    matrix, treated, outcome = trial()
    theirs = UpliftTreeClassifier(
        "0", max_depth=depth, min_samples_leaf=leaf, min_samples_treatment=10, n_reg=prior, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(matrix, treatment=treated.astype(str), y=outcome)
    bins = Bins.cut(matrix)
    classes = (2 * treated + outcome).astype(np.uint8)
    rules = Rules(depth, leaf, 10, float(prior), 4)
    ours = grow(Rows(bins.binned, bins.sizes, classes, np.ones(4)), np.arange(len(matrix)), rules, 1)
    node = np.zeros(len(matrix), dtype=int)
    for _ in range(depth):
        inner = ours.feature[node] >= 0
        left = bins.binned[ours.feature[node], np.arange(len(node))] <= ours.cut[node]
        node = np.where(inner, np.where(left, ours.left[node], ours.right[node]), node)
    assert len(ours.feature) == theirs.tree_.node_count
    assert np.array_equal(ours.rates[node], theirs.predict(matrix))


def test_every_leaf_has_its_rows_of_both_arms() -> None:
    matrix, treated, outcome = trial()
    bins = Bins.cut(matrix)
    classes = (2 * treated + outcome).astype(np.uint8)
    sample = np.arange(len(matrix))
    tree = grow(Rows(bins.binned, bins.sizes, classes, np.ones(4)), sample, Rules(6, 50, 20, 25.0, 4), 1)
    node = np.zeros(len(matrix), dtype=int)
    for _ in range(6):
        left = bins.binned[tree.feature[node], np.arange(len(node))] <= tree.cut[node]
        node = np.where(tree.feature[node] >= 0, np.where(left, tree.left[node], tree.right[node]), node)
    for leaf in np.unique(node):
        assert (node == leaf).sum() >= 50
        assert min((treated[node == leaf] == arm).sum() for arm in (0, 1)) >= 20
    assert len(np.unique(node)) > 2


def test_a_feature_that_never_varies_makes_a_tree_of_one_leaf() -> None:
    bins = Bins.cut(np.ones((100, 1)))
    classes = (np.arange(100) % 4).astype(np.uint8)
    rows = Rows(bins.binned, bins.sizes, classes, np.ones(4))
    tree = grow(rows, np.arange(100), Rules(3, 1, 1, 1.0, 1), 1)
    assert tree.feature.tolist() == [-1]
    assert tree.rates.tolist() == [[0.5, 0.5]]
