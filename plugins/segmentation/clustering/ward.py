"""Hierarchical clustering by Ward's criterion (Ward 1963), exact, without the matrix of distances.

The nearest-neighbour chain (Murtagh 1983) asks about three times per point which cluster is nearest. A k-d
tree of the clusters' means answers; its boxes know the smallest cluster in them, to bound Ward's distance.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.segmentation.clustering.kdtree import LEAF, Tree, boxes, grow

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LOOSE = {"reassoc", "contract", "nsz"}
"""Lets sums over columns run in vector registers; a distance is the same in both directions, to the bit."""

_REGROW = 0.7
"""When less than this share of its clusters is left, the tree is grown anew: its leaves have become empty."""

_FEW = 64
"""Fewer clusters than this are not worth a new tree."""


class _Index(NamedTuple):
    """The clusters that are left, by place in a tree; named for the last of their points, as scipy does."""

    tree: Tree
    means: Floats
    """(c, d) in the order of the leaves."""
    sizes: Floats
    """(c,) points; 0 where the cluster has gone into another."""
    names: Ints
    """(c,)"""
    place_of: Ints
    """(n,) the place of each name."""
    leaf_of: Ints
    """(c,) the leaf of each place."""
    low: Floats
    """(m, d) smallest values below each node."""
    high: Floats
    """(m, d) largest values."""
    least: Floats
    """(m,) smallest size; infinite below which nothing is left."""
    first: Ints
    """(m,) lowest name."""


@njit(cache=True, nogil=True)
def _summarise_leaf(index: _Index, node: int) -> None:
    """Box, smallest size and lowest name of the clusters left in a leaf."""
    index.low[node] = np.inf
    index.high[node] = -np.inf
    index.least[node] = np.inf
    index.first[node] = index.place_of.size
    for place in range(index.tree.start[node], index.tree.end[node]):
        if index.sizes[place] > 0:
            for column in range(index.means.shape[1]):
                index.low[node, column] = min(index.low[node, column], index.means[place, column])
                index.high[node, column] = max(index.high[node, column], index.means[place, column])
            index.least[node] = min(index.least[node], index.sizes[place])
            index.first[node] = min(index.first[node], index.names[place])


@njit(cache=True, nogil=True)
def _summarise(index: _Index, node: int) -> None:
    """The same of a node above two others."""
    one, other = index.tree.left[node], index.tree.left[node] + 1
    for column in range(index.means.shape[1]):
        index.low[node, column] = min(index.low[one, column], index.low[other, column])
        index.high[node, column] = max(index.high[one, column], index.high[other, column])
    index.least[node] = min(index.least[one], index.least[other])
    index.first[node] = min(index.first[one], index.first[other])


@njit(cache=True, nogil=True)
def _changed(index: _Index, leaf: int) -> None:
    """Brings a leaf, and the nodes above it, up to date."""
    _summarise_leaf(index, leaf)
    node = index.tree.parent[leaf]
    while node >= 0:
        _summarise(index, node)
        node = index.tree.parent[node]


@njit(cache=True, nogil=True)
def _grown(means: Floats, sizes: Floats, names: Ints, count: int) -> _Index:
    """The index of the clusters of size 1 or more, of ``count`` points."""
    left = np.flatnonzero(sizes > 0)
    tree = grow(means[left], LEAF)
    order = left[tree.order]
    nodes = tree.left.size
    place_of = np.full(count, -1, np.int64)
    place_of[names[order]] = np.arange(order.size)
    leaf_of = np.empty(order.size, np.int64)
    least, first = np.empty(nodes), np.empty(nodes, np.int64)
    low, high = boxes(tree, means[order])
    index = _Index(tree, means[order], sizes[order], names[order], place_of, leaf_of, low, high, least, first)
    for node in range(nodes - 1, -1, -1):
        if tree.left[node] < 0:
            leaf_of[tree.start[node] : tree.end[node]] = node
            _summarise_leaf(index, node)
        else:
            _summarise(index, node)
    return index


@njit(cache=True, nogil=True, fastmath=_LOOSE)
def _squared(means: Floats, one: int, other: int) -> float:
    total = 0.0
    for column in range(means.shape[1]):
        gap = means[one, column] - means[other, column]
        total += gap * gap
    return total


@njit(cache=True, nogil=True, fastmath=_LOOSE)
def _squared_to_box(means: Floats, one: int, low: Floats, high: Floats, node: int) -> float:
    total = 0.0
    for column in range(means.shape[1]):
        value = means[one, column]
        gap = max(max(low[node, column] - value, value - high[node, column]), 0.0)
        total += gap * gap
    return total


@njit(cache=True, nogil=True)
def _bound(index: _Index, asking: int, node: int) -> float:
    """The least that merging with any cluster below a node may cost; infinite where none is left."""
    size, least = index.sizes[asking], index.least[node]
    if least == np.inf:
        return np.inf
    # a b / (a + b) grows with b
    apart: float = _squared_to_box(index.means, asking, index.low, index.high, node)
    bound: float = apart * (size * least / (size + least))
    return bound


@njit(cache=True, nogil=True)
def _nearest(
    index: _Index, asking: int, best: float, best_name: int, waiting: Ints, bounds: Floats
) -> tuple[float, int]:
    """The cluster that costs least to merge with, of equal ones the lowest name, if that beats what is given.

    The cost is half of Ward's squared distance: by how much the sum of squares within clusters grows.
    """
    tree, means, sizes, names = index.tree, index.means, index.sizes, index.names
    size = sizes[asking]
    waiting[0], bounds[0] = 0, 0.0
    left = 1
    while left > 0:
        left -= 1
        node = waiting[left]
        if bounds[left] > best or (bounds[left] == best and index.first[node] >= best_name):
            continue
        if tree.left[node] < 0:
            for place in range(tree.start[node], tree.end[node]):
                other = sizes[place]
                if other > 0 and place != asking:
                    cost = _squared(means, asking, place) * (size * other / (size + other))
                    if cost < best or (cost == best and names[place] < best_name):
                        best, best_name = cost, names[place]
            continue
        near, far = tree.left[node], tree.left[node] + 1
        near_bound, far_bound = _bound(index, asking, near), _bound(index, asking, far)
        if far_bound < near_bound or (far_bound == near_bound and index.first[far] < index.first[near]):
            near, far, near_bound, far_bound = far, near, far_bound, near_bound
        for child, bound in ((far, far_bound), (near, near_bound)):
            if bound <= best and bound < np.inf:
                waiting[left], bounds[left] = child, bound
                left += 1
    return best, best_name


@njit(cache=True, nogil=True)
def _merge(index: _Index, gone: int, stays: int) -> None:
    """Puts one cluster into another."""
    source, target = index.place_of[gone], index.place_of[stays]
    together = index.sizes[source] + index.sizes[target]
    share = index.sizes[source] / together
    for column in range(index.means.shape[1]):
        # as a step from one mean towards the other: equal means stay as they are, to the bit
        index.means[target, column] += (index.means[source, column] - index.means[target, column]) * share
    index.sizes[source] = 0.0
    index.sizes[target] = together
    _changed(index, index.leaf_of[source])
    if index.leaf_of[target] != index.leaf_of[source]:
        _changed(index, index.leaf_of[target])


@njit(cache=True, nogil=True)
def _chain(points: Floats) -> tuple[Ints, Floats]:
    """Merges as the chain finds them: (n-1, 2) names, the one that goes first, and (n-1,) heights."""
    count = points.shape[0]
    merges, heights = np.empty((count - 1, 2), np.int64), np.empty(count - 1)
    index = _grown(points, np.ones(count), np.arange(count), count)
    waiting, bounds = np.empty(index.tree.depth + 1, np.int64), np.empty(index.tree.depth + 1)
    last_height = np.zeros(count)
    merged = np.zeros(count, np.bool_)
    chain, costs = np.empty(count, np.int64), np.empty(count)
    length = lowest = 0
    for done in range(count - 1):
        if _FEW < count - done < index.names.size * _REGROW:
            index = _grown(index.means, index.sizes, index.names, count)
            waiting, bounds = np.empty(index.tree.depth + 1, np.int64), np.empty(index.tree.depth + 1)
        if length == 0:
            while merged[lowest]:
                lowest += 1
            chain[0], costs[0] = lowest, np.inf
            length = 1
        while True:
            # -1, lower than every name: of equally near ones, the cluster before in the chain is kept
            best, name = costs[length - 1], count if length == 1 else -1
            best, name = _nearest(index, index.place_of[chain[length - 1]], best, name, waiting, bounds)
            if name < 0:
                break
            chain[length], costs[length] = name, best
            length += 1
        length -= 2
        gone, stays = min(chain[length], chain[length + 1]), max(chain[length], chain[length + 1])
        # never under the heights merged from, which rounding could make it
        height = max(np.sqrt(2.0 * costs[length + 1]), last_height[gone], last_height[stays])
        merges[done, 0], merges[done, 1], heights[done] = gone, stays, height
        last_height[stays] = height
        merged[gone] = True
        _merge(index, gone, stays)
    return merges, heights


@njit(cache=True, nogil=True)
def _numbered(merges: Ints, heights: Floats) -> Floats:
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
    """The points moved and scaled without rounding anything, and the power of two they were divided by.

    A column far from 0 whose values are within a factor of 2 is moved to start at 0, so that means keep their
    digits: differences of such numbers are exact (Sterbenz 1974). With a largest value of about 1, no square
    overflows.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    origin = np.where((low > 0) & (high / 2 <= low), low, np.where((high < 0) & (low / 2 >= high), high, 0.0))
    moved = points - origin
    _, exponent = np.frexp(np.abs(moved).max(initial=0.0))
    return np.ascontiguousarray(np.ldexp(moved, -int(exponent))), int(exponent)


