"""The rules for the segmentation as a whole: what its clusters have in common, and what sets them apart.

Nothing here depends on the language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.report.roles import DOMINANT, NOISE, Profile, Role, Standing, few_customers, role_of

FEW, PULLED = 0.02, 1.25
"""A cluster of few customers pulls the mean if it raises it by a quarter."""
MANY = 8
"""Above this number of clusters the summary names the important ones."""


class Gap(NamedTuple):
    """The highest and the lowest average spend, and why they differ: by frequency, basket or both."""

    top: Profile
    bottom: Profile
    ratio: float
    cause: str
    rarer: bool
    """Whether the cluster that spends more buys less often."""


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
    """The same clusters, those that a short text names first."""
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
    """The top earner, and a cluster that earns nearly as much with less than half of its customers."""
    gap: Gap | None
    mix: Mix
    differences: tuple[str, ...]
    """What sets the clusters apart: spend, frequency, mix."""


def picture_of(clusters: Sequence[Cluster]) -> Picture:
    """Derives the roles and the situation from the metrics.

    Args:
        clusters: 1 or more, in any order; ids unique.

    Raises:
        ValueError: there is no cluster.
    """
    if not clusters:
        raise ValueError("clusters: none given; a report needs at least one")
    cleaned = [cluster._replace(top_categories=_clean(cluster.top_categories)) for cluster in clusters]
    ranked_clusters = sorted(cleaned, key=_rank)
    regular_clusters = [cluster for cluster in ranked_clusters if cluster.cluster_id != NOISE]
    even_size = _within(regular_clusters, "n_customers", 1.25)
    profiles = _profiles(ranked_clusters, regular_clusters, even_size)
    regular = tuple(profile for profile in profiles if profile.role is not Role.OUTLIER)
    mix = _mix(regular)
    return Picture(
        ranked=tuple(profiles),
        featured=_featured(profiles),
        regular=regular,
        outliers=next((profile for profile in profiles if profile.role is Role.OUTLIER), None),
        groups=_groups(profiles),
        unspent=_is_unspent(cleaned),
        even_size=even_size,
        even_value=_within(regular_clusters, "avg_spend", 1.15)
        and _within(regular_clusters, "avg_frequency", 1.15),
        dominant_size=_first(profiles, lambda profile: profile.fraction >= DOMINANT),
        dominant_revenue=_first(
            profiles, lambda profile: profile.cluster.share_revenue_pct >= 100 * DOMINANT
        ),
        tiny_rich=_tiny_rich(regular),
        rival=_rival(regular),
        gap=_gap(regular),
        mix=mix,
        differences=_differences(regular, mix),
    )


def _profiles(ranked: Sequence[Cluster], regular: Sequence[Cluster], even_size: bool) -> list[Profile]:
    """Each cluster with its role, its levels and what it alone is."""
    tags = _tags(ranked, _is_unspent(ranked))
    customers = sum(cluster.n_customers for cluster in ranked)
    reference = regular or ranked
    spend, frequency = _usual(reference, "typical_spend"), _usual(reference, "typical_frequency")
    profiles = []
    for cluster in ranked:
        standing = Standing(
            fraction=cluster.n_customers / customers,
            spend=cluster.typical_spend / spend if spend > 0 else None,
            frequency=cluster.typical_frequency / frequency if frequency > 0 else None,
            largest="largest" in tags[cluster.cluster_id] and not even_size,
        )
        profiles.append(
            Profile(
                cluster=cluster,
                role=role_of(cluster, standing, len(regular)),
                fraction=standing.fraction,
                spend=standing.spend,
                frequency=standing.frequency,
                tags=tags[cluster.cluster_id],
            )
        )
    return profiles


def _is_unspent(clusters: Sequence[Cluster]) -> bool:
    """Whether nobody spent anything."""
    return all(cluster.share_revenue_pct == 0 for cluster in clusters)


def _clean(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names with single spaces, without empty and repeated ones."""
    return tuple(dict.fromkeys(name for name in (" ".join(name.split()) for name in names) if name))


def _rank(cluster: Cluster) -> tuple[bool, float, int, int]:
    return (
        cluster.cluster_id == NOISE,
        -cluster.share_revenue_pct,
        -cluster.n_customers,
        cluster.cluster_id,
    )


def _usual(clusters: Sequence[Cluster], metric: str) -> float:
    """The mean over the customers, or the value of the customer in the middle if a few pull the mean.

    They do if a cluster has a median instead of its mean, or if the mean without a cluster of at most 2 % of
    the customers is a fifth lower.
    """
    values = sorted((float(getattr(cluster, metric)), cluster.n_customers) for cluster in clusters)
    customers = sum(count for _, count in values)
    mean = sum(value * count for value, count in values) / customers
    means = metric.replace("typical", "avg")
    pulled = any(getattr(cluster, means) != getattr(cluster, metric) for cluster in clusters)
    for value, count in values:
        if count <= FEW * customers:
            others = (mean * customers - value * count) / (customers - count)
            pulled = pulled or mean > PULLED * others
    if not pulled:
        return mean
    below = accumulate(count for _, count in values)
    return next(value for (value, _), reached in zip(values, below, strict=True) if 2 * reached >= customers)


def _within(clusters: Sequence[Cluster], metric: str, ratio: float) -> bool:
    values = [float(getattr(cluster, metric)) for cluster in clusters]
    return len(values) > 1 and max(values) <= ratio * min(values)


