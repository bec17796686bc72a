"""The analysis of the clusters: the figures of each, and how they compare."""

from __future__ import annotations

from collections.abc import Sequence

from abintel.wording import paragraph
from plugins.segmentation.report.fitting import Length, Line, fit
from plugins.segmentation.report.phrases import Phrases
from plugins.segmentation.report.roles import Profile, level

ANALYSIS = {False: Length(0, 560, 580, 4), True: Length(0, 130, 160, 1)}

FLAT = 1.15
"""Up to this ratio of the highest average spend to the lowest, spend is said to hardly change."""

DESCRIBED_AT_MOST = 12


def cluster_analysis(phrases: Phrases) -> str:
    """The figures of every cluster, up to twelve; of more, the most important ones, and the other ids."""
    picture = phrases.picture
    ranked = picture.ranked
    most = 3 if phrases.brief else DESCRIBED_AT_MOST if len(ranked) <= DESCRIBED_AT_MOST else 9
    described = list(ranked) if len(ranked) <= most else _by_rank(picture.featured[:most], ranked)
    lines: list[Line] = []
    if phrases.sole:
        lines.append(Line(phrases.noise_reading if phrases.noise_only else phrases.say("analysis.sole"), 0))
    else:
        order = "analysis.order_unspent" if picture.unspent else "analysis.order"
        if len(picture.regular) == 1:
            order = "analysis.beside"
        lines.append(Line(phrases.say(order), 1))
        if picture.outliers in described and len(picture.regular) > 1:
            lines.append(Line(phrases.say("analysis.order_outliers"), 2))
    key = "summary.portrait_unspent" if picture.unspent else "analysis.portrait"
    words = 6 if phrases.brief else 12 if len(described) > 5 else 24
    for index, profile in enumerate(described):
        text = phrases.portrait(profile, key, 2, index + 1, words)
        if not phrases.brief and len(described) <= 6:
            text = paragraph([text, _levels(phrases, profile)], phrases.language.lang)
        lines.append(Line(text, 0, 1))
    left = [profile for profile in ranked if profile not in described]
    if left:
        key = "analysis.left" if len(left) > 1 else "analysis.left_one"
        lines.append(Line(phrases.say(key, **_all_names(phrases, left)), 1, 2))
    lines += _spread(phrases)
    if picture.outliers is not None and len(picture.regular) > 1:
        lines.append(Line(phrases.say("analysis.reference"), 2, 2))
    if len(picture.regular) > 1 and not picture.unspent:
        lines.append(Line(phrases.say("analysis.weight"), 4, 3))
    caution = "analysis.caution_sole" if phrases.sole else "analysis.caution"
    lines.append(Line(phrases.say(caution), 4, 3))
    return fit(lines, ANALYSIS[phrases.brief], phrases.language.lang)


def _by_rank(chosen: Sequence[Profile], ranked: Sequence[Profile]) -> list[Profile]:
    return [profile for profile in ranked if profile in chosen]


def _all_names(phrases: Phrases, left: Sequence[Profile]) -> dict[str, object]:
    """The name of the clusters that are not described. Up to twelve are named, here only."""
    most = DESCRIBED_AT_MOST if len(phrases.picture.ranked) <= DESCRIBED_AT_MOST else None
    return phrases.language.name([profile.cluster for profile in left], at_most=most)


def _levels(phrases: Phrases, profile: Profile) -> str:
    """How a cluster compares with the average."""
    if len(phrases.picture.regular) < 2 or profile.frequency is None:
        return ""
    frequency = _level(phrases, profile.frequency)
    if profile.spend is None:
        return phrases.say("analysis.levels_frequency", frequency=frequency)
    spend = _level(phrases, profile.spend)
    return phrases.say(
        "analysis.levels_same" if spend == frequency else "analysis.levels", spend=spend, frequency=frequency
    )


def _level(phrases: Phrases, ratio: float) -> str:
    return phrases.language.variant("phrase.level", level(ratio) - 1)


def _spread(phrases: Phrases) -> list[Line]:
    """From the lowest to the highest: in numbers if there are many clusters, in words if there are few."""
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
        ends = [phrases.frequency(profile.cluster.avg_frequency) for profile in (low, high)]
        if ends[0] != ends[1]:
            text = phrases.say("range.frequency", low=ends[0], high=ends[1], **phrases.names(low, high))
            lines.append(Line(text, 3, 2))
        return lines
    low, high = _ends(picture.regular, "avg_spend")
    if picture.gap is not None:
        gap = picture.gap
        outdoes = phrases.language.outdoes(gap.ratio)
        spends = [profile.cluster.avg_spend for profile in picture.regular]
        alone = spends.count(min(spends)) == spends.count(max(spends)) == 1
        key = "ratio.spend" if alone else "ratio.spend_tied"
        text = phrases.say(key, outdoes=outdoes, **phrases.names(gap.top, gap.bottom))
        lines.append(Line(text, 2, 2))
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
    def value(profile: Profile) -> float:
        return float(getattr(profile.cluster, metric))

    return min(profiles, key=value), max(profiles, key=value)
