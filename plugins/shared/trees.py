"""Binary decision trees as arrays: joined, checked, scored and stored without running anybody's code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.shared import arrays

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK = 4096
"""Rows scored at a time: they stay in the processor's cache while tree after tree passes over them."""


class Trees(NamedTuple):
    """Trees, one after the other; a node is an index into the arrays of all ``m`` nodes.

    Attributes:
        roots: ``(trees,)`` index of each tree's root.
        feature: ``(m,)`` column of the matrix that a node compares; 0 at a leaf.
        threshold: ``(m,)`` a row goes left where its value ≤ threshold; 0 at a leaf.
        left, right: ``(m,)`` the children, each of a greater index than the node; a leaf is its own child.
        value: ``(m,)`` what a leaf gives.
    """

    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats

    @property
    def leaves(self) -> NDArray[np.bool_]:
        """``(m,)``, true at leaves."""
        leaves: NDArray[np.bool_] = self.left == np.arange(len(self.left))
        return leaves

    def sums(self, matrix: Floats, *, single: bool) -> Floats:
        """Sum over the trees of the value of each row's leaf, ``(n,)``, of a matrix ``(n, width)``.

        Args:
            matrix: finite throughout.
            single: round the rows to float32 first, as the library that grew the trees does.
        """
        kind = np.float32 if single else np.float64
        total = np.zeros(len(matrix))
        for start in range(0, len(matrix), BLOCK):
            rows = np.ascontiguousarray(matrix[start : start + BLOCK], dtype=kind)
            _add_leaf_values(self, rows, total[start : start + BLOCK])
        return total


def joined(sizes: Ints, feature: Ints, threshold: Floats, left: Ints, right: Ints, value: Floats) -> Trees:
    """One array per field, of trees whose children count from their own root.

    Args:
        sizes: ``(trees,)`` nodes of each tree; the root of each comes first.
        feature, threshold, value: ``(m,)`` of all trees, one after the other; the first two any at a leaf.
        left, right: ``(m,)`` children counted from the tree's root; at a leaf negative, or the leaf itself.

    >>> two_stumps = np.array([1, -1, -1, 1, -1, -1]), np.array([2, -1, -1, 2, -1, -1])
    >>> trees = joined(np.array([3, 3]), np.zeros(6, int), np.zeros(6), *two_stumps, np.arange(6.0))
    >>> trees.roots.tolist(), trees.left.tolist(), trees.right.tolist()
    ([0, 3], [1, 1, 2, 4, 4, 5], [2, 1, 2, 5, 4, 5])
    >>> trees.sums(np.array([[-1.0], [1.0]]), single=False).tolist()
    [5.0, 7.0]
    """
    sizes = np.asarray(sizes, dtype=np.int64)
    roots = np.cumsum(sizes) - sizes
    own, root = np.arange(sizes.sum()), np.repeat(roots, sizes)
    leaf = (left < 0) | (left + root == own)
    return Trees(
        roots=roots,
        feature=np.where(leaf, 0, feature).astype(np.int64),
        threshold=np.where(leaf, 0.0, threshold),
        left=np.where(leaf, own, left + root),
        right=np.where(leaf, own, right + root),
        value=value,
    )


def save(path: Path, trees: Trees, *, value: str, **others: Floats) -> None:
    """Writes the arrays as ``.npz``.

    Args:
        path: of the file.
        trees: what to write.
        value: name under which the leaves' values are stored.
        others: further arrays by name.
    """
    fields = trees._asdict()
    fields[value] = fields.pop("value")
    arrays.save(path, {**fields, **others})


def load(
    path: Path, width: int, *, value: str, per_node: Sequence[str] = (), per_column: Sequence[str] = ()
) -> tuple[Trees, dict[str, Floats]]:
    """Reads what :func:`save` wrote, for a matrix of ``width`` columns.

    Children of greater index than their parent are what makes every walk end.

    Args:
        path: of the file.
        width: columns of the matrix.
        value: name under which the leaves' values are stored.
        per_node, per_column: names of the further arrays, ``(m,)`` and ``(width,)`` float64.

    Raises:
        ValueError: an array is missing, of another kind or length, or not finite, or an index in it is out of
            range.
    """
    floats = {"threshold", value, *per_node, *per_column}
    fields = [value if name == "value" else name for name in Trees._fields]
    stored = arrays.load(path, [*fields, *per_node, *per_column])
    nodes = len(stored["feature"]) if stored["feature"].ndim == 1 else 0
    lengths = dict.fromkeys(per_column, width) | {"roots": stored["roots"].size}
    for name, array in stored.items():
        length = lengths.get(name, nodes)
        kind = np.float64 if name in floats else np.int64
        if array.dtype != kind or array.shape != (length,) or not length:
            raise ValueError(f"{path.name} is damaged: {name} has a wrong kind or length")
        if not np.isfinite(array).all():
            raise ValueError(f"{path.name} is damaged: {name} is not finite")
    trees = Trees(*(stored.pop(name) for name in fields))
    own = np.arange(nodes)
    leaf = (trees.left == own) & (trees.right == own)
    inner = (trees.left > own) & (trees.right > own)
    if not (
        (leaf | inner).all()
        and max(trees.left.max(), trees.right.max()) < nodes
        and 0 <= trees.roots.min() <= trees.roots.max() < nodes
        and 0 <= trees.feature.min() <= trees.feature.max() < width
    ):
        raise ValueError(f"{path.name} is damaged: an index is out of range")
    return trees, stored


@njit(cache=True, nogil=True)
def leaf_of(trees: Trees, root: int, rows: Any, row: int) -> Any:
    """The leaf of a row: a node of ``trees``.

    Args:
        trees: the arrays.
        root: of the tree to walk down.
        rows: ``(n, width)``.
        row: which of them.
    """
    node = root
    while trees.left[node] != node:
        left = rows[row, trees.feature[node]] <= trees.threshold[node]
        node = trees.left[node] if left else trees.right[node]
    return node


@njit(cache=True, nogil=True)
def _add_leaf_values(trees: Trees, rows: Any, total: Floats) -> None:
    """Adds the value of each row's leaf to ``total`` ``(n,)``, tree after tree."""
    for root in trees.roots:
        for row in range(len(rows)):
            total[row] += trees.value[leaf_of(trees, root, rows, row)]
