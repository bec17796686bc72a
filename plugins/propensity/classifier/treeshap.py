"""Shapley values of tree ensembles, exact: what each column adds to a row's score.

The values of TreeSHAP (Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9, "path-dependent"): where a column
is not known, a walk takes both children, by the training rows that went to each. A leaf of value v gives a
set S of known columns v · Π_{j ∈ S} o_j · Π_{j ∉ S} z_j, where o_j is 1 if the row passes all splits on j
that lead to the leaf, else 0, and z_j is the share of the training rows that pass them. Over the d columns
of the way to the leaf, the Shapley weights s! (d−1−s)! / d! are ∫ tˢ (1−t)^(d−1−s) dt over [0, 1], so that

    φ_j = v (o_j − z_j) ∫ Π_{i ≠ j} (o_i t + z_i (1−t)) dt,

the integral of a polynomial of degree d − 1, which Gauss-Legendre takes exactly with ⌈d/2⌉ points. φ depends
on the row only by its o, and few of the 2^d combinations occur: each is computed once for all rows that
share it.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.shared.ensembles import Ensemble
from plugins.shared.trees import Trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DEEPEST = 62
"""Columns on the way to a leaf: each is a bit of a whole number."""
_BITS = 12
"""Combinations of so many columns are kept, some 400 kB; a longer way is computed row by row."""
_ROWS = 2500
"""Rows that a thread takes at a time."""
_LEAST_SHARE = 1e-12
"""No way is impossible: a share of 0 would be divided by."""


class TreeShap(NamedTuple):
    """Trees, ready to explain.

    Attributes:
        trees: as they are.
        single: whether a row's values are rounded to float32 before they are compared.
        parent: ``(m,)``, −1 at a root.
        share: ``(m,)`` share of the parent's rows that the node has.
        base: the score where no column is known; with a row's contributions, it adds up to the row's score.
    """

    trees: Trees
    single: bool
    parent: Ints
    share: Floats
    base: float

    @classmethod
    def of(cls, ensemble: Ensemble) -> TreeShap:
        """Prepares trees.

        Raises:
            ValueError: a way to a leaf has more than 62 splits.
        """
        trees = ensemble.trees
        parent, share, reached, depth = _ways(trees.left, trees.right, ensemble.cover)
        if depth > DEEPEST:
            raise ValueError(f"a tree has {depth} levels; at most {DEEPEST} can be explained")
        base = ensemble.offset + float((trees.value * reached)[trees.leaves].sum())
        return cls(trees, ensemble.single, parent, share, base)

    def contributions(self, matrix: Floats) -> Floats:
        """What each column adds to each row's score, ``(n, width)``, of a finite matrix ``(n, width)``.

        A row's values do not depend on the threads, which share the rows, nor on other rows.
        """
        found = np.zeros(matrix.shape)
        trees = self.trees
        nodes = trees.feature, trees.threshold, trees.left, trees.value

        def add(start: int) -> None:
            values = matrix[start : start + _ROWS]
            if self.single:
                values = values.astype(np.float32)
            by_column = np.ascontiguousarray(values.T, dtype=np.float64)
            part = found[start : start + _ROWS]
            _add(by_column, *nodes, self.parent, self.share, _POINTS, _WEIGHTS, part)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(add, range(0, len(matrix), _ROWS)))
        return found

    @property
    def work(self) -> int:
        """What a row costs: leaves."""
        return int(self.trees.leaves.sum())


def _gauss_legendre() -> tuple[Floats, Floats]:
    """Points and weights on [0, 1]: row k has k of each."""
    most = (DEEPEST + 1) // 2
    points, weights = np.zeros((most + 1, most)), np.zeros((most + 1, most))
    for count in range(1, most + 1):
        at, weight = np.polynomial.legendre.leggauss(count)
        points[count, :count], weights[count, :count] = (at + 1) / 2, weight / 2
    return points, weights


_POINTS, _WEIGHTS = _gauss_legendre()


@njit(cache=True, nogil=True)
def _ways(left: Ints, right: Ints, cover: Floats) -> tuple[Ints, Floats, Floats, int]:
    """Parent, share of the parent's rows, share of the root's rows, and the greatest depth."""
    nodes = len(left)
    parent = np.full(nodes, -1, dtype=np.int64)
    share, reached = np.ones(nodes), np.ones(nodes)
    depth = np.zeros(nodes, dtype=np.int64)
    for node in range(nodes):
        if left[node] == node:
            continue
        both = cover[left[node]] + cover[right[node]]
        for child in (left[node], right[node]):
            parent[child] = node
            share[child] = max(cover[child] / both, _LEAST_SHARE) if both > 0 else 0.5
            reached[child] = reached[node] * share[child]
            depth[child] = depth[node] + 1
    return parent, share, reached, depth.max()


@njit(cache=True, nogil=True)
def _way(
    leaf: int,
    feature: Ints,
    threshold: Floats,
    left: Ints,
    parent: Ints,
    share: Floats,
    column: Ints,
    low: Floats,
    high: Floats,
    passed: Floats,
) -> int:
    """The way to a leaf as a box: for each of its columns, above what, up to what, and the share that passes.

    Returns:
        how many columns it has; they fill the beginning of ``column``, ``low``, ``high`` and ``passed``.
    """
    count = 0
    node = leaf
    while parent[node] >= 0:
        above = parent[node]
        place = 0
        while place < count and column[place] != feature[above]:
            place += 1
        if place == count:
            column[place] = feature[above]
            low[place], high[place], passed[place] = -np.inf, np.inf, 1.0
            count += 1
        if left[above] == node:
            high[place] = min(high[place], threshold[above])
        else:
            low[place] = max(low[place], threshold[above])
        passed[place] *= share[node]
        node = above
    return count


@njit(cache=True, nogil=True)
def _shapley(
    count: int, bits: int, value: float, passed: Floats, points: Floats, weights: Floats, found: Floats
) -> None:
    """Fills ``found`` with what each column of a way adds, for the rows that pass the columns of ``bits``."""
    found[:count] = 0.0
    order = (count + 1) // 2
    for q in range(order):
        t = points[order, q]
        product = value * weights[order, q]
        for j in range(count):
            product *= passed[j] * (1 - t) + (t if bits >> j & 1 else 0.0)
        for j in range(count):
            one = float(bits >> j & 1)
            found[j] += product * (one - passed[j]) / (passed[j] * (1 - t) + t * one)


@njit(cache=True, nogil=True)
def _add(
    columns: Floats,
    feature: Ints,
    threshold: Floats,
    left: Ints,
    value: Floats,
    parent: Ints,
    share: Floats,
    points: Floats,
    weights: Floats,
    found: Floats,
) -> None:
    """Adds every leaf's part to ``found`` ``(n, width)``; ``columns`` is ``(width, n)``."""
    rows = columns.shape[1]
    column = np.empty(DEEPEST + 1, dtype=np.int64)
    low, high, passed = np.empty(DEEPEST + 1), np.empty(DEEPEST + 1), np.empty(DEEPEST + 1)
    known = np.empty((1 << _BITS, _BITS))
    own = np.empty(DEEPEST + 1)
    computed_for = np.full(1 << _BITS, -1, dtype=np.int64)
    bits = np.empty(rows, dtype=np.int64)
    for leaf in range(len(left)):
        if left[leaf] != leaf or value[leaf] == 0.0:
            continue
        count = _way(leaf, feature, threshold, left, parent, share, column, low, high, passed)
        bits[:] = 0
        for j in range(count):
            values, above, up_to = columns[column[j]], low[j], high[j]
            for row in range(rows):
                bits[row] |= np.int64((values[row] > above) & (values[row] <= up_to)) << j
        for row in range(rows):
            if count <= _BITS:
                here = bits[row]
                if computed_for[here] != leaf:
                    _shapley(count, here, value[leaf], passed, points, weights, known[here])
                    computed_for[here] = leaf
                for j in range(count):
                    found[row, column[j]] += known[here, j]
            else:
                _shapley(count, bits[row], value[leaf], passed, points, weights, own)
                for j in range(count):
                    found[row, column[j]] += own[j]


def warm() -> None:
    """Compiles what :class:`TreeShap` runs."""
    node = np.zeros(3, dtype=np.int64)
    stump = Trees(
        node[:1], node, np.zeros(3), np.array([1, 1, 2]), np.array([2, 1, 2]), np.array([0.0, -1.0, 1.0])
    )
    TreeShap.of(Ensemble(stump, np.array([2.0, 1.0, 1.0]))).contributions(np.zeros((1, 1)))
