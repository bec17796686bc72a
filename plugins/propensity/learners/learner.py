"""What a learner is: the race fits it, the registry stores it, and a request asks what moved its scores.

A new learner is one file in this folder that ends with a :class:`Kind`, and one line in ``roster.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BELOW_ALL = -1e30
"""Trees see a missing number as this one, below all others: a split can part the missing from the rest, as
CatBoost does by itself, and explanations stay exact."""


class CannotFit(ValueError):
    """The learner cannot be fitted on these rows; others may."""


def filled(matrix: Floats) -> Floats:
    """The matrix as trees take it; itself if nothing is missing.

    >>> filled(np.array([[np.nan, 2.0]])).tolist()
    [[-1e+30, 2.0]]
    """
    missing = np.isnan(matrix)
    return np.where(missing, BELOW_ALL, matrix) if missing.any() else matrix


class Explainer(Protocol):
    """What each column of a matrix ``(n, width)`` adds to a row's log-odds, over the base that all rows have.

    ``work`` is the number of leaves that a row visits; 0 where the cost need not be bounded.
    """

    @property
    def base(self) -> float: ...
    @property
    def work(self) -> int: ...
    def contributions(self, matrix: Floats) -> Floats: ...


class Learner(Protocol):
    """A fitted classifier of matrices ``(n, width)``; saved and loaded, it scores equal to the last bit.
    Missing numbers are NaN.

    ``importance`` is ``(width,)`` and not negative; ``params`` are the settings that a reviewer reads. A
    learner without exact explanations returns None as its explainer: its rows then have no factors, and the
    answer says so.
    """

    def log_odds(self, matrix: Floats) -> Floats: ...
    def importance(self) -> Floats: ...
    def explainer(self) -> Explainer | None: ...
    def params(self) -> Mapping[str, Any]: ...
    def save(self, path: Path) -> None: ...


class Kind(NamedTuple):
    """How learners of a kind are made.

    Attributes:
        name: as the API prints it.
        file: name of the file that a fitted learner is stored in.
        fit: from a matrix ``(n, width)`` and labels ``(n,)`` of 0 and 1, both present, to a learner; raises
            :class:`CannotFit` where it needs other rows.
        load: from that file and the width to the learner; raises ValueError if the file is damaged or of
            another width. Loading must not run code that the file brings.
        distributions: Python distributions that it needs, for the stored model's requirements.
        modules: libraries that take seconds to import; they are imported after the server is ready.
        warm: compiles what fitting, scoring and explaining would otherwise wait for.
    """

    name: str
    file: str
    fit: Callable[[Floats, NDArray[np.int8]], Learner]
    load: Callable[[Path, int], Learner]
    distributions: Sequence[str] = ()
    modules: Sequence[str] = ()
    warm: Callable[[], None] = lambda: None
