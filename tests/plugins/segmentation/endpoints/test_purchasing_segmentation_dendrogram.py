"""Ward's tree and its best cut, as a caller sees them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import davies_bouldin_score, silhouette_score

from plugins.segmentation.endpoints.purchasing_segmentation_dendrogram import ENDPOINT
from tests.plugins.calls import answered, faults, golden
from tests.plugins.segmentation.endpoints.test_purchasing_segmentation import (
    TOO_FEW,
    purchases,
    raw,
    three_kinds,
)


def test_published_figures_to_the_digits_printed() -> None:
    example = golden("purchasing_segmentation_dendrogram")
    answer, expected = answered(ENDPOINT, example["request"]), example["response"]
    assert answer["best_model"] == pytest.approx(expected["best_model"], abs=1e-4)
    assert [row["k"] for row in answer["benchmark"]] == list(range(2, 11))
    rows = {str(row["k"]): (row["silhouette"], row["davies_bouldin"]) for row in answer["benchmark"]}
    for k, figures in expected["benchmark_rows"].items():
        assert rows[k] == pytest.approx(figures, abs=1e-4)
    np.testing.assert_allclose(answer["centroids"], expected["centroids"], atol=0.01)
    assert answer["labels"].items() >= expected["labels_some"].items()
    tree = answer["dendrogram"]
    np.testing.assert_allclose(tree["linkage_matrix"][0], expected["linkage_first"], atol=0.01)
    np.testing.assert_allclose(tree["linkage_matrix"][-1], expected["linkage_last"], atol=0.01)
    for row, wanted in zip(tree["cluster_legend"], expected["cluster_legend"], strict=True):
        assert row.items() >= wanted.items()


def test_tree_and_scores_are_the_libraries() -> None:
    customers = three_kinds(400, seed=3)
    answer = answered(ENDPOINT, {"customers": customers})
    points = raw(customers)
    tree = np.array(answer["dendrogram"]["linkage_matrix"])
    np.testing.assert_allclose(tree[:, 2], linkage(points, "ward")[:, 2], rtol=1e-9)
    for row in answer["benchmark"]:
        labels = AgglomerativeClustering(row["k"]).fit_predict(points)
        assert row["silhouette"] == pytest.approx(silhouette_score(points, labels), abs=1e-6)
        assert row["davies_bouldin"] == pytest.approx(davies_bouldin_score(points, labels), abs=1e-6)
    labels = AgglomerativeClustering(answer["best_model"]["k"]).fit_predict(points)
    assert list(answer["labels"].values()) == labels.tolist()


def test_three_distinct_customers_are_enough_and_two_are_not() -> None:
    three = [(1, 10.0, "a"), (1, 10.0, "a"), (5, 80.0, "a"), (9, 300.0, "a")]
    assert [row["k"] for row in answered(ENDPOINT, {"customers": purchases(*three)})["benchmark"]] == [2]
    assert faults(ENDPOINT, {"customers": purchases(*three[:3])}) == [
        (
            "/customers",
            f"3 customers, 2 of them {TOO_FEW}",
        )
    ]
