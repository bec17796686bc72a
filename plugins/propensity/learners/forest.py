"""Random forest (Breiman 2001, doi:10.1023/A:1010933404324), stored as arrays and scored by numba.

scikit-learn grows the trees. Only numbers are stored, so loading a forest cannot run code.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.learners import treeshap
from plugins.propensity.learners.learner import Kind, filled
from plugins.propensity.learners.treeshap import TreeShap
from plugins.shared import ensembles, trees
from plugins.shared.ensembles import Ensemble
from plugins.shared.trees import Trees

SETTINGS: Mapping[str, Any] = {
    "n_estimators": 100,
    "max_depth": 12,
    "min_samples_leaf": 5,
    "max_samples": 0.5,
    "random_state": 42,
}
FEW = 30
"""Fewer rows than this, halved and with five to a leaf, could hardly be split."""
EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1, where log-odds are infinite."""
_LEVEL = 1e-9
"""Closer to the base than this, log-odds are linear in the probability."""


class Forest(NamedTuple):
    """The trees, and what they were grown on.

    Attributes:
        trees: ``m`` nodes; ``value`` is the share of label 1 among the training rows of a node.
        cover: ``(m,)`` training rows of the node, as often as the tree's sample has them.
        gain: ``(width,)`` mean decrease of Gini impurity.
    """

    trees: Trees
    cover: NDArray[np.float64]
    gain: NDArray[np.float64]

    @classmethod
    def fit(cls, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> Forest:
        """Fits on a matrix ``(n, width)`` and labels ``(n,)`` of 0 and 1, both present."""
        from sklearn.ensemble import RandomForestClassifier

        grown = RandomForestClassifier(n_jobs=1, **{**SETTINGS, **_for_few(len(labels))}).fit(
            filled(matrix), labels
        )
        ensemble = ensembles.of_scikit_learn(grown.estimators_, output=1)
        return cls(ensemble.trees, ensemble.cover, grown.feature_importances_)

    def probability(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over the trees of the leaf's share of label 1, ``(n,)``.

        The trees were grown on values rounded to float32, so a row's values are rounded too.
        """
        return self.trees.sums(filled(matrix), single=True) / len(self.trees.roots)

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores ``(n,)``."""
        return _log_odds(self.probability(matrix))

    def explainer(self) -> ForestShap:
        """What the columns add to the score."""
        shares = self.trees._replace(value=self.trees.value / len(self.trees.roots))
        return ForestShap(TreeShap.of(Ensemble(shares, self.cover, single=True)))

    def importance(self) -> NDArray[np.float64]:
        """``(width,)``: mean decrease of Gini impurity."""
        return self.gain

    def params(self) -> Mapping[str, Any]:
        """Settings, for the reviewer."""
        return SETTINGS

    def save(self, path: Path) -> None:
        """Writes the arrays as ``.npz``."""
        trees.save(path, self.trees, value="share", cover=self.cover, gain=self.gain)

    @classmethod
    def load(cls, path: Path, width: int) -> Forest:
        """Reads what :meth:`save` wrote, for a matrix of ``width`` columns.

        Raises:
            ValueError: the file is damaged, or of another width.
        """
        read, others = trees.load(path, width, value="share", per_node=("cover",), per_column=("gain",))
        if (read.value < 0).any() or (read.value > 1).any():
            raise ValueError(f"{path.name} is damaged: a share is not between 0 and 1")
        if not (others["cover"] > 0).all():
            raise ValueError(f"{path.name} is damaged: a node has no rows")
        return cls(read, others["cover"], others["gain"])


class ForestShap(NamedTuple):
    """What the columns add to a forest's log-odds.

    A forest averages probabilities, which have exact Shapley values. Those of a row are multiplied by one
    factor so that they add up to its log-odds; signs, order and proportions stay.
    """

    shap: TreeShap

    @property
    def base(self) -> float:
        """The score where no column is known."""
        return float(_log_odds(np.array([self.shap.base]))[0])

    @property
    def work(self) -> int:
        """Leaves that a row visits."""
        return self.shap.work

    def contributions(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each column adds to each row's score, ``(n, width)``."""
        shares = self.shap.contributions(matrix)
        away = shares.sum(axis=1)
        # At the base, the factor is the derivative of the log-odds, 1 / (p (1 − p)).
        factor = np.full(len(matrix), 1 / max(self.shap.base * (1 - self.shap.base), EDGE))
        np.divide(_log_odds(self.shap.base + away) - self.base, away, out=factor, where=np.abs(away) > _LEVEL)
        return np.asarray(shares * factor[:, None])


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(np.log(share / (1 - share)))


def _for_few(rows: int) -> Mapping[str, Any]:
    """Settings that allow splits of so few rows."""
    return {} if rows >= FEW else {"min_samples_leaf": max(1, rows // 6), "max_samples": None}


def warm() -> None:
    """Compiles, or reads what was compiled before."""
    node, number = np.zeros(1, dtype=np.int64), np.zeros(1)
    Forest(Trees(node, node, number, node, node, number), number, number).probability(np.zeros((1, 1)))
    treeshap.warm()


KIND = Kind(
    "Random Forest",
    "forest.npz",
    Forest.fit,
    Forest.load,
    distributions=("scikit-learn",),
    modules=("sklearn.ensemble",),
    warm=warm,
)
