"""RFM: recency, frequency and monetary value in bins of equal size, and the tiers of their sum.

Hughes, *Strategic Database Marketing* (1994); the tiers are those of the API reference, 4.1.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CUT_OFF_DECIMALS = 6
"""Decimals of cut-offs and of the money that meets them: what is printed is what was compared."""


_TIERS = np.array([0.7, 0.5, 0.2])


class TierCutOffs(NamedTuple):
    """Totals that part the customers who are not champions.

    Attributes:
        loyal: from here on Loyal.
        potential: from here on Potential.
        at_risk: up to here At-Risk.
    """

    loyal: float
    potential: float
    at_risk: float


def cut_offs(values: NDArray[np.float64] | NDArray[np.int64], bins: int) -> NDArray[np.float64]:
    """Quantiles between bins, by linear interpolation (Hyndman & Fan 1996, type 7).

    Args:
        values: (…, n) a metric, n of 1 or more; several are cut in one go.
        bins: number of bins, 2 or more.

    Returns:
        (…, bins − 1) ascending, at 6 decimals.
    """
    return np.round(quantiles(values, np.arange(1, bins) / bins), CUT_OFF_DECIMALS)


def quantiles(
    values: NDArray[np.float64] | NDArray[np.int64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """By linear interpolation, to the last bit what `np.quantile` finds, in a fifth of the time for small n.

    Args:
        values: (…, n) finite, n of 1 or more.
        shares: (m,) between 0 and 1.

    Returns:
        (…, m).
    """
    place = shares * (values.shape[-1] - 1)
    below = place.astype(np.intp)
    above = np.minimum(below + 1, values.shape[-1] - 1)
    part = place - below
    parted = np.partition(values, np.concatenate((below, above)), axis=-1)
    low, high = parted[..., below], parted[..., above]
    step = high - low
    # From whichever end is nearer, as NumPy interpolates: the rounding is the same.
    found: NDArray[np.float64] = np.where(part < 0.5, low + step * part, high - step * (1 - part))
    return found


def score(
    values: NDArray[np.float64] | NDArray[np.int64], ascending: NDArray[np.float64]
) -> NDArray[np.intp]:
    """1 plus the number of cut-offs that each value exceeds, (n,)."""
    return 1 + np.searchsorted(ascending, values, side="left")


def recency_score(days: NDArray[np.int64], ascending: NDArray[np.float64]) -> NDArray[np.intp]:
    """The highest score for the fewest days, and a point less for every cut-off exceeded, (n,)."""
    return len(ascending) + 2 - score(days, ascending)


def least_of_champions(bins: int) -> int:
    """The least sum of three scores that makes a champion: two points below the highest."""
    return 3 * bins - 2


def tier_cut_offs(totals: NDArray[np.intp], bins: int) -> TierCutOffs | None:
    """The 70th, 50th and 20th percentile of the totals that are no champion's.

    Args:
        totals: (n,) sums of three scores.
        bins: number of bins.

    Returns:
        None if all are champions.
    """
    rest = totals[totals < least_of_champions(bins)]
    if not rest.size:
        return None
    return TierCutOffs(*np.round(quantiles(rest, _TIERS), CUT_OFF_DECIMALS).tolist())


def tiers(totals: NDArray[np.intp], bins: int, cuts: TierCutOffs | None) -> NDArray[np.str_]:
    """The lifecycle tier of each total.

    Args:
        totals: (n,) sums of three scores.
        bins: number of bins.
        cuts: None if all are champions. Three equal cut-offs tell nobody apart: all but the champions
            are Promising.
    """
    # A sum of scores is one of few.
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
    """A score as a level that has a word: 0 lowest score, 1 low, 2 high (the middle and up), 3 top score."""
    if score == bins:
        return 3
    if score == 1:
        return 0
    return 2 if 2 * score > bins else 1
