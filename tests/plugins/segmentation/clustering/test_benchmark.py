"""Algorithms side by side."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.mixture import GaussianMixture

from plugins.segmentation.clustering.algorithms import ALGORITHMS
from plugins.segmentation.clustering.algorithms.gaussian_mixture import gaussian_mixture
from plugins.segmentation.clustering.benchmark import Candidate, benchmark, best, score
from plugins.segmentation.clustering.partition import Partition


def blobs(count: int, seed: int = 0, columns: int = 3) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return chance.normal(chance.integers(0, 4, (count, 1)) * 5.0, 1.0, (count, columns))


def test_every_algorithm_at_every_k_has_the_librarys_scores() -> None:
    points = blobs(300)
    trial = benchmark(points, (2, 3, 4), tuple(ALGORITHMS), eps=1.2, min_samples=5)
    assert [(each.partition.algorithm, each.partition.k) for each in trial.candidates] == [
        *((code, k) for code in ("kmeans", "gmm", "agglo") for k in (2, 3, 4)),
        ("dbscan", None),
    ]
    for candidate in trial.candidates:
        labels = candidate.partition.labels
        assert candidate.silhouette == pytest.approx(silhouette_score(points, labels), abs=1e-6)
        assert candidate.davies_bouldin == pytest.approx(davies_bouldin_score(points, labels))
        assert candidate.calinski_harabasz == pytest.approx(calinski_harabasz_score(points, labels))
    assert trial.best is not None
    assert trial.best.silhouette == max(each.silhouette or -1 for each in trial.candidates)
    assert trial.tree.shape == (299, 4)


def candidate(silhouette: float | None, davies_bouldin: float | None, k: int = 2) -> Candidate:
    partition = Partition("agglo", k, np.array([0, 1, 1]), {})
    return Candidate(partition, silhouette, davies_bouldin, None, None)


def test_highest_silhouette_then_lowest_davies_bouldin_then_first() -> None:
    worse, better = candidate(0.5, 0.9), candidate(0.5 + 1e-15, 0.4, k=3)
    assert best([candidate(None, None), candidate(0.4, 0.1), worse, better]) is better
    same = candidate(0.5, 0.9, k=4)
    assert best([worse, same]) is worse
    assert best([candidate(None, None)]) is None


@pytest.mark.parametrize(
    ("labels", "scorable"),
    [
        ([0, 0, 1, 1], True),
        ([0, 0, 0, 0], False),
        ([0, 1, 2, 3], False),
        ([0, 0, -1, -1], True),
        ([0, -1, -1, -1], False),
        ([-1, -1, -1, -1], False),
    ],
)
def test_what_can_be_scored(labels: list[int], scorable: bool) -> None:
    assert Partition("dbscan", None, np.array(labels), {}).scorable is scorable


def test_partitions_of_many_cells_are_scored_in_several_passes() -> None:
    points = blobs(900, seed=2)
    chance = np.random.default_rng(3)
    partitions = [Partition("kmeans", 30, chance.integers(0, 30, 900), {}) for _ in range(4)]
    for scored in score(points, partitions):
        expected = silhouette_score(points, scored.partition.labels)
        assert scored.silhouette == pytest.approx(expected, abs=1e-6)


def test_a_mixture_assigns_as_scikit_learn_predicts() -> None:
    points, new = blobs(400, seed=4), blobs(100, seed=5)
    partition = gaussian_mixture(points, 4)
    assert partition is not None
    fitted = {**partition.fitted, "ids": np.unique(partition.labels)}
    expected = GaussianMixture(4, random_state=42).fit(points).predict(new)
    np.testing.assert_array_equal(ALGORITHMS["gmm"].assign(fitted, new), expected)


def test_a_mixture_that_degenerates_has_no_partition() -> None:
    line = np.column_stack([np.arange(30.0) * 1e9] * 3)
    partition = gaussian_mixture(line, 3)
    assert partition is None or partition.clusters >= 2


def test_nobody_to_assign() -> None:
    fitted = {"centers": np.zeros((2, 3)), "ids": np.array([0, 1])}
    assert ALGORITHMS["kmeans"].assign(fitted, np.empty((0, 3))).size == 0
