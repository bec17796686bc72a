"""Hierarchical clustering by Ward's criterion (Ward 1963), exact, without a matrix of distances.

The nearest-neighbour chain (Murtagh 1983) starts at any cluster and steps from each cluster to its nearest
neighbour. Costs fall along the chain, so it ends at two clusters that are each other's nearest neighbours.
They are merged, and the chain goes on from the cluster before them. For Ward's criterion the merges of all
chains, sorted by height, are the tree that always merging the cheapest pair gives.

The chain looks up about three nearest neighbours per point, in a k-d tree over the clusters' means. Each of
its nodes knows the size of its smallest cluster, which bounds Ward's distance from below.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from plugins.segmentation.clustering.algorithms.kdtree import LEAF, Tree, boxes, grow
from plugins.segmentation.clustering.partition import Floats, Ints

_LOOSE = {"reassoc", "contract", "nsz"}
"""Lets sums over columns run in vector registers; a distance is the same in both directions, to the bit."""

_REGROW = 0.7
"""The k-d tree is grown again when less than this share of its clusters remains, as its leaves empty."""

_FEW = 64
"""Fewer clusters than this are not worth a new k-d tree."""


class _Index(NamedTuple):
    """The remaining clusters, in the order of the k-d tree's leaves.

    A *slot* is a cluster's index in that order. Its *name* is its last point, by which scipy breaks ties.
    """

    tree: Tree
    means: Floats
    """(c, d) by slot."""
    sizes: Floats
    """(c,) points by slot; 0 after the cluster was merged into another one."""
    names: Ints
    """(c,) by slot."""
    slot_of: Ints
    """(n,) the slot of each name."""
    leaf_of: Ints
    """(c,) the leaf that holds each slot."""
    low: Floats
    """(m, d) smallest mean of each column below each node."""
    high: Floats
    """(m, d) largest mean."""
    smallest_size: Floats
    """(m,) size of the smallest cluster below each node; infinite if no cluster remains there."""
    lowest_name: Ints
    """(m,)"""


@njit(cache=True, nogil=True)
def _summarise_leaf(index: _Index, node: int) -> None:
    """Updates a leaf's box, smallest size and lowest name from its remaining clusters."""
    index.low[node] = np.inf
    index.high[node] = -np.inf
    index.smallest_size[node] = np.inf
    index.lowest_name[node] = index.slot_of.size
    for slot in range(index.tree.start[node], index.tree.end[node]):
        if index.sizes[slot] > 0:
            for column in range(index.means.shape[1]):
                index.low[node, column] = min(index.low[node, column], index.means[slot, column])
                index.high[node, column] = max(index.high[node, column], index.means[slot, column])
            index.smallest_size[node] = min(index.smallest_size[node], index.sizes[slot])
            index.lowest_name[node] = min(index.lowest_name[node], index.names[slot])


@njit(cache=True, nogil=True)
def _summarise_parent(index: _Index, node: int) -> None:
    """Updates the same of an inner node from its two children."""
    left, right = index.tree.left[node], index.tree.left[node] + 1
    for column in range(index.means.shape[1]):
        index.low[node, column] = min(index.low[left, column], index.low[right, column])
        index.high[node, column] = max(index.high[left, column], index.high[right, column])
    index.smallest_size[node] = min(index.smallest_size[left], index.smallest_size[right])
    index.lowest_name[node] = min(index.lowest_name[left], index.lowest_name[right])


@njit(cache=True, nogil=True)
def _refresh(index: _Index, leaf: int) -> None:
    """Updates a leaf and every node above it."""
    _summarise_leaf(index, leaf)
    node = index.tree.parent[leaf]
    while node >= 0:
        _summarise_parent(index, node)
        node = index.tree.parent[node]


@njit(cache=True, nogil=True)
def _index_of(means: Floats, sizes: Floats, names: Ints, count: int) -> _Index:
    """An index of the clusters of size 1 or more, of ``count`` points."""
    remaining = np.flatnonzero(sizes > 0)
    tree = grow(means[remaining], LEAF)
    order = remaining[tree.order]
    nodes = tree.left.size
    slot_of = np.full(count, -1, np.int64)
    slot_of[names[order]] = np.arange(order.size)
    low, high = boxes(tree, means[order])
    index = _Index(
        tree=tree,
        means=means[order],
        sizes=sizes[order],
        names=names[order],
        slot_of=slot_of,
        leaf_of=np.empty(order.size, np.int64),
        low=low,
        high=high,
        smallest_size=np.empty(nodes),
        lowest_name=np.empty(nodes, np.int64),
    )
    # A parent has a lower number than its children, so backwards is from the leaves up.
    for node in range(nodes - 1, -1, -1):
        if tree.left[node] < 0:
            index.leaf_of[tree.start[node] : tree.end[node]] = node
            _summarise_leaf(index, node)
        else:
            _summarise_parent(index, node)
    return index


