"""Silhouette values (Rousseeuw 1987) of several partitions in one pass over the pairs of points.

Two points that share a cluster in every partition share a *cell*. Distances are summed by cell, and the cells
of a cluster added up for each partition: ten partitions cost little more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Reals = NDArray[np.floating]
"""Single or double precision."""

_LOOSE = {"reassoc", "contract", "nsz"}
"""Lets sums run in vector registers; what a lane holds does not depend on threads or on other rows."""

_BLOCK = 256
"""Distances held at once, and so the most that single precision adds up before double takes over."""

_TASK = 1024
"""Rows that a thread takes at a time."""

_SUMS = 2**18
"""Sums by cell that a thread holds, about: 2 MiB."""

_SINGLE_FROM = 2048
"""From so many points on, distances are in single precision where that is safe."""

_SAFE = 2.0
"""In single precision a point may be so many times as far from the centre as from the clusters that score it.

Rounding moves a point by up to 6e-8 of its distance from the centre: at 2 the silhouette keeps within 1e-6 in
the worst case, and within 4e-7 wherever it was measured.
"""

_TINY = 1e-10
"""Mean distances under this, with coordinates of about 1, come near to where squares in single underflow."""


@njit(cache=True, nogil=True, fastmath=_LOOSE)
def _distances(columns: Reals, row: int, start: int, stop: int, gaps: Reals) -> None:
    """Distances from one point to those from ``start`` to ``stop``, into the front of ``gaps``."""
    # by direct differences, so that duplicates are 0 apart; in fours, to read and write ``gaps`` less often
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
    total = values.dtype.type(0)
    for j in range(values.size):
        total += values[j]
    return total


@njit(cache=True, nogil=True)
def _sum_by_cell(columns: Reals, rows: Ints, cells: Ints, gaps: Reals, sums: Floats) -> None:
    """Sums of the distances from each of ``rows`` to the points of each cell, into ``sums``."""
    sums[: rows.size] = 0.0
    first_cell = 0
    for start in range(0, columns.shape[1], _BLOCK):
        stop = min(start + _BLOCK, columns.shape[1])
        for i in range(rows.size):
            _distances(columns, rows[i], start, stop, gaps)
            cell, at = first_cell, start
            while at < stop:
                until = min(cells[cell + 1], stop)
                sums[i, cell] += _sum(gaps[at - start : until - start])
                if until == cells[cell + 1]:
                    cell += 1
                at = until
        while first_cell + 1 < cells.size and cells[first_cell + 1] <= stop:
            first_cell += 1


@njit(cache=True, nogil=True)
def _score(
    columns: Reals,
    rows: Ints,
    tile: int,
    order: Ints,
    cells: Ints,
    cell_of: Ints,
    cluster_of: Ints,
    sizes: Ints,
    reach: Floats,
    values: Floats,
    unsure: NDArray[np.bool_],
) -> None:
    """Silhouettes of ``rows`` into ``values``; marks in ``unsure`` for whom the precision may not suffice."""
    partitions = cluster_of.shape[0]
    gaps = np.empty(_BLOCK, columns.dtype)
    sums = np.empty((tile, cells.size - 1))
    totals = np.empty(sizes.shape[1])
    for begin in range(0, rows.size, tile):
        some = rows[begin : begin + tile]
        _sum_by_cell(columns, some, cells, gaps, sums)
        for i in range(some.size):
            row = some[i]
            for partition in range(partitions):
                totals[:] = 0.0
                for cell in range(cells.size - 1):
                    totals[cluster_of[partition, cell]] += sums[i, cell]
                own = cluster_of[partition, cell_of[row]]
                value = 0.0
                if sizes[partition, own] > 1:
                    inside = totals[own] / (sizes[partition, own] - 1)
                    outside = np.inf
                    for cluster in range(sizes.shape[1]):
                        if cluster != own and sizes[partition, cluster] > 0:
                            outside = min(outside, totals[cluster] / sizes[partition, cluster])
                    scale = max(inside, outside)
                    if scale > 0:
                        value = (outside - inside) / scale
                    if scale * _SAFE < reach[row] or scale < _TINY:
                        unsure[row] = True
                values[partition, order[row]] = value


def _compact(labels: NDArray[np.integer], position: int) -> tuple[Ints, int]:
    """Labels from 0 on without a gap, and how many there are."""
    present, compact = np.unique(labels, return_inverse=True)
    if not 2 <= len(present) <= len(labels) - 1:
        raise ValueError(
            f"partition {position} has {len(present)} clusters of {len(labels)} points: a silhouette needs 2 "
            "or more, and fewer than points"
        )
    return compact.astype(np.int64), len(present)


def _unit(points: Floats) -> Floats:
    """Scaled by a power of two, which rounds nothing, to a largest value of about 1: no square overflows."""
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
        partitions: p vectors (n,) of labels, any integers; one that is -1 is a cluster like the others.
        workers: threads; the result does not depend on it.

    Returns:
        (p, n) -1 to 1; 0 for the only point of a cluster.

    Raises:
        ValueError: a partition has fewer than 2 clusters, or as many as points; the message gives its place.

    Source:
        Rousseeuw (1987), Journal of Computational and Applied Mathematics 20: s(i) of section 2.
    """
    count = len(points)
    values = np.zeros((len(partitions), count))
    if not len(partitions):
        return values
    compact = [_compact(labels, position) for position, labels in enumerate(partitions)]
    cell_of = compact[0][0]
    for labels, clusters in compact[1:]:
        cell_of = np.unique(cell_of * clusters + labels, return_inverse=True)[1].astype(np.int64)
    order = np.argsort(cell_of, kind="stable")
    cell_of = cell_of[order]
    cells = np.concatenate(([0], np.flatnonzero(np.diff(cell_of)) + 1, [count])).astype(np.int64)
    cluster_of = np.array([labels[order[cells[:-1]]] for labels, _ in compact])
    sizes = np.zeros((len(compact), max(clusters for _, clusters in compact)), np.int64)
    for partition, (labels, clusters) in enumerate(compact):
        sizes[partition, :clusters] = np.bincount(labels)

    exact = _unit(points[order])
    unsure = np.zeros(count, np.bool_)
    tile = max(4, min(64, _SUMS // (len(cells) - 1)))

    def score(columns: Reals, rows: Ints, reach: Floats) -> None:
        task = partial(
            _score,
            columns,
            tile=tile,
            order=order,
            cells=cells,
            cell_of=cell_of,
            cluster_of=cluster_of,
            sizes=sizes,
            reach=reach,
            values=values,
            unsure=unsure,
        )
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(task, [rows[begin : begin + _TASK] for begin in range(0, len(rows), _TASK)]))

    rows = np.arange(count)
    if count >= _SINGLE_FROM:
        centred = _unit(exact - np.median(exact, axis=0))
        score(np.ascontiguousarray(centred.T, np.float32), rows, np.sqrt((centred * centred).sum(axis=1)))
        rows = np.flatnonzero(unsure)
    if len(rows):
        score(np.ascontiguousarray(exact.T), rows, np.zeros(count))
    return values


def warm() -> None:
    """Compiles what :func:`silhouette_samples` runs, in both precisions."""
    points = np.arange(_SINGLE_FROM, dtype=np.float64)[:, None]
    silhouette_samples(points, [np.arange(_SINGLE_FROM) % 2])
    silhouette_samples(points[:4], [np.arange(4) % 2])
