"""The joins above the clusters, and when labels follow the tree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from plugins.segmentation.report.facts import MOST_CLUSTERS, Merge, Tree, tree_of
from tests.plugins.segmentation.report import samples


def points(n: int, seed: int = 0) -> NDArray[np.float64]:
    """n customers on a plane."""
    return np.random.default_rng(seed).normal(size=(n, 2))


def test_the_published_tree_has_the_two_top_merges() -> None:
    tree = samples.published_tree()
    assert tree is not None
    assert tree.follows
    assert [one[:2] for one in tree.merges] == [((2,), (1,)), ((0,), (1, 2))]
    assert round(tree.merges[0].relative_height, 3) == 0.347
    assert tree.merges[1].relative_height == 1.0


def test_a_cut_gives_the_top_merges() -> None:
    matrix = linkage(points(200), "ward")
    for k in (2, 5, 12):
        tree = tree_of(matrix, fcluster(matrix, k, "maxclust").astype(np.int64))
        assert tree is not None
        assert tree.follows
        assert len(tree.merges) == k - 1
        heights = [one.relative_height * matrix[-1, 2] for one in tree.merges]
        np.testing.assert_allclose(heights, matrix[-(k - 1) :, 2])
        assert set(tree.merges[-1].group_a + tree.merges[-1].group_b) == set(range(1, k + 1))


def test_labels_a_little_off_keep_their_main_branches() -> None:
    matrix = linkage(points(200), "ward")
    labels = fcluster(matrix, 4, "maxclust").astype(np.int64)
    moved = int(np.flatnonzero(labels == 1)[0])
    labels[moved] = 2
    tree = tree_of(matrix, labels)
    assert tree is not None
    assert not tree.follows
    assert {key for one in tree.merges for key in one.group_a + one.group_b} <= {1, 2, 3, 4}


def test_labels_at_random_have_no_main_branch() -> None:
    matrix = linkage(points(300), "ward")
    labels = np.random.default_rng(1).integers(0, 3, 300)
    assert tree_of(matrix, labels) == Tree((), follows=False)


def test_one_cluster_has_no_merges() -> None:
    matrix = linkage(points(10), "ward")
    assert tree_of(matrix, np.zeros(10, np.int64)) == Tree((), follows=True)
    assert tree_of(np.empty((0, 4)), np.array([7])) == Tree((), follows=True)


def test_equal_customers_have_heights_of_zero() -> None:
    matrix = linkage(np.zeros((2, 1)), "ward")
    assert tree_of(matrix, np.array([0, 1])) == Tree((Merge((0,), (1,), 0.0),), follows=True)


def test_nothing_is_said_of_what_is_no_tree() -> None:
    matrix = linkage(points(10), "ward")
    assert tree_of(matrix, np.zeros(9, np.int64)) is None
    assert tree_of(np.empty((0, 4)), np.empty(0, np.int64)) is None
    broken = matrix.copy()
    broken[0, 0] = 99
    assert tree_of(broken, np.zeros(10, np.int64)) is None
    matrix = linkage(points(MOST_CLUSTERS + 1), "ward")
    assert tree_of(matrix, np.arange(MOST_CLUSTERS + 1)) is None


def test_a_chain_of_a_hundred_thousand_joins_is_read() -> None:
    n = 100_000
    order = np.random.default_rng(0).permutation(n)
    chain = np.column_stack(
        [
            np.concatenate([[order[0]], np.arange(n, 2 * n - 2)]),
            order[1:],
            np.arange(1.0, n),
            np.arange(2.0, n + 1),
        ]
    )
    labels = np.zeros(n, np.int64)
    labels[order[-3:]] = [1, 2, 3]
    tree = tree_of(chain, labels)
    assert tree is not None
    assert tree.follows
    assert len(tree.merges) == 3
