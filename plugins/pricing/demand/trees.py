"""Demand as trees that never rise with the price: boosted trees and a random forest, both by XGBoost."""

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


class FallingTrees(NamedTuple):
    """Trees on units divided by their mean.

    Attributes:
        booster: the trees.
        level: mean units.
    """

    booster: Any
    level: float

    def units(self, price: Floats, controls: Floats) -> Floats:
        """Expected units."""
        predicted = self.booster.inplace_predict(_features(price, controls), validate_features=False)
        return np.maximum(np.asarray(predicted, np.float64), 0.0) * self.level


def boosted(price: Floats, units: Floats, controls: Floats) -> FallingTrees:
    """Trees boosted for Poisson deviance (Chen & Guestrin 2016)."""
    return _fitted(_BOOSTED, _BOOSTED_ROUNDS, price, units, controls)


def forest(price: Floats, units: Floats, controls: Floats) -> FallingTrees:
    """A random forest (Breiman 2001) of 100 trees."""
    return _fitted(_FOREST, 1, price, units, controls)


def _fitted(
    settings: Mapping[str, Any], rounds: int, price: Floats, units: Floats, controls: Floats
) -> FallingTrees:
    import xgboost

    level = float(units.mean()) or 1.0
    falling_in_price = f"({','.join(['-1'] + ['0'] * controls.shape[1])})"
    data = xgboost.DMatrix(_features(price, controls), units / level, nthread=1)
    parameters = {**settings, "monotone_constraints": falling_in_price, "base_score": 1.0}
    return FallingTrees(xgboost.train(parameters, data, num_boost_round=rounds), level)


def _features(price: Floats, controls: Floats) -> NDArray[np.float32]:
    return np.column_stack([np.log(price), controls]).astype(np.float32)
