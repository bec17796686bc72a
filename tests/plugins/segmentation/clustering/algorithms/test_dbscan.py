import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from plugins.segmentation.clustering.algorithms.dbscan import dbscan, nearest_core

Floats = NDArray[np.float64]


def assert_as_scikit_learn(points: Floats, eps: float, min_samples: int) -> None:
    found = dbscan(points, eps, min_samples)
    expected = DBSCAN(eps=eps, min_samples=min_samples).fit(points)
    np.testing.assert_array_equal(found.labels, expected.labels_)
    np.testing.assert_array_equal(np.flatnonzero(found.core), expected.core_sample_indices_)


@settings(max_examples=40)
@given(
    st.integers(1, 300),
    st.integers(1, 15),
    st.floats(0.05, 3),
    st.integers(1, 12),
    st.integers(0, 2**32),
)
def test_equals_scikit_learn_on_blobs(
    count: int, columns: int, eps: float, min_samples: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    points = chance.normal(0, 3, (5, columns))[chance.integers(0, 5, count)]
    points += chance.normal(0, 0.5, (count, columns)) * chance.random((count, 1))
    assert_as_scikit_learn(points, eps * np.sqrt(columns), min_samples)


@settings(max_examples=40)
@given(
    st.integers(1, 300),
    st.integers(1, 20),
    st.integers(1, 6),
    st.sampled_from([1.0, 2.0, np.sqrt(2), 5.0]),
    st.integers(1, 9),
    st.integers(0, 2**32),
)
def test_equals_scikit_learn_on_grids_at_exactly_eps_and_on_duplicates(
    count: int, columns: int, width: int, eps: float, min_samples: int, seed: int
) -> None:
    points = np.random.default_rng(seed).integers(0, width, (count, columns)).astype(np.float64)
    assert_as_scikit_learn(points, eps, min_samples)


@pytest.mark.parametrize(("eps", "min_samples"), [(0.4, 5), (1.0, 5), (1.0, 2), (1.6, 20)])
def test_equals_scikit_learn_on_one_hot_customers(eps: float, min_samples: int) -> None:
    chance = np.random.default_rng(7)
    indicators = chance.random((3000, 50)) < 0.4 / np.arange(1, 51)
    points = np.column_stack([chance.normal(0, 0.4, (3000, 3)), indicators])
    assert_as_scikit_learn(points, eps, min_samples)


@pytest.mark.parametrize("min_samples", [5, 1500, 2999, 3000, 3001])
def test_equals_scikit_learn_where_all_are_neighbours(min_samples: int) -> None:
    assert_as_scikit_learn(np.random.default_rng(1).random((3000, 3)), 10.0, min_samples)


def test_a_border_point_belongs_to_the_lowest_cluster_in_reach_not_to_the_nearest() -> None:
    line = np.array([0, 0.1, 0.2, 0.3, 1.2, 1.9, 2.3, 2.4, 2.5])[:, None]
    found = dbscan(line, 0.95, 4)
    assert found.core.tolist() == [True] * 4 + [False] + [True] * 4
    assert found.labels.tolist() == [0] * 5 + [1] * 4
    assert dbscan(line[::-1], 0.95, 4).labels.tolist() == [0] * 5 + [1] * 4


def test_memory_does_not_follow_the_neighbours() -> None:
    # 400 million pairs within eps: 3.2 GB in scikit-learn
    found = dbscan(np.random.default_rng(1).random((20_000, 2)), 2.0, 5)
    assert (found.labels == 0).all()
    assert found.core.all()


def test_new_points_go_to_the_nearest_core_point_within_eps() -> None:
    cores = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 0.0], [9.0, 9.0]])
    labels = np.array([0, 1, 5, 2])
    asked = np.array([[0.9, 0.0], [1.1, 0.0], [1.0, 0.0], [3.0, 0.0], [3.1, 0.0], [9.0, 9.0]])
    assert nearest_core(cores, labels, asked, 1.0).tolist() == [0, 1, 0, 1, -1, 2]
    assert nearest_core(cores[:0], labels[:0], asked, 1.0).tolist() == [-1] * 6


@settings(max_examples=20)
@given(st.integers(1, 300), st.integers(1, 20), st.floats(0.1, 5), st.integers(0, 2**32))
def test_the_nearest_core_point_by_brute_force(count: int, columns: int, eps: float, seed: int) -> None:
    chance = np.random.default_rng(seed)
    cores, asked = chance.normal(size=(count, columns)), chance.normal(size=(50, columns))
    squared = ((asked[:, None] - cores) ** 2).sum(axis=2)
    expected = np.where(squared.min(axis=1) <= eps * eps, squared.argmin(axis=1), -1)
    np.testing.assert_array_equal(nearest_core(cores, np.arange(count), asked, eps), expected)


@pytest.mark.parametrize(
    ("points", "eps", "min_samples", "message"),
    [
        (np.zeros((0, 2)), 1.0, 5, "points is empty: DBSCAN needs 1 or more"),
        (np.zeros((2, 2)), 0.0, 5, "eps is 0.0: it must be more than 0"),
        (np.zeros((2, 2)), 1.0, 0, "min_samples is 0: it must be 1 or more"),
    ],
)
def test_what_cannot_be_clustered(points: Floats, eps: float, min_samples: int, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        dbscan(points, eps, min_samples)
