"""Ids that stay from run to run."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from plugins.segmentation.clustering.cluster_ids import UNKNOWN, renumber, share_kept


def test_a_swap_is_undone() -> None:
    labels, previous = np.array([0, 0, 1, 1, 2]), np.array([5, 5, 2, 2, 0])
    new = renumber(labels, previous)
    assert new == {0: 5, 1: 2, 2: 0}
    assert share_kept(np.array([new[label] for label in labels.tolist()]), previous) == 1.0


def test_a_cluster_too_many_gets_the_smallest_id_that_the_last_run_had_not() -> None:
    labels, previous = np.array([0, 0, 0, 1, 2]), np.array([0, 0, 0, 1, 1])
    new = renumber(labels, previous)
    assert new[0] == 0
    assert sorted(new.values()) == [0, 1, 2]
    split_and_merged = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 0, 0, 1, 1, 2])
    assert renumber(*split_and_merged) == {0: 0, 1: 3, 2: 1}


def test_noise_stays_noise_and_is_no_cluster_to_match() -> None:
    labels, previous = np.array([-1, -1, 0, 0]), np.array([3, 3, -1, -1])
    assert renumber(labels, previous) == {-1: -1, 0: 0}


def test_customers_without_a_past_change_nothing() -> None:
    labels = np.array([0, 1, 1])
    previous = np.full(3, UNKNOWN)
    assert renumber(labels, previous) == {0: 0, 1: 1}
    assert share_kept(labels, previous) is None


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(-1, 6), st.integers(-2, 6)), min_size=1, max_size=60).map(np.array),
)
def test_the_overlap_is_the_largest_there_is(pairs: np.ndarray) -> None:
    labels, previous = pairs.T
    new = renumber(labels, previous)
    assert len(set(new.values())) == len(new)
    kept = sum(
        new[label] == old for label, old in zip(labels.tolist(), previous.tolist(), strict=True) if label >= 0
    )
    overlap = np.zeros((7, 7))
    for label, old in pairs.tolist():
        if label >= 0 and old >= 0:
            overlap[label, old] += 1
    assert kept == overlap[linear_sum_assignment(overlap, maximize=True)].sum()


def test_thousands_of_clusters_take_no_dense_table() -> None:
    labels = np.repeat(np.arange(20_000), 3)
    previous = np.roll(labels, 1)[::-1].copy()
    new = renumber(labels, previous)
    assert share_kept(np.array([new[label] for label in labels.tolist()]), previous) > 0.6
