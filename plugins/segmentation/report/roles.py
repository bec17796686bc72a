"""The rules: what part each cluster plays, and what the segmentation is like as a whole.

Levels are ratios to the customer-weighted averages of the clusters without the outliers, which would
pull them. A role asks for a high level, from 1.25, or a low one, up to 0.75; the words for a level follow
:func:`level` in every section. Nothing here depends on the language.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from plugins.segmentation.report.facts import Cluster

NOISE = -1
HIGH, LOW, VERY_LOW = 1.25, 0.75, 0.5
BELOW, ABOVE, WELL_ABOVE, FAR_ABOVE = 0.85, 1.15, 1.75, 2.0
"""Bounds of what the text calls below, above, well and far above average; between the first two is close."""
DOMINANT = 0.6
FEW_CUSTOMERS = 0.1
"""Few customers are up to a tenth of all, and up to half of what an even division would give."""
MANY = 8
"""Above this many clusters the summary speaks of the important ones."""


class Role(StrEnum):
    """The part that a cluster plays; each has its words in every section."""

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
    """A cluster and how it stands to the rest.

    Args:
        cluster: The metrics, category names with single spaces.
        role: Its part.
        fraction: Its part of all customers, 0 to 1.
        spend: Its average spend over the reference; None when nobody spent.
        frequency: Its average frequency over the reference; None when nobody buys.
        tags: What it alone is: largest, earner, richest, busiest, smallest.
    """

    cluster: Cluster
    role: Role
    fraction: float
    spend: float | None
    frequency: float | None
    tags: tuple[str, ...]

    @property
    def basket(self) -> float | None:
        """Spend per purchase over that of the reference; None when it is not defined."""
        if self.spend is None or not self.frequency:
            return None
        return self.spend / self.frequency


def level(ratio: float) -> int:
    """What the text calls a ratio to the average: 1 well below, 2 below, 3 close, 4 above, 5 well above."""
    return (
        1
        + sum(ratio > bound for bound in (VERY_LOW, BELOW))
        + sum(ratio >= bound for bound in (ABOVE, WELL_ABOVE))
    )


def shade(role: Role, profiles: Sequence[Profile]) -> str:
    """The ending of a key whose words have to fit the levels of these clusters; empty for the plain words.

    ``.above``, ``.well`` and ``.far`` tell how much the least spending of premium clusters spends; ``.off``
    that not all steady ones are close to the average, or not all thrifty ones keep the usual pace.
    """
    if role is Role.PREMIUM:
        least = min(one.spend or 0.0 for one in profiles)
        return ".far" if least >= FAR_ABOVE else ".well" if least >= WELL_ABOVE else ".above"
    ratios = [one.frequency for one in profiles]
    if role is Role.STEADY:
        ratios += [one.spend for one in profiles]
    elif role is not Role.THRIFTY:
        return ""
    return "" if all(ratio is None or level(ratio) == 3 for ratio in ratios) else ".off"


class Gap(NamedTuple):
    """Why the highest average spend is above the lowest: ``frequency``, ``basket`` or ``both``."""

    top: Profile
    bottom: Profile
    ratio: float
    cause: str
    rarer: bool
    """True when the cluster that spends more buys less often."""


class Mix(NamedTuple):
    """Leading categories across clusters: ``none``, ``same``, ``shared``, ``distinct`` or ``unknown``."""

    kind: str
    category: str = ""
    clusters: tuple[Profile, ...] = ()
    """For ``shared``: the clusters with that category."""


class Picture(NamedTuple):
    """The segmentation as a whole; `ranked` is by revenue, then customers, the outliers last."""

    ranked: tuple[Profile, ...]
    featured: tuple[Profile, ...]
    """The same, those that a short text must name first."""
    regular: tuple[Profile, ...]
    outliers: Profile | None
    groups: tuple[tuple[Role, tuple[Profile, ...]], ...]
    unspent: bool
    even_size: bool
    even_value: bool
    dominant_size: Profile | None
    dominant_revenue: Profile | None
    tiny_rich: Profile | None
    rival: tuple[Profile, Profile] | None
    """The top earner, and one that earns nearly as much with less than half of its customers."""
    gap: Gap | None
    mix: Mix
    differences: tuple[str, ...]
    """What sets the clusters apart: spend, frequency, mix."""


def picture_of(clusters: Sequence[Cluster]) -> Picture:
    """Reads the roles and the situation out of the metrics.

    Args:
        clusters: 1 or more, in any order; ids unique.

    Raises:
        ValueError: There is no cluster.
    """
    if not clusters:
        raise ValueError("clusters: none given; a report needs at least one")
    cleaned = [one._replace(top_categories=_clean(one.top_categories)) for one in clusters]
    ranked_clusters = sorted(cleaned, key=_rank)
    regular_clusters = [one for one in ranked_clusters if one.cluster_id != NOISE]
    unspent = all(one.share_revenue_pct == 0 for one in cleaned)
    even_size = _within(regular_clusters, "n_customers", 1.25)
    even_value = _within(regular_clusters, "avg_spend", 1.15) and _within(
        regular_clusters, "avg_frequency", 1.15
    )
    tags = _tags(cleaned, unspent)
    customers = sum(one.n_customers for one in cleaned)
    reference = regular_clusters or ranked_clusters
    spend, frequency = _mean(reference, "avg_spend"), _mean(reference, "avg_frequency")
    profiles = []
    for one in ranked_clusters:
        fraction = one.n_customers / customers
        spend_level = one.avg_spend / spend if spend > 0 else None
        frequency_level = one.avg_frequency / frequency if frequency > 0 else None
        largest = "largest" in tags[one.cluster_id] and not even_size
        role = _role(one, fraction, spend_level, frequency_level, largest, len(regular_clusters))
        profiles.append(Profile(one, role, fraction, spend_level, frequency_level, tags[one.cluster_id]))
    regular = tuple(one for one in profiles if one.role is not Role.OUTLIER)
    outliers = next((one for one in profiles if one.role is Role.OUTLIER), None)
    mix = _mix(regular)
    return Picture(
        ranked=tuple(profiles),
        featured=_featured(profiles),
        regular=regular,
        outliers=outliers,
        groups=_groups(profiles),
        unspent=unspent,
        even_size=even_size,
        even_value=even_value,
        dominant_size=_first(profiles, lambda one: one.fraction >= DOMINANT),
        dominant_revenue=_first(profiles, lambda one: one.cluster.share_revenue_pct >= 100 * DOMINANT),
        tiny_rich=_tiny_rich(regular),
        rival=_rival(regular),
        gap=_gap(regular),
        mix=mix,
        differences=_differences(regular, mix),
    )


def _clean(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names with single spaces, the empty and the repeated left out."""
    return tuple(dict.fromkeys(name for name in (" ".join(name.split()) for name in names) if name))


