"""What the customers of each cluster are like: size, spend, frequency, share of revenue, persona."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.segmentation.clustering.partition import Floats, Ints

LEAST_TO_PULL = 5
"""Of fewer customers each has a large part in the mean."""
PULLED = 1.25
"""One customer pulls a mean from this ratio to the mean of the others on, as a level is high from there."""
HIGH, LOW = 1.30, 0.70
"""A feature is part of a cluster's persona from, or up to, this ratio to the population's mean."""


class Profiles(NamedTuple):
    """One entry per cluster, in order of id.

    Attributes:
        ids: shape ``(k,)``.
        cluster: index of each customer's cluster in ``ids``, shape ``(n,)``.
        sizes: customers, shape ``(k,)``.
        mean_spend, median_spend: in the currency of the spend.
        mean_frequency: orders per customer.
        revenue_pct: share of the spend of all customers, in percent; 0 if nobody spent.
        median_frequency: orders of the customer in the middle.
        spend_is_pulled, frequency_is_pulled: whether one customer pulls the mean; see :func:`is_pulled`.
    """

    ids: Ints
    cluster: Ints
    sizes: Ints
    mean_spend: Floats
    median_spend: Floats
    mean_frequency: Floats
    revenue_pct: Floats
    median_frequency: Floats
    spend_is_pulled: NDArray[np.bool_]
    frequency_is_pulled: NDArray[np.bool_]


def profiles(labels: Ints, spend: Floats, frequency: Floats) -> Profiles:
    """Figures of each cluster.

    Args:
        labels: cluster of each customer, any integers, shape ``(n,)``.
        spend: amount of each customer, shape ``(n,)``.
        frequency: orders of each customer, shape ``(n,)``.
    """
    from scipy.ndimage import median

    ids, cluster = np.unique(labels, return_inverse=True)
    sizes = np.bincount(cluster)
    revenue = np.bincount(cluster, weights=spend)
    total = spend.sum()
    return Profiles(
        ids=ids,
        cluster=cluster,
        sizes=sizes,
        mean_spend=revenue / sizes,
        median_spend=median(spend, cluster, np.arange(len(ids))),
        mean_frequency=np.bincount(cluster, weights=frequency) / sizes,
        revenue_pct=revenue / total * 100 if total > 0 else np.zeros(len(ids)),
        median_frequency=median(frequency, cluster, np.arange(len(ids))),
        spend_is_pulled=is_pulled(cluster, spend),
        frequency_is_pulled=is_pulled(cluster, frequency),
    )


def is_pulled(cluster: Ints, values: Floats) -> NDArray[np.bool_]:
    """Whether one customer pulls the mean of each cluster: without its largest value it is a fifth lower.

    Args:
        cluster: cluster of each customer, 0 to k − 1, shape ``(n,)``.
        values: 0 or more, shape ``(n,)``.

    Returns:
        Shape ``(k,)``; False for clusters of fewer than :data:`LEAST_TO_PULL`.

    >>> is_pulled(np.repeat([0, 1], 8), np.array([*range(20, 28), *range(20, 27), 900.0])).tolist()
    [False, True]
    """
    sizes = np.bincount(cluster)
    # Divided by the largest value, so that a sum of huge amounts is finite.
    relative = values / max(float(values.max(initial=0.0)), 1e-300)
    sums = np.bincount(cluster, weights=relative)
    largest = np.zeros(len(sizes))
    np.maximum.at(largest, cluster, relative)
    others = (sums - largest) / np.maximum(sizes - 1, 1)
    pulled: NDArray[np.bool_] = (sizes >= LEAST_TO_PULL) & (sums / sizes > PULLED * others)
    return pulled


def persona(means: Sequence[float], population: Sequence[float], names: Sequence[str]) -> str:
    """The features that set a cluster apart, such as ``high_purchase_total, low_recency_days``.

    A feature is high from 1.30 times the population's mean on, and low up to 0.70 times. If that mean is 0 or
    negative, as that of a caller's own feature may be, the ratio means nothing and the feature is left out.

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
