"""Area under the ROC curve, and the interval that a sample of this size leaves open.

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


def auc(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Chance that a positive row has the higher score of a pair with a negative one; ties count half.

    Mann & Whitney's statistic over the number of pairs. Ranks are multiples of ½, so only the last division
    rounds, and two rankings with equal areas give equal bits.

    Args:
        positive: ``(n,)``.
        scores: ``(n,)``.

    Returns:
        the area; 0.5 where one class is missing, so that there is no pair.

    >>> auc(np.array([True, False, True, False]), np.array([3.0, 1.0, 1.0, 0.0]))
    0.875
    """
    ones = int(positive.sum())
    zeros = len(positive) - ones
    if ones == 0 or zeros == 0:
        return 0.5
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[group]
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


class Area(NamedTuple):
    """Area under the curve, and its 95 % interval."""

    value: float
    lower: float
    upper: float


def area(labels: NDArray[np.int8], scores: NDArray[np.float64]) -> Area:
    """:func:`auc` with its 95 % interval.

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
    # DeLong's structural components: of each row, the share of the other class that it is ranked right of.
    of_ones = (ranks[: len(ones)] - rankdata(ones)) / len(zeros)
    of_zeros = 1 - (ranks[len(ones) :] - rankdata(zeros)) / len(ones)
    value = auc(labels == 1, scores)
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
