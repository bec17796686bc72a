"""What the customers of each cluster are like: size, spend, frequency, share of revenue, persona."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HIGH, LOW = 1.30, 0.70
"""Of the population's mean: where a cluster's mean earns a word in its persona."""


class Profiles(NamedTuple):
    """One entry per cluster, in order of id.

    Attributes:
        ids: shape ``(k,)``.
        place: index of each customer's cluster in ``ids``, shape ``(n,)``.
        sizes: customers, shape ``(k,)``.
        mean_spend, median_spend: in the currency of the spend.
        mean_frequency: orders per customer.
        revenue_pct: share of the spend of all customers, in percent; 0 where nobody spent.
    """

    ids: Ints
    place: Ints
    sizes: Ints
    mean_spend: Floats
    median_spend: Floats
    mean_frequency: Floats
    revenue_pct: Floats


def profiles(labels: Ints, spend: Floats, frequency: Floats) -> Profiles:
    """Figures of each cluster.

    Args:
        labels: cluster of each customer, any integers, shape ``(n,)``.
        spend: amount of each customer, shape ``(n,)``.
        frequency: orders of each customer, shape ``(n,)``.
    """
    ids, place = np.unique(labels, return_inverse=True)
    sizes = np.bincount(place)
    revenue = np.bincount(place, weights=spend)
    total = spend.sum()
    return Profiles(
        ids=ids,
        place=place,
        sizes=sizes,
        mean_spend=revenue / sizes,
        median_spend=_medians(place, spend, sizes),
        mean_frequency=np.bincount(place, weights=frequency) / sizes,
        revenue_pct=revenue / total * 100 if total > 0 else np.zeros(len(ids)),
    )


def _medians(place: Ints, values: Floats, sizes: Ints) -> Floats:
    ordered = values[np.lexsort((values, place))]
    starts = np.cumsum(sizes) - sizes
    lower, upper = ordered[starts + (sizes - 1) // 2], ordered[starts + sizes // 2]
    medians: Floats = lower + (upper - lower) / 2
    return medians


def cluster_means(place: Ints, figures: Floats) -> Floats:
    """Means of figures in original units, shape ``(k, m)``, from ``(n,)`` clusters and ``(n, m)`` figures."""
    sizes = np.bincount(place)
    return np.column_stack([np.bincount(place, weights=column) / sizes for column in figures.T])


def persona(means: Sequence[float], population: Sequence[float], names: Sequence[str]) -> str:
    """What sets a cluster apart, such as ``high_purchase_total, low_recency_days``.

    A feature counts as high from 1.30 times the population's mean on, as low up to 0.70 times; where that
    mean is 0 or negative (a caller's own feature may be), a ratio to it says nothing.

    >>> persona([13.0, 7.0, 5.0], [10.0, 10.0, 0.0], ["spend", "visits", "tickets"])
    'high_spend, low_visits'
    >>> persona([10.0], [10.0], ["spend"])
    'average'
    """
    words = []
    for mean, usual, name in zip(means, population, names, strict=True):
        if usual <= 0:
            continue
        if mean >= HIGH * usual:
            words.append(f"high_{name}")
        elif mean <= LOW * usual:
            words.append(f"low_{name}")
    return ", ".join(words) or "average"