def linkage(points: Floats) -> Floats:
    """Ward's tree, as ``scipy.cluster.hierarchy.linkage(points, "ward")`` gives it.

    Where distances are equal Ward's tree is not unique; of equally near clusters the one whose last point
    comes first is taken, as in scipy, up to rounding.

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
    """
    if len(points) < 2:
        raise ValueError(f"{len(points)} points: a tree needs 2 or more")
    scaled, exponent = _near_zero(points)
    merges, heights = _chain(scaled)
    order = np.argsort(heights, kind="stable")
    tree: Floats = _numbered(merges[order], np.ldexp(heights[order], exponent))
    return tree


@njit(cache=True, nogil=True)
def _spread(tree: Floats, labels: Ints) -> None:
    """Hands the labels (2n-1,) of some nodes down to the points below them."""
    count = tree.shape[0] + 1
    for row in range(count - 2, -1, -1):
        if labels[count + row] >= 0:
            labels[int(tree[row, 0])] = labels[int(tree[row, 1])] = labels[count + row]


def cut(tree: Floats, k: int) -> Ints:
    """The k clusters of a tree, numbered as scikit-learn's AgglomerativeClustering numbers them.

    Args:
        tree: (n-1, 4) of :func:`linkage`.
        k: 1 to n.

    Returns:
        (n,) labels 0 to k-1.

    Raises:
        ValueError: k is under 1 or above n.
    """
    count = len(tree) + 1
    if not 1 <= k <= count:
        raise ValueError(f"k is {k}: a tree of {count} points has 1 to {count} clusters")
    # the node merged last is split, k - 1 times; the numbers are the places in the binary heap that finds it
    heap = [-(2 * count - 2)]
    for _ in range(k - 1):
        one, other = tree[-heap[0] - count, :2].astype(int).tolist()
        heapq.heappush(heap, -one)
        heapq.heappushpop(heap, -other)
    labels = np.full(2 * count - 1, -1, np.int64)
    labels[[-node for node in heap]] = np.arange(k)
    _spread(tree, labels)
    return labels[:count].copy()


def warm() -> None:
    """Compiles what :func:`linkage` and :func:`cut` run."""
    cut(linkage(np.arange(3.0)[:, None]), 2)
