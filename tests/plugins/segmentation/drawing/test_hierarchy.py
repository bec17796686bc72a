import json
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from plugins.segmentation.drawing import hierarchy


def graph(*arguments: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Nodes and links as they are written."""
    nodes, links = msgspec.to_builtins(hierarchy.graph(*arguments))
    return nodes, links


FOLDER = Path(__file__).parents[3] / "data" / "golden"
GOLDEN = json.loads((FOLDER / "segment_hierarchy_chart.json").read_text())
DENDROGRAM = GOLDEN["request"]["dendrogram"]
ROWS, LABELS = DENDROGRAM["linkage_matrix"], DENDROGRAM["leaf_labels"]
FOUR = [[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 2.0, 2.0], [4.0, 5.0, 3.0, 4.0]]
"""Four leaves: 0 with 1, 2 with 3, both pairs."""

CLOUDS = st.tuples(st.integers(2, 60), st.integers(0, 2**32 - 1), st.booleans())


def ward(cloud: tuple[int, int, bool]) -> list[list[float]]:
    """SciPy's linkage of random points; whole coordinates give ties."""
    n, seed, ties = cloud
    points = np.random.default_rng(seed).normal(size=(n, 3)) * 3
    rows: list[list[float]] = linkage(np.round(points) if ties else points, "ward").tolist()
    return rows


def chain(n: int) -> list[list[float]]:
    """A tree as deep as it has leaves: each merge adds one customer."""
    return [[float(n + r - 1 if r else 0), float(r + 1), float(r + 1), float(r + 2)] for r in range(n - 1)]


def found(change: Any, rows: list[list[float]] = FOUR, n: int = 4) -> list[tuple[int, str]]:
    """Faults of the rows after a change."""
    copy = [list(row) for row in rows]
    change(copy)
    return list(hierarchy.faults(copy, n))


def set_row(index: int, *row: float) -> Any:
    return lambda rows: rows.__setitem__(index, list(row))


def test_nodes_and_links_of_the_published_example_4_1_9() -> None:
    nodes, links = graph(ROWS, LABELS)
    published = GOLDEN["response"]
    assert nodes == published["nodes"]
    assert [list(node) for node in nodes] == [list(node) for node in published["nodes"]]
    assert all(type(node["size"]) is int for node in nodes[40:])
    assert links[:2] == published["first_links"]
    assert len(links) == published["n_links"]
    assert [list(link) for link in links] == [published["columns"]] * 78
    assert [link["target"] for link in links] == [int(child) for row in ROWS for child in row[:2]]
    assert {type(link["target"]) for link in links} == {int}


def test_the_published_example_has_no_fault() -> None:
    assert list(hierarchy.faults(ROWS, len(LABELS))) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (set_row(0, 0, 1, 1), (0, "A row is child1, child2, distance and sample_count; got 3 numbers.")),
        (set_row(0), (0, "A row is child1, child2, distance and sample_count; got 0 numbers.")),
        (set_row(1, 2.5, 3, 2, 2), (1, "2.5 is no node; nodes are whole numbers from 0.")),
        (set_row(1, 2, -3, 2, 2), (1, "-3 is no node; nodes are whole numbers from 0.")),
        (
            set_row(1, 2, 5, 2, 2),
            (1, "Node 5 is not made yet; this row makes node 5, from two nodes below it."),
        ),
        (
            set_row(1, 1e15, 3, 2, 2),
            (1, "Node 1000000000000000 is not made yet; this row makes node 5, from two nodes below it."),
        ),
        (set_row(1, 3, 3, 2, 2), (1, "Node 3 is joined with itself; join two nodes.")),
        (set_row(1, 2, 1, 2, 2), (1, "Node 1 is joined by row 0 already; join each node once.")),
        (set_row(0, 0, 1, -1, 2), (0, "Distance -1 is negative; send 0 or more.")),
        (set_row(2, 4, 5, 0.5, 4), (2, "Distance 0.5 is below 1, at which child 4 was made.")),
        (
            set_row(1, 2, 3, 0.25, 2),
            (1, "Distance 0.25 is below 1 of the row before; send rows in ascending order of distance."),
        ),
        (set_row(2, 4, 5, 3, 3), (2, "sample_count is 3; the two children hold 4 leaves.")),
        (set_row(2, 4, 5, 3, 4.5), (2, "sample_count is 4.5; the two children hold 4 leaves.")),
        (lambda rows: rows.pop(), (-1, "4 leaves take n − 1 = 3 rows; got 2.")),
        (lambda rows: rows.append([6, 6, 9, 9]), (-1, "4 leaves take n − 1 = 3 rows; got 4.")),
    ],
)
def test_a_fault_is_named_with_its_row(change: Any, expected: tuple[int, str]) -> None:
    assert found(change)[0] == expected


