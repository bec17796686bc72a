"""Random forest (Breiman 2001, doi:10.1023/A:1010933404324), kept as arrays and scored by numpy.

scikit-learn grows the trees; what is stored is numbers, so that loading a forest runs nobody's code.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from plugins.propensity.classifier import arrays

SETTINGS: Mapping[str, Any] = {
    "n_estimators": 100,
    "max_depth": 12,
    "min_samples_leaf": 5,
    "max_samples": 0.5,
    "random_state": 42,
}
EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1, where log-odds are infinite."""
BLOCK = 4096
"""Rows scored at a time: their node numbers stay in the processor's cache."""


class Forest(NamedTuple):
    """The trees, one after the other; a node is an index into the arrays of all ``m`` nodes.

    Attributes:
        roots: ``(trees,)`` index of each tree's root.
        feature: ``(m,)`` column of the matrix to compare; 0 at a leaf.
        threshold: ``(m,)`` a row goes left where its value ≤ threshold; 0 at a leaf.
        left, right: ``(m,)`` the children, each of a greater index than the node; a leaf is its own child.
        share: ``(m,)`` share of label 1 among the training rows of the node.
        gain: ``(width,)`` mean decrease of Gini impurity.
    """

    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    share: NDArray[np.float64]
    gain: NDArray[np.float64]

    @classmethod
    def fit(cls, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> Forest:
        """Fits on a matrix ``(n, width)`` and labels ``(n,)`` of 0 and 1, both present."""
        grown = RandomForestClassifier(n_jobs=1, **SETTINGS).fit(matrix, labels)
        trees = [estimator.tree_ for estimator in grown.estimators_]
        sizes = np.array([tree.node_count for tree in trees], dtype=np.int64)
        roots = np.cumsum(sizes) - sizes
        own = np.arange(sizes.sum(), dtype=np.int64)
        offset = np.repeat(roots, sizes)
        left = np.concatenate([tree.children_left for tree in trees])
        right = np.concatenate([tree.children_right for tree in trees])
        leaf = left < 0
        return cls(
            roots=roots,
            feature=np.where(leaf, 0, np.concatenate([tree.feature for tree in trees])),
            threshold=np.where(leaf, 0.0, np.concatenate([tree.threshold for tree in trees])),
            left=np.where(leaf, own, left + offset),
            right=np.where(leaf, own, right + offset),
            share=np.concatenate([tree.value[:, 0, 1] for tree in trees]),
            gain=grown.feature_importances_,
        )

    def probability(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over the trees of the leaf's share of label 1, ``(n,)``.

        The trees were grown on values rounded to float32, so that a row's values are rounded, too.
        """
        total = np.zeros(len(matrix))
        for start in range(0, len(matrix), BLOCK):
            block = matrix[start : start + BLOCK].astype(np.float32)
            width = block.shape[1]
            values, row_start = block.ravel(), np.arange(len(block)) * width
            for root in self.roots:
                node = np.full(len(block), root)
                while True:
                    goes_left = values[row_start + self.feature[node]] <= self.threshold[node]
                    child = np.where(goes_left, self.left[node], self.right[node])
                    if np.array_equal(child, node):
                        break
                    node = child
                total[start : start + BLOCK] += self.share[node]
        return total / len(self.roots)

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores ``(n,)``."""
        share = np.clip(self.probability(matrix), EDGE, 1 - EDGE)
        return np.log(share / (1 - share))

    def importance(self) -> NDArray[np.float64]:
        """``(width,)``: mean decrease of Gini impurity."""
        return self.gain

    def params(self) -> Mapping[str, Any]:
        """Settings, for the reviewer."""
        return SETTINGS

    def save(self, path: Path) -> None:
        """Writes the arrays as ``.npz``."""
        arrays.save(path, self._asdict())

    @classmethod
    def load(cls, path: Path, width: int) -> Forest:
        """Reads what :meth:`save` wrote, for a matrix of ``width`` columns.

        Raises:
            ValueError: an array is missing, of another kind or length, or not finite, or an index in it is
                out of range; children of greater index are what makes every walk end.
        """
        forest = cls(**arrays.load(path, cls._fields))
        nodes = len(forest.feature) if forest.feature.ndim == 1 else 0
        for name, array in forest._asdict().items():
            kind = "f" if name in ("threshold", "share", "gain") else "i"
            length = {"roots": array.size, "gain": width}.get(name, nodes)
            if array.dtype.kind != kind or array.shape != (length,) or not length:
                raise ValueError(f"{path.name} is damaged: {name} has a wrong kind or length")
            if not np.isfinite(array).all():
                raise ValueError(f"{path.name} is damaged: {name} is not finite")
        own = np.arange(nodes)
        leaf = (forest.left == own) & (forest.right == own)
        inner = (forest.left > own) & (forest.right > own)
        if not (
            (leaf | inner).all()
            and max(forest.left.max(), forest.right.max()) < nodes
            and (forest.roots >= 0).all()
            and forest.roots.max() < nodes
            and (forest.feature >= 0).all()
            and forest.feature.max() < width
        ):
            raise ValueError(f"{path.name} is damaged: an index is out of range")
        if (forest.share < 0).any() or (forest.share > 1).any():
            raise ValueError(f"{path.name} is damaged: a share is not between 0 and 1")
        return forest
