"""The rules for a single cluster: the role it plays, and the words for its levels.

Levels are ratios to the customer-weighted averages of the clusters without the outliers, which would distort
them. A role asks for a high level, from 1.25, or a low one, up to 0.75; the words for a level follow
:func:`level` in every section. Nothing here depends on the language.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from plugins.segmentation.report.facts import Cluster

NOISE = -1
HIGH, LOW, VERY_LOW = 1.25, 0.75, 0.5
BELOW, ABOVE, WELL_ABOVE, FAR_ABOVE = 0.85, 1.15, 1.75, 2.0
"""Bounds of below, above, well above and far above average; between the first two is close to it."""
DOMINANT = 0.6
"""A cluster dominates with this share of the customers or of the revenue."""
FEW_CUSTOMERS = 0.1
"""Few customers are up to a tenth of all, and up to half of what an even division would give."""


class Role(StrEnum):
    """The part that a cluster plays; each role has its words in every section."""

    SOLE = "sole"
    OUTLIER = "outlier"
    PREMIUM = "premium"
    LOYAL = "loyal"
    BIG_TICKET = "big_ticket"
    FREQUENT = "frequent"
    ACTIVE = "active"
    CORE = "core"
    DORMANT = "dormant"
    OCCASIONAL = "occasional"
    THRIFTY = "thrifty"
    STEADY = "steady"


class Profile(NamedTuple):
    """A cluster and how it stands to the others.

    Args:
        cluster: the metrics, category names with single spaces.
        role: the part that it plays.
        fraction: its part of all customers, 0 to 1.
        spend: its average spend over the reference; None if nobody spent.
        frequency: its average frequency over the reference; None if nobody buys.
        tags: what it alone is: largest, earner, richest, busiest, smallest.
    """

    cluster: Cluster
    role: Role
    fraction: float
    spend: float | None
    frequency: float | None
    tags: tuple[str, ...]


def level(ratio: float) -> int:
    """What the text calls a ratio to the average: 1 well below, 2 below, 3 close, 4 above, 5 well above."""
    return (
        1
        + sum(ratio > bound for bound in (VERY_LOW, BELOW))
        + sum(ratio >= bound for bound in (ABOVE, WELL_ABOVE))
    )


def shade(role: Role, profiles: Sequence[Profile]) -> str:
    """The ending of a key whose words must fit the levels of these clusters; empty for the plain words.

    ``_above``, ``_well`` and ``_far`` say how much the premium cluster that spends least spends. ``_off``
    says that not all steady clusters are close to the average, or not all thrifty ones buy at the usual pace.
    """
    if role is Role.PREMIUM:
        least = min(profile.spend or 0.0 for profile in profiles)
        return "_far" if least >= FAR_ABOVE else "_well" if least >= WELL_ABOVE else "_above"
    ratios = [profile.frequency for profile in profiles]
    if role is Role.STEADY:
        ratios += [profile.spend for profile in profiles]
    elif role is not Role.THRIFTY:
        return ""
    return "" if all(ratio is None or level(ratio) == 3 for ratio in ratios) else "_off"


class Standing(NamedTuple):
    """How a cluster stands to the others.

    Attributes:
        fraction: its part of all customers, 0 to 1.
        spend: its average spend over the reference; None if nobody spent.
        frequency: its average frequency over the reference; None if nobody buys.
        largest: whether it alone has the most customers, by more than a little.
    """

    fraction: float
    spend: float | None
    frequency: float | None
    largest: bool


def role_of(cluster: Cluster, standing: Standing, regular: int) -> Role:
    """The role of a cluster, among a number of clusters without the outliers."""
    if cluster.cluster_id == NOISE:
        return Role.OUTLIER
    if regular == 1:
        return Role.SOLE
    fraction, spend, frequency, largest = standing
    spends_much, spends_little = _is_high(spend), _is_low(spend)
    buys_often, buys_rarely = _is_high(frequency), _is_low(frequency)
    share = cluster.share_revenue_pct
    if spends_much and buys_often:
        few = fraction <= few_customers(regular)
        return Role.PREMIUM if few and share < 100 * DOMINANT else Role.LOYAL
    if spends_much:
        return Role.BIG_TICKET
    if buys_often:
        return Role.FREQUENT if spend is not None else Role.ACTIVE
    if fraction >= DOMINANT or (largest and (share >= 25 or spend is None)):
        return Role.CORE
    if spend is not None and frequency is not None and spend <= VERY_LOW and frequency <= VERY_LOW:
        return Role.DORMANT
    if buys_rarely:
        return Role.OCCASIONAL
    if spends_little:
        return Role.THRIFTY
    return Role.CORE if largest else Role.STEADY


def _is_high(ratio: float | None) -> bool:
    return ratio is not None and ratio >= HIGH


def _is_low(ratio: float | None) -> bool:
    return ratio is not None and ratio <= LOW


def few_customers(regular: int) -> float:
    """Up to this part of all customers a cluster is small."""
    return min(FEW_CUSTOMERS, 0.5 / regular)
