"""DBSCAN (Ester, Kriegel, Sander & Xu 1996), exact, in memory that neighbours do not add to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.segmentation.clustering.kdtree import (
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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class DbscanResult(NamedTuple):
    """A clustering of n points."""

    labels: Ints
    """(n,) clusters from 0 on, numbered by their first core point; -1 for noise."""
    core: Bools
    """(n,) whether a point has ``min_samples`` neighbours, itself included."""


@njit(cache=True, nogil=True)
def _put_off(place: int, tree: Tree, waiting: Ints) -> int:
    """Fills the stack with nodes that hold every point once, the leaf of ``place`` on top; how many."""
    depth, node = 0, 0
    while tree.left[node] >= 0:
        near, far = tree.left[node], tree.left[node] + 1
        if place >= tree.start[far]:
            near, far = far, near
        waiting[depth] = far
        depth += 1
        node = near
    waiting[depth] = node
    return depth + 1


@njit(cache=True, nogil=True)
def _cores(points: Floats, tree: Tree, low: Floats, high: Floats, limit: float, min_samples: int) -> Bools:
    """Which points have ``min_samples`` neighbours; counting stops there."""
    core = np.zeros(len(points), np.bool_)
    waiting = np.empty(2 * tree.depth, np.int64)
    for place in range(len(points)):
        point = points[place]
        neighbours = 0
        left = _put_off(place, tree, waiting)
        while left > 0 and neighbours < min_samples:
            left -= 1
            node = waiting[left]
            if out_of_reach(point, low[node], high[node], limit):
                continue
            if wholly_within(point, low[node], high[node], limit):
                neighbours += tree.end[node] - tree.start[node]
            elif tree.left[node] < 0:
                for other in range(tree.start[node], tree.end[node]):
                    if within(point, points[other], limit):
                        neighbours += 1
            else:
                waiting[left], waiting[left + 1] = tree.left[node], tree.left[node] + 1
                left += 2
        core[place] = neighbours >= min_samples
    return core


@njit(cache=True, nogil=True)
def _root(parents: Ints, place: int) -> int:
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place


@njit(cache=True, nogil=True)
def _join(parents: Ints, one: int, other: int) -> None:
    """Unites two components; the lower root stays."""
    one, other = _root(parents, one), _root(parents, other)
    parents[max(one, other)] = min(one, other)


@njit(cache=True, nogil=True)
def _member(node: int, tree: Tree, core: Bools, parents: Ints) -> int:
    """A core point of a leaf whose core points are in one component, else -1."""
    member = -1
    for place in range(tree.start[node], tree.end[node]):
        if core[place]:
            if member < 0:
                member = place
            elif _root(parents, place) != _root(parents, member):
                return -1
    return member


@njit(cache=True, nogil=True)
def _components(points: Floats, tree: Tree, low: Floats, high: Floats, limit: float, core: Bools) -> Ints:
    """The root of each core point's component, core points within eps of each other being in one."""
    parents = np.arange(len(points))
    empty = np.ones(tree.left.size, np.bool_)
    for node in range(tree.left.size - 1, -1, -1):
        if tree.left[node] < 0:
            empty[node] = not core[tree.start[node] : tree.end[node]].any()
        else:
            empty[node] = empty[tree.left[node]] and empty[tree.left[node] + 1]
    # by node, a core point if all of them are known to be in one component, else -1: a node is passed over
    # where that component is the point's own already, which is what keeps dense data fast
    joined = np.full(tree.left.size, -1, np.int64)
    waiting = np.empty(2 * tree.depth, np.int64)
    for place in range(len(points)):
        if not core[place]:
            continue
        point = points[place]
        left = _put_off(place, tree, waiting)
        leaf = waiting[left - 1]
        while left > 0:
            left -= 1
            node = waiting[left]
            if empty[node] or (joined[node] >= 0 and _root(parents, joined[node]) == _root(parents, place)):
                continue
            if out_of_reach(point, low[node], high[node], limit):
                continue
            if wholly_within(point, low[node], high[node], limit):
                if joined[node] >= 0:
                    _join(parents, joined[node], place)
                else:
                    for other in range(tree.start[node], tree.end[node]):
                        if core[other]:
                            _join(parents, other, place)
                    joined[node] = place
            elif tree.left[node] < 0:
                for other in range(tree.start[node], tree.end[node]):
                    if (
                        core[other]
                        and _root(parents, other) != _root(parents, place)
                        and within(point, points[other], limit)
                    ):
                        _join(parents, other, place)
            else:
                for child in (tree.left[node], tree.left[node] + 1):
                    if joined[node] >= 0 and not empty[child]:
                        joined[child] = joined[node]
                    waiting[left] = child
                    left += 1
        _note_joined(leaf, tree, core, parents, empty, joined)
    for place in range(len(points)):
        parents[place] = _root(parents, place)
    return parents


