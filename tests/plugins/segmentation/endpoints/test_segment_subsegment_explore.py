"""Segments inside segments."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from plugins.segmentation.endpoints.segment_subsegment_explore import ENDPOINT
from tests.plugins.calls import answered, faults, golden
from tests.plugins.segmentation.endpoints.test_purchasing_segmentation import purchases

EVERY: dict[str, Any] = copy.deepcopy(dict(ENDPOINT.examples["every_parent"]))


def test_published_example() -> None:
    example = golden("segment_subsegment_explore")
    answer = answered(ENDPOINT, example["request"])["subsegment_results"]
    expected = copy.deepcopy(example["response"]["subsegment_results"])
    assert list(answer) == list(expected)
    mine, theirs = answer["1"], expected["1"]
    for row, wanted in zip(mine.pop("benchmark"), theirs.pop("benchmark"), strict=True):
        assert row == pytest.approx(wanted, abs=1e-6)
    centroids, wanted = mine.pop("nested_centroids"), theirs.pop("nested_centroids")
    assert centroids["columns"] == wanted["columns"]
    np.testing.assert_allclose(centroids["values"], wanted["values"], rtol=1e-4)
    assert mine == theirs


def test_every_parent_and_those_too_small_to_split() -> None:
    answer = answered(ENDPOINT, EVERY)["subsegment_results"]
    assert list(answer) == ["0", "1", "2"]
    assert answer["0"]["best_k"] == 2
    assert answer["2"]["benchmark"] == []
    assert answer["2"]["best_k"] is None
    assert answer["2"]["note"] == "Too few distinct customers to split."
    assert "note" not in answer["0"]


def test_a_named_parent_that_is_too_small_is_a_fault() -> None:
    [fault] = faults(ENDPOINT, {**EVERY, "target_cluster": 2})
    assert fault.pointer == "/target_cluster"
    assert fault.message == (
        "Cluster 2 has 2 customers, 2 of them distinct in their figures; a split needs at least 3, "
        "and a k below that number."
    )
    assert faults(ENDPOINT, {**EVERY, "target_cluster": 9}) == [
        ("/target_cluster", "No customer has the label 9."),
    ]


def test_noise_may_be_explored_like_any_parent() -> None:
    figures = [(orders, spend, "a") for orders, spend in ((1, 5.0), (2, 6.0), (30, 900.0), (31, 905.0))]
    body = {"customers": purchases(*figures), "labels": {f"C{place}": -1 for place in range(4)}}
    answer = answered(ENDPOINT, {**body, "target_cluster": -1})["subsegment_results"]["-1"]
    assert answer["best_k"] == 2
    parts = answer["nested_labels"]
    assert parts["C0"] == parts["C1"] != parts["C2"] == parts["C3"]


def test_scaling_is_within_the_parent() -> None:
    wide = answered(ENDPOINT, {**EVERY, "target_cluster": 0})
    scaled = answered(ENDPOINT, {**EVERY, "target_cluster": 0, "scaling": "zscore"})
    rows = [each["subsegment_results"]["0"]["benchmark"][0]["silhouette"] for each in (wide, scaled)]
    assert rows[0] != rows[1]


def test_labels_and_customers_must_match() -> None:
    body = copy.deepcopy(EVERY)
    del body["labels"]["C002"]
    body["labels"]["nobody"] = 1
    assert faults(ENDPOINT, body) == [
        ("/customers/1/id", "'C002' has no label; send one in labels."),
        ("/labels/nobody", "'nobody' is no customer of this request."),
    ]


def test_words_in_spanish() -> None:
    answer = answered(ENDPOINT, {**EVERY, "target_cluster": 0}, lang="es")["subsegment_results"]["0"]
    assert answer["selection_description"] == (
        "Dentro del clúster padre 0, k = 2 obtuvo la silueta más alta (0,834) y el Davies-Bouldin más bajo "
        "(0,203)."
    )
    assert set(answer["nested_interpretations_es"]) == {"0", "1"}


def test_more_splits_than_a_request_can_wait_for() -> None:
    customers = purchases(*[(1, float(place), "a") for place in range(60)])
    body = {"customers": customers, "labels": {f"C{place}": place // 3 for place in range(60)}}
    assert faults(ENDPOINT, {**body, "k_range": list(range(2, 31))}) == []
    body["labels"] = {f"C{place}": place for place in range(60)}
    [fault] = faults(ENDPOINT, {**body, "k_range": list(range(2, 31))})
    assert fault.pointer == "/labels"
    assert fault.message.startswith("1,740 clusters times numbers of parts to try")
