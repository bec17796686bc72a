"""Random forest (Breiman 2001, doi:10.1023/A:1010933404324), kept as arrays and scored by numba.

scikit-learn grows the trees; what is stored is numbers, so that loading a forest runs nobody's code.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.propensity.classifier import arrays
from plugins.propensity.classifier.treeshap import Trees, TreeShap

SETTINGS: Mapping[str, Any] = {
    "n_estimators": 100,
    "max_depth": 12,
    "min_samples_leaf": 5,
    "max_samples": 0.5,
    "random_state": 42,
}
FEW = 30
"""Fewer rows than this, halved and kept five to a leaf, would hardly be split."""
EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1, where log-odds are infinite."""
_LEVEL = 1e-9
"""Nearer to the base than this, log-odds are a straight line of the probability."""
BLOCK = 4096
"""Rows scored at a time: they stay in the processor's cache while tree after tree passes over them."""


class Forest(NamedTuple):
    """The trees, one after the other; a node is an index into the arrays of all ``m`` nodes.

    Attributes:
        roots: ``(trees,)`` index of each tree's root.
        feature: ``(m,)`` column of the matrix to compare; 0 at a leaf.
        threshold: ``(m,)`` a row goes left where its value ≤ threshold; 0 at a leaf.
        left, right: ``(m,)`` the children, each of a greater index than the node; a leaf is its own child.
        share: ``(m,)`` share of label 1 among the training rows of the node.
        cover: ``(m,)`` training rows of the node, as often as the tree's sample has them.
        gain: ``(width,)`` mean decrease of Gini impurity.
    """

    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    share: NDArray[np.float64]
    cover: NDArray[np.float64]
    gain: NDArray[np.float64]

    @classmethod
    def fit(cls, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> Forest:
        """Fits on a matrix ``(n, width)`` and labels ``(n,)`` of 0 and 1, both present."""
        from sklearn.ensemble import RandomForestClassifier

        grown = RandomForestClassifier(n_jobs=1, **{**SETTINGS, **_for_few(len(labels))}).fit(matrix, labels)
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
            cover=np.concatenate([tree.weighted_n_node_samples for tree in trees]),
            gain=grown.feature_importances_,
        )

    def probability(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over the trees of the leaf's share of label 1, ``(n,)``.

        The trees were grown on values rounded to float32, so that a row's values are rounded, too.
        """
        total = np.zeros(len(matrix))
        for start in range(0, len(matrix), BLOCK):
            block = np.ascontiguousarray(matrix[start : start + BLOCK], dtype=np.float32)
            _add_shares(*self[:6], block, total[start : start + BLOCK])
        return total / len(self.roots)

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores ``(n,)``."""
        return _log_odds(self.probability(matrix))

    def explainer(self) -> ForestShap:
        """What the columns add to the score."""
        value = self.share / len(self.roots)
        nodes = self.feature, self.threshold, self.left, self.right
        return ForestShap(TreeShap.of(Trees(*nodes, value, self.cover, offset=0.0, single=True)))

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
            kind = "f" if name in ("threshold", "share", "cover", "gain") else "i"
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
        if not (forest.cover > 0).all():
            raise ValueError(f"{path.name} is damaged: a node has no rows")
        return forest


class ForestShap(NamedTuple):
    """What the columns add to a forest's log-odds.

    A forest averages probabilities, and these have exact Shapley values. A row's are stretched by one factor,
    so that they add up to its log-odds: sign, order and proportions stay.
    """

    shap: TreeShap

    @property
    def base(self) -> float:
        """The score where no column is known."""
        return float(_log_odds(np.array([self.shap.base]))[0])

    @property
    def work(self) -> int:
        """What a row costs: leaves."""
        return self.shap.work

    def contributions(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each column adds to each row's score, ``(n, width)``."""
        found = self.shap.contributions(matrix)
        away = found.sum(axis=1)
        steepness = 1 / max(self.shap.base * (1 - self.shap.base), EDGE)
        factor = np.full(len(matrix), steepness)
        np.divide(_log_odds(self.shap.base + away) - self.base, away, out=factor, where=np.abs(away) > _LEVEL)
        return np.asarray(found * factor[:, None])


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(np.log(share / (1 - share)))


def _for_few(rows: int) -> Mapping[str, Any]:
    """Settings that let so few rows be split at all."""
    return {} if rows >= FEW else {"min_samples_leaf": max(1, rows // 6), "max_samples": None}


def warm() -> None:
    """Compiles, or reads what was compiled before."""
    node, number = np.zeros(1, dtype=np.int64), np.zeros(1)
    Forest(node, node, number, node, node, number, number, number).probability(np.zeros((1, 1)))


@njit(cache=True, nogil=True)
def _add_shares(
    roots: Any, feature: Any, threshold: Any, left: Any, right: Any, share: Any, rows: Any, total: Any
) -> None:
    """Adds each tree's share at the leaf of each of the rows ``(k, width)``, tree after tree."""
    for root in roots:
        for row in range(len(rows)):
            node = root
            while left[node] != node:
                node = left[node] if rows[row, feature[node]] <= threshold[node] else right[node]
            total[row] += share[node]