@njit(cache=True, nogil=True)
def _note_joined(leaf: int, tree: Tree, core: Bools, parents: Ints, empty: Bools, joined: Ints) -> None:
    """Notes which nodes, of a leaf and those above it, now have their core points in one component."""
    if joined[leaf] < 0:
        joined[leaf] = _member(leaf, tree, core, parents)
    node = leaf
    while joined[node] >= 0 and tree.parent[node] >= 0:
        node = tree.parent[node]
        if joined[node] < 0:
            one, other = tree.left[node], tree.left[node] + 1
            if empty[one] or empty[other]:
                joined[node] = max(joined[one], joined[other])
            elif (
                joined[one] >= 0
                and joined[other] >= 0
                and _root(parents, joined[one]) == _root(parents, joined[other])
            ):
                joined[node] = joined[one]


@njit(cache=True, nogil=True)
def _label_borders(
    points: Floats, tree: Tree, low: Floats, high: Floats, limit: float, core: Bools, labels: Ints
) -> None:
    """Gives each other point the lowest label of the core points within eps, if any, in ``labels``."""
    none = len(points)
    lowest = np.full(tree.left.size, none, np.int64)
    for node in range(tree.left.size - 1, -1, -1):
        if tree.left[node] < 0:
            for place in range(tree.start[node], tree.end[node]):
                if core[place]:
                    lowest[node] = min(lowest[node], labels[place])
        else:
            lowest[node] = min(lowest[tree.left[node]], lowest[tree.left[node] + 1])
    waiting = np.empty(2 * tree.depth, np.int64)
    for place in range(len(points)):
        if core[place]:
            continue
        point, best = points[place], none
        left = _put_off(place, tree, waiting)
        while left > 0:
            left -= 1
            node = waiting[left]
            if lowest[node] >= best or out_of_reach(point, low[node], high[node], limit):
                continue
            if wholly_within(point, low[node], high[node], limit):
                best = lowest[node]
            elif tree.left[node] < 0:
                for other in range(tree.start[node], tree.end[node]):
                    if core[other] and labels[other] < best and within(point, points[other], limit):
                        best = labels[other]
            else:
                waiting[left], waiting[left + 1] = tree.left[node], tree.left[node] + 1
                left += 2
        if best < none:
            labels[place] = best


@njit(cache=True, nogil=True)
def _number(roots: Ints, core: Bools, order: Ints) -> Ints:
    """Labels by place: components numbered by their first core point in the callers' order; -1 elsewhere."""
    place_of = np.empty(order.size, np.int64)
    place_of[order] = np.arange(order.size)
    numbers, labels = np.full(order.size, -1, np.int64), np.full(order.size, -1, np.int64)
    clusters = 0
    for position in range(order.size):
        place = place_of[position]
        if core[place]:
            if numbers[roots[place]] < 0:
                numbers[roots[place]] = clusters
                clusters += 1
            labels[place] = numbers[roots[place]]
    return labels


