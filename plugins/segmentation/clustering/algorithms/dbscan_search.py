"""The searches of DBSCAN over a k-d tree: core points, their components, and border points.

Each search asks, for a point, about every point within eps of it. A node of the tree that is out of reach is
skipped, and one that is wholly within reach is settled at once, so that no neighbour is ever stored.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.segmentation.clustering.algorithms.kdtree import (
    LEAF,
    Tree,
    boxes,
    grow,
    out_of_reach,
    squared,
    squared_to_box,
    wholly_within,
    within,
)
from plugins.segmentation.clustering.partition import Floats, Ints

Bools = NDArray[np.bool_]


class Cloud(NamedTuple):
    """Points in the order of the leaves of their tree; a *slot* is a point's index in that order."""

    points: Floats
    """(n, d) by slot."""
    tree: Tree
    low: Floats
    """(m, d) the boxes of the tree's nodes."""
    high: Floats
    """(m, d)"""
    limit: float
    """eps², which is compared with squared distances."""


@njit(cache=True, nogil=True)
def cloud_of(points: Floats, eps: float) -> Cloud:
    """Points (n, d), n of 1 or more, ready to be searched within ``eps``."""
    tree = grow(points, LEAF)
    by_slot = points[tree.order]
    low, high = boxes(tree, by_slot)
    return Cloud(points=by_slot, tree=tree, low=low, high=high, limit=eps * eps)


@njit(cache=True, nogil=True)
def _stack_from(slot: int, tree: Tree, waiting: Ints) -> int:
    """Fills a stack with nodes that hold every point once, and returns its height.

    The leaf of ``slot`` is on top, as most neighbours are near it in the tree.
    """
    height, node = 0, 0
    while tree.left[node] >= 0:
        near, far = tree.left[node], tree.left[node] + 1
        if slot >= tree.start[far]:
            near, far = far, near
        waiting[height] = far
        height += 1
        node = near
    waiting[height] = node
    return height + 1


@njit(cache=True, nogil=True)
def core_points(cloud: Cloud, min_samples: int) -> Bools:
    """Which slots have ``min_samples`` neighbours, themselves included; definition 2 of the paper."""
    points, tree, low, high, limit = cloud
    core = np.zeros(len(points), np.bool_)
    waiting = np.empty(2 * tree.depth, np.int64)
    for slot in range(len(points)):
        point = points[slot]
        neighbours = 0
        height = _stack_from(slot, tree, waiting)
        # Counting stops at ``min_samples``: in dense data most points see only their own leaf.
        while height > 0 and neighbours < min_samples:
            height -= 1
            node = waiting[height]
            if out_of_reach(point, low[node], high[node], limit):
                continue
            if wholly_within(point, low[node], high[node], limit):
                neighbours += tree.end[node] - tree.start[node]
            elif tree.left[node] < 0:
                for other in range(tree.start[node], tree.end[node]):
                    if within(point, points[other], limit):
                        neighbours += 1
            else:
                waiting[height], waiting[height + 1] = tree.left[node], tree.left[node] + 1
                height += 2
        core[slot] = neighbours >= min_samples
    return core


# Union-find over slots: ``parents`` leads from each slot to the root of its component.


@njit(cache=True, nogil=True)
def _root(parents: Ints, slot: int) -> int:
    while parents[slot] != slot:
        # Path halving.
        parents[slot] = parents[parents[slot]]
        slot = parents[slot]
    return slot


@njit(cache=True, nogil=True)
def _join(parents: Ints, first: int, second: int) -> None:
    """Joins two components; the lower root stays one."""
    first, second = _root(parents, first), _root(parents, second)
    parents[max(first, second)] = min(first, second)


@njit(cache=True, nogil=True)
def _nodes_without_core(tree: Tree, core: Bools) -> Bools:
    """(m,) whether no core point is below a node."""
    without = np.ones(tree.left.size, np.bool_)
    for node in range(tree.left.size - 1, -1, -1):
        if tree.left[node] < 0:
            without[node] = not core[tree.start[node] : tree.end[node]].any()
        else:
            without[node] = without[tree.left[node]] and without[tree.left[node] + 1]
    return without


@njit(cache=True, nogil=True)
def components(cloud: Cloud, core: Bools) -> Ints:
    """The root of each core slot's component: core points within eps share one (definition 4)."""
    points, tree, low, high, limit = cloud
    parents = np.arange(len(points))
    without_core = _nodes_without_core(tree, core)
    # member[node] is a core slot if all core points below the node are known to be in one component, else −1.
    # A node is skipped if that component is already the point's own: this keeps dense data fast.
    member = np.full(tree.left.size, -1, np.int64)
    waiting = np.empty(2 * tree.depth, np.int64)
    for slot in range(len(points)):
        if not core[slot]:
            continue
        point = points[slot]
        height = _stack_from(slot, tree, waiting)
        leaf = waiting[height - 1]
        while height > 0:
            height -= 1
            node = waiting[height]
            if without_core[node]:
                continue
            if member[node] >= 0 and _root(parents, member[node]) == _root(parents, slot):
                continue
            if out_of_reach(point, low[node], high[node], limit):
                continue
            if wholly_within(point, low[node], high[node], limit):
                if member[node] >= 0:
                    _join(parents, member[node], slot)
                else:
                    for other in range(tree.start[node], tree.end[node]):
                        if core[other]:
                            _join(parents, other, slot)
                    member[node] = slot
            elif tree.left[node] < 0:
                for other in range(tree.start[node], tree.end[node]):
                    if (
                        core[other]
                        and _root(parents, other) != _root(parents, slot)
                        and within(point, points[other], limit)
                    ):
                        _join(parents, other, slot)
            else:
                for child in (tree.left[node], tree.left[node] + 1):
                    if member[node] >= 0 and not without_core[child]:
                        member[child] = member[node]
                    waiting[height] = child
                    height += 1
        _note_member(leaf, tree, core, parents, without_core, member)
    for slot in range(len(points)):
        parents[slot] = _root(parents, slot)
    return parents