def _rank(one: Cluster) -> tuple[bool, float, int, int]:
    return one.cluster_id == NOISE, -one.share_revenue_pct, -one.n_customers, one.cluster_id


def _mean(clusters: Sequence[Cluster], metric: str) -> float:
    customers = sum(one.n_customers for one in clusters)
    return float(sum(getattr(one, metric) * one.n_customers for one in clusters)) / customers


def _within(clusters: Sequence[Cluster], metric: str, ratio: float) -> bool:
    values = [float(getattr(one, metric)) for one in clusters]
    return len(values) > 1 and max(values) <= ratio * min(values)


def _tags(clusters: Sequence[Cluster], unspent: bool) -> dict[int, tuple[str, ...]]:
    """What each cluster alone is; on a tie nobody is."""
    tags: dict[int, tuple[str, ...]] = {one.cluster_id: () for one in clusters}
    if len(clusters) < 2:
        return tags
    sought = [("largest", "n_customers", 1), ("earner", "share_revenue_pct", 1), ("richest", "avg_spend", 1)]
    sought += [("busiest", "avg_frequency", 1), ("smallest", "n_customers", -1)]
    for tag, metric, sign in sought:
        if unspent and tag in {"earner", "richest"}:
            continue
        first, second = sorted(clusters, key=lambda one: -sign * getattr(one, metric))[:2]
        shown = 1 if metric == "share_revenue_pct" else 2
        if round(getattr(first, metric), shown) != round(getattr(second, metric), shown):
            tags[first.cluster_id] += (tag,)
    return tags


def _role(
    one: Cluster, fraction: float, spend: float | None, frequency: float | None, largest: bool, regular: int
) -> Role:
    if one.cluster_id == NOISE:
        return Role.OUTLIER
    if regular == 1:
        return Role.SOLE
    dear, cheap = spend is not None and spend >= HIGH, spend is not None and spend <= LOW
    often, seldom = frequency is not None and frequency >= HIGH, frequency is not None and frequency <= LOW
    share = one.share_revenue_pct
    if dear and often:
        return Role.PREMIUM if fraction <= _few(regular) and share < 100 * DOMINANT else Role.LOYAL
    if dear:
        return Role.BIG_TICKET
    if often:
        return Role.FREQUENT if spend is not None else Role.ACTIVE
    if fraction >= DOMINANT or (largest and (share >= 25 or spend is None)):
        return Role.CORE
    if spend is not None and frequency is not None and spend <= VERY_LOW and frequency <= VERY_LOW:
        return Role.DORMANT
    if seldom:
        return Role.OCCASIONAL
    if cheap:
        return Role.THRIFTY
    return Role.CORE if largest else Role.STEADY