@njit(cache=True, nogil=True)
def _cluster(points: Floats, eps: float, min_samples: int) -> tuple[Ints, Bools]:
    tree = grow(points, LEAF)
    places = points[tree.order]
    low, high = boxes(tree, places)
    limit = eps * eps
    core = _cores(places, tree, low, high, limit, min_samples)
    roots = _components(places, tree, low, high, limit, core)
    labels = _number(roots, core, tree.order)
    _label_borders(places, tree, low, high, limit, core, labels)
    labels_in_order, core_in_order = np.empty_like(labels), np.empty_like(core)
    labels_in_order[tree.order] = labels
    core_in_order[tree.order] = core
    return labels_in_order, core_in_order


@njit(cache=True, nogil=True)
def _nearest(cores: Floats, points: Floats, eps: float) -> Ints:
    """The position of the core point nearest to each point, the first of equally near ones; -1 beyond eps."""
    tree = grow(cores, LEAF)
    places = cores[tree.order]
    low, high = boxes(tree, places)
    found = np.full(len(points), -1, np.int64)
    waiting = np.empty(2 * tree.depth, np.int64)
    for i in range(len(points)):
        point, best, position = points[i], eps * eps, -1
        waiting[0] = 0
        left = 1
        while left > 0:
            left -= 1
            node = waiting[left]
            if out_of_reach(point, low[node], high[node], best):
                continue
            if tree.left[node] < 0:
                for place in range(tree.start[node], tree.end[node]):
                    apart = squared(point, places[place])
                    if apart < best or (apart == best and (position < 0 or tree.order[place] < position)):
                        best, position = apart, tree.order[place]
            else:
                near, far = tree.left[node], tree.left[node] + 1
                if squared_to_box(point, low[near], high[near]) > squared_to_box(point, low[far], high[far]):
                    near, far = far, near
                waiting[left], waiting[left + 1] = far, near
                left += 2
        found[i] = position
    return found


def dbscan(points: Floats, eps: float, min_samples: int) -> DbscanResult:
    """Clusters of points that are dense together, with scikit-learn's labels.

    Args:
        points: (n, d) finite, n of 1 or more.
        eps: neighbours are at most so far apart, by Euclidean distance; more than 0.
        min_samples: neighbours, itself included, that make a point a core point; 1 or more.

    Returns:
        A border point is in the lowest-numbered cluster of those that have a core point within eps.

    Raises:
        ValueError: no point, eps of 0 or less, or min_samples under 1.

    Source:
        Ester, Kriegel, Sander & Xu (1996), KDD-96, definitions 1 to 6; ties as scikit-learn decides them.
    """
    if not len(points):
        raise ValueError("points is empty: DBSCAN needs 1 or more")
    if not eps > 0:
        raise ValueError(f"eps is {eps}: it must be more than 0")
    if min_samples < 1:
        raise ValueError(f"min_samples is {min_samples}: it must be 1 or more")
    labels, core = _cluster(np.ascontiguousarray(points, np.float64), float(eps), int(min_samples))
    return DbscanResult(labels, core)


def nearest_core(core_points: Floats, core_labels: Ints, points: Floats, eps: float) -> Ints:
    """The cluster of new points: that of the nearest core point within eps.

    Args:
        core_points: (m, d), m of 0 or more.
        core_labels: (m,)
        points: (q, d)
        eps: that of the clustering.

    Returns:
        (q,) -1 where no core point is within eps; of equally near ones the first counts.
    """
    labels = np.full(len(points), -1, np.int64)
    if len(core_points):
        nearest = _nearest(
            np.ascontiguousarray(core_points, np.float64),
            np.ascontiguousarray(points, np.float64),
            float(eps),
        )
        labels[nearest >= 0] = core_labels[nearest[nearest >= 0]]
    return labels


def warm() -> None:
    """Compiles what :func:`dbscan` and :func:`nearest_core` run."""
    points = np.arange(3.0)[:, None]
    found = dbscan(points, 1.0, 2)
    nearest_core(points, found.labels, points, 1.0)
