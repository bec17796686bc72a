import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_samples as by_scikit_learn

from plugins.segmentation.clustering.silhouette import silhouette_samples

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def by_definition(points: Floats, labels: Ints) -> Floats:
    """scikit-learn's, of distances by direct differences: its own lose digits far from 0."""
    scores: Floats = by_scikit_learn(cdist(points, points), labels, metric="precomputed")
    return scores


def partitions(count: int, seed: int) -> list[Ints]:
    """Few clusters, many, with noise, with clusters of one, all crossing."""
    chance = np.random.default_rng(seed)
    singles = np.arange(count)
    singles[count // 2 :] = 0
    return [
        np.arange(count) % 2,
        chance.integers(-1, 3, count),
        chance.integers(0, max(2, count // 3), count) * 7 - 5,
        singles,
    ]


def valid(labels: Ints) -> bool:
    return 2 <= len(np.unique(labels)) < len(labels)


def test_the_values_of_rousseeuw_1987_by_hand_on_a_line() -> None:
    points = np.array([[0.0], [1.0], [4.0], [6.0]])
    found = silhouette_samples(points, [np.array([0, 0, 1, 1])])
    np.testing.assert_allclose(found, [[4 / 5, 3 / 4, 1.5 / 3.5, 3.5 / 5.5]])


@settings(max_examples=40)
@given(
    st.integers(3, 300),
    st.integers(1, 12),
    st.integers(0, 2**32),
    st.sampled_from([(1.0, 0.0), (1e15, 0.0), (1e-9, 0.0), (1.0, 1e9), (1e200, 0.0)]),
)
def test_equals_scikit_learn(count: int, columns: int, seed: int, scale: tuple[float, float]) -> None:
    chance = np.random.default_rng(seed)
    points = np.round(chance.normal(0, 2, (count, columns)), int(chance.integers(0, 3)))
    chosen = [labels for labels in partitions(count, seed) if valid(labels)]
    found = silhouette_samples(points * scale[0] + scale[1], chosen)
    for values, labels in zip(found, chosen, strict=True):
        moved = points if scale[0] > 1e100 else points * scale[0] + scale[1]
        np.testing.assert_allclose(values, by_definition(moved, labels), rtol=0, atol=1e-6)


@pytest.mark.parametrize("columns", [1, 3, 4, 53])
def test_equals_scikit_learn_in_single_precision(columns: int) -> None:
    chance = np.random.default_rng(columns)
    points = chance.lognormal(0, 1, (3000, columns)) + 50
    chosen = partitions(3000, 1)
    chosen.append((points[:, 0] > np.median(points[:, 0])).astype(np.int64))
    found = silhouette_samples(points, chosen)
    for values, labels in zip(found, chosen, strict=True):
        np.testing.assert_allclose(values, by_definition(points, labels), rtol=0, atol=5e-7)


@pytest.mark.parametrize("far", [1e3, 1e6, 1e9, 1e13])
def test_tight_clusters_far_apart_are_told_from_each_other(far: float) -> None:
    chance = np.random.default_rng(3)
    groups = np.arange(4000) % 4
    points = np.round(chance.normal(0, 1, (4000, 2)), 3) + np.array([0, 3, far, far + 3])[groups][:, None]
    (found,) = silhouette_samples(points, [groups])
    np.testing.assert_allclose(found, by_definition(points, groups), rtol=0, atol=1e-6)


def test_duplicates_are_0_apart() -> None:
    groups = np.arange(3000) % 3
    points = np.array([[0.1, 1e9], [0.3, 1e9], [0.7, 1e9 + 1]])[groups]
    (found,) = silhouette_samples(points, [groups])
    assert (found == 1).all()
    (found,) = silhouette_samples(np.full((3000, 2), 0.1), [groups])
    assert (found == 0).all()


@pytest.mark.parametrize("count", [500, 5000])
def test_neither_threads_nor_other_partitions_change_the_cells_of_a_row(count: int) -> None:
    points = np.random.default_rng(1).lognormal(0, 1, (count, 3))
    chosen = partitions(count, 2)
    one = silhouette_samples(points, chosen, workers=1)
    np.testing.assert_array_equal(one, silhouette_samples(points, chosen, workers=2))
    np.testing.assert_array_equal(one, silhouette_samples(points, chosen, workers=3))
    alone = np.concatenate([silhouette_samples(points, [labels]) for labels in chosen])
    np.testing.assert_allclose(one, alone, rtol=0, atol=1e-6)


def test_no_partition() -> None:
    assert silhouette_samples(np.zeros((5, 2)), []).shape == (0, 5)


@pytest.mark.parametrize(("labels", "clusters"), [([3, 3, 3], 1), ([0, 1, 2], 3)])
def test_a_partition_that_has_no_silhouette_is_named(labels: list[int], clusters: int) -> None:
    message = rf"^partition 1 has {clusters} clusters of 3 points: a silhouette needs 2 or more, and fewer"
    with pytest.raises(ValueError, match=message):
        silhouette_samples(np.zeros((3, 1)), [np.array([0, 0, 1]), np.array(labels)])
