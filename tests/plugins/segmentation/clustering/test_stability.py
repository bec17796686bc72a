"""How stable a clustering is."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from plugins.segmentation.clustering.algorithms.algorithm import Setup
from plugins.segmentation.clustering.algorithms.dbscan import DBSCAN
from plugins.segmentation.clustering.algorithms.gaussian_mixture import gaussian_mixture
from plugins.segmentation.clustering.algorithms.kmeans import kmeans
from plugins.segmentation.clustering.algorithms.ward import ward
from plugins.segmentation.clustering.algorithms.ward_tree import linkage
from plugins.segmentation.clustering.partition import Partition
from plugins.segmentation.clustering.stability import Stability, stability


def blobs(count: int, apart: float, seed: int = 3) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return chance.normal(chance.integers(0, 3, (count, 1)) * apart, 1.0, (count, 2))


def measured(points: np.ndarray, partition: Partition) -> Stability:
    found = stability(points, partition, eps=1.5, min_samples=4)
    assert found is not None
    return found


def test_groups_that_lie_far_apart_are_found_again_by_every_algorithm() -> None:
    points = blobs(120, 20.0)
    mixture = gaussian_mixture(points, 3)
    assert mixture is not None
    [attempt] = DBSCAN.attempts(Setup(points, (), 1.5, 4, lambda: linkage(points)))
    by_density = attempt.fit()
    assert by_density is not None
    partitions = [
        kmeans(points, 3),
        mixture,
        ward(points, linkage(points), 3),
        by_density,
    ]
    for partition in partitions:
        assert measured(points, partition).ari > 0.9


def test_a_cloud_without_groups_is_not() -> None:
    points = np.random.default_rng(5).uniform(0, 1, (150, 2))
    found = measured(points, kmeans(points, 7))
    assert found.lower <= found.ari <= found.upper
    assert found.ari < 0.75 < measured(blobs(150, 20.0), kmeans(blobs(150, 20.0), 3)).ari


def test_the_index_is_that_of_predictions_for_all_customers() -> None:
    points = blobs(400, 2.5)
    partition = kmeans(points, 3)
    chance = np.random.default_rng(1)
    indices = []
    for _ in range(30):
        model = KMeans(3, n_init=5, random_state=0).fit(points[chance.integers(0, 400, 400)])
        indices.append(adjusted_rand_score(partition.labels, model.predict(points)))
    assert measured(points, partition).ari == pytest.approx(np.mean(indices), abs=0.03)


def test_the_same_twice_and_nothing_below_fifty() -> None:
    points = blobs(50, 4.0)
    assert measured(points, kmeans(points, 3)) == measured(points, kmeans(points, 3))
    assert stability(points[:49], kmeans(points[:49], 3), eps=1.0, min_samples=3) is None


def test_more_clusters_than_a_sample_has_distinct_customers() -> None:
    points = np.repeat(np.arange(30.0), 2)[:, None]
    assert 0 <= measured(points, kmeans(points, 29)).ari <= 1
