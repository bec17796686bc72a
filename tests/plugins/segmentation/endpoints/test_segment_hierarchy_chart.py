"""A dendrogram as nodes and links, or as rings."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from abintel.problem import Problem
from plugins.segmentation.endpoints import purchasing_segmentation_dendrogram
from plugins.segmentation.endpoints.segment_hierarchy_chart import ENDPOINT
from tests.plugins.calls import answered, faults, golden

EXAMPLE: dict[str, Any] = copy.deepcopy(dict(ENDPOINT.example))


def test_published_example() -> None:
    example = golden("segment_hierarchy_chart")
    answer, expected = answered(ENDPOINT, example["request"]), example["response"]
    assert answer["nodes"] == expected["nodes"]
    assert [list(node) for node in answer["nodes"]] == [list(node) for node in expected["nodes"]]
    assert answer["columns"] == expected["columns"]
    assert answer["cluster_legend"] == expected["cluster_legend"]
    assert answer["links"][:2] == expected["first_links"]
    assert len(answer["links"]) == expected["n_links"]
    rows = example["request"]["dendrogram"]["linkage_matrix"]
    assert [(link["source"], link["target"], link["distance"]) for link in answer["links"]] == [
        (40 + place, child, row[2]) for place, row in enumerate(rows) for child in row[:2]
    ]


def test_the_answer_of_the_dendrogram_route_is_a_body() -> None:
    endpoint = purchasing_segmentation_dendrogram.ENDPOINT
    tree = answered(endpoint, endpoint.example)["dendrogram"]
    answer = answered(ENDPOINT, {"dendrogram": tree})
    assert answer["cluster_legend"] == tree["cluster_legend"]
    assert [node["label"] for node in answer["nodes"] if node["is_leaf"]] == tree["leaf_labels"]


def test_without_a_legend_there_is_none() -> None:
    body = copy.deepcopy(EXAMPLE)
    del body["dendrogram"]["cluster_legend"]
    assert "cluster_legend" not in answered(ENDPOINT, body)


def test_rings() -> None:
    answer = answered(ENDPOINT, EXAMPLE, query={"format": "sunburst"})

    def leaves(ring: dict[str, Any]) -> list[str]:
        if "children" not in ring:
            return [ring["name"]]
        return [leaf for child in ring["children"] for leaf in leaves(child)]

    assert sorted(leaves(answer["sunburst"])) == sorted(EXAMPLE["dendrogram"]["leaf_labels"])
    assert "nodes" not in answer
    with pytest.raises(Problem, match="format: 'pie' is not one of graph, sunburst"):
        answered(ENDPOINT, EXAMPLE, query={"format": "pie"})


@pytest.mark.parametrize(
    ("row", "value", "pointer"),
    [
        (3, [1, 2, 3.0], "/dendrogram/linkage_matrix/3"),
        (3, [12, 99, 145.37, 4], "/dendrogram/linkage_matrix/3"),
        (3, [12, 12, 145.37, 4], "/dendrogram/linkage_matrix/3"),
        (4, [1, 14, 179.1, 3], "/dendrogram/linkage_matrix/4"),
        (5, [4, 7, 1.0, 2], "/dendrogram/linkage_matrix/5"),
        (0, [1, 8, -19.73, 2], "/dendrogram/linkage_matrix/0"),
        (0, [1.5, 8, 19.73, 2], "/dendrogram/linkage_matrix/0"),
        (10, [19, 21, 6912.26, 13], "/dendrogram/linkage_matrix/10"),
    ],
)
def test_a_malformed_row_is_named(row: int, value: list[float], pointer: str) -> None:
    body = copy.deepcopy(EXAMPLE)
    body["dendrogram"]["linkage_matrix"][row] = value
    assert pointer in [fault.pointer for fault in faults(ENDPOINT, body)]


def test_a_row_too_few() -> None:
    body = copy.deepcopy(EXAMPLE)
    del body["dendrogram"]["linkage_matrix"][-1]
    assert faults(ENDPOINT, body) == [
        ("/dendrogram/linkage_matrix", "12 leaves take n − 1 = 11 rows; got 10."),
    ]


def test_one_customer_is_one_node() -> None:
    answer = answered(ENDPOINT, {"dendrogram": {"linkage_matrix": [], "leaf_labels": ["C1"]}})
    assert answer["nodes"] == [{"id": 0, "label": "C1", "is_leaf": True}]
    assert answer["links"] == []