def test_one_broken_row_is_one_fault_where_others_build_on_it() -> None:
    assert found(set_row(0, 0, 1, 1)) == [
        (0, "A row is child1, child2, distance and sample_count; got 3 numbers.")
    ]


def test_one_leaf_takes_no_row() -> None:
    assert list(hierarchy.faults([], 1)) == []
    assert next(hierarchy.faults([[0, 0, 1, 1]], 1)) == (-1, "1 leaf takes n − 1 = 0 rows; got 1.")
    only = {"id": 0, "label": "A", "is_leaf": True}
    assert graph([], ["A"]) == ([only], [])
    assert hierarchy.sunburst([], ["A"]) == {"id": 0, "name": "A", "value": 1}


def test_rounding_is_no_fault() -> None:
    assert found(set_row(1, 2, 3, 1 - 1e-12, 2)) == []


@given(CLOUDS)
def test_scipys_linkage_has_no_fault_and_its_graph_is_a_tree(cloud: tuple[int, int, bool]) -> None:
    rows, n = ward(cloud), cloud[0]
    assert list(hierarchy.faults(rows, n)) == []
    # The slow way agrees.
    assert list(hierarchy._faulty_rows(rows, n)) == []
    nodes, links = graph(rows, [f"C{i}" for i in range(n)])
    assert [node["id"] for node in nodes] == list(range(2 * n - 1))
    assert sorted(link["target"] for link in links) == list(range(2 * n - 2))
    assert all(link["source"] > link["target"] for link in links)


@given(CLOUDS, st.data())
def test_the_fast_way_and_the_slow_way_agree_on_what_is_sound(
    cloud: tuple[int, int, bool], data: st.DataObject
) -> None:
    rows, n = ward(cloud), cloud[0]
    row = data.draw(st.integers(0, n - 2))
    column = data.draw(st.integers(0, 3))
    rows[row][column] = data.draw(
        st.floats(-3, 2 * n) | st.integers(-1, 2 * n) | st.sampled_from([1e15, -0.0])
    )
    assert hierarchy._is_sound(rows, n) == (not list(hierarchy._faulty_rows(rows, n)))


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The outermost nodes of a sunburst."""
    return [leaf for part in node["children"] for leaf in leaves(part)] if "children" in node else [node]


def levels(node: dict[str, Any]) -> int:
    return 1 + max(map(levels, node["children"])) if "children" in node else 0


def customers(node: dict[str, Any]) -> int:
    """Those of a node, after a look at its children's sum."""
    if "children" not in node:
        assert node.get("collapsed", False) == (node["value"] > 1)
        return int(node["value"])
    assert "value" not in node
    assert sum(map(customers, node["children"])) == node["size"]
    return int(node["size"])


@given(CLOUDS, st.integers(0, 8), st.integers(1, 60))
def test_a_sunburst_keeps_its_bounds_and_every_customer(
    cloud: tuple[int, int, bool], depth: int, most: int
) -> None:
    n = cloud[0]
    root = hierarchy.sunburst(ward(cloud), [f"C{i}" for i in range(n)], depth=depth, most_nodes=most)
    assert customers(root) == n
    assert levels(root) <= depth
    assert 2 * len(leaves(root)) - 1 <= most


