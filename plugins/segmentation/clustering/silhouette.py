"""Silhouette values (Rousseeuw 1987) of several partitions in one pass over the pairs of points.

Two points that share a cluster in every partition share a *cell*. Distances are summed by cell, once for all
partitions, and each partition adds up the cells of its clusters: ten partitions cost little more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.segmentation.clustering.partition import Floats, Ints, compact_labels

Bools = NDArray[np.bool_]
Reals = NDArray[np.floating]
"""Single or double precision."""

_LOOSE = {"reassoc", "contract", "nsz"}
"""Lets sums run in vector registers; the order of a sum does not depend on threads or on other rows."""

_BLOCK = 256
"""Distances held at a time: single precision adds up no more of them before double takes over."""

_TASK = 1024
"""Rows that a thread takes at a time."""

_SUMS = 2**18
"""Sums by cell that a thread holds, about 2 MiB."""

_SINGLE_FROM = 2048
"""From this number of points on, distances are in single precision where that is safe."""

_SAFE = 2.0
"""Single precision is trusted up to this ratio of a point's distance from the centre to its mean distances.

Rounding moves a point by up to 6e-8 of its distance from the centre: at 2 the silhouette stays within 1e-6 in
the worst case, and stayed within 4e-7 wherever it was measured.
"""

_TINY = 1e-10
"""Under this mean distance, at coordinates of about 1, squares in single precision may underflow."""


class _Cells(NamedTuple):
    """The points, sorted by cell, and the clusters that the cells make up in each of p partitions."""

    order: Ints
    """(n,) the caller's position of each row."""
    starts: Ints
    """(c + 1,) the row at which each cell begins, and n."""
    cell_of: Ints
    """(n,) the cell of each row."""
    cluster_of: Ints
    """(p, c) the cluster of each cell."""
    sizes: Ints
    """(p, k) points of each cluster, 0 where a partition has fewer clusters."""


class _Scores(NamedTuple):
    """What threads write: each its own rows."""

    values: Floats
    """(p, n) silhouettes, in the caller's order."""
    unsure: Bools
    """(n,) rows for which the precision may not suffice."""


@njit(cache=True, nogil=True, fastmath=_LOOSE)
def _distances(columns: Reals, row: int, start: int, stop: int, gaps: Reals) -> None:
    """Distances from one point to those from ``start`` to ``stop``, into the front of ``gaps``."""
    # Direct differences, so that duplicates are 0 apart. Four columns at a time, to read and write ``gaps``
    # less often; the columns that do not fill a four come first.
    width, total = stop - start, columns.shape[0]
    lead = total % 4
    gaps[:width] = 0
    for column in range(lead):
        here, there = columns[column, row], columns[column, start:stop]
        for j in range(width):
            gap = there[j] - here
            gaps[j] += gap * gap
    for column in range(lead, total, 4):
        here_a, there_a = columns[column, row], columns[column, start:stop]
        here_b, there_b = columns[column + 1, row], columns[column + 1, start:stop]
        here_c, there_c = columns[column + 2, row], columns[column + 2, start:stop]
        here_d, there_d = columns[column + 3, row], columns[column + 3, start:stop]
        for j in range(width):
            a, b, c, d = there_a[j] - here_a, there_b[j] - here_b, there_c[j] - here_c, there_d[j] - here_d
            gaps[j] += (a * a + b * b) + (c * c + d * d)
    for j in range(width):
        gaps[j] = np.sqrt(gaps[j])


@njit(cache=True, nogil=True, fastmath=_LOOSE)
def _sum(values: Reals) -> np.floating:
    """The sum, in the precision of the values."""
    total = values.dtype.type(0)
    for j in range(values.size):
        total += values[j]
    return total


@njit(cache=True, nogil=True)
def _sum_by_cell(columns: Reals, rows: Ints, starts: Ints, gaps: Reals, sums: Floats) -> None:
    """Sums of the distances from each of ``rows`` to the points of each cell, into ``sums``."""
    sums[: rows.size] = 0.0
    first_cell = 0
    for start in range(0, columns.shape[1], _BLOCK):
        stop = min(start + _BLOCK, columns.shape[1])
        for i in range(rows.size):
            _distances(columns, rows[i], start, stop, gaps)
            # The block may begin and end within a cell: each of its runs of one cell is added up by itself.
            cell, at = first_cell, start
            while at < stop:
                until = min(starts[cell + 1], stop)
                sums[i, cell] += _sum(gaps[at - start : until - start])
                if until == starts[cell + 1]:
                    cell += 1
                at = until
        while first_cell + 1 < starts.size and starts[first_cell + 1] <= stop:
            first_cell += 1


@njit(cache=True, nogil=True)
def _silhouette(own: int, totals: Floats, sizes: Ints) -> tuple[float, float]:
    """s(i) of Rousseeuw (1987), section 2, and its denominator.

    Args:
        own: the point's cluster, of 2 points or more.
        totals: sum of its distances to the points of each cluster.
        sizes: points of each cluster; 0: there is none.
    """
    # a(i) is the mean distance to the others of its cluster, b(i) the least mean distance to another cluster.
    inside = totals[own] / (sizes[own] - 1)
    outside = np.inf
    for cluster in range(sizes.size):
        if cluster != own and sizes[cluster] > 0:
            outside = min(outside, totals[cluster] / sizes[cluster])
    scale = max(inside, outside)
    return (outside - inside) / scale if scale > 0 else 0.0, scale


