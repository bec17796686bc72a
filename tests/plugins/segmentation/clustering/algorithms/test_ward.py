import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from sklearn.cluster import AgglomerativeClustering

from plugins.segmentation.clustering.algorithms.ward import cut
from plugins.segmentation.clustering.algorithms.ward_tree import linkage

GOLDEN = Path(__file__).parents[4] / "data" / "golden" / "purchasing_segmentation_customers.json"

Floats = NDArray[np.float64]


def normal(count: int, columns: int, seed: int) -> Floats:
    """Points without ties, in uneven clusters."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(0, 4, (4, columns))
    return centres[chance.choice(4, count, p=[0.6, 0.3, 0.08, 0.02])] + chance.lognormal(
        0, 1, (count, columns)
    )


def one_hot(count: int, seed: int) -> Floats:
    """Three numbers and twenty indicators of a customer."""
    chance = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, 21)
    return np.column_stack([chance.normal(size=(count, 3)), chance.random((count, 20)) < popularity])


def assert_every_merge_is_of_a_closest_pair(points: Floats, tree: Floats) -> None:
    """Replays the merges by brute force: each costs as little as any would have."""
    count = len(points)
    members = {position: [position] for position in range(count)}
    spread = np.abs(points - points.mean(axis=0)).max()
    for row, (one, other, height, size) in enumerate(tree):
        names = list(members)
        means = np.array([points[members[name]].mean(axis=0) for name in names])
        sizes = np.array([len(members[name]) for name in names])
        squared = ((means[:, None] - means) ** 2).sum(axis=2)
        apart = np.sqrt(2 * squared * sizes[:, None] * sizes / (sizes[:, None] + sizes))
        np.fill_diagonal(apart, np.inf)
        chosen = apart[names.index(int(one)), names.index(int(other))]
        assert chosen == pytest.approx(apart.min(), rel=1e-9, abs=1e-12 * spread)
        assert height == pytest.approx(chosen, rel=1e-9, abs=1e-12 * spread)
        members[count + row] = members.pop(int(one)) + members.pop(int(other))
        assert size == len(members[count + row])


def test_the_published_tree_of_40_customers_equal_heights_in_its_order() -> None:
    golden = json.loads(GOLDEN.read_text())
    points = np.array(
        [
            [customer["frequency"], customer["amount_spent"], len(set(customer["product_types"]))]
            for customer in golden["request"]["customers"]
        ],
        np.float32,
    ).astype(np.float64)
    np.testing.assert_allclose(linkage(points), golden["response"]["dendrogram"]["linkage_matrix"], rtol=1e-6)


@settings(max_examples=40)
@given(st.integers(2, 400), st.integers(1, 20), st.integers(0, 2**32))
def test_equals_scipy_where_nothing_ties(count: int, columns: int, seed: int) -> None:
    points = normal(count, columns, seed)
    tree = linkage(points)
    expected = hierarchy.linkage(points, "ward")
    np.testing.assert_array_equal(tree[:, [0, 1, 3]], expected[:, [0, 1, 3]])
    np.testing.assert_allclose(tree[:, 2], expected[:, 2], rtol=1e-9)


def test_equals_scipy_on_thousands_of_one_hot_customers_whose_tree_is_grown_anew() -> None:
    points = one_hot(3000, 1)
    tree = linkage(points)
    expected = hierarchy.linkage(points, "ward")
    np.testing.assert_allclose(tree[:, 2], expected[:, 2], rtol=1e-9)
    for k in (2, 7, 100):
        np.testing.assert_array_equal(cut(tree, k), cut(expected, k))


@settings(max_examples=40)
@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(2, 30), st.integers(1, 4)),
        elements=st.integers(0, 3).map(float),
    ),
    st.sampled_from([(1, 0), (0.1, 0), (1e15, 0), (1e-9, 0), (1, 1e9), (1e200, 0), (1, -1e6)]),
)
def test_with_ties_and_duplicates_every_merge_is_of_a_closest_pair(
    points: Floats, scale: tuple[float, float]
) -> None:
    moved = points * scale[0] + scale[1]
    tree = linkage(moved)
    assert hierarchy.is_valid_linkage(tree)
    assert (np.diff(tree[:, 2]) >= 0).all()
    # replayed where brute force keeps its digits: moving these integers rounds nothing
    tree[:, 2] /= scale[0]
    assert_every_merge_is_of_a_closest_pair(points, tree)


@pytest.mark.parametrize("count", [2, 3, 17, 1000])
def test_equal_points_merge_at_0(count: int) -> None:
    tree = linkage(np.full((count, 3), 0.1))
    assert hierarchy.is_valid_linkage(tree)
    assert (tree[:, 2] == 0).all()


def test_points_far_from_0_keep_their_digits() -> None:
    points = np.round(normal(300, 3, 5) * 2**12) / 2**12
    np.testing.assert_allclose(linkage(points + 2.0**40)[:, 2], linkage(points)[:, 2], rtol=1e-9)
    np.testing.assert_allclose(linkage(points - 2.0**40)[:, 2], linkage(points)[:, 2], rtol=1e-9)


def test_the_points_stay_as_they_are() -> None:
    points = np.asfortranarray(normal(50, 3, 2))
    before = points.copy()
    linkage(points)
    np.testing.assert_array_equal(points, before)


@settings(max_examples=20)
@given(st.integers(3, 200), st.integers(0, 2**32))
def test_cuts_are_numbered_as_in_scikit_learn(count: int, seed: int) -> None:
    points = normal(count, 3, seed)
    tree = linkage(points)
    ks = sorted({1, 2, min(7, count), count // 2, count})
    for k in ks:
        expected = AgglomerativeClustering(n_clusters=k, linkage="ward").fit(points)
        np.testing.assert_array_equal(cut(tree, k), expected.labels_)


def test_one_point_has_no_tree() -> None:
    with pytest.raises(ValueError, match=r"^1 points: a tree needs 2 or more$"):
        linkage(np.zeros((1, 3)))


@pytest.mark.parametrize("k", [0, 5])
def test_a_cut_into_none_or_more_than_there_are(k: int) -> None:
    with pytest.raises(ValueError, match=rf"^k is {k}: a tree of 4 points has 1 to 4 clusters$"):
        cut(linkage(np.arange(4.0)[:, None]), k)
