"""An invented learner, as one file of ``plugins/propensity/learners`` would hold it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.learners.learner import Kind
from plugins.shared import arrays

Floats = NDArray[np.float64]


class NearestMean(NamedTuple):
    """A linear score: the standardised row along the line from the mean of one class to that of the other."""

    direction: Floats
    middle: Floats

    @classmethod
    def fit(cls, matrix: Floats, labels: NDArray[np.int8]) -> NearestMean:
        ones, zeros = matrix[labels == 1].mean(axis=0), matrix[labels == 0].mean(axis=0)
        return cls(3 * (ones - zeros) / (matrix.var(axis=0) + 1e-9), (ones + zeros) / 2)

    def log_odds(self, matrix: Floats) -> Floats:
        return self.contributions(matrix).sum(axis=1)

    @property
    def base(self) -> float:
        return 0.0

    @property
    def work(self) -> int:
        return 0

    def contributions(self, matrix: Floats) -> Floats:
        return np.asarray((matrix - self.middle) * self.direction)

    def explainer(self) -> NearestMean | None:
        return self

    def importance(self) -> Floats:
        return np.abs(self.direction)

    def params(self) -> Mapping[str, Any]:
        return {"distance": "standardised"}

    def save(self, path: Path) -> None:
        arrays.save(path, self._asdict())

    @classmethod
    def load(cls, path: Path, width: int) -> NearestMean:
        read = cls(**arrays.load(path, cls._fields))
        if read.direction.shape != (width,):
            raise ValueError(f"{path.name} is damaged")
        return read


class Silent(NearestMean):
    """The same, without explanations."""

    def explainer(self) -> None:
        return None


KIND = Kind("Nearest Mean", "nearest-mean.npz", NearestMean.fit, NearestMean.load)
SILENT = Kind("Silent Mean", "silent-mean.npz", Silent.fit, Silent.load)
