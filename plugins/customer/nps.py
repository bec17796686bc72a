"""Net Promoter Score (Reichheld 2003, "The One Number You Need to Grow")."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Survey(NamedTuple):
    """The answers of g groups of respondents.

    Attributes:
        nps: (g,) share of promoters less share of detractors, −100 to 100.
        promoters_pct: (g,) answers 9 and 10, percent.
        passives_pct: (g,) answers 7 and 8, percent.
        detractors_pct: (g,) answers 0 to 6, percent.
        responses: (g,) number of answers.
    """

    nps: NDArray[np.float64]
    promoters_pct: NDArray[np.float64]
    passives_pct: NDArray[np.float64]
    detractors_pct: NDArray[np.float64]
    responses: NDArray[np.intp]


def survey(answers: NDArray[np.int64], groups: NDArray[np.int64]) -> Survey:
    """Scores each group of answers.

    Args:
        answers: (n,) whole numbers 0 to 10.
        groups: (n,) group of each answer, 0 to g − 1; every group has an answer.

    >>> survey(np.array([9, 10, 7, 3]), np.zeros(4, dtype=int)).nps.tolist()
    [25.0]
    """
    attitude = np.searchsorted((7, 9), answers, side="right")  # 0 detractor, 1 passive, 2 promoter
    counts = np.bincount(3 * groups + attitude, minlength=3 * (int(groups.max()) + 1)).reshape(-1, 3)
    detractors, passives, promoters = counts.T
    responses = counts.sum(axis=1)
    return Survey(
        100 * (promoters - detractors) / responses,
        100 * promoters / responses,
        100 * passives / responses,
        100 * detractors / responses,
        responses,
    )
