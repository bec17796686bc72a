"""Several learners as one: the mean of their calibrated log-odds.

Learners of different kinds err on different customers, so their mean often ranks better than the best of
them (logarithmic opinion pool; Genest & Zidek 1986, "Combining probability distributions", section 3). What a
column adds to the mean is the mean of what it adds to each, so explanations stay exact.
"""

from __future__ import annotations

import json
import math
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from plugins.propensity.learners.learner import Explainer, Floats, Learner
from plugins.propensity.learners.roster import LEARNERS

NAME = "Blend"
FILE = "blend.zip"
SLOPES = "slopes.json"


class Blend(NamedTuple):
    """Fitted learners by name, and the slope that calibrates each: one that is too sure counts less."""

    members: Mapping[str, Learner]
    slopes: tuple[float, ...]

    def log_odds(self, matrix: Floats) -> Floats:
        """Scores ``(n,)``."""
        return mean([learner.log_odds(matrix) for learner in self.members.values()], self.slopes)

    def importance(self) -> Floats:
        """``(width,)``: mean of the members' importances, as shares of their sum."""
        shares = []
        for learner in self.members.values():
            own = learner.importance()
            shares.append(own / (own.sum() or 1.0))
        return mean(shares, [1.0] * len(shares))

    def explainer(self) -> Explainer | None:
        """What the columns add to the score; None if a member explains nothing."""
        explainers = [
            explainer for one in self.members.values() if (explainer := one.explainer()) is not None
        ]
        return (
            BlendExplainer(tuple(explainers), self.slopes) if len(explainers) == len(self.members) else None
        )

    def params(self) -> Mapping[str, Any]:
        """Settings, for the reviewer."""
        settings: dict[str, Any] = {
            "members": ", ".join(
                f"{name} × {slope:.3f}" for name, slope in zip(self.members, self.slopes, strict=True)
            )
        }
        for name, learner in self.members.items():
            settings |= {f"{name} {key}": value for key, value in learner.params().items()}
        return settings

    def save(self, path: Path) -> None:
        """Writes the members' files into one archive."""
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w") as archive:
            for name, learner in self.members.items():
                file = Path(folder) / LEARNERS[name].file
                learner.save(file)
                # A fixed date: the same model gives the same bytes.
                archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
            archive.writestr(zipfile.ZipInfo(SLOPES), json.dumps(self.slopes))

    @classmethod
    def load(cls, path: Path, width: int) -> Blend:
        """Reads what :meth:`save` wrote.

        Raises:
            ValueError: the file is damaged, or of another width.
        """
        members = {}
        try:
            with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
                stored = set(archive.namelist()) - {SLOPES}
                slopes = json.loads(archive.read(SLOPES))
                for name, kind in LEARNERS.items():
                    if kind.file in stored:
                        file = Path(folder) / kind.file
                        file.write_bytes(archive.read(kind.file))
                        members[name] = kind.load(file, width)
        except (zipfile.BadZipFile, KeyError, EOFError):
            raise ValueError(f"{path.name} is damaged") from None
        if len(members) < 2 or len(members) != len(stored):
            raise ValueError(
                f"{path.name} is damaged: it holds other files than those of two or more learners"
            )
        if len(slopes) != len(members) or not all(
            type(one) is float and 0 <= one < math.inf for one in slopes
        ):
            raise ValueError(f"{path.name} is damaged: it has not a slope per learner")
        return cls(members, tuple(slopes))


class BlendExplainer(NamedTuple):
    """The means of what the members' explainers say."""

    explainers: tuple[Explainer, ...]
    slopes: tuple[float, ...]

    @property
    def base(self) -> float:
        """The score where no column is known."""
        return float(mean([np.array(explainer.base) for explainer in self.explainers], self.slopes))

    @property
    def work(self) -> int:
        """Leaves that a row visits."""
        return sum(explainer.work for explainer in self.explainers)

    def contributions(self, matrix: Floats) -> Floats:
        """What each column adds to each row's score, ``(n, width)``."""
        return mean([explainer.contributions(matrix) for explainer in self.explainers], self.slopes)


def mean(parts: Sequence[Floats], slopes: Sequence[float]) -> Floats:
    """The mean of arrays times their slopes, summed in their order, so that a row's value does not depend on
    its neighbours.

    >>> mean([np.array([1.0, 2.0]), np.array([3.0, 6.0])], [1.0, 0.5]).tolist()
    [1.25, 2.5]
    """
    total = np.zeros_like(parts[0])
    for part, slope in zip(parts, slopes, strict=True):
        total += slope * part
    return total / len(parts)
