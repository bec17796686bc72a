"""The executive summary, the analysis of the clusters, and the one-line facts."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.segmentation.report import numbers
from plugins.segmentation.report.facts import Cluster
from plugins.segmentation.report.fitting import Length, Line, fit
from plugins.segmentation.report.phrases import Phrases
from plugins.segmentation.report.roles import MANY, Profile, Role, level

SUMMARY = {False: Length(250, 285, 345), True: Length(60, 80, 115)}
"""Words of the executive summary, full and brief; the reference asks 250 to 350."""

ANALYSIS = {False: Length(0, 560, 580, 4), True: Length(0, 130, 160, 1)}

FLAT = 1.15
"""Up to this ratio of the highest average spend to the lowest, spend hardly changes."""

NAMED_ON_A_TIE = 3
"""Clusters that a line of facts names when they share the greatest value; the others are counted."""

DESCRIBED_AT_MOST = 12
FEW = 10
"""Under so many customers the figures of a cluster are an indication only."""


def executive_summary(phrases: Phrases) -> str:
    """250 to 350 words for a board, or 60 to 120 when brief."""
    picture = phrases.picture
    described = picture.featured[: 5 if len(picture.ranked) <= MANY else 6]
    lines = [*_opening(phrases), *_balance(phrases)]
    read: set[Role] = set()
    for at, one in enumerate(described):
        words = 8 if phrases.brief else 14
        key = "portrait.unspent" if picture.unspent else "portrait"
        text = phrases.portrait(one, key, 0, at, words)
        if not phrases.brief and at < 3 and one.role not in read:
            text += " " + phrases.of_role("reading", one.role, [one])
            read.add(one.role)
        lines.append(Line(text, (0, 1, 1, 2, 2, 4)[at] if not phrases.brief else (0, 2, 3, 3, 3, 3)[at], 1))
    rest = picture.featured[len(described) :]
    if rest:
        lines.append(Line(phrases.say("rest" if len(rest) > 1 else "rest.one", **phrases.name(rest)), 2, 1))
    lines += [*_contrasts(phrases), *_reserves(phrases)]
    goals = [
        phrases.language.part(f"goal.{role}", **phrases.name(members)) for role, members in picture.groups[:3]
    ]
    key = "priorities" if len(goals) > 1 else "priorities.one"
    if not phrases.noise_only:
        lines.append(Line(phrases.say(key, goals=phrases.language.join(goals)), 1, 3))
    lines += [Line(phrases.say(f"fill.{at}"), 5, 3) for at in range(7)]
    return fit(lines, SUMMARY[phrases.brief])


def _opening(phrases: Phrases) -> list[Line]:
    picture = phrases.picture
    regular = len(picture.regular)
    count = phrases.language.counted(regular)
    if phrases.noise_only:
        key = "noise"
    elif picture.outliers is not None:
        key = "one.outliers" if regular == 1 else "outliers"
    elif regular == 1:
        key = "sole"
    elif picture.even_value:
        key = "even"
    else:
        key = "many" if regular > MANY else "few"
    first = picture.regular[:1] or picture.ranked[:1]
    lines = [Line(phrases.say(f"open.{key}", count=count, **phrases.name(first)), 0)]
    if picture.outliers is not None and regular > MANY:
        lines = [
            Line(phrases.say("open.many", count=count), 0),
            Line(phrases.say("open.many.outliers", **phrases.name([picture.outliers])), 1),
        ]
    if picture.differences and not picture.even_value:
        names = [phrases.language.part(f"differ.{name}") for name in picture.differences]
        lines.append(Line(phrases.say("differ", differences=phrases.language.join(names)), 2))
    if picture.unspent:
        lines.append(Line(phrases.say("unspent"), 0))
    return lines


def _balance(phrases: Phrases) -> list[Line]:
    """Who carries the customers, and who the revenue."""
    picture = phrases.picture
    if phrases.sole:
        return []
    lines: list[Line] = []
    size, revenue, tiny = picture.dominant_size, picture.dominant_revenue, picture.tiny_rich
    if size is not None and size.role is Role.OUTLIER:
        fraction = phrases.language.fraction(size.fraction)
        lines.append(Line(phrases.say("dominant.noise", fraction=fraction, **phrases.name([size])), 1))
    elif size is not None and size is revenue:
        lines.append(Line(phrases.say("dominant.both", **phrases.name([size])), 1))
    elif size is not None:
        smaller = size.cluster.share_revenue_pct < 100 * size.fraction - 5 and not picture.unspent
        key = "dominant.size" if smaller else "dominant.size.plain"
        fraction = phrases.language.fraction(size.fraction)
        lines.append(Line(phrases.say(key, fraction=fraction, **phrases.name([size])), 1))
    if revenue is not None and revenue is not size:
        fraction = phrases.language.fraction(revenue.fraction)
        lines.append(Line(phrases.say("dominant.revenue", fraction=fraction, **phrases.name([revenue])), 1))
    if size is None and revenue is None:
        if picture.even_size:
            lines.append(Line(phrases.say("even.size"), 1))
        elif len(picture.regular) > 1:
            lines.append(Line(phrases.say("spread.two" if len(picture.ranked) == 2 else "spread"), 1))
    if picture.rival is not None:
        lines.append(Line(phrases.say("rival", **phrases.names(*picture.rival)), 3))
    if tiny is not None:
        ratio = tiny.cluster.share_revenue_pct / (100 * tiny.fraction)
        text = phrases.say("tiny", outdoes=phrases.language.outdoes(ratio), **phrases.name([tiny]))
        lines.append(Line(text, 2))
    return lines


def _contrasts(phrases: Phrases) -> list[Line]:
    """What sets the clusters apart, and the groups that need a word of their own."""
    picture = phrases.picture
    lines: list[Line] = []
    if picture.gap is not None:
        gap = picture.gap
        cause = "rarer" if gap.rarer else gap.cause
        outdoes = phrases.language.outdoes(gap.ratio)
        lines.append(
            Line(phrases.say(f"gap.{cause}", outdoes=outdoes, **phrases.names(gap.top, gap.bottom)), 3, 2)
        )
    mix = picture.mix
    if mix.kind == "shared":
        shown = phrases.shown([mix.category], 14)
        key = "mix.shared" if shown else "mix.shared.plain"
        lines.append(Line(phrases.say(key, cats="".join(shown), **phrases.name(mix.clusters)), 3, 2))
    elif mix.kind in {"same", "distinct"} or (mix.kind == "none" and not phrases.noise_only):
        lines.append(Line(phrases.say(f"mix.{mix.kind}"), 3, 2))
    dormant = [one for one in picture.ranked if one.role is Role.DORMANT]
    if dormant:
        fraction = phrases.language.fraction(sum(one.fraction for one in dormant))
        lines.append(Line(phrases.say("dormant", fraction=fraction, **phrases.name(dormant)), 3, 2))
    outliers = picture.outliers
    if outliers is not None and len(picture.ranked) > 1:
        lines.append(Line(phrases.say("outliers.apart", **phrases.name([outliers])), 3, 2))
    return lines


def _reserves(phrases: Phrases) -> list[Line]:
    picture = phrases.picture
    if phrases.noise_only:
        return [Line(phrases.say(f"noise.{at}"), 1 + 2 * at, 2) for at in range(3)]
    if phrases.sole:
        return [Line(phrases.say(f"sole.{at}"), 3, 2) for at in range(4)]
    small = min(picture.regular, key=lambda one: one.cluster.n_customers)
    if small.cluster.n_customers < FEW:
        return [Line(phrases.say("small", **phrases.name([small])), 4, 2)]
    return []


def cluster_analysis(phrases: Phrases) -> str:
    """The numbers of every cluster, up to twelve; of more, the most important ones and what is left out."""
    picture = phrases.picture
    ranked = picture.ranked
    most = 3 if phrases.brief else DESCRIBED_AT_MOST if len(ranked) <= DESCRIBED_AT_MOST else 9
    described = list(ranked) if len(ranked) <= most else _by_rank(picture.featured[:most], ranked)
    lines: list[Line] = []
    if phrases.sole:
        key = "noise.0" if phrases.noise_only else "analysis.sole"
        lines.append(Line(phrases.say(key), 0))
    else:
        order = "analysis.order.unspent" if picture.unspent else "analysis.order"
        if len(picture.regular) == 1:
            order = "analysis.beside"
        lines.append(Line(phrases.say(order), 1))
        if picture.outliers in described and len(picture.regular) > 1:
            lines.append(Line(phrases.say("analysis.order.outliers"), 2))
    key = "portrait.unspent" if picture.unspent else "analysis"
    words = 6 if phrases.brief else 12 if len(described) > 5 else 24
    for at, one in enumerate(described):
        text = phrases.portrait(one, key, 2, at + 1, words)
        if not phrases.brief and len(described) <= 6:
            text = f"{text} {_levels(phrases, one)}".strip()
        lines.append(Line(text, 0, 1))
    left = [one for one in ranked if one not in described]
    if left:
        key = "analysis.left" if len(left) > 1 else "analysis.left.one"
        lines.append(Line(phrases.say(key, **_all_names(phrases, left)), 1, 2))
    lines += _spread(phrases)
    if picture.outliers is not None and len(picture.regular) > 1:
        lines.append(Line(phrases.say("analysis.reference"), 2, 2))
    if len(picture.regular) > 1 and not picture.unspent:
        lines.append(Line(phrases.say("analysis.weight"), 4, 3))
    caution = "analysis.caution.sole" if phrases.sole else "analysis.caution"
    lines.append(Line(phrases.say(caution), 4, 3))
    return fit(lines, ANALYSIS[phrases.brief])


def _by_rank(chosen: Sequence[Profile], ranked: Sequence[Profile]) -> list[Profile]:
    return [one for one in ranked if one in chosen]


def _all_names(phrases: Phrases, left: Sequence[Profile]) -> dict[str, str]:
    """Up to twelve clusters are all named: the only place where more than a handful are."""
    most = DESCRIBED_AT_MOST if len(phrases.picture.ranked) <= DESCRIBED_AT_MOST else None
    return phrases.language.name([one.cluster for one in left], at_most=most)


def _levels(phrases: Phrases, one: Profile) -> str:
    """Where a cluster stands to the average."""
    if len(phrases.picture.regular) < 2 or one.frequency is None:
        return ""
    part = phrases.language.part
    frequency = part(f"level.{level(one.frequency)}")
    if one.spend is None:
        return phrases.say("levels.frequency", frequency=frequency)
    spend = part(f"level.{level(one.spend)}")
    return phrases.say("levels.same" if spend == frequency else "levels", spend=spend, frequency=frequency)


def _spread(phrases: Phrases) -> list[Line]:
    """From the lowest to the highest: in numbers where there are many clusters, in words where few."""
    picture = phrases.picture
    if len(picture.regular) < 2:
        return []
    lines: list[Line] = []
    if len(picture.ranked) > 6:
        low, high = _ends(picture.ranked, "avg_spend")
        if not picture.unspent and low.cluster.avg_spend < high.cluster.avg_spend:
            amounts = {
                "low": phrases.money(low.cluster.avg_spend, 2),
                "high": phrases.money(high.cluster.avg_spend, 2),
            }
            lines.append(Line(phrases.say("range.spend", **amounts, **phrases.names(low, high)), 2, 2))
        low, high = _ends(picture.ranked, "avg_frequency")
        ends = [phrases.language.frequency(one.cluster.avg_frequency) for one in (low, high)]
        if ends[0] != ends[1]:
            slots = {"low": ends[0], "high": ends[1]}
            lines.append(Line(phrases.say("range.frequency", **slots, **phrases.names(low, high)), 3, 2))
        return lines
    low, high = _ends(picture.regular, "avg_spend")
    if picture.gap is not None:
        gap = picture.gap
        slots = {"outdoes": phrases.language.outdoes(gap.ratio), **phrases.names(gap.top, gap.bottom)}
        spends = [one.cluster.avg_spend for one in picture.regular]
        alone = spends.count(min(spends)) == spends.count(max(spends)) == 1
        lines.append(Line(phrases.say("ratio.spend" if alone else "ratio.spend.tied", **slots), 2, 2))
    elif not picture.unspent and high.cluster.avg_spend < FLAT * low.cluster.avg_spend:
        lines.append(Line(phrases.say("ratio.flat"), 2, 2))
    low, high = _ends(picture.regular, "avg_frequency")
    if low.cluster.avg_frequency > 0:
        ratio = high.cluster.avg_frequency / low.cluster.avg_frequency
        if ratio >= 1.3:
            outdoes = phrases.language.outdoes(ratio)
            lines.append(
                Line(phrases.say("ratio.frequency", outdoes=outdoes, **phrases.names(high, low)), 3, 2)
            )
    return lines


def _ends(profiles: Sequence[Profile], metric: str) -> tuple[Profile, Profile]:
    def value(one: Profile) -> float:
        return float(getattr(one.cluster, metric))

    return min(profiles, key=value), max(profiles, key=value)


def auto_insights(phrases: Phrases) -> list[str]:
    """The largest cluster, the highest average, the top earner; more only where the data call for it.

    On a tie all are named, and no average is the highest where nobody spent.
    """
    picture, language = phrases.picture, phrases.language
    clusters = [one.cluster for one in picture.ranked]

    def greatest(metric: str, decimals: int = 2) -> list[Cluster]:
        values = [round(float(getattr(one, metric)), decimals) for one in clusters]
        return [one for one, value in zip(clusters, values, strict=True) if value == max(values)]

    def fact(key: str, named: list[Cluster], **slots: str) -> str:
        if len(named) == 1:
            return language.say(f"auto.{key}", **slots, **language.name(named))
        every = len(named) == len(clusters)
        slots |= language.name(sorted(named), at_most=NAMED_ON_A_TIE)
        if every and len(named) > NAMED_ON_A_TIE:
            slots["who"] = language.part("auto.everyone")
        return language.say(f"auto.{key}.all" if every else f"auto.{key}.tied", **slots)

    largest, richest, earners = (
        greatest("n_customers"),
        greatest("avg_spend"),
        greatest("share_revenue_pct", 6),
    )
    facts = [fact("largest", largest, n=numbers.number(largest[0].n_customers, 0, language.code))]
    if not picture.unspent and richest[0].avg_spend > 0:
        facts.append(fact("richest", richest, spend=phrases.average(richest[0].avg_spend)))
    if picture.unspent:
        facts.append(phrases.say("auto.unspent"))
    else:
        share = numbers.percent(earners[0].share_revenue_pct, language.code)
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
    dormant = [one for one in picture.ranked if one.role is Role.DORMANT]
    if dormant:
        facts.append(phrases.say("auto.dormant", **phrases.name(dormant)))
    return facts