def _tags(clusters: Sequence[Cluster], unspent: bool) -> dict[int, tuple[str, ...]]:
    """What each cluster alone is; on a tie no cluster is."""
    tags: dict[int, tuple[str, ...]] = {cluster.cluster_id: () for cluster in clusters}
    if len(clusters) < 2:
        return tags
    sought = [("largest", "n_customers", 1), ("earner", "share_revenue_pct", 1), ("richest", "avg_spend", 1)]
    sought += [("busiest", "avg_frequency", 1), ("smallest", "n_customers", -1)]
    for tag, metric, sign in sought:
        if unspent and tag in {"earner", "richest"}:
            continue
        first, second = sorted(clusters, key=lambda cluster: -sign * getattr(cluster, metric))[:2]
        # A figure that is printed alike is a tie to the reader.
        decimals = 1 if metric == "share_revenue_pct" else 2
        if round(getattr(first, metric), decimals) != round(getattr(second, metric), decimals):
            tags[first.cluster_id] += (tag,)
    return tags


def _featured(profiles: Sequence[Profile]) -> tuple[Profile, ...]:
    """The clusters in the order in which a short text names them."""
    if len(profiles) <= 5:
        return tuple(profiles)
    picked = []
    for tag in ("earner", "largest", "richest", "busiest"):
        picked += [profile for profile in profiles if tag in profile.tags]
    picked += [profile for profile in profiles if profile.role is Role.OUTLIER]
    picked += [profile for profile in profiles if "smallest" in profile.tags]
    return tuple({profile.cluster.cluster_id: profile for profile in [*picked, *profiles]}.values())


def _groups(profiles: Sequence[Profile]) -> tuple[tuple[Role, tuple[Profile, ...]], ...]:
    """Clusters of one role together, by revenue and then customers; the outliers last."""
    members_of: dict[Role, list[Profile]] = {}
    for profile in profiles:
        members_of.setdefault(profile.role, []).append(profile)
    weights = {
        role: (
            role is Role.OUTLIER,
            -sum(profile.cluster.share_revenue_pct for profile in members),
            -sum(profile.fraction for profile in members),
        )
        for role, members in members_of.items()
    }
    return tuple(
        (role, tuple(members_of[role])) for role in sorted(members_of, key=lambda role: weights[role])
    )


def _first(profiles: Sequence[Profile], wanted: Callable[[Profile], bool]) -> Profile | None:
    """The first of several clusters for which something holds."""
    return next((profile for profile in profiles if wanted(profile)), None) if len(profiles) > 1 else None


def _tiny_rich(regular: Sequence[Profile]) -> Profile | None:
    """The first small cluster with at least twice its part of customers, and 15 % or more, of revenue."""
    if len(regular) < 2:
        return None
    for profile in regular:
        is_rich = profile.cluster.share_revenue_pct >= max(15, 200 * profile.fraction)
        if is_rich and profile.fraction <= few_customers(len(regular)):
            return profile
    return None


def _rival(regular: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    if len(regular) < 2 or regular[0].cluster.share_revenue_pct <= 0:
        return None
    first = regular[0]
    for profile in regular[1:]:
        is_close = profile.cluster.share_revenue_pct >= 0.85 * first.cluster.share_revenue_pct
        if is_close and 2 * profile.cluster.n_customers < first.cluster.n_customers:
            return first, profile
    return None


def _gap(regular: Sequence[Profile]) -> Gap | None:
    """How much of the ratio in spend comes from frequency, in logarithms, as spend = purchases × basket."""
    buying = [
        profile for profile in regular if profile.cluster.avg_spend > 0 and profile.cluster.avg_frequency > 0
    ]
    # Averages that one customer pulls do not compare the customers.
    if any(profile.cluster.median_spend is not None for profile in buying):
        return None
    if len(buying) < 2:
        return None
    top = max(buying, key=lambda profile: profile.cluster.avg_spend)
    bottom = min(buying, key=lambda profile: profile.cluster.avg_spend)
    ratio = top.cluster.avg_spend / bottom.cluster.avg_spend
    if ratio < 1.3:
        return None
    purchases = top.cluster.avg_frequency / bottom.cluster.avg_frequency
    part = math.log(purchases) / math.log(ratio)
    cause = "frequency" if part >= 0.65 else "basket" if part <= 0.35 else "both"
    return Gap(top, bottom, ratio, cause, rarer=purchases < 0.95)


def _mix(regular: Sequence[Profile]) -> Mix:
    named = [profile for profile in regular if profile.cluster.top_categories]
    if not named:
        return Mix("none")
    if len(named) < 2:
        return Mix("unknown")
    sets = {frozenset(profile.cluster.top_categories) for profile in named}
    if len(named) == len(regular) and len(sets) == 1:
        return Mix("same", named[0].cluster.top_categories[0], tuple(named))
    holders: dict[str, list[Profile]] = {}
    for profile in named:
        for name in profile.cluster.top_categories:
            holders.setdefault(name, []).append(profile)
    name, sharing = max(holders.items(), key=lambda item: len(item[1]))
    return Mix("shared", name, tuple(sharing)) if len(sharing) > 1 else Mix("distinct")


def _differences(regular: Sequence[Profile], mix: Mix) -> tuple[str, ...]:
    if len(regular) < 2:
        return ()
    members = [profile.cluster for profile in regular]
    differences = []
    if not _within(members, "avg_spend", 1.3):
        differences.append("spend")
    if not _within(members, "avg_frequency", 1.3):
        differences.append("frequency")
    if mix.kind in {"distinct", "shared"}:
        differences.append("mix")
    return tuple(differences)
