"""Gradient-boosted trees: XGBoost (Chen & Guestrin 2016, doi:10.1145/2939672.2939785), in its own format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.learners import treeshap
from plugins.propensity.learners.capacity import MOST_ROUNDS, PATIENCE, Capacity, chosen
from plugins.propensity.learners.learner import Kind, filled
from plugins.propensity.learners.treeshap import TreeShap
from plugins.shared import ensembles

USUAL = Capacity({"learning_rate": 0.03, "max_depth": 6}, 200)
WIDE, LOOKED_AT = 100, 50
"""Columns above which a tree looks at some of them; its time grows with them."""
LARGE: Mapping[str, Any] = {"learning_rate": 0.05, "max_depth": 6, "colsample_bytree": 0.5}
SMALL: Mapping[str, Any] = {"learning_rate": 0.05, "max_depth": 3, "colsample_bytree": 0.5}
# The usual rate and the child weight: best of {.03, .05, .1} x {1, 2, 5} on simulated data of 60 to 10,000
# rows, with and without interactions. A child weight of 5 can hardly split forty rows.
SETTINGS: Mapping[str, Any] = {
    "objective": "binary:logistic",
    "subsample": 0.8,
    "min_child_weight": 2,
    "tree_method": "hist",
    "seed": 42,
    "nthread": 1,
}


class XGBoostTrees(NamedTuple):
    """A booster of ``width`` columns."""

    booster: Any
    width: int

    @classmethod
    def fit(cls, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> XGBoostTrees:
        """Fits on a matrix ``(n, width)`` and labels ``(n,)`` of 0 and 1, both present."""
        import xgboost

        values = filled(matrix)

        def trial(settings: Mapping[str, Any], judging: NDArray[np.bool_]) -> tuple[float, int]:
            booster = xgboost.train(
                {**SETTINGS, **settings, "eval_metric": "logloss"},
                xgboost.DMatrix(values[~judging], labels[~judging], nthread=1),
                num_boost_round=MOST_ROUNDS,
                evals=[(xgboost.DMatrix(values[judging], labels[judging], nthread=1), "judging")],
                early_stopping_rounds=PATIENCE,
                verbose_eval=False,
            )
            return float(booster.best_score), int(booster.best_iteration) + 1

        usual = USUAL
        if matrix.shape[1] > WIDE:
            usual = Capacity(
                {**USUAL.settings, "colsample_bytree": LOOKED_AT / matrix.shape[1]}, USUAL.rounds
            )
        capacity = chosen(labels, usual, (LARGE, SMALL), trial)
        data = xgboost.DMatrix(values, labels, nthread=1)
        booster = xgboost.train({**SETTINGS, **capacity.settings}, data, num_boost_round=capacity.rounds)
        booster.set_attr(capacity=json.dumps(dict(capacity.settings)))
        return cls(booster, matrix.shape[1])

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores ``(n,)``."""
        import xgboost

        margin = self.booster.predict(xgboost.DMatrix(filled(matrix), nthread=1), output_margin=True)
        return np.asarray(margin, dtype=np.float64)

    def explainer(self) -> TreeShap:
        """What the columns add to the score."""
        return TreeShap.of(ensembles.of_xgboost(self.booster))

    def importance(self) -> NDArray[np.float64]:
        """``(width,)``: total gain of the splits on a column."""
        gain = self.booster.get_score(importance_type="total_gain")
        return np.array([gain.get(f"f{column}", 0.0) for column in range(self.width)])

    def params(self) -> Mapping[str, Any]:
        """Settings, for the reviewer."""
        capacity = json.loads(self.booster.attr("capacity") or "{}")
        return {"num_boost_round": self.booster.num_boosted_rounds(), **SETTINGS, **capacity}

    def save(self, path: Path) -> None:
        """Writes Universal Binary JSON."""
        self.booster.save_model(path)

    @classmethod
    def load(cls, path: Path, width: int) -> XGBoostTrees:
        """Reads what :meth:`save` wrote, for a matrix of ``width`` columns.

        Raises:
            ValueError: the file is damaged, or of another width.
        """
        import xgboost

        booster = xgboost.Booster()
        try:
            booster.load_model(path)
        except xgboost.core.XGBoostError:
            raise ValueError(f"{path.name} is damaged") from None
        if booster.num_features() != width:
            raise ValueError(f"{path.name} is damaged: it has not {width} columns")
        booster.set_param({"nthread": 1})
        return cls(booster, width)


KIND = Kind(
    "XGBoost",
    "xgboost.ubj",
    XGBoostTrees.fit,
    XGBoostTrees.load,
    distributions=("xgboost",),
    modules=("xgboost",),
    warm=treeshap.warm,
)
