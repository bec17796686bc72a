"""T-learner (Künzel et al. 2019, doi:10.1073/pnas.1804597116): a model of the outcome per arm; the uplift is
the difference. LightGBM fits both (Ke et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from plugins.propensity.uplift.growing import CLASSES
from plugins.shared import lightgbm_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

# Rate, leaves and smoothing: best of some twenty settings on simulated data in which half of 20,000
# customers have a known uplift, in three shapes over two features. If each model follows its own arm
# closely, their difference is noise, so both are regularised far more than a classifier would be.
ROUNDS = 150
SETTINGS: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.02,
    "num_leaves": 8,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "max_bin": 63,
    "seed": 42,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def settings_for(rows: int) -> dict[str, Any]:
    """Settings for so many rows of an arm."""
    return {
        **SETTINGS,
        "lambda_l2": float(np.clip(rows / 100, 1, 10)),
        "min_data_in_leaf": int(np.clip(rows // 50, 10, 200)),
        "path_smooth": float(np.clip(0.15 * rows, 20, 1000)),
    }


class TLearner(NamedTuple):
    """Two boosters of ``width`` columns, control first; a number replaces the booster of an arm whose outcome
    never varies.

    Attributes:
        arms: booster, or the arm's rate.
        width: columns of the matrix.
    """

    arms: tuple[Any, Any]
    width: int

    @classmethod
    def fit(cls, matrix: Floats, rows: Ints, classes: Bytes, weights: Floats) -> TLearner:
        """Fits on some rows ``(s,)`` of a matrix ``(n, width)``.

        Args:
            matrix: finite throughout.
            rows: indices of the rows.
            classes: ``(n,)`` 2 · treatment + outcome.
            weights: ``(4,)`` weight of each class.
        """
        import lightgbm

        arms = []
        for arm in (0, 1):
            members = rows[classes[rows] // 2 == arm]
            outcome = classes[members] % 2
            counts = np.bincount(classes[members], minlength=CLASSES) * weights
            if not counts.sum() or min(counts[2 * arm], counts[2 * arm + 1]) <= 0:
                arms.append(float(counts[2 * arm + 1] / (counts.sum() or 1.0)))
                continue
            data = lightgbm.Dataset(matrix[members], outcome, weight=weights[classes[members]])
            arms.append(lightgbm.train(settings_for(len(members)), data, num_boost_round=ROUNDS))
        return cls((arms[0], arms[1]), matrix.shape[1])

    def effect(self, matrix: Floats) -> Floats:
        """Treated less control probability of the outcome, ``(n,)``."""
        control, treated = (
            np.full(len(matrix), arm) if isinstance(arm, float) else expit(_margin(arm, matrix))
            for arm in self.arms
        )
        return treated - control

    def save(self, path: Path) -> None:
        """Writes both arms as LightGBM's text, one after the other, or as the arm's rate."""
        parts = [repr(arm) if isinstance(arm, float) else arm.model_to_string() for arm in self.arms]
        path.write_text(f"{len(parts[0])} {len(parts[1])}\n{''.join(parts)}", encoding="ascii")

    @classmethod
    def load(cls, path: Path, width: int) -> TLearner:
        """Reads what :meth:`save` wrote, for a matrix of ``width`` columns.

        Raises:
            ValueError: the file is damaged, or of another width.
        """
        damaged = ValueError(f"{path.name} is damaged")
        try:
            head, _, text = path.read_text(encoding="ascii").partition("\n")
            first, second = (int(length) for length in head.split())
        except ValueError:
            raise damaged from None
        if min(first, second) < 1 or first + second != len(text):
            raise damaged
        arms = [_arm(part, width, path.name) for part in (text[:first], text[first:])]
        return cls((arms[0], arms[1]), width)

    @staticmethod
    def params(rows: int) -> Mapping[str, Any]:
        """Settings, for the reviewer."""
        return {"num_boost_round": ROUNDS, **settings_for(rows)}


def _margin(booster: Any, matrix: Floats) -> Floats:
    return np.asarray(booster.predict(matrix, raw_score=True, num_threads=1), dtype=np.float64)


def _arm(text: str, width: int, name: str) -> Any:
    """A booster, or the rate that stands for one."""
    if text.startswith("tree"):
        return lightgbm_text.parse(text, width, name)
    try:
        rate = float(text)
    except ValueError:
        raise ValueError(f"{name} is damaged") from None
    if not 0 <= rate <= 1:
        raise ValueError(f"{name} is damaged")
    return rate
