"""What is stored of a segmentation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plugins.segmentation.clustering.algorithms import ALGORITHMS
from plugins.segmentation.clustering.cluster import NoPartition, cluster
from plugins.segmentation.clustering.quality import quality
from plugins.segmentation.clustering.segmentation import Segmentation
from plugins.segmentation.clustering.task import Task

CHANCE = np.random.default_rng(8)
FIGURES = np.column_stack([CHANCE.integers(1, 9, 80), CHANCE.gamma(2, 90, 80), CHANCE.integers(1, 4, 80)])
TASK = Task(("a", "b", "c"), FIGURES.astype(float), "raw", (2, 3), tuple(ALGORITHMS), 5.0, 3)


def test_a_trip_through_its_files(tmp_path: Path) -> None:
    outcome = cluster(TASK)
    stored = Segmentation(
        TASK.space, "agglo", outcome.fitted, outcome.winner.labels, outcome.trial.tree, {"é": [1, None]}
    )
    stored.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arrays.npz", "segmentation.json"]
    read = Segmentation.load(tmp_path)
    assert read.summary == stored.summary
    assert read.space.axes == stored.space.axes
    for mine, theirs in zip((read.labels, read.tree), (stored.labels, stored.tree), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(read.assign(TASK.points), stored.assign(TASK.points))
    rows = [dict(zip("abc", figures, strict=True)) for figures in FIGURES.tolist()]
    assert read.score(rows) == read.assign(TASK.points).tolist()


def test_a_pickle_among_the_arrays_is_not_loaded(tmp_path: Path) -> None:
    outcome = cluster(TASK)
    Segmentation(TASK.space, "agglo", outcome.fitted, outcome.winner.labels, outcome.trial.tree, {}).save(
        tmp_path
    )
    arrays = dict(np.load(tmp_path / "arrays.npz"))
    arrays["labels"] = np.array([{"code": "runs"}], dtype=object)
    np.savez(tmp_path / "arrays.npz", **arrays)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        Segmentation.load(tmp_path)


def test_the_fingerprint_follows_what_was_clustered() -> None:
    same = replace(TASK, figures=FIGURES.astype(float).copy())
    assert same.fingerprint == TASK.fingerprint
    others = [
        replace(TASK, figures=FIGURES[::-1].astype(float)),
        replace(TASK, ks=(2,)),
        replace(TASK, eps=4.0),
        replace(TASK, algorithms=("agglo",)),
        replace(TASK, previous=np.zeros(80, dtype=np.int64)),
        replace(TASK, previous=np.ones(80, dtype=np.int64)),
    ]
    assert len({TASK.fingerprint, *(other.fingerprint for other in others)}) == 7


def test_quality_is_per_cluster() -> None:
    judged = quality(cluster(TASK), TASK)
    sizes = [row["n_customers"] for row in judged["clusters"]]
    assert sum(sizes) == 80
    mean = sum(row["silhouette"] * size for row, size in zip(judged["clusters"], sizes, strict=True)) / 80
    assert mean == pytest.approx(judged["silhouette"])
    assert 0 <= judged["negative_share"] <= 1


def test_no_partition_says_why() -> None:
    with pytest.raises(NoPartition, match="DBSCAN finds 0 clusters and leaves 80 of 80 customers as noise"):
        cluster(replace(TASK, algorithms=("dbscan",), eps=1e-9))
