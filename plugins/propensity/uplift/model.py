"""A trained uplift model, whole: design, three fold models and what is known of the trial; saved without
pickles.

Files: ``model.json``, ``folds.npz`` (which row was in which fold, by digest) and one file per fold model; the
SHA-256 of each stands in ``model.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.features import drift
from plugins.propensity.features.columns import Column, Row
from plugins.propensity.features.design import Design
from plugins.propensity.features.drift import Drift, Profile
from plugins.propensity.uplift.contamination import Trial
from plugins.propensity.uplift.folds import FOLDS, Dealt
from plugins.propensity.uplift.forest import UpliftForest
from plugins.propensity.uplift.qini import Estimate, Ranking
from plugins.propensity.uplift.tlearner import TLearner
from plugins.shared import arrays, digests

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FORMAT = 2
FOLDS_FILE = "folds.npz"


class Learner(Protocol):
    """A fitted learner of uplift; saved and loaded, it scores equal to the last bit."""

    def effect(self, matrix: Floats) -> Floats: ...
    def save(self, path: Path) -> None: ...


class Kind(Protocol):
    """How a kind of learner is read."""

    def load(self, path: Path, width: int) -> Learner: ...


KINDS: Mapping[str, tuple[Kind, str]] = {
    "UpliftRandomForestClassifier": (UpliftForest, "forest-{}.npz"),
    "T-Learner": (TLearner, "tlearner-{}.txt"),
}
"""Name, as the API prints it, to kind and file of a fold; of equal figures the first wins."""


class UpliftModel(NamedTuple):
    """From customers to uplift scores.

    Attributes:
        algorithm: one of ``KINDS``.
        design: how rows become a matrix.
        learners: a model per fold, fitted without it.
        shifts: per fold what brings the mean score of all training rows to the average effect.
        dealt: which fold the training rows were in.
        profile: where the training rows of each feature lie.
        trial: counts and contamination of the training rows.
        ranking: Qini and AUUC of the out-of-fold scores.
    """

    algorithm: str
    design: Design
    learners: tuple[Learner, ...]
    shifts: tuple[float, ...]
    dealt: Dealt
    profile: tuple[Profile, ...]
    trial: Trial
    ranking: Ranking

    def effects(self, columns: Mapping[str, Column], folds: Ints) -> Floats:
        """Uplift scores ``(n,)``, between −1 and 1.

        Args:
            columns: as ``design.read`` gives them.
            folds: ``(n,)`` fold of each row that was trained on, scored by the model without it; −1 for all
                others, scored by the mean of the models.
        """
        each = per_fold(self.learners, self.shifts, self.design.matrix(columns))
        return np.where(folds < 0, each.mean(axis=0), each[np.maximum(folds, 0), np.arange(len(folds))])

    def score(self, rows: Sequence[Row]) -> Floats:
        """Uplift scores ``(n,)`` of rows that no model has seen.

        Raises:
            ValueError: a row has a text where the model has a number.
        """
        reading = self.design.read(rows)
        if reading.misfits:
            row, feature = reading.misfits[0]
            raise ValueError(f"row {row}: {feature!r} is a number to the model, and a text here")
        return self.effects(reading.columns, np.full(len(rows), -1))

    def drifts(self, columns: Mapping[str, Column]) -> dict[str, Drift]:
        """Feature to how far rows are from the training rows, greatest first."""
        return drift.drifts(self.design, self.profile, columns)

    def save(self, folder: Path) -> None:
        """Writes the files into a folder."""
        _, name = KINDS[self.algorithm]
        names = [FOLDS_FILE, *(name.format(fold) for fold in range(FOLDS))]
        arrays.save(folder / FOLDS_FILE, self.dealt._asdict())
        for learner, file in zip(self.learners, names[1:], strict=True):
            learner.save(folder / file)
        stored = {
            "format": FORMAT,
            "algorithm": self.algorithm,
            "design": self.design.as_json(),
            "shifts": list(self.shifts),
            "profile": drift.as_json(self.profile),
            "counts": list(self.trial.counts),
            "contamination": self.trial.contamination,
            "qini": list(self.ranking.qini),
            "auuc": list(self.ranking.auuc),
            "sha256": {file: digests.digest(folder / file) for file in names},
        }
        text = json.dumps(stored, ensure_ascii=True, allow_nan=False, indent=1)
        (folder / "model.json").write_text(text, encoding="ascii")

    @classmethod
    def load(cls, folder: Path) -> UpliftModel:
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
                "shifts": [*shifts],
                "profile": profile,
                "counts": [int(), int(), int(), int()] as counts,
                "contamination": float(contamination),
                "qini": [*qini],
                "auuc": [*auuc],
                "sha256": {**sha256},
            } if algorithm in KINDS and 0 <= contamination < 1:
                if version != FORMAT:
                    raise ValueError(f"the stored model has format {version}; this code reads {FORMAT}")
            case _:
                raise ValueError("model.json is damaged")
        if min(counts) < 0 or not sum(counts[:2]) or not sum(counts[2:]):
            raise ValueError("model.json is damaged: an arm has no rows")
        design = Design.from_json(parts)
        kind, name = KINDS[algorithm]
        for file in (FOLDS_FILE, *(name.format(fold) for fold in range(FOLDS))):
            digests.check(folder / file, sha256.get(file))
        return cls(
            algorithm,
            design,
            tuple(kind.load(folder / name.format(fold), design.width) for fold in range(FOLDS)),
            _numbers(shifts, FOLDS),
            _dealt(folder / FOLDS_FILE),
            drift.from_json(profile, design),
            Trial((counts[0], counts[1], counts[2], counts[3]), contamination),
            Ranking(Estimate(*_numbers(qini, 3)), Estimate(*_numbers(auuc, 3))),
        )


def per_fold(learners: Sequence[Learner], shifts: Sequence[float], matrix: Floats) -> Floats:
    """``(folds, n)`` shifted scores of a matrix ``(n, width)`` by each fold model, between −1 and 1."""
    scores = [learner.effect(matrix) + shift for learner, shift in zip(learners, shifts, strict=True)]
    return np.clip(np.array(scores), -1.0, 1.0)


def _numbers(values: list[Any], wanted: int) -> tuple[float, ...]:
    if len(values) != wanted or not all(type(value) is float and np.isfinite(value) for value in values):
        raise ValueError("model.json is damaged: a figure does not parse")
    return tuple(values)


def _dealt(path: Path) -> Dealt:
    dealt = Dealt(**arrays.load(path, Dealt._fields))
    if (
        dealt.digests.dtype != np.uint64
        or dealt.fold.dtype != np.uint8
        or dealt.digests.ndim != 1
        or dealt.digests.shape != dealt.fold.shape
        or not len(dealt.fold)
        or (dealt.digests[1:] < dealt.digests[:-1]).any()
        or dealt.fold.max() >= FOLDS
    ):
        raise ValueError(f"{path.name} is damaged: it does not say which row is in which fold")
    return dealt
