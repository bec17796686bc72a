"""A k-d tree for compiled searches (Friedman, Bentley & Finkel 1977).

A node holds a run of points, ``order[start:end]``. A node of more than ``leaf`` points is divided in two by a
value of one column. Searches compare a point with the box around a node's points: a box out of reach is
skipped, and one that is wholly within reach needs no look at its points.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from plugins.segmentation.clustering.partition import Floats, Ints

LEAF = 16
"""Most points of a leaf."""

_SMALLEST_SHARE = 1 / 32
"""A split at the mean that leaves one side less is made at the median, so that depth stays logarithmic."""


class Tree(NamedTuple):
    """A node is a row. The root is row 0, a parent comes before its children, and siblings are adjacent."""

    order: Ints
    """(n,) the points' positions, in the order of the leaves."""
    start: Ints
    """(m,) where the run of each of the m nodes begins."""
    end: Ints
    """(m,) where it ends."""
    left: Ints
    """(m,) the left child, the right one being the next row; -1 for a leaf."""
    parent: Ints
    """(m,) -1 for the root."""
    depth: int
    """Levels. The stack of a depth-first search from the root holds at most one node more than this."""


@njit(cache=True, nogil=True)
def _widest(points: Floats, order: Ints, start: int, end: int, mean: Floats, spread: Floats) -> int:
    """The column of most variance among ``order[start:end]``; writes the columns' means into ``mean``."""
    # Variance, not extent: a heavy tail stretches a column's extent but holds few of its points.
    columns = points.shape[1]
    mean[:] = 0.0
    spread[:] = 0.0
    for slot in range(start, end):
        for column in range(columns):
            mean[column] += points[order[slot], column]
    for column in range(columns):
        mean[column] /= end - start
    for slot in range(start, end):
        for column in range(columns):
            gap = points[order[slot], column] - mean[column]
            spread[column] += gap * gap
    return int(np.argmax(spread))


@njit(cache=True, nogil=True)
def _part_at(points: Floats, order: Ints, start: int, end: int, column: int, value: float) -> int:
    """Moves the points of at most ``value`` to the front, and returns where the others begin."""
    front, back = start, end - 1
    # Before ``front`` all are at most ``value``, after ``back`` all are greater.
    while front <= back:
        if points[order[front], column] <= value:
            front += 1
        else:
            order[front], order[back] = order[back], order[front]
            back -= 1
    return front


@njit(cache=True, nogil=True)
def _part_in_half(points: Floats, order: Ints, start: int, end: int, column: int) -> int:
    """Moves the smaller half to the front (Hoare's quickselect), and returns where the larger begins."""
    middle, low, high = (start + end) // 2, start, end - 1
    # The element of rank ``middle`` is always in ``order[low : high + 1]``.
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
    """A tree over points.

    A node is split at the mean of the column with the most variance. The mean parts the two values of a 0/1
    indicator exactly, which a median would not.

    Args:
        points: (n, d) float64, n of 1 or more.
        leaf: most points of a leaf.
    """
    count = points.shape[0]
    order = np.arange(count)
    start, end = np.zeros(2 * count, np.int64), np.zeros(2 * count, np.int64)
    left, parent = np.full(2 * count, -1, np.int64), np.full(2 * count, -1, np.int64)
    level = np.zeros(2 * count, np.int64)
    mean, spread = np.empty(points.shape[1]), np.empty(points.shape[1])
    end[0] = count
    nodes, node = 1, 0
    # Breadth first: nodes below ``node`` are final, those from ``node`` to ``nodes`` are still to be split.
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
    return Tree(
        order=order,
        start=start[:nodes].copy(),
        end=end[:nodes].copy(),
        left=left[:nodes].copy(),
        parent=parent[:nodes].copy(),
        depth=level[:nodes].max() + 1,
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
            for slot in range(tree.start[node], tree.end[node]):
                for column in range(columns):
                    low[node, column] = min(low[node, column], sorted_points[slot, column])
                    high[node, column] = max(high[node, column], sorted_points[slot, column])
        else:
            left, right = tree.left[node], tree.left[node] + 1
            for column in range(columns):
                low[node, column] = min(low[left, column], low[right, column])
                high[node, column] = max(high[left, column], high[right, column])
    return low, high


# Distances for searches that must decide as scikit-learn's tree does: sums run over the columns in order,
# without fused multiplications. Rounding is monotone, so that the bounds of a box, which are computed in the
# same order, hold for each of its points to the last bit.


@njit(cache=True, nogil=True)
def within(first: Floats, second: Floats, limit: float) -> bool:
    """Whether the squared distance of two points is at most ``limit``."""
    total = 0.0
    for column in range(first.size):
        gap = first[column] - second[column]
        total += gap * gap
        if total > limit:
            return False
    return True


@njit(cache=True, nogil=True)
def squared(first: Floats, second: Floats) -> float:
    """The squared distance of two points."""
    total = 0.0
    for column in range(first.size):
        gap = first[column] - second[column]
        total += gap * gap
    return total


@njit(cache=True, nogil=True)
def squared_to_box(point: Floats, low: Floats, high: Floats) -> float:
    """The least squared distance of a point in a box."""
    total = 0.0
    for column in range(point.size):
        gap = max(low[column] - point[column], point[column] - high[column], 0.0)
        total += gap * gap
    return total


@njit(cache=True, nogil=True)
def out_of_reach(point: Floats, low: Floats, high: Floats, limit: float) -> bool:
    """Whether the squared distance of every point in a box is above ``limit``."""
    total = 0.0
    for column in range(point.size):
        gap = max(low[column] - point[column], point[column] - high[column], 0.0)
        total += gap * gap
        if total > limit:
            return True
    return False


@njit(cache=True, nogil=True)
def wholly_within(point: Floats, low: Floats, high: Floats, limit: float) -> bool:
    """Whether the squared distance of every point in a box is at most ``limit``."""
    total = 0.0
    for column in range(point.size):
        gap = max(high[column] - point[column], point[column] - low[column])
        total += gap * gap
        if total > limit:
            return False
    return True
