"""RFM: recency, frequency and monetary value in bins of equal size, and the tiers of their sum.

Hughes, *Strategic Database Marketing* (1994); the tiers are those of the API reference, 4.1.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CUT_OFF_DECIMALS = 6
"""Decimals of cut-offs and of the money that is compared with them, so that a printed cut-off gives the same
scores."""
_TIERS = (0.7, 0.5, 0.2)
"""Quantiles of the totals at which Loyal, Potential and At-Risk begin or end."""


class TierCutOffs(NamedTuple):
    """Totals that separate the tiers below Champion.

    Attributes:
        loyal: lowest total of Loyal.
        potential: lowest total of Potential.
        at_risk: highest total of At-Risk.
    """

    loyal: float
    potential: float
    at_risk: float


def cut_offs(values: NDArray[np.float64] | NDArray[np.int64], bins: int) -> NDArray[np.float64]:
    """Quantiles between bins, by linear interpolation (Hyndman & Fan 1996, type 7).

    Args:
        values: (…, n) one metric or several, n of 1 or more.
        bins: number of bins, 2 or more.

    Returns:
        (…, bins − 1) ascending, at 6 decimals.
    """
    between_bins = np.quantile(values, np.arange(1, bins) / bins, axis=-1)
    return np.round(np.moveaxis(between_bins, 0, -1), CUT_OFF_DECIMALS)


def score(
    values: NDArray[np.float64] | NDArray[np.int64], ascending: NDArray[np.float64]
) -> NDArray[np.intp]:
    """1 plus the number of cut-offs that each value exceeds, (n,).

    >>> score(np.array([2, 3, 4]), cut_offs(np.array([2, 3, 4]), 5)).tolist()
    [1, 3, 5]
    """
    return 1 + np.searchsorted(ascending, values, side="left")


def recency_score(days: NDArray[np.int64], ascending: NDArray[np.float64]) -> NDArray[np.intp]:
    """The highest score for the fewest days, one point less for every cut-off exceeded, (n,)."""
    return len(ascending) + 2 - score(days, ascending)


def least_of_champions(bins: int) -> int:
    """The least sum of three scores that makes a champion: two points below the highest."""
    return 3 * bins - 2


def tier_cut_offs(totals: NDArray[np.intp], bins: int) -> TierCutOffs | None:
    """The 70th, 50th and 20th percentile of the totals of all but the champions.

    Args:
        totals: (n,) sums of three scores.
        bins: number of bins.

    Returns:
        None if all are champions.
    """
    others = totals[totals < least_of_champions(bins)]
    if not others.size:
        return None
    return TierCutOffs(*np.round(np.quantile(others, _TIERS), CUT_OFF_DECIMALS).tolist())


def tiers(totals: NDArray[np.intp], bins: int, cuts: TierCutOffs | None) -> NDArray[np.str_]:
    """The lifecycle tier of each total.

    Args:
        totals: (n,) sums of three scores.
        bins: number of bins.
        cuts: None if all are champions. Three equal cut-offs separate nobody: all but the champions are
            then Promising.
    """
    # There are few different totals, so each tier is computed once.
    return np.array([_tier(total, bins, cuts) for total in range(3 * bins + 1)])[totals]


def _tier(total: int, bins: int, cuts: TierCutOffs | None) -> str:
    if total >= least_of_champions(bins):
        return "Champion"
    if cuts is None or cuts.loyal == cuts.potential == cuts.at_risk:
        return "Promising"
    if total >= cuts.loyal:
        return "Loyal"
    if total <= cuts.at_risk:
        return "At-Risk"
    return "Potential" if total >= cuts.potential else "Promising"


def level(score: int, bins: int) -> int:
    """The level of a score: 0 lowest, 1 low, 2 high (from the middle on), 3 top.

    >>> [level(score, 5) for score in (1, 2, 3, 4, 5)]
    [0, 1, 2, 2, 3]
    """
    if score == bins:
        return 3
    if score == 1:
        return 0
    return 2 if 2 * score > bins else 1
