"""Do the customers to score look like the training customers? The population stability index.

PSI = Σ (pᵢ − qᵢ) · ln(pᵢ / qᵢ) over the bins of a feature, where p and q are the shares of rows in training
and now (Siddiqi 2006, "Credit Risk Scorecards"). Without drift, PSI is distributed approximately as (1/n +
1/m) · χ² with bins − 1 degrees of freedom (Yurdakul 2018, "Statistical properties of the population
stability index"), so small samples exceed any fixed limit by chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from plugins.propensity.features.columns import Column
from plugins.propensity.features.design import MOST_LEVELS, Category, Design, Number

LIMIT = 0.2
"""The usual mark above which a population has shifted."""
CHANCE = 0.001
"""How often a feature that has not drifted may be reported."""
DECILES = np.arange(1, 10) / 10


class Profile(NamedTuple):
    """Where the training rows of a feature lie.

    Attributes:
        edges: ascending upper bounds of a number's bins; the last bin has none. Empty for a category, whose
            bins are its commonest levels and one for all others.
        counts: training rows per bin; a number's last count is of rows without a value.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Drift(NamedTuple):
    """How far a feature is from its training data.

    Attributes:
        psi: population stability index; 0 where nothing differs.
        beyond: whether it is above the limit, and above what chance gives with so many rows.
    """

    psi: float
    beyond: bool


def profiles(design: Design, columns: Mapping[str, Column]) -> tuple[Profile, ...]:
    """A profile per feature of the design.

    Args:
        design: learned on these rows.
        columns: name to column ``(n,)`` of the training rows.
    """
    learned = []
    for feature in design.features:
        column = columns[feature.name]
        edges: tuple[float, ...] = ()
        if isinstance(feature, Number):
            cuts = np.nanquantile(column.astype(np.float64), DECILES, method="inverted_cdf")
            edges = tuple(np.unique(cuts).tolist())
        learned.append(Profile(edges, tuple(_counts(feature, edges, column))))
    return tuple(learned)


def drifts(design: Design, known: tuple[Profile, ...], columns: Mapping[str, Column]) -> dict[str, Drift]:
    """Feature to its drift, greatest first; ties by name.

    Args:
        design: the model's.
        known: :func:`profiles` of the training rows.
        columns: name to column ``(m,)`` of the rows to score, as ``design.read`` gives them.
    """
    by_name = {}
    for feature, profile in zip(design.features, known, strict=True):
        now = _counts(feature, profile.edges, columns[feature.name])
        by_name[feature.name] = compare(np.array(profile.counts), np.array(now))
    return dict(sorted(by_name.items(), key=lambda pair: (-pair[1].psi, pair[0])))


def compare(before: NDArray[np.int64], now: NDArray[np.int64]) -> Drift:
    """Drift between counts of the same bins ``(b,)``; half a row is added to each, so that none is empty.

    >>> compare(np.array([50, 50]), np.array([50, 50])).psi
    0.0
    >>> compare(np.array([900, 100]), np.array([100, 900])).beyond
    True
    """
    used = before + now > 0
    bins = int(used.sum())
    if not before.sum() or not now.sum() or bins < 2:
        return Drift(0.0, False)
    p = (before[used] + 0.5) / (before.sum() + 0.5 * bins)
    q = (now[used] + 0.5) / (now.sum() + 0.5 * bins)
    psi = float(((p - q) * np.log(p / q)).sum())
    by_chance = float(chdtri(bins - 1, CHANCE)) * (1 / before.sum() + 1 / now.sum())
    return Drift(psi, bool(psi > max(LIMIT, by_chance)))


def as_json(known: tuple[Profile, ...]) -> list[dict[str, Any]]:
    """Profiles as JSON values, exact to the last bit."""
    return [{"edges": list(profile.edges), "counts": list(profile.counts)} for profile in known]


def from_json(parts: Any, design: Design) -> tuple[Profile, ...]:
    """The profiles that :func:`as_json` wrote.

    Raises:
        ValueError: they are damaged, or of other features.
    """
    read = []
    if not isinstance(parts, list) or len(parts) != len(design.features):
        raise ValueError("the stored training profile is damaged: it has not a part per feature")
    for part, feature in zip(parts, design.features, strict=True):
        match part:
            case {"edges": [*edges], "counts": [*counts]} if (
                all(type(edge) is float and np.isfinite(edge) for edge in edges)
                and all(type(count) is int and 0 <= count < 2**53 for count in counts)
                and all(lower < upper for lower, upper in pairwise(edges))
                and len(counts) == _bins(feature, len(edges))
            ):
                read.append(Profile(tuple(edges), tuple(counts)))
            case _:
                raise ValueError("the stored training profile is damaged: a feature does not parse")
    return tuple(read)


def _bins(feature: Number | Category, edges: int) -> int:
    """How many counts a profile has."""
    if isinstance(feature, Category):
        return len(feature.levels[:MOST_LEVELS]) + 1 if edges == 0 else -1
    return edges + 2


def _counts(feature: Number | Category, edges: tuple[float, ...], column: Column) -> list[int]:
    if isinstance(feature, Category):
        tally = Counter(column)
        counts = [tally[level] for level in feature.levels[:MOST_LEVELS]]
        return [*counts, len(column) - sum(counts)]
    values = column.astype(np.float64)
    present = values[~np.isnan(values)]
    bins = np.searchsorted(np.array(edges), present, side="left")
    return [*np.bincount(bins, minlength=len(edges) + 1).tolist(), len(values) - len(present)]