@njit(cache=True, nogil=True)
def _leaf_member(leaf: int, tree: Tree, core: Bools, parents: Ints) -> int:
    """A core slot of a leaf if its core points are in one component, else −1."""
    member = -1
    for slot in range(tree.start[leaf], tree.end[leaf]):
        if core[slot]:
            if member < 0:
                member = slot
            elif _root(parents, slot) != _root(parents, member):
                return -1
    return member


@njit(cache=True, nogil=True)
def _note_member(
    leaf: int, tree: Tree, core: Bools, parents: Ints, without_core: Bools, member: Ints
) -> None:
    """Updates ``member`` of a leaf, and of the nodes above it as far as they are now in one component."""
    if member[leaf] < 0:
        member[leaf] = _leaf_member(leaf, tree, core, parents)
    node = leaf
    while member[node] >= 0 and tree.parent[node] >= 0:
        node = tree.parent[node]
        if member[node] < 0:
            left, right = tree.left[node], tree.left[node] + 1
            if without_core[left] or without_core[right]:
                member[node] = max(member[left], member[right])
            elif (
                member[left] >= 0
                and member[right] >= 0
                and _root(parents, member[left]) == _root(parents, member[right])
            ):
                member[node] = member[left]


@njit(cache=True, nogil=True)
def number_components(roots: Ints, core: Bools, order: Ints) -> Ints:
    """Labels by slot: components in the caller's order of their first core points; −1 for other points."""
    slot_of = np.empty(order.size, np.int64)
    slot_of[order] = np.arange(order.size)
    numbers, labels = np.full(order.size, -1, np.int64), np.full(order.size, -1, np.int64)
    clusters = 0
    for position in range(order.size):
        slot = slot_of[position]
        if core[slot]:
            if numbers[roots[slot]] < 0:
                numbers[roots[slot]] = clusters
                clusters += 1
            labels[slot] = numbers[roots[slot]]
    return labels


@njit(cache=True, nogil=True)
def _lowest_labels(tree: Tree, core: Bools, labels: Ints) -> Ints:
    """(m,) the lowest label of a core point below each node; the number of points if there is none."""
    lowest = np.full(tree.left.size, labels.size, np.int64)
    for node in range(tree.left.size - 1, -1, -1):
        if tree.left[node] < 0:
            for slot in range(tree.start[node], tree.end[node]):
                if core[slot]:
                    lowest[node] = min(lowest[node], labels[slot])
        else:
            lowest[node] = min(lowest[tree.left[node]], lowest[tree.left[node] + 1])
    return lowest


@njit(cache=True, nogil=True)
def label_borders(cloud: Cloud, core: Bools, labels: Ints) -> None:
    """Gives each border point, in ``labels``, the lowest label of the core points within eps of it."""
    points, tree, low, high, limit = cloud
    unlabelled = len(points)
    lowest = _lowest_labels(tree, core, labels)
    waiting = np.empty(2 * tree.depth, np.int64)
    for slot in range(len(points)):
        if core[slot]:
            continue
        point, best = points[slot], unlabelled
        height = _stack_from(slot, tree, waiting)
        while height > 0:
            height -= 1
            node = waiting[height]
            # Nothing below the node can lower ``best``.
            if lowest[node] >= best or out_of_reach(point, low[node], high[node], limit):
                continue
            if wholly_within(point, low[node], high[node], limit):
                best = lowest[node]
            elif tree.left[node] < 0:
                for other in range(tree.start[node], tree.end[node]):
                    if core[other] and labels[other] < best and within(point, points[other], limit):
                        best = labels[other]
            else:
                waiting[height], waiting[height + 1] = tree.left[node], tree.left[node] + 1
                height += 2
        if best < unlabelled:
            labels[slot] = best


@njit(cache=True, nogil=True)
def nearest_of(cores: Floats, points: Floats, eps: float) -> Ints:
    """The row of ``cores`` nearest to each point, the first of equally near ones; −1 beyond ``eps``."""
    cloud = cloud_of(cores, eps)
    tree, low, high = cloud.tree, cloud.low, cloud.high
    nearest = np.full(len(points), -1, np.int64)
    waiting = np.empty(2 * tree.depth, np.int64)
    for row in range(len(points)):
        point, best, best_row = points[row], cloud.limit, -1
        waiting[0] = 0
        height = 1
        while height > 0:
            height -= 1
            node = waiting[height]
            if out_of_reach(point, low[node], high[node], best):
                continue
            if tree.left[node] < 0:
                for slot in range(tree.start[node], tree.end[node]):
                    apart = squared(point, cloud.points[slot])
                    if apart < best or (apart == best and (best_row < 0 or tree.order[slot] < best_row)):
                        best, best_row = apart, tree.order[slot]
            else:
                near, far = tree.left[node], tree.left[node] + 1
                if squared_to_box(point, low[near], high[near]) > squared_to_box(point, low[far], high[far]):
                    near, far = far, near
                waiting[height], waiting[height + 1] = far, near
                height += 2
        nearest[row] = best_row
    return nearest
