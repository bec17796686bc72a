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


def is_champion(totals: NDArray[np.intp], bins: int) -> NDArray[np.bool_]:
    """Whether a sum of three scores is within two points of the highest, (n,)."""
    return totals >= 3 * bins - 2


def tier_cut_offs(totals: NDArray[np.intp], bins: int) -> TierCutOffs | None:
    """The 70th, 50th and 20th percentile of the totals that are no champion's.

    Args:
        totals: (n,) sums of three scores.
        bins: number of bins.

    Returns:
        None if all are champions.
    """
    rest = totals[~is_champion(totals, bins)]
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
    champion = is_champion(totals, bins)
    if cuts is None or cuts.loyal == cuts.potential == cuts.at_risk:
        return np.where(champion, "Champion", "Promising")
    return np.select(
        [champion, totals >= cuts.loyal, totals <= cuts.at_risk, totals >= cuts.potential],
        ["Champion", "Loyal", "At-Risk", "Potential"],
        "Promising",
    )


def levels(scores: NDArray[np.intp], bins: int) -> NDArray[np.int64]:
    """Scores as levels that have a word: 0 lowest score, 1 low, 2 high (the middle and up), 3 top score."""
    of_each = [
        3 if score == bins else 0 if score == 1 else 2 if 2 * score > bins else 1 for score in range(bins + 1)
    ]
    return np.array(of_each)[scores]
