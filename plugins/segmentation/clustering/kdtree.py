"""A k-d tree for compiled searches (Friedman, Bentley & Finkel 1977): boxes over runs of points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAF = 16
"""Points of a leaf, at most."""

_SMALLEST_SHARE = 1 / 32
"""A split at the mean that leaves less to one side is made at the median: depth stays logarithmic."""


class Tree(NamedTuple):
    """A node is a row; the root is row 0, a parent comes before its children, a child pair is adjacent."""

    order: Ints
    """(n,) the points' positions, in the order of the leaves: a node holds ``order[start:end]``."""
    start: Ints
    """(m,) of the m nodes."""
    end: Ints
    """(m,)"""
    left: Ints
    """(m,) the left child, the right one being the next row; -1 for a leaf."""
    parent: Ints
    """(m,) -1 for the root."""
    depth: int
    """Levels; a depth-first search from the root never has more than one node more than these put off."""


@njit(cache=True, nogil=True)
def _widest(points: Floats, order: Ints, start: int, end: int, mean: Floats, spread: Floats) -> int:
    """The column of most variance among ``order[start:end]``; leaves the means of the columns in ``mean``."""
    # Variance, not extent: heavy tails stretch a column's extent and say little of where most points are.
    columns = points.shape[1]
    mean[:] = 0.0
    spread[:] = 0.0
    for place in range(start, end):
        for column in range(columns):
            mean[column] += points[order[place], column]
    for column in range(columns):
        mean[column] /= end - start
    for place in range(start, end):
        for column in range(columns):
            gap = points[order[place], column] - mean[column]
            spread[column] += gap * gap
    return int(np.argmax(spread))


@njit(cache=True, nogil=True)
def _part_at(points: Floats, order: Ints, start: int, end: int, column: int, value: float) -> int:
    """Moves what is at most ``value`` to the front; where the rest begins."""
    front, back = start, end - 1
    while front <= back:
        if points[order[front], column] <= value:
            front += 1
        else:
            order[front], order[back] = order[back], order[front]
            back -= 1
    return front


@njit(cache=True, nogil=True)
def _part_in_half(points: Floats, order: Ints, start: int, end: int, column: int) -> int:
    """Moves the smaller half to the front (Hoare's quickselect); where the larger begins."""
    middle, low, high = (start + end) // 2, start, end - 1
    while low < high:
        pivot = points[order[(low + high) // 2], column]
        front, back = low, high
        while front <= back:
            while points[order[front], column] < pivot:
                front += 1
            while points[order[back], column] > pivot:
                back -= 1
            if front <= back:
                order[front], order[back] = order[back], order[front]
                front += 1
                back -= 1
        if middle <= back:
            high = back
        elif middle >= front:
            low = front
        else:
            break
    return middle


@njit(cache=True, nogil=True)
def grow(points: Floats, leaf: int) -> Tree:
    """The tree of some points.

    Splits are at the mean of the column with the most variance: the two values of an indicator part exactly.

    Args:
        points: (n, d) float64, n of 1 or more.
        leaf: points of a leaf, at most.
    """
    count = points.shape[0]
    order = np.arange(count)
    start, end = np.zeros(2 * count, np.int64), np.zeros(2 * count, np.int64)
    left, parent = np.full(2 * count, -1, np.int64), np.full(2 * count, -1, np.int64)
    level = np.zeros(2 * count, np.int64)
    mean, spread = np.empty(points.shape[1]), np.empty(points.shape[1])
    end[0] = count
    nodes, node = 1, 0
    while node < nodes:
        first, last = start[node], end[node]
        if last - first > leaf:
            column = _widest(points, order, first, last, mean, spread)
            middle = _part_at(points, order, first, last, column, mean[column])
            if min(middle - first, last - middle) < max(1.0, (last - first) * _SMALLEST_SHARE):
                middle = _part_in_half(points, order, first, last, column)
            left[node] = nodes
            start[nodes], end[nodes] = first, middle
            start[nodes + 1], end[nodes + 1] = middle, last
            for child in (nodes, nodes + 1):
                parent[child] = node
                level[child] = level[node] + 1
            nodes += 2
        node += 1
    depth = level[:nodes].max() + 1
    return Tree(
        order, start[:nodes].copy(), end[:nodes].copy(), left[:nodes].copy(), parent[:nodes].copy(), depth
    )


@njit(cache=True, nogil=True)
def boxes(tree: Tree, sorted_points: Floats) -> tuple[Floats, Floats]:
    """The smallest and the largest value of each column below each node.

    Args:
        tree: of n points and m nodes.
        sorted_points: (n, d), ``points[tree.order]``.

    Returns:
        Two (m, d).
    """
    nodes, columns = tree.left.size, sorted_points.shape[1]
    low, high = np.full((nodes, columns), np.inf), np.full((nodes, columns), -np.inf)
    for node in range(nodes - 1, -1, -1):
        if tree.left[node] < 0:
            for place in range(tree.start[node], tree.end[node]):
                for column in range(columns):
                    low[node, column] = min(low[node, column], sorted_points[place, column])
                    high[node, column] = max(high[node, column], sorted_points[place, column])
        else:
            one, other = tree.left[node], tree.left[node] + 1
            for column in range(columns):
                low[node, column] = min(low[one, column], low[other, column])
                high[node, column] = max(high[one, column], high[other, column])
    return low, high


# Distances, for searches that must decide as scikit-learn's tree does: sums run over the columns in order and
# without fused multiplications. Rounding is monotone, so a box's bounds, computed in the same order, hold for
# every point in it to the last bit.


@njit(cache=True, nogil=True)
def within(one: Floats, other: Floats, limit: float) -> bool:
    """Whether the squared distance of two points is at most ``limit``."""
    total = 0.0
    for column in range(one.size):
        gap = one[column] - other[column]
        total += gap * gap
        if total > limit:
            return False
    return True


@njit(cache=True, nogil=True)
def squared(one: Floats, other: Floats) -> float:
    """The squared distance of two points."""
    total = 0.0
    for column in range(one.size):
        gap = one[column] - other[column]
        total += gap * gap
    return total


@njit(cache=True, nogil=True)
def squared_to_box(point: Floats, low: Floats, high: Floats) -> float:
    """The least squared distance that a point of a box may have."""
    total = 0.0
    for column in range(point.size):
        gap = max(low[column] - point[column], point[column] - high[column], 0.0)
        total += gap * gap
    return total


@njit(cache=True, nogil=True)
def out_of_reach(point: Floats, low: Floats, high: Floats, limit: float) -> bool:
    """Whether every point of a box is further than ``limit``, squared."""
    total = 0.0
    for column in range(point.size):
        gap = max(low[column] - point[column], point[column] - high[column], 0.0)
        total += gap * gap
        if total > limit:
            return True
    return False


@njit(cache=True, nogil=True)
def wholly_within(point: Floats, low: Floats, high: Floats, limit: float) -> bool:
    """Whether every point of a box is within ``limit``, squared."""
    total = 0.0
    for column in range(point.size):
        gap = max(high[column] - point[column], point[column] - low[column])
        total += gap * gap
        if total > limit:
            return False
    return True
