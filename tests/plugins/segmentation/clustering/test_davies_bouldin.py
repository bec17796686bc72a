from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import davies_bouldin_score

from plugins.segmentation.clustering import davies_bouldin as module
from plugins.segmentation.clustering.davies_bouldin import davies_bouldin


@pytest.mark.parametrize("seed", range(8))
def test_it_is_scikit_learns(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 3)
    chance = np.random.default_rng(seed)
    points = chance.normal(size=(200, 4)) * 10.0**seed + 1e3
    labels = chance.integers(-1, 2 + 3 * seed, 200)
    assert davies_bouldin(points, labels) == pytest.approx(davies_bouldin_score(points, labels), rel=1e-6)


@pytest.mark.parametrize("points", [[[0.0], [0.0], [5.0], [5.0]], [[0.0], [2.0], [0.0], [2.0]]])
def test_clusters_without_spread_or_distance(points: list[list[float]]) -> None:
    labels = np.array([0, 0, 1, 1])
    assert davies_bouldin(np.array(points), labels) == davies_bouldin_score(points, labels)
