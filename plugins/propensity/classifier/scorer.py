"""A trained model, whole: design, learner, calibration and profile; scored, written to files and read back.

Files: ``model.json`` and one file of the learner, whose SHA-256 ``model.json`` carries. Nothing is a pickle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.classifier.platt import Platt
from plugins.propensity.features import drift
from plugins.propensity.features.columns import Column, Row
from plugins.propensity.features.design import Design
from plugins.propensity.features.drift import Drift, Profile
from plugins.propensity.features.encoding import Encoding
from plugins.propensity.learners import blend
from plugins.propensity.learners.blend import Blend
from plugins.propensity.learners.learner import Learner
from plugins.propensity.learners.roster import LEARNERS
from plugins.shared import digests

FORMAT = 3


class Scorer(NamedTuple):
    """From rows of features to probabilities.

    Attributes:
        algorithm: one of ``LEARNERS``, or ``Blend``.
        design: how rows become the learner's matrix.
        learner: gives log-odds.
        calibration: from log-odds to probabilities.
        encoding: numbers of the coded categories.
        profile: distribution of each feature in the training rows; None in models stored without one.
    """

    algorithm: str
    design: Design
    learner: Learner
    calibration: Platt
    encoding: Encoding = Encoding()
    profile: tuple[Profile, ...] | None = None

    def matrix(self, columns: Mapping[str, Column]) -> NDArray[np.float64]:
        """What the learner takes, ``(n, width)``, of the columns that ``design.read`` gives."""
        return self.encoding.apply(self.design.matrix(columns, imputed=False))

    def probability(self, columns: Mapping[str, Column]) -> NDArray[np.float64]:
        """Calibrated P(label = 1), ``(n,)``, of the columns that ``design.read`` gives."""
        return self.calibration.probability(self.learner.log_odds(self.matrix(columns)))

    def score(self, rows: Sequence[Row]) -> NDArray[np.float64]:
        """Calibrated P(label = 1) of rows, ``(n,)``, in their order.

        Raises:
            ValueError: a value has not the form of the training values.
        """
        reading = self.design.read(rows)
        if reading.misfits:
            row, feature = reading.misfits[0]
            expected = reading.forms[feature].type
            raise ValueError(f"row {row}: {feature!r} is a {expected} to the model, and something else here")
        return self.probability(reading.columns)

    def drifts(self, columns: Mapping[str, Column]) -> dict[str, Drift]:
        """Feature to how far rows are from the training rows, greatest first; empty without a profile."""
        return {} if self.profile is None else drift.drifts(self.design, self.profile, columns)

    def importance(self) -> dict[str, float]:
        """Feature to its importance, as a share of all, greatest first; ties by name."""
        by_column = self.learner.importance()
        total = np.bincount(self.design.owners, weights=by_column, minlength=len(self.design.features))
        shares = total / (total.sum() or 1.0)
        pairs = zip(self.design.names, shares.tolist(), strict=True)
        return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))

    def save(self, folder: Path) -> None:
        """Writes the files into a folder."""
        name, _ = _stored_as(self.algorithm)
        self.learner.save(folder / name)
        stored = {
            "format": FORMAT,
            "algorithm": self.algorithm,
            "design": self.design.as_json(),
            "calibration": self.calibration._asdict(),
            "encoding": [table.tolist() for table in self.encoding.tables],
            "sha256": digests.digest(folder / name),
        }
        if self.profile is not None:
            stored["profile"] = drift.as_json(self.profile)
        text = json.dumps(stored, ensure_ascii=True, allow_nan=False, indent=1)
        (folder / "model.json").write_text(text, encoding="ascii")

    @classmethod
    def load(cls, folder: Path) -> Scorer:
        """Reads the files that :meth:`save` wrote.

        Raises:
            ValueError: a file is missing or damaged, or of a later format.
        """
        try:
            stored = json.loads((folder / "model.json").read_text(encoding="ascii"))
        except (OSError, ValueError, RecursionError):
            raise ValueError("model.json is missing or damaged") from None
        match stored:
            case {
                "format": int(version),
                "algorithm": str(algorithm),
                "design": parts,
                "calibration": {"slope": float(slope), "intercept": float(intercept)},
                "encoding": [*tables],
                "sha256": str(digest),
            } if algorithm in (*LEARNERS, blend.NAME) and math.isfinite(intercept) and 0 <= slope < math.inf:
                if version != FORMAT:
                    raise ValueError(f"the stored model has format {version}; this code reads {FORMAT}")
            case _:
                raise ValueError("model.json is damaged")
        design = Design.from_json(parts)
        encoding = Encoding.from_json(tables, design.coded)
        profile = drift.from_json(stored["profile"], design) if "profile" in stored else None
        name, read = _stored_as(algorithm)
        path = folder / name
        digests.check(path, digest)
        return cls(algorithm, design, read(path, design.width), Platt(slope, intercept), encoding, profile)


def _stored_as(algorithm: str) -> tuple[str, Callable[[Path, int], Learner]]:
    """The file of a learner, and what reads it."""
    if algorithm == blend.NAME:
        return blend.FILE, Blend.load
    return LEARNERS[algorithm].file, LEARNERS[algorithm].load
