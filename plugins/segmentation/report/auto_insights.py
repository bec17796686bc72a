"""The one-line facts."""

from __future__ import annotations

from abintel.wording import number, percent
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.report.phrases import Phrases
from plugins.segmentation.report.roles import Role

NAMED_ON_A_TIE = 3
"""Clusters that a line names if they share the greatest value; the others are counted."""


def auto_insights(phrases: Phrases) -> list[str]:
    """The largest cluster, the highest average, the top earner, and what else is remarkable.

    On a tie all are named. If nobody spent, no average is the highest.
    """
    picture, language = phrases.picture, phrases.language
    clusters = [profile.cluster for profile in picture.ranked]

    def greatest(metric: str, decimals: int = 2) -> list[Cluster]:
        values = [round(float(getattr(cluster, metric)), decimals) for cluster in clusters]
        return [cluster for cluster, value in zip(clusters, values, strict=True) if value == max(values)]

    def fact(key: str, named: list[Cluster], **slots: object) -> str:
        if len(named) == 1:
            return language.say(f"auto.{key}", **slots, **language.name(named))
        every = len(named) == len(clusters)
        slots |= language.name(sorted(named), at_most=NAMED_ON_A_TIE)
        if every and len(named) > NAMED_ON_A_TIE:
            slots["who"] = language.part("auto.everyone")
        return language.say(f"auto.{key}_all" if every else f"auto.{key}_tied", **slots)

    largest, richest, earners = (
        greatest("n_customers"),
        greatest("avg_spend"),
        greatest("share_revenue_pct", 6),
    )
    facts = [fact("largest", largest, n=number(largest[0].n_customers, 0, language.lang))]
    if not picture.unspent and richest[0].avg_spend > 0:
        baskets = [round(cluster.basket, 2) for cluster in clusters]
        dearest = [
            cluster for cluster, basket in zip(clusters, baskets, strict=True) if basket == max(baskets)
        ]
        # The published words call spend per customer a ticket: true of the order of clusters only while the
        # same clusters spend most per order.
        key = "richest" if set(richest) <= set(dearest) else "spender"
        facts.append(fact(key, richest, spend=phrases.average(richest[0].avg_spend)))
        if key == "spender":
            facts.append(fact("basket", dearest, spend=phrases.average(max(baskets))))
    pulled = [cluster for cluster in clusters if cluster.median_spend is not None]
    for cluster in [] if picture.unspent else pulled[:NAMED_ON_A_TIE]:
        spend = phrases.average(cluster.typical_spend)
        facts.append(phrases.say("auto.pulled", median=spend, **language.name([cluster])))
    if picture.unspent:
        facts.append(phrases.say("auto.unspent"))
    else:
        share = percent(earners[0].share_revenue_pct / 100, 1, language.lang)
        facts.append(fact("earner", earners, share=share))
    if picture.outliers is not None:
        size = language.size(picture.outliers.cluster.n_customers)
        facts.append(
            phrases.say("auto.noise")
            if phrases.noise_only
            else fact("outliers", [picture.outliers.cluster], size=size)
        )
    if picture.even_size and len(largest) < len(clusters):
        facts.append(phrases.say("auto.even"))
    if picture.mix.kind == "same" and picture.outliers is None:
        facts.append(phrases.say("auto.same"))
    dormant = [profile for profile in picture.ranked if profile.role is Role.DORMANT]
    if dormant:
        facts.append(phrases.say("auto.dormant", **phrases.name(dormant)))
    return facts
