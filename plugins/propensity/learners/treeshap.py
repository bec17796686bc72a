"""Shapley values of tree ensembles, exact: what each column adds to a row's score.

The values are those of path-dependent TreeSHAP (Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9): where a
column is unknown, a walk takes both children, weighted by the training rows that went to each. Given a set S
of known columns, a leaf of value v contributes v · Π_{j ∈ S} o_j · Π_{j ∉ S} z_j. Here o_j is 1 if the row
passes all splits on column j on the path to the leaf, else 0, and z_j is the share of the training rows that
pass them. Over the d columns of the path, the Shapley weights s! (d−1−s)! / d! equal ∫ tˢ (1−t)^(d−1−s) dt
over [0, 1], so that

    φ_j = v (o_j − z_j) ∫ Π_{i ≠ j} (o_i t + z_i (1−t)) dt.

The integrand is a polynomial of degree d − 1, so Gauss-Legendre quadrature with ⌈d/2⌉ points is exact. φ
depends on the row only through o, and few of the 2^d combinations occur. Each is computed once for all rows
that share it.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.propensity.learners.learner import filled
from plugins.shared.ensembles import Ensemble
from plugins.shared.trees import Trees, joined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DEEPEST = 62
"""Most columns on the path to a leaf: each is a bit of a 64-bit integer."""
_BITS = 12
"""Paths of up to so many columns share results between rows (some 400 kB); longer ones go row by row."""
_ROWS = 2500
"""Rows that a thread takes at a time."""
_LEAST_SHARE = 1e-12
"""Smallest share of training rows: the formula divides by it."""


class TreeShap(NamedTuple):
    """Trees, ready to explain.

    Attributes:
        trees: as they are.
        single: whether a row's values are rounded to float32 before they are compared.
        parent: ``(m,)``, −1 at a root.
        share: ``(m,)`` share of the parent's training rows that the node has.
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
            ValueError: a path has more than 62 splits.
        """
        trees = ensemble.trees
        parent, share, reached, depth = _descend(trees, ensemble.cover)
        if depth > DEEPEST:
            raise ValueError(f"a tree has {depth} levels; at most {DEEPEST} can be explained")
        base = ensemble.offset + float((trees.value * reached)[trees.leaves].sum())
        return cls(trees, ensemble.single, parent, share, base)

    def contributions(self, matrix: Floats) -> Floats:
        """What each column adds to each row's score, ``(n, width)``, of a matrix ``(n, width)``.

        A row's values depend neither on other rows nor on the number of threads, which share the rows.

        >>> children = np.array([1, -1, -1]), np.array([2, -1, -1])
        >>> values = np.array([0.0, -1.0, 1.0])
        >>> stump = joined(np.array([3]), np.zeros(3, int), np.zeros(3), *children, values)
        >>> shap = TreeShap.of(Ensemble(stump, cover=np.array([4.0, 3.0, 1.0])))
        >>> shap.base, shap.contributions(np.array([[-1.0], [1.0]])).tolist()
        (-0.5, [[-0.5], [1.5]])
        """
        result = np.zeros(matrix.shape)

        def add(start: int) -> None:
            rows = filled(matrix[start : start + _ROWS])
            if self.single:
                rows = rows.astype(np.float32)
            columns = np.ascontiguousarray(rows.T, dtype=np.float64)
            _add(columns, self, _POINTS, _WEIGHTS, result[start : start + _ROWS])

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(add, range(0, len(matrix), _ROWS)))
        return result

    @property
    def work(self) -> int:
        """Leaves that a row visits."""
        return int(self.trees.leaves.sum())


def _gauss_legendre() -> tuple[Floats, Floats]:
    """Quadrature points and weights on [0, 1]; row k holds the rule of k points."""
    most = (DEEPEST + 1) // 2
    points, weights = np.zeros((most + 1, most)), np.zeros((most + 1, most))
    for count in range(1, most + 1):
        at, weight = np.polynomial.legendre.leggauss(count)
        points[count, :count], weights[count, :count] = (at + 1) / 2, weight / 2
    return points, weights


_POINTS, _WEIGHTS = _gauss_legendre()


@njit(cache=True, nogil=True)
def _descend(trees: Trees, cover: Floats) -> Any:
    """Of each node: parent, share of the parent's rows, share of the root's rows; and the greatest depth."""
    left, right = trees.left, trees.right
    nodes = len(left)
    parent = np.full(nodes, -1, dtype=np.int64)
    share, reached = np.ones(nodes), np.ones(nodes)
    depth = np.zeros(nodes, dtype=np.int64)
    # Children have greater indices than their parent, so a parent's figures are known before its children's.
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


class _Path(NamedTuple):
    """The path to a leaf as a box; scratch of ``DEEPEST + 1`` columns, of which the first ones are in use.

    Attributes:
        column: a column that the path splits on.
        low, high: a row passes the column's splits if low < value ≤ high.
        passed: z, the share of the training rows that pass them.
    """

    column: Ints
    low: Floats
    high: Floats
    passed: Floats


@njit(cache=True, nogil=True)
def _climb(leaf: int, shap: TreeShap, path: _Path) -> int:
    """Fills the path from a leaf up to its root, and counts its columns."""
    trees = shap.trees
    count = 0
    node = leaf
    while shap.parent[node] >= 0:
        above = shap.parent[node]
        # A column that the path splits on twice has one entry.
        entry = 0
        while entry < count and path.column[entry] != trees.feature[above]:
            entry += 1
        if entry == count:
            path.column[entry] = trees.feature[above]
            path.low[entry], path.high[entry], path.passed[entry] = -np.inf, np.inf, 1.0
            count += 1
        if trees.left[above] == node:
            path.high[entry] = min(path.high[entry], trees.threshold[above])
        else:
            path.low[entry] = max(path.low[entry], trees.threshold[above])
        path.passed[entry] *= shap.share[node]
        node = above
    return count


@njit(cache=True, nogil=True)
def _shapley(
    count: int, bits: int, value: float, passed: Floats, points: Floats, weights: Floats, phi: Floats
) -> None:
    """Fills φ of the columns of a path.

    Args:
        count: d, columns of the path.
        bits: o, a bit per column.
        value: v of the leaf.
        passed: z, ``(d,)`` or longer.
        points, weights: quadrature.
        phi: ``(d,)`` or longer.
    """
    phi[:count] = 0.0
    order = (count + 1) // 2
    for q in range(order):
        t = points[order, q]
        # v · weight · Π_i (o_i t + z_i (1−t)); each φ_j divides its own factor out again.
        product = value * weights[order, q]
        for j in range(count):
            product *= passed[j] * (1 - t) + (t if bits >> j & 1 else 0.0)
        for j in range(count):
            o = float(bits >> j & 1)
            phi[j] += product * (o - passed[j]) / (passed[j] * (1 - t) + t * o)


@njit(cache=True, nogil=True)
def _add(columns: Floats, shap: TreeShap, points: Floats, weights: Floats, result: Floats) -> None:
    """Adds every leaf's φ to ``result`` ``(n, width)``; ``columns`` is ``(width, n)``."""
    trees = shap.trees
    rows = columns.shape[1]
    path = _Path(
        np.empty(DEEPEST + 1, dtype=np.int64),
        np.empty(DEEPEST + 1),
        np.empty(DEEPEST + 1),
        np.empty(DEEPEST + 1),
    )
    shared = np.empty((1 << _BITS, _BITS))
    shared_of = np.full(1 << _BITS, -1, dtype=np.int64)  # the leaf that a row of ``shared`` is of
    own = np.empty(DEEPEST + 1)
    bits = np.empty(rows, dtype=np.int64)
    for leaf in range(len(trees.left)):
        value = trees.value[leaf]
        if trees.left[leaf] != leaf or value == 0.0:
            continue
        count = _climb(leaf, shap, path)
        bits[:] = 0
        for j in range(count):
            values, low, high = columns[path.column[j]], path.low[j], path.high[j]
            for row in range(rows):
                bits[row] |= np.int64((values[row] > low) & (values[row] <= high)) << j
        for row in range(rows):
            if count <= _BITS:
                here = bits[row]
                if shared_of[here] != leaf:
                    _shapley(count, here, value, path.passed, points, weights, shared[here])
                    shared_of[here] = leaf
                for j in range(count):
                    result[row, path.column[j]] += shared[here, j]
            else:
                _shapley(count, bits[row], value, path.passed, points, weights, own)
                for j in range(count):
                    result[row, path.column[j]] += own[j]


def warm() -> None:
    """Compiles what :class:`TreeShap` runs."""
    left, right, values = np.array([1, -1, -1]), np.array([2, -1, -1]), np.array([0.0, -1.0, 1.0])
    stump = joined(np.array([3]), np.zeros(3, int), np.zeros(3), left, right, values)
    TreeShap.of(Ensemble(stump, np.array([2.0, 1.0, 1.0]))).contributions(np.zeros((1, 1)))
