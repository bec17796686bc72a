"""The level of demand as trees: boosted trees and a random forest, both by XGBoost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BOOSTED: Mapping[str, Any] = {
    "objective": "count:poisson",
    "max_depth": 3,
    "learning_rate": 0.1,
    "min_child_weight": 2,
    "tree_method": "hist",
    "max_bin": 64,
    "seed": 42,
    "nthread": 1,
}
_BOOSTED_ROUNDS = 100
# One round of 100 parallel trees is Breiman's forest. scikit-learn's takes five times as long to fit.
_FOREST: Mapping[str, Any] = {
    "objective": "reg:squarederror",
    "num_parallel_tree": 100,
    "max_depth": 8,
    "learning_rate": 1.0,
    "reg_lambda": 0.0,
    "min_child_weight": 3,
    "subsample": 0.63,
    "colsample_bynode": 0.6,
    "tree_method": "hist",
    "max_bin": 64,
    "seed": 42,
    "nthread": 1,
}


class Trees(NamedTuple):
    """Trees on units divided by their mean.

    Attributes:
        booster: the trees.
        mean: mean units.
    """

    booster: Any
    mean: float

    def level(self, controls: Floats) -> Floats:
        """Expected units."""
        predicted = self.booster.inplace_predict(controls.astype(np.float32), validate_features=False)
        return np.maximum(np.asarray(predicted, np.float64), 0.0) * self.mean


def boosted(units: Floats, weight: Floats, controls: Floats) -> Trees:
    """Trees boosted for Poisson deviance (Chen & Guestrin 2016)."""
    return _fitted(_BOOSTED, _BOOSTED_ROUNDS, units, weight, controls)


def forest(units: Floats, weight: Floats, controls: Floats) -> Trees:
    """A random forest (Breiman 2001) of 100 trees."""
    return _fitted(_FOREST, 1, units, weight, controls)


def _fitted(
    settings: Mapping[str, Any], rounds: int, units: Floats, weight: Floats, controls: Floats
) -> Trees:
    import xgboost

    mean = float((units * weight).sum() / weight.sum()) or 1.0
    data = xgboost.DMatrix(
        controls.astype(np.float32), units / mean, weight=weight / weight.mean(), nthread=1
    )
    return Trees(xgboost.train({**settings, "base_score": 1.0}, data, num_boost_round=rounds), mean)