@njit(cache=True, nogil=True, fastmath=_LOOSE)
def _squared(means: Floats, first: int, second: int) -> float:
    """Squared distance of two means."""
    total = 0.0
    for column in range(means.shape[1]):
        gap = means[first, column] - means[second, column]
        total += gap * gap
    return total


@njit(cache=True, nogil=True, fastmath=_LOOSE)
def _squared_to_box(means: Floats, slot: int, low: Floats, high: Floats, node: int) -> float:
    """Squared distance from a mean to the box of a node."""
    total = 0.0
    for column in range(means.shape[1]):
        value = means[slot, column]
        gap = max(max(low[node, column] - value, value - high[node, column]), 0.0)
        total += gap * gap
    return total


@njit(cache=True, nogil=True)
def _bound(index: _Index, asking: int, node: int) -> float:
    """The least cost of merging slot ``asking`` with a cluster below a node; infinite if none remains."""
    size, smallest = index.sizes[asking], index.smallest_size[node]
    if smallest == np.inf:
        return np.inf
    # The cost is |mean difference|² · a b / (a + b), which grows with the size b of the other cluster: the
    # nearest corner of the box and the smallest size bound it from below.
    apart: float = _squared_to_box(index.means, asking, index.low, index.high, node)
    bound: float = apart * (size * smallest / (size + smallest))
    return bound


@njit(cache=True, nogil=True)
def _nearest(
    index: _Index, asking: int, best: float, best_name: int, waiting: Ints, bounds: Floats
) -> tuple[float, int]:
    """The cluster that costs least to merge with slot ``asking``; of equal ones, the lowest name.

    The cost is half of Ward's squared distance: by how much the sum of squares within clusters grows.

    Args:
        index: the remaining clusters.
        asking: a slot.
        best: the cost to beat.
        best_name: the name to beat at the same cost.
        waiting: a stack of nodes, of the tree's depth + 1.
        bounds: the bound of each of them.

    Returns:
        Cost and name; as given if no cluster beats them.
    """
    tree, means, sizes, names = index.tree, index.means, index.sizes, index.names
    size = sizes[asking]
    waiting[0], bounds[0] = 0, 0.0
    height = 1
    # Depth first, nearer child first. Every cluster that beats ``best`` is below a node of the stack.
    while height > 0:
        height -= 1
        node = waiting[height]
        if bounds[height] > best or (bounds[height] == best and index.lowest_name[node] >= best_name):
            continue
        if tree.left[node] < 0:
            for slot in range(tree.start[node], tree.end[node]):
                other_size = sizes[slot]
                if other_size > 0 and slot != asking:
                    cost = _squared(means, asking, slot) * (size * other_size / (size + other_size))
                    if cost < best or (cost == best and names[slot] < best_name):
                        best, best_name = cost, names[slot]
            continue
        near, far = tree.left[node], tree.left[node] + 1
        near_bound, far_bound = _bound(index, asking, near), _bound(index, asking, far)
        near_is_tied = far_bound == near_bound and index.lowest_name[far] < index.lowest_name[near]
        if far_bound < near_bound or near_is_tied:
            near, far, near_bound, far_bound = far, near, far_bound, near_bound
        for child, bound in ((far, far_bound), (near, near_bound)):
            if bound <= best and bound < np.inf:
                waiting[height], bounds[height] = child, bound
                height += 1
    return best, best_name


@njit(cache=True, nogil=True)
def _merge(index: _Index, merged_name: int, kept_name: int) -> None:
    """Merges one cluster into another."""
    source, target = index.slot_of[merged_name], index.slot_of[kept_name]
    together = index.sizes[source] + index.sizes[target]
    share = index.sizes[source] / together
    for column in range(index.means.shape[1]):
        # As a step from one mean towards the other: equal means stay as they are, to the bit.
        index.means[target, column] += (index.means[source, column] - index.means[target, column]) * share
    index.sizes[source] = 0.0
    index.sizes[target] = together
    _refresh(index, index.leaf_of[source])
    if index.leaf_of[target] != index.leaf_of[source]:
        _refresh(index, index.leaf_of[target])


