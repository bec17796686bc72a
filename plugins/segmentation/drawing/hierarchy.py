"""From a linkage to what a front end draws: a graph of nodes and links, or nested rings.

A linkage has a row per merge, ``[child1, child2, distance, sample_count]``, in the form of
SciPy: leaves are nodes 0 to n − 1, row r makes node n + r, and the last row the root.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

TOLERANCE = 1e-9
"""A distance may be below an earlier one by this share: rounding in the sums that Ward updates."""

Rows = Sequence[Sequence[float]]


class Leaf(msgspec.Struct, gc=False):
    """A customer. A hundred thousand structs are made and written ten times as fast as dicts."""

    id: int
    label: str
    is_leaf: bool = True


class Merge(msgspec.Struct, gc=False):
    """Two nodes joined."""

    id: int
    distance: float
    size: int
    is_leaf: bool = False


class Link(msgspec.Struct, gc=False):
    """From a merge to one of its two parts."""

    source: int
    target: int
    distance: float


def faults(linkage: Rows, n_leaves: int) -> Iterator[tuple[int, str]]:
    """Why rows are not one tree over all leaves, built from the bottom up.

    Args:
        linkage: n − 1 rows of 4 numbers, each finite and within ±1e15.
        n_leaves: n, 1 or more. One leaf needs no row.

    Yields:
        Index of the row and a sentence, at most one for each row. Index −1 comes first and stands for the
        linkage as a whole, which has too many rows or too few.
    """
    if len(linkage) != n_leaves - 1:
        leaves = "1 leaf takes" if n_leaves == 1 else f"{n_leaves} leaves take"
        yield -1, f"{leaves} n − 1 = {n_leaves - 1} rows; got {len(linkage)}."
    elif _is_sound(linkage, n_leaves):
        return
    yield from _faulty_rows(linkage, n_leaves)


def _is_sound(linkage: Rows, n_leaves: int) -> bool:
    """Whether `_faulty_rows` would find nothing; looks at whole columns, which is fast."""
    if n_leaves == 1:
        return True
    try:
        array = np.array(linkage, dtype=np.float64)
    except ValueError:
        return False
    if array.shape != (n_leaves - 1, 4):
        return False
    children = array[:, :2].astype(np.int64)
    made = np.arange(n_leaves, 2 * n_leaves - 1)
    if (children != array[:, :2]).any() or (children < 0).any() or (children >= made[:, None]).any():
        return False
    if np.bincount(children.ravel()).max() > 1:
        return False
    distance, count = array[:, 2], array[:, 3]
    height, size = np.append(np.zeros(n_leaves), distance), np.append(np.ones(n_leaves), count)
    floor = np.maximum(height[children].max(axis=1), np.concatenate([[0.0], distance[:-1]]))
    return bool((distance >= floor * (1 - TOLERANCE)).all() and (count == size[children].sum(axis=1)).all())


def _faulty_rows(linkage: Rows, n_leaves: int) -> Iterator[tuple[int, str]]:
    """The first fault of each row. Rows that build on a faulty row of 4 numbers are checked against it."""
    joined_by: dict[int, int] = {}
    before = 0.0
    for index, row in enumerate(linkage):
        if len(row) != 4:
            yield index, f"A row is child1, child2, distance and sample_count; got {len(row)} numbers."
            continue
        first, second, distance, count = row
        made = n_leaves + index
        message = _not_free(first, made, joined_by) or _not_free(second, made, joined_by)
        if not message:
            children = [int(first), int(second)]
            message = _misbuilt(linkage, n_leaves, children, distance, count, before)
            joined_by.update(dict.fromkeys(children, index))
        if message:
            yield index, message
        before = distance


def _not_free(child: float, made: int, joined_by: dict[int, int]) -> str | None:
    """Why the row that makes node ``made`` cannot join what it names as a child."""
    if child < 0 or child != int(child):
        return f"{_shown(child)} is no node; nodes are whole numbers from 0."
    if child >= made:
        return f"Node {int(child)} is not made yet; this row makes node {made}, from two nodes below it."
    if int(child) in joined_by:
        return f"Node {int(child)} is joined by row {joined_by[int(child)]} already; join each node once."
    return None


def _misbuilt(
    linkage: Rows, n_leaves: int, children: list[int], distance: float, count: float, before: float
) -> str | None:
    """What is wrong with a row whose children are free."""
    if children[0] == children[1]:
        return f"Node {children[0]} is joined with itself; join two nodes."
    if distance < 0:
        return f"Distance {_shown(distance)} is negative; send 0 or more."
    rows = [linkage[child - n_leaves] if child >= n_leaves else (child, child, 0.0, 1) for child in children]
    for child, row in zip(children, rows, strict=True):
        if len(row) == 4 and distance < row[2] * (1 - TOLERANCE):
            return f"Distance {_shown(distance)} is below {_shown(row[2])}, at which child {child} was made."
    if distance < before * (1 - TOLERANCE):
        return (
            f"Distance {_shown(distance)} is below {_shown(before)} of the row before; "
            "send rows in ascending order of distance."
        )
    if all(len(row) == 4 for row in rows) and count != (size := sum(row[3] for row in rows)):
        return f"sample_count is {_shown(count)}; the two children hold {_shown(size)} leaves."
    return None


def _shown(number: float) -> str:
    """A number as it was sent, without the decimals of a whole one."""
    return str(int(number)) if number == int(number) else repr(float(number))


def graph(linkage: ArrayLike, leaf_labels: Sequence[str]) -> tuple[list[Leaf | Merge], list[Link]]:
    """Nodes and links of the tree, as D3, Plotly and ECharts take them.

    Args:
        linkage: (n − 1, 4) without faults; empty for one leaf.
        leaf_labels: (n,) customers, in the order of the leaves.

    Returns:
        2n − 1 nodes, leaves first, then merges in the order of rows; and 2(n − 1) links, from each merge to
        its first child and then to its second.
    """
    n_leaves = len(leaf_labels)
    children, distances, sizes = _columns(linkage)
    last = 2 * n_leaves - 1
    nodes: list[Leaf | Merge] = [
        *map(Leaf, range(n_leaves), leaf_labels),
        *map(Merge, range(n_leaves, last), distances, sizes),
    ]
    sources = np.repeat(np.arange(n_leaves, last), 2).tolist()
    links = list(map(Link, sources, children.ravel().tolist(), np.repeat(distances, 2).tolist()))
    return nodes, links


def sunburst(
    linkage: ArrayLike, leaf_labels: Sequence[str], *, depth: int = 12, most_nodes: int = 2000
) -> dict[str, Any]:
    """The tree as nested rings, opened from the root down, the biggest node first.

    A tree may be as deep as it has leaves, and no parser reads that; what is not opened is collapsed.

    Args:
        linkage: (n − 1, 4) without faults; empty for one leaf.
        leaf_labels: (n,) customers, in the order of the leaves.
        depth: most levels below the root, 0 or more.
        most_nodes: most nodes in all; the root is there in any case.

    Returns:
        Nested nodes, each with ``id`` (that of `graph`) and ``name``. An opened one has ``size`` (customers),
        ``distance`` and its two ``children``; a collapsed one ``value`` (customers), ``distance`` and
        ``collapsed``; a customer the value 1 and its label for a name. Only outermost nodes have a ``value``,
        so that d3's ``sum`` and Plotly's ``remainder`` count each customer once.
    """
    n_leaves = len(leaf_labels)
    children, distances, sizes = _columns(linkage)
    root = _collapsed(2 * n_leaves - 2, leaf_labels, distances, sizes)
    waiting = [(-root["value"], -root["id"], 0, root)]
    nodes = 1
    while waiting and nodes + 2 <= most_nodes:
        _, _, level, node = heappop(waiting)
        if level >= depth or node["id"] < n_leaves:
            continue
        pair = children[node["id"] - n_leaves].tolist()
        parts = [_collapsed(child, leaf_labels, distances, sizes) for child in pair]
        opened = {"size": node["value"], "distance": node["distance"], "children": parts}
        del node["value"], node["distance"], node["collapsed"]
        node.update(opened)
        for part in parts:
            heappush(waiting, (-part["value"], -part["id"], level + 1, part))
        nodes += 2
    return root


def _collapsed(
    node: int, leaf_labels: Sequence[str], distances: list[float], sizes: list[int]
) -> dict[str, Any]:
    """A node of the sunburst before it is opened; a customer stays as it is."""
    merge = node - len(leaf_labels)
    if merge < 0:
        return {"id": node, "name": leaf_labels[node], "value": 1}
    size, distance = sizes[merge], distances[merge]
    return {"id": node, "name": str(node), "value": size, "distance": distance, "collapsed": True}


def _columns(linkage: ArrayLike) -> tuple[NDArray[np.int64], list[float], list[int]]:
    """Children (n − 1, 2), distances and sizes of a linkage."""
    array = np.asarray(linkage, dtype=np.float64).reshape(-1, 4)
    return array[:, :2].astype(np.int64), array[:, 2].tolist(), array[:, 3].astype(np.int64).tolist()


def owners_of(children: list[list[int]], labels: Sequence[int | None]) -> list[int | None]:
    """The cluster of all leaves below each node; None if there are several, (2n − 1,)."""
    owners = [*labels]
    for first, second in children:
        owners.append(owners[first] if owners[first] == owners[second] else None)
    return owners


def cut_height(children: list[list[int]], heights: list[float], owners: Sequence[int | None]) -> float | None:
    """The height of a horizontal line that cuts the tree into its clusters; None if there is no such line.

    Args:
        children: (n − 1, 2) nodes.
        heights: (n − 1,) distances.
        owners: (2n − 1,) as of `owners_of`.
    """
    n_leaves = len(children) + 1
    mixed = [merge for merge, owner in enumerate(owners[n_leaves:]) if owner is None]
    tops = [child for merge in mixed for child in children[merge] if owners[child] is not None]
    if not tops or len({owners[top] for top in tops}) < len(tops):
        return None
    below = max(heights[top - n_leaves] if top >= n_leaves else 0.0 for top in tops)
    above = min(heights[merge] for merge in mixed)
    return (below + above) / 2 if below < above else None


def layout(children: list[list[int]], first: int) -> tuple[dict[int, float], list[int]]:
    """Positions of the nodes in a drawing of the merges from row ``first`` on.

    Returns:
        Position of each node from left to right, a merge midway between its children; and the nodes at which
        the drawing ends, from left to right.
    """
    n_leaves = len(children) + 1
    positions: dict[int, float] = {}
    ends: list[int] = []
    waiting = [2 * n_leaves - 2]
    while waiting:
        node = waiting.pop()
        if node >= n_leaves + first:
            waiting += reversed(children[node - n_leaves])
        else:
            positions[node] = len(ends)
            ends.append(node)
    for node, (left, right) in enumerate(children[first:], n_leaves + first):
        positions[node] = (positions[left] + positions[right]) / 2
    return positions, ends