def test_a_sunburst_of_a_chain_is_shallow() -> None:
    n = 20_000
    root = hierarchy.sunburst(chain(n), [f"C{i}" for i in range(n)])
    assert customers(root) == n
    assert levels(root) == 12
    deepest = next(leaf for leaf in leaves(root) if "collapsed" in leaf)
    assert deepest == {
        "id": 2 * n - 14,
        "name": str(2 * n - 14),
        "value": n - 12,
        "distance": n - 13.0,
        "collapsed": True,
    }
    assert {"id": n - 1, "name": f"C{n - 1}", "value": 1} in leaves(root)
    json.dumps(root)


def test_a_sunburst_of_few_leaves_shows_them_all() -> None:
    assert hierarchy.sunburst(FOUR, ["a", "b", "c", "d"]) == {
        "id": 6,
        "name": "6",
        "size": 4,
        "distance": 3.0,
        "children": [
            {
                "id": 4,
                "name": "4",
                "size": 2,
                "distance": 1.0,
                "children": [{"id": 0, "name": "a", "value": 1}, {"id": 1, "name": "b", "value": 1}],
            },
            {
                "id": 5,
                "name": "5",
                "size": 2,
                "distance": 2.0,
                "children": [{"id": 2, "name": "c", "value": 1}, {"id": 3, "name": "d", "value": 1}],
            },
        ],
    }


@settings(max_examples=40)
@given(CLOUDS, st.integers(2, 8))
def test_a_cut_of_the_tree_has_a_height_between_the_merges_it_parts(
    cloud: tuple[int, int, bool], k: int
) -> None:
    rows = np.array(ward((cloud[0], cloud[1], False)))
    labels = fcluster(rows, min(k, cloud[0]), "maxclust")
    children = rows[:, :2].astype(int).tolist()
    owners = hierarchy.owners_of(children, labels.tolist())
    height = hierarchy.cut_height(children, rows[:, 2].tolist(), owners)
    assert height is not None
    assert (rows[:, 2] > height).sum() == len(np.unique(labels)) - 1


def test_clusters_across_branches_are_no_cut() -> None:
    children = [[0, 1], [2, 3], [4, 5]]
    owners = hierarchy.owners_of(children, [0, 1, 0, 1])
    assert owners == [0, 1, 0, 1, None, None, None]
    assert hierarchy.cut_height(children, [1.0, 2.0, 3.0], owners) is None
    uneven = hierarchy.owners_of(children, [0, 1, 2, 2])
    assert hierarchy.cut_height(children, [1.0, 2.0, 3.0], uneven) is None


@given(CLOUDS, st.integers(0, 58))
def test_a_layout_places_every_node_between_its_children(cloud: tuple[int, int, bool], first: int) -> None:
    n = cloud[0]
    first = min(first, n - 2)
    children = np.array(ward(cloud))[:, :2].astype(int).tolist()
    places, ends = hierarchy.layout(children, first)
    assert [places[end] for end in ends] == list(range(n - first))
    assert all(
        places[n + row] == np.mean([places[child] for child in children[row]]) for row in range(first, n - 1)
    )


def test_100_000_leaves_take_a_moment() -> None:
    rows, labels = chain(100_000), [f"C{i}" for i in range(100_000)]
    started = time.perf_counter()
    assert list(hierarchy.faults(rows, 100_000)) == []
    checked = time.perf_counter()
    nodes, links = graph(rows, labels)
    done = time.perf_counter()
    assert len(nodes) == 199_999
    assert len(links) == 199_998
    # Measured: 0.03 s and 0.16 s; the bounds are for a busy machine.
    assert checked - started < 0.6
    assert done - checked < 2
