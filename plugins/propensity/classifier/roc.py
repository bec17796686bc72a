"""Area under the ROC curve, and the interval that its sample leaves open.

DeLong, DeLong & Clarke-Pearson 1988, doi:10.2307/2531595, by the ranks of Sun & Xu 2014,
doi:10.1109/LSP.2014.2337313; on the logit scale, which keeps the interval between 0 and 1 (Qin & Hotilovac
2008, doi:10.1177/0962280207087173).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

LEVEL = 0.95


class Area(NamedTuple):
    """Area under the curve, and its 95 % interval."""

    value: float
    lower: float
    upper: float


def area(labels: NDArray[np.int8], scores: NDArray[np.float64]) -> Area:
    """Chance that a row of label 1 has the higher score; ties count half.

    Where every row of one label is above every row of the other, DeLong's variance is 0. The interval then
    ends where so many pairs in a row, as many as the smaller class has rows, are right by chance one time in
    forty.

    Args:
        labels: ``(n,)`` of 0 and 1, both present.
        scores: ``(n,)``.
    """
    from scipy.stats import rankdata

    ones, zeros = scores[labels == 1], scores[labels == 0]
    ranks = rankdata(np.concatenate([ones, zeros]))
    # for each row, the share of the other class that it is on the right side of
    of_ones = (ranks[: len(ones)] - rankdata(ones)) / len(zeros)
    of_zeros = 1 - (ranks[len(ones) :] - rankdata(zeros)) / len(ones)
    value = float(of_ones.mean())
    fewest = min(len(ones), len(zeros))
    if not 0 < value < 1:
        alone = ((1 - LEVEL) / 2) ** (1 / fewest)
        return Area(value, alone, 1.0) if value else Area(value, 0.0, 1 - alone)
    if fewest < 2:
        return Area(value, 0.0, 1.0)
    variance = of_ones.var(ddof=1) / len(ones) + of_zeros.var(ddof=1) / len(zeros)
    reach = float(ndtri((1 + LEVEL) / 2)) * math.sqrt(variance) / (value * (1 - value))
    middle = math.log(value / (1 - value))
    return Area(value, _expit(middle - reach), _expit(middle + reach))


def _expit(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0
