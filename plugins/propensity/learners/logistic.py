"""Logistic regression with an elastic-net penalty."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.learners import elastic_net
from plugins.propensity.learners.learner import Kind
from plugins.shared import arrays

RATIO = 0.5
PENALTY = 2.0
"""1/C, and above it the share of the L1 penalty. Chosen from {1/3, 1, 2, 3.3, 10} x {0, .1, .25, .5} on
simulated data of 45 to 1,000 rows and 4 to 52 columns: where one column in ten matters, ROC-AUC is .002 to
.022 above that of L2 with 3.3; where all matter, at most .004 below it. If inner folds chose the penalty, it
would differ between the outer folds, and their scores would not share a scale."""
LIMIT = 1e9
"""Standardised values are clipped here, so that a row far from all training rows has a finite score."""


class Logistic(NamedTuple):
    """Log-odds = intercept + Σ coefficient · (x − mean) / scale, where x is missing: + Σ lacking.

    Attributes:
        coefficients: ``(width,)``, per standard deviation.
        lacking: ``(width,)``, what a missing value adds.
        intercept: log-odds of the mean row.
        mean: ``(width,)``, of the values that are present.
        scale: ``(width,)``, standard deviation; 1 where a column holds only 0 and 1 (a rare category keeps
            its full penalty, Gelman et al. 2008, doi:10.1214/08-AOAS191) or does not vary.
        spread: ``(width,)``, standard deviation of the standardised columns, for the importance.
        gaps: ``(width,)``, standard deviation of a flag that is 1 where the column is missing.
    """

    coefficients: NDArray[np.float64]
    lacking: NDArray[np.float64]
    intercept: float
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    spread: NDArray[np.float64]
    gaps: NDArray[np.float64]

    @classmethod
    def fit(cls, matrix: NDArray[np.float64], labels: NDArray[np.int8]) -> Logistic:
        """Fits on a matrix ``(n, width)`` and labels ``(n,)`` of 0 and 1, both present.

        A missing value takes its column's mean, and a flag says that it was missing: the penalty leaves the
        flag at 0 unless it tells the classes apart.
        """
        missing = np.isnan(matrix)
        lacks = np.flatnonzero(missing.any(axis=0))
        present = np.where(missing, 0.0, matrix).sum(axis=0) / np.maximum((~missing).sum(axis=0), 1)
        mean = np.where(missing.any(axis=0), present, matrix.mean(axis=0))
        width = len(mean)
        whole = np.where(missing, mean, matrix) if len(lacks) else matrix
        all_columns = np.ascontiguousarray(np.hstack([whole, missing[:, lacks]]) if len(lacks) else whole)
        centre = np.append(mean, missing[:, lacks].mean(axis=0))
        flags = elastic_net.columns_of_flags(all_columns)
        numbers = all_columns[:, ~flags]
        varies = numbers.min(axis=0, initial=np.inf) < numbers.max(axis=0, initial=-np.inf)
        scale = np.ones(len(centre))
        # The deviation of equal values can be a rounding error above 0.
        scale[~flags] = np.where(varies, numbers.std(axis=0), 1.0)
        scale[scale == 0] = 1.0
        rows = elastic_net.rows_of(all_columns, flags, centre, scale)
        found, constant = elastic_net.minimum(
            rows, len(centre), labels, strength=1 / _penalty(len(labels)), ratio=RATIO
        )
        coefficients = np.empty(len(centre))
        coefficients[np.concatenate([np.flatnonzero(~flags), np.flatnonzero(flags)])] = found
        # Flags are not centred in the fit: the intercept is of rows without any.
        intercept = constant + float((coefficients * centre)[flags & (np.arange(len(flags)) < width)].sum())
        spread = np.where(flags, np.sqrt(centre * (1 - centre), where=flags, out=np.zeros(len(centre))), 1.0)
        spread[~flags] *= varies
        lacking = np.zeros(width)
        lacking[lacks] = coefficients[width:]
        gaps = missing.std(axis=0)
        return cls(coefficients[:width], lacking, intercept, mean, scale[:width], spread[:width], gaps)

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores ``(n,)``.

        Summed column by column: in a BLAS product, the last bits of a row depend on its neighbours.
        """
        total = np.full(len(matrix), self.intercept)
        for column, (coefficient, lacking, mean, scale) in enumerate(
            zip(self.coefficients, self.lacking, self.mean, self.scale, strict=True)
        ):
            standardised = np.clip((matrix[:, column] - mean) / scale, -LIMIT, LIMIT)
            total += np.where(np.isnan(standardised), lacking, coefficient * standardised)
        return total

    @property
    def base(self) -> float:
        """The score of the mean row."""
        return self.intercept

    @property
    def work(self) -> int:
        """Leaves that a row visits: none."""
        return 0

    def contributions(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each column adds to each row's score, ``(n, width)``, against the mean row."""
        standardised = np.clip((matrix - self.mean) / self.scale, -LIMIT, LIMIT)
        return np.where(np.isnan(standardised), self.lacking, self.coefficients * standardised)

    def explainer(self) -> Logistic:
        """What the columns add to the score: the coefficients say it."""
        return self

    def importance(self) -> NDArray[np.float64]:
        """``(width,)``: by how much log-odds move for one standard deviation; 0 is exact."""
        return np.abs(self.coefficients) * self.spread + np.abs(self.lacking) * self.gaps

    def params(self) -> Mapping[str, Any]:
        """Settings, for the reviewer."""
        return {"penalty": "elasticnet", "C": 1 / PENALTY, "l1_ratio": RATIO}

    def save(self, path: Path) -> None:
        """Writes the arrays as ``.npz``."""
        arrays.save(path, self._asdict())

    @classmethod
    def load(cls, path: Path, width: int) -> Logistic:
        """Reads what :meth:`save` wrote.

        Raises:
            ValueError: an array is missing, has another shape than ``(width,)`` or is not finite.
        """
        parts = {name: part.astype(np.float64) for name, part in arrays.load(path, cls._fields).items()}
        for name, part in parts.items():
            shape = () if name == "intercept" else (width,)
            if part.shape != shape or not np.isfinite(part).all():
                raise ValueError(f"{path.name} is damaged: {name} has a wrong shape or is not finite")
        if not (parts["scale"] > 0).all():
            raise ValueError(f"{path.name} is damaged: a scale is not positive")
        return cls(
            parts["coefficients"],
            parts["lacking"],
            float(parts["intercept"]),
            parts["mean"],
            parts["scale"],
            parts["spread"],
            parts["gaps"],
        )


def _penalty(rows: int) -> float:
    """1/C. The gradient of the loss has noise of deviation √rows/2; a larger penalty would hide any effect
    in a handful of rows."""
    return min(PENALTY, math.sqrt(rows) / 2)


KIND = Kind("Logistic Regression", "logistic.npz", Logistic.fit, Logistic.load, warm=elastic_net.warm)