@njit(cache=True, nogil=True)
def _chain(points: Floats) -> tuple[Ints, Floats]:
    """The merges as the chain makes them: (n-1, 2) names, the merged one first, and (n-1,) heights."""
    count = points.shape[0]
    merges, heights = np.empty((count - 1, 2), np.int64), np.empty(count - 1)
    index = _index_of(points, np.ones(count), np.arange(count), count)
    waiting, bounds = np.empty(index.tree.depth + 1, np.int64), np.empty(index.tree.depth + 1)
    last_height = np.zeros(count)
    merged = np.zeros(count, np.bool_)
    # chain[i + 1] is the nearest neighbour of chain[i], at costs[i + 1]; costs never rise along the chain.
    chain, costs = np.empty(count, np.int64), np.empty(count)
    length = lowest = 0
    for done in range(count - 1):
        if _FEW < count - done < index.names.size * _REGROW:
            index = _index_of(index.means, index.sizes, index.names, count)
            waiting, bounds = np.empty(index.tree.depth + 1, np.int64), np.empty(index.tree.depth + 1)
        if length == 0:
            while merged[lowest]:
                lowest += 1
            chain[0], costs[0] = lowest, np.inf
            length = 1
        while True:
            # The cluster before in the chain wins a tie: −1 is lower than every name, so that only a lower
            # cost beats it.
            best, name = costs[length - 1], count if length == 1 else -1
            best, name = _nearest(index, index.slot_of[chain[length - 1]], best, name, waiting, bounds)
            if name < 0:
                break
            chain[length], costs[length] = name, best
            length += 1
        # The last two of the chain are each other's nearest neighbours. Merging them leaves the chain before
        # them valid, as Ward's criterion is reducible (Murtagh 1983).
        length -= 2
        gone, stays = min(chain[length], chain[length + 1]), max(chain[length], chain[length + 1])
        # Rounding could put a merge below those that it is made of.
        height = max(np.sqrt(2.0 * costs[length + 1]), last_height[gone], last_height[stays])
        merges[done, 0], merges[done, 1], heights[done] = gone, stays, height
        last_height[stays] = height
        merged[gone] = True
        _merge(index, gone, stays)
    return merges, heights


@njit(cache=True, nogil=True)
def _linkage_matrix(merges: Ints, heights: Floats) -> Floats:
    """The linkage matrix of merges that are sorted by height."""
    count = heights.size + 1
    tree = np.empty((count - 1, 4))
    node_of, size_of = np.arange(count), np.ones(count)
    for row in range(count - 1):
        gone, stays = merges[row]
        size_of[stays] += size_of[gone]
        tree[row, 0] = min(node_of[gone], node_of[stays])
        tree[row, 1] = max(node_of[gone], node_of[stays])
        tree[row, 2] = heights[row]
        tree[row, 3] = size_of[stays]
        node_of[stays] = count + row
    return tree


def _near_zero(points: Floats) -> tuple[Floats, int]:
    """The points moved and scaled without rounding, and the power of two that they were divided by.

    If all values of a column are within a factor of 2, they are moved to start at 0, so that means keep their
    digits: differences of such numbers are exact (Sterbenz 1974). As the largest value is about 1, no square
    overflows.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    origin = np.where((low > 0) & (high / 2 <= low), low, np.where((high < 0) & (low / 2 >= high), high, 0.0))
    moved = points - origin
    _, exponent = np.frexp(np.abs(moved).max(initial=0.0))
    return np.ascontiguousarray(np.ldexp(moved, -int(exponent))), int(exponent)


def linkage(points: Floats) -> Floats:
    """Ward's tree, as ``scipy.cluster.hierarchy.linkage(points, "ward")`` gives it.

    Ward's tree is not unique if distances are equal. Of equally near clusters this takes the one whose last
    point comes first, as scipy does, up to rounding.

    Args:
        points: (n, d) finite, n of 2 or more; float64.

    Returns:
        (n-1, 4) in the order of height: the two clusters, lower first (a point by its position, the cluster
        of row r as n + r), their distance, how many points they have together.

    Raises:
        ValueError: fewer than 2 points.

    Source:
        Ward (1963), Journal of the American Statistical Association 58; Murtagh (1983), The Computer Journal
        26, for the chain; heights as in Murtagh & Legendre (2014), Journal of Classification 31, Ward2.

    >>> linkage(np.array([[0.0], [1.0], [5.0]])).round(3).tolist()
    [[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 5.196, 3.0]]
    """
    if len(points) < 2:
        raise ValueError(f"{len(points)} points: a tree needs 2 or more")
    scaled, exponent = _near_zero(points)
    merges, heights = _chain(scaled)
    order = np.argsort(heights, kind="stable")
    tree: Floats = _linkage_matrix(merges[order], np.ldexp(heights[order], exponent))
    return tree
