"""Gradient-boosted trees that grow leaf by leaf: LightGBM (Ke et al. 2017), stored as its own text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.learners import treeshap
from plugins.propensity.learners.capacity import MOST_ROUNDS, PATIENCE, Capacity, chosen
from plugins.propensity.learners.learner import CannotFit, Kind, filled
from plugins.propensity.learners.treeshap import TreeShap
from plugins.shared import ensembles, lightgbm_text

SETTINGS: Mapping[str, Any] = {
    "objective": "binary",
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": 42,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
USUAL = Capacity({"learning_rate": 0.03, "num_leaves": 31}, 200)
LARGE: Mapping[str, Any] = {"learning_rate": 0.05, "num_leaves": 31, "feature_fraction": 0.5}
SMALL: Mapping[str, Any] = {"learning_rate": 0.05, "num_leaves": 8, "feature_fraction": 0.5}
MOST_PER_LEAF, LEAST_PER_LEAF = 20, 5
"""A leaf has at least a twentieth of the rows, within these bounds."""
READ_BACK = ("min_data_in_leaf", "learning_rate", "num_leaves", "feature_fraction")
"""Settings that LightGBM's text holds, and that differ between models."""
FEWEST_ROWS = 20
"""Fewer cannot be split into leaves."""


class LightGBMTrees(NamedTuple):
    """A booster of ``width`` columns."""

    booster: Any
    width: int
    settings: Mapping[str, Any]

    @classmethod
    def fit(cls, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> LightGBMTrees:
        """Fits on a matrix ``(n, width)`` and labels ``(n,)`` of 0 and 1, both present.

        Raises:
            CannotFit: fewer than ``FEWEST_ROWS``.
        """
        rows = len(labels)
        if rows < FEWEST_ROWS:
            raise CannotFit(f"{rows} rows are too few to be split into leaves")
        leaf = int(np.clip(rows // 20, LEAST_PER_LEAF, MOST_PER_LEAF))
        import lightgbm

        values = filled(matrix)
        common = {**SETTINGS, "min_data_in_leaf": leaf}

        def trial(settings: Mapping[str, Any], judging: NDArray[np.bool_]) -> tuple[float, int]:
            fitted = lightgbm.Dataset(values[~judging], labels[~judging])
            booster = lightgbm.train(
                {**common, **settings, "metric": "binary_logloss"},
                fitted,
                num_boost_round=MOST_ROUNDS,
                valid_sets=[fitted.create_valid(values[judging], labels[judging])],
                callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
            )
            return float(booster.best_score["valid_0"]["binary_logloss"]), int(booster.best_iteration)

        capacity = chosen(labels, USUAL, (LARGE, SMALL), trial)
        settings = {**common, **capacity.settings}
        data = lightgbm.Dataset(values, labels)
        booster = lightgbm.train(settings, data, num_boost_round=capacity.rounds)
        return cls(booster, matrix.shape[1], {"num_boost_round": capacity.rounds, **settings})

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores ``(n,)``."""
        raw = self.booster.predict(filled(matrix), raw_score=True, num_threads=1)
        return np.asarray(raw, dtype=np.float64)

    def explainer(self) -> TreeShap:
        """What the columns add to the score."""
        return TreeShap.of(ensembles.of_lightgbm(self.booster))

    def importance(self) -> NDArray[np.float64]:
        """``(width,)``: total gain of the splits on a column."""
        return np.asarray(self.booster.feature_importance("gain"), dtype=np.float64)

    def params(self) -> Mapping[str, Any]:
        """Settings, for the reviewer."""
        return self.settings

    def save(self, path: Path) -> None:
        """Writes LightGBM's text."""
        path.write_text(self.booster.model_to_string(), encoding="ascii")

    @classmethod
    def load(cls, path: Path, width: int) -> LightGBMTrees:
        """Reads what :meth:`save` wrote, for a matrix of ``width`` columns.

        Raises:
            ValueError: the file is damaged, or of another width.
        """
        booster = lightgbm_text.read(path, width)
        settings = {name: booster.params[name] for name in READ_BACK if name in booster.params}
        return cls(booster, width, {"num_boost_round": booster.num_trees(), **SETTINGS, **settings})


KIND = Kind(
    "LightGBM",
    "lightgbm.txt",
    LightGBMTrees.fit,
    LightGBMTrees.load,
    distributions=("lightgbm",),
    modules=("lightgbm",),
    warm=treeshap.warm,
)