def _few(regular: int) -> float:
    return min(FEW_CUSTOMERS, 0.5 / regular)


def _featured(profiles: Sequence[Profile]) -> tuple[Profile, ...]:
    if len(profiles) <= 5:
        return tuple(profiles)
    picked = []
    for tag in ("earner", "largest", "richest", "busiest"):
        picked += [one for one in profiles if tag in one.tags]
    picked += [one for one in profiles if one.role is Role.OUTLIER]
    picked += [one for one in profiles if "smallest" in one.tags]
    return tuple({one.cluster.cluster_id: one for one in [*picked, *profiles]}.values())


def _groups(profiles: Sequence[Profile]) -> tuple[tuple[Role, tuple[Profile, ...]], ...]:
    """Clusters of one role together, by revenue and then customers; the outliers last."""
    found: dict[Role, list[Profile]] = {}
    for one in profiles:
        found.setdefault(one.role, []).append(one)
    weights = {
        role: (
            role is Role.OUTLIER,
            -sum(one.cluster.share_revenue_pct for one in members),
            -sum(one.fraction for one in members),
        )
        for role, members in found.items()
    }
    return tuple((role, tuple(found[role])) for role in sorted(found, key=lambda role: weights[role]))


def _first(profiles: Sequence[Profile], wanted: object) -> Profile | None:
    if len(profiles) < 2 or not callable(wanted):
        return None
    return next((one for one in profiles if wanted(one)), None)


def _tiny_rich(regular: Sequence[Profile]) -> Profile | None:
    """Few customers, a large part of revenue: at least twice their part of customers, and 15 % or more."""
    if len(regular) < 2:
        return None
    found = [
        one
        for one in regular
        if one.fraction <= _few(len(regular)) and one.cluster.share_revenue_pct >= max(15, 200 * one.fraction)
    ]
    return found[0] if found else None


def _rival(regular: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    if len(regular) < 2 or regular[0].cluster.share_revenue_pct <= 0:
        return None
    first = regular[0]
    for one in regular[1:]:
        close = one.cluster.share_revenue_pct >= 0.85 * first.cluster.share_revenue_pct
        if close and 2 * one.cluster.n_customers < first.cluster.n_customers:
            return first, one
    return None


def _gap(regular: Sequence[Profile]) -> Gap | None:
    """Which part of the distance in spend is frequency: by logarithms, as spend = purchases × basket."""
    both = [one for one in regular if one.cluster.avg_spend > 0 and one.cluster.avg_frequency > 0]
    if len(both) < 2:
        return None
    top = max(both, key=lambda one: one.cluster.avg_spend)
    bottom = min(both, key=lambda one: one.cluster.avg_spend)
    ratio = top.cluster.avg_spend / bottom.cluster.avg_spend
    if ratio < 1.3:
        return None
    purchases = top.cluster.avg_frequency / bottom.cluster.avg_frequency
    part = math.log(purchases) / math.log(ratio)
    cause = "frequency" if part >= 0.65 else "basket" if part <= 0.35 else "both"
    return Gap(top, bottom, ratio, cause, rarer=purchases < 0.95)


def _mix(regular: Sequence[Profile]) -> Mix:
    named = [one for one in regular if one.cluster.top_categories]
    if not named:
        return Mix("none")
    if len(named) < 2:
        return Mix("unknown")
    if len(named) == len(regular) and len({frozenset(one.cluster.top_categories) for one in named}) == 1:
        return Mix("same", named[0].cluster.top_categories[0], tuple(named))
    holders: dict[str, list[Profile]] = {}
    for one in named:
        for name in one.cluster.top_categories:
            holders.setdefault(name, []).append(one)
    name, most = max(holders.items(), key=lambda item: len(item[1]))
    return Mix("shared", name, tuple(most)) if len(most) > 1 else Mix("distinct")


def _differences(regular: Sequence[Profile], mix: Mix) -> tuple[str, ...]:
    if len(regular) < 2:
        return ()
    members = [one.cluster for one in regular]
    found = []
    if not _within(members, "avg_spend", 1.3):
        found.append("spend")
    if not _within(members, "avg_frequency", 1.3):
        found.append("frequency")
    if mix.kind in {"distinct", "shared"}:
        found.append("mix")
    return tuple(found)
