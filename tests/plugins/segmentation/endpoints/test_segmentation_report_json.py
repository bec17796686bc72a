"""The report as JSON."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from abintel.problem import Problem
from plugins.segmentation.endpoints import purchasing_segmentation_dendrogram, segment_hierarchy_chart
from plugins.segmentation.endpoints.segmentation_report_json import ENDPOINT
from tests.plugins.calls import answered, faults, golden
from tests.plugins.segmentation.endpoints.test_purchasing_segmentation import purchases

SECTIONS = (
    "executive_summary",
    "cluster_analysis",
    "customer_insights",
    "marketing_recommendations",
    "channel_strategy",
    "product_cross_sell_ideas",
    "retention_actions",
    "next_steps",
)
EXAMPLE: dict[str, Any] = copy.deepcopy(dict(ENDPOINT.example))


def words(text: str) -> int:
    return len(text.split())


def test_published_example() -> None:
    example = golden("segmentation_report_json")
    answer, expected = answered(ENDPOINT, example["request"]), example["response"]
    assert answer["auto_insights"] == expected["auto_insights"]
    for row, wanted in zip(answer["cluster_metrics"], expected["cluster_metrics"], strict=True):
        share = wanted.pop("share_revenue_pct")
        assert row.pop("share_revenue_pct") == pytest.approx(share, abs=1e-3)
        assert row == wanted
    assert set(expected) <= set(answer)
    assert answer["language"] == "English"
    assert answer["generated_on"] == "2025-04-28T12:00:00"
    assert answer["raw_payload"] == example["request"]
    assert 250 <= words(answer["executive_summary"]) <= 350
    assert all(answer[section] for section in SECTIONS)
    assert answer["dendrogram_insights"]


def test_depth_and_language() -> None:
    brief = answered(ENDPOINT, EXAMPLE, lang="pt", query={"depth": "brief"})
    full = answered(ENDPOINT, EXAMPLE, lang="pt")
    assert brief["language"] == "Português"
    assert 60 <= words(brief["executive_summary"]) <= 120
    assert all(words(brief[section]) < words(full[section]) for section in SECTIONS)
    with pytest.raises(Problem, match="depth: 'deep' is not one of full, brief"):
        answered(ENDPOINT, EXAMPLE, query={"depth": "deep"})


def test_without_a_tree_there_is_nothing_to_say_of_it() -> None:
    answer = answered(ENDPOINT, ENDPOINT.examples["without"])
    assert answer["dendrogram_insights"] is None
    assert answer["raw_payload"] == ENDPOINT.examples["without"]


def test_a_legend_of_other_clusters_names_no_product_types() -> None:
    body = copy.deepcopy(EXAMPLE)
    plain = answered(ENDPOINT, body)["cluster_metrics"]
    other = {"cluster_id": 0, "n_customers": 99, "avg_spend": 1.0, "top_categories": "gold"}
    body["dendrogram"]["cluster_legend"] = [other]
    assert answered(ENDPOINT, body)["cluster_metrics"] == plain
    same = {key: plain[0][key] for key in ("cluster_id", "n_customers", "avg_spend")}
    body["dendrogram"]["cluster_legend"] = [{**same, "top_categories": "gold, silver"}]
    assert answered(ENDPOINT, body)["cluster_metrics"][0]["top_categories"] == "gold, silver"


def test_faults_of_labels_and_of_the_tree() -> None:
    body = copy.deepcopy(EXAMPLE)
    del body["labels"]["C003"]
    body["dendrogram"]["leaf_labels"][0] = "nobody"
    body["dendrogram"]["leaf_labels"][1] = "C004"
    body["dendrogram"]["linkage_matrix"][0][3] = 5
    assert {fault.pointer for fault in faults(ENDPOINT, body)} >= {
        "/customers/2/id",
        "/dendrogram/leaf_labels/0",
        "/dendrogram/leaf_labels/3",
        "/dendrogram/linkage_matrix/0",
    }


def test_labels_are_needed_where_nothing_is_clustered() -> None:
    [fault] = faults(ENDPOINT, {"customers": EXAMPLE["customers"]})
    assert fault.pointer == "/labels"


def test_a_report_on_more_clusters_than_anybody_reads() -> None:
    customers = [{**EXAMPLE["customers"][0], "id": f"C{place}"} for place in range(201)]
    body = {"customers": customers, "labels": {f"C{place}": place for place in range(201)}}
    assert faults(ENDPOINT, body) == [("/labels", "201 different clusters; a report takes at most 200.")]
    body["labels"]["C200"] = 0
    assert len(answered(ENDPOINT, body)["cluster_metrics"]) == 200


def test_a_tree_over_some_of_the_customers_is_refused() -> None:
    body = copy.deepcopy(EXAMPLE)
    body["dendrogram"] = {"linkage_matrix": [[0, 1, 5.0, 2]], "leaf_labels": ["C001", "C002"]}
    assert faults(ENDPOINT, body) == [
        ("/dendrogram/leaf_labels", "2 leaves for 12 customers; send the tree over all of them.")
    ]


def test_the_tree_of_large_amounts_is_a_body() -> None:
    figures = [(1, 0.0, "a"), (2, 1e15, "a"), (3, 9.9e14, "a"), (4, 1.0, "a"), (5, 2.0, "a")]
    tree = answered(purchasing_segmentation_dendrogram.ENDPOINT, {"customers": purchases(*figures)})
    body = {"customers": purchases(*figures), "labels": tree["labels"], "dendrogram": tree["dendrogram"]}
    assert answered(ENDPOINT, body)["dendrogram_insights"]
    assert answered(segment_hierarchy_chart.ENDPOINT, {"dendrogram": tree["dendrogram"]})["nodes"]