@njit(cache=True, nogil=True)
def _score(columns: Reals, rows: Ints, tile: int, cells: _Cells, reach: Floats, scores: _Scores) -> None:
    """Writes the silhouettes of ``rows``, ``tile`` rows at a time; marks those that may be imprecise."""
    partitions = cells.cluster_of.shape[0]
    gaps = np.empty(_BLOCK, columns.dtype)
    sums = np.empty((tile, cells.starts.size - 1))
    totals = np.empty(cells.sizes.shape[1])
    for begin in range(0, rows.size, tile):
        some = rows[begin : begin + tile]
        _sum_by_cell(columns, some, cells.starts, gaps, sums)
        for i in range(some.size):
            row = some[i]
            for partition in range(partitions):
                totals[:] = 0.0
                for cell in range(cells.starts.size - 1):
                    totals[cells.cluster_of[partition, cell]] += sums[i, cell]
                own = cells.cluster_of[partition, cells.cell_of[row]]
                value = 0.0
                if cells.sizes[partition, own] > 1:
                    value, scale = _silhouette(own, totals, cells.sizes[partition])
                    if scale * _SAFE < reach[row] or scale < _TINY:
                        scores.unsure[row] = True
                scores.values[partition, cells.order[row]] = value


def _compact(labels: NDArray[np.integer], position: int) -> Ints:
    """The labels of a partition from 0 on without gaps.

    Raises:
        ValueError: it has fewer than 2 clusters, or as many as points.
    """
    compact = compact_labels(labels)
    clusters = int(compact.max(initial=-1)) + 1
    if not 2 <= clusters <= len(labels) - 1:
        raise ValueError(
            f"partition {position} has {clusters} clusters of {len(labels)} points: a silhouette needs 2 "
            "or more, and fewer than points"
        )
    return compact


def _cells(compact: Sequence[Ints]) -> _Cells:
    """The common refinement of partitions, each labelled from 0 on without gaps."""
    clusters = [int(labels.max()) + 1 for labels in compact]
    cell_of = compact[0]
    for labels, count in zip(compact[1:], clusters[1:], strict=True):
        cell_of = compact_labels(cell_of * count + labels)
    order = np.argsort(cell_of, kind="stable")
    cell_of = cell_of[order]
    starts = np.concatenate(([0], np.flatnonzero(np.diff(cell_of)) + 1, [len(order)])).astype(np.int64)
    sizes = np.zeros((len(compact), max(clusters)), np.int64)
    for partition, (labels, count) in enumerate(zip(compact, clusters, strict=True)):
        sizes[partition, :count] = np.bincount(labels)
    cluster_of = np.array([labels[order[starts[:-1]]] for labels in compact])
    return _Cells(order=order, starts=starts, cell_of=cell_of, cluster_of=cluster_of, sizes=sizes)


def _unit(points: Floats) -> Floats:
    """Points scaled by a power of two, without rounding, to at most about 1, so that no square overflows."""
    _, exponent = np.frexp(np.abs(points).max(initial=0.0))
    unit: Floats = np.ldexp(points, -int(exponent))
    return unit


def silhouette_samples(
    points: Floats, partitions: Sequence[NDArray[np.integer]], *, workers: int = 2
) -> Floats:
    """Silhouette of every point under every partition, as scikit-learn defines it, to 1e-6.

    From 2,048 points on, distances are computed in single precision; points for which its rounding could
    matter, as in tight clusters far from the median, are computed again in double.

    Args:
        points: (n, d) finite.
        partitions: p vectors (n,) of labels, any integers; -1 is a cluster like the others.
        workers: threads; the result does not depend on it.

    Returns:
        (p, n) -1 to 1; 0 for the only point of a cluster.

    Raises:
        ValueError: a partition has fewer than 2 clusters, or as many as points; the message gives its index.

    Source:
        Rousseeuw (1987), Journal of Computational and Applied Mathematics 20: s(i) of section 2.

    >>> silhouette_samples(np.array([[0.0], [1.0], [5.0]]), [np.array([0, 0, 1])]).round(3).tolist()
    [[0.8, 0.75, 0.0]]
    """
    count = len(points)
    if not len(partitions):
        return np.zeros((0, count))
    cells = _cells([_compact(labels, position) for position, labels in enumerate(partitions)])
    scores = _Scores(values=np.zeros((len(partitions), count)), unsure=np.zeros(count, np.bool_))
    tile = max(4, min(64, _SUMS // (len(cells.starts) - 1)))

    def score(columns: Reals, rows: Ints, reach: Floats) -> None:
        task = partial(_score, columns, tile=tile, cells=cells, reach=reach, scores=scores)
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(task, [rows[begin : begin + _TASK] for begin in range(0, len(rows), _TASK)]))

    exact = _unit(points[cells.order])
    rows = np.arange(count)
    if count >= _SINGLE_FROM:
        centred = _unit(exact - np.median(exact, axis=0))
        score(np.ascontiguousarray(centred.T, np.float32), rows, np.sqrt((centred * centred).sum(axis=1)))
        rows = np.flatnonzero(scores.unsure)
    if len(rows):
        score(np.ascontiguousarray(exact.T), rows, np.zeros(count))
    return scores.values


def warm() -> None:
    """Compiles what :func:`silhouette_samples` runs, in both precisions."""
    points = np.arange(_SINGLE_FROM, dtype=np.float64)[:, None]
    silhouette_samples(points, [np.arange(_SINGLE_FROM) % 2])
    silhouette_samples(points[:4], [np.arange(4) % 2])
