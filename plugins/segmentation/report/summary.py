"""The executive summary."""

from __future__ import annotations

from abintel.wording import paragraph
from plugins.segmentation.report.fitting import Length, Line, fit
from plugins.segmentation.report.phrases import Phrases
from plugins.segmentation.report.picture import MANY
from plugins.segmentation.report.roles import Role

SUMMARY = {False: Length(250, 285, 345), True: Length(60, 80, 115)}
"""Words of the executive summary, full and brief; the API documents ask for 250 to 350."""

FEW = 10
"""With fewer customers the figures of a cluster are only an indication."""


def executive_summary(phrases: Phrases) -> str:
    """250 to 350 words for a board, or 60 to 120 if brief."""
    picture = phrases.picture
    described = picture.featured[: 5 if len(picture.ranked) <= MANY else 6]
    lines = [*_opening(phrases), *_balance(phrases)]
    read: set[Role] = set()
    for index, profile in enumerate(described):
        words = 8 if phrases.brief else 14
        key = "summary.portrait_unspent" if picture.unspent else "summary.portrait"
        text = phrases.portrait(profile, key, 0, index, words)
        if not phrases.brief and index < 3 and profile.role not in read:
            text = paragraph(
                [text, phrases.of_role("reading", profile.role, [profile])], phrases.language.lang
            )
            read.add(profile.role)
        lines.append(
            Line(text, (0, 1, 1, 2, 2, 4)[index] if not phrases.brief else (0, 2, 3, 3, 3, 3)[index], 1)
        )
    rest = picture.featured[len(described) :]
    if rest:
        lines.append(
            Line(
                phrases.say("summary.rest" if len(rest) > 1 else "summary.rest_one", **phrases.name(rest)),
                2,
                1,
            )
        )
    lines += [*_contrasts(phrases), *_reserves(phrases)]
    goals = [
        phrases.language.part(f"goal.{role}", **phrases.name(members)) for role, members in picture.groups[:3]
    ]
    key = "summary.priorities" if len(goals) > 1 else "summary.priorities_one"
    if not phrases.noise_only:
        # Goals are clauses: a language may part them by another mark than the words of a list.
        mark = phrases.language.part("phrase.between_goals")
        joined = mark.join(goals) if mark else phrases.language.join(goals)
        lines.append(Line(phrases.say(key, goals=joined), 1, 3))
    lines += [Line(text, 5, 3) for text in phrases.language.words.variants("summary.fill")]
    return fit(lines, SUMMARY[phrases.brief], phrases.language.lang)


def _opening(phrases: Phrases) -> list[Line]:
    picture = phrases.picture
    regular = len(picture.regular)
    count = phrases.language.counted(regular)
    if phrases.noise_only:
        key = "noise"
    elif picture.outliers is not None:
        key = "one_outliers" if regular == 1 else "outliers"
    elif regular == 1:
        key = "sole"
    elif picture.even_value:
        key = "even"
    else:
        key = "many" if regular > MANY else "few"
    first = picture.regular[:1] or picture.ranked[:1]
    lines = [Line(phrases.say(f"opening.{key}", count=count, **phrases.name(first)), 0)]
    if picture.outliers is not None and regular > MANY:
        lines = [
            Line(phrases.say("opening.many", count=count), 0),
            Line(phrases.say("opening.many_outliers", **phrases.name([picture.outliers])), 1),
        ]
    if picture.differences and not picture.even_value:
        names = [phrases.language.part(f"difference.{name}") for name in picture.differences]
        lines.append(Line(phrases.say("summary.differ", differences=phrases.language.join(names)), 2))
    if picture.unspent:
        lines.append(Line(phrases.say("summary.unspent"), 0))
    return lines


def _balance(phrases: Phrases) -> list[Line]:
    """Which clusters have the customers, and which the revenue."""
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
        key = "dominant.size" if smaller else "dominant.size_plain"
        fraction = phrases.language.fraction(size.fraction)
        lines.append(Line(phrases.say(key, fraction=fraction, **phrases.name([size])), 1))
    if revenue is not None and revenue is not size:
        fraction = phrases.language.fraction(revenue.fraction)
        lines.append(Line(phrases.say("dominant.revenue", fraction=fraction, **phrases.name([revenue])), 1))
    if size is None and revenue is None:
        if picture.even_size:
            lines.append(Line(phrases.say("summary.even_size"), 1))
        elif len(picture.regular) > 1:
            lines.append(
                Line(phrases.say("summary.spread_two" if len(picture.ranked) == 2 else "summary.spread"), 1)
            )
    if picture.rival is not None:
        lines.append(Line(phrases.say("summary.rival", **phrases.names(*picture.rival)), 3))
    if tiny is not None:
        ratio = tiny.cluster.share_revenue_pct / (100 * tiny.fraction)
        text = phrases.say("summary.tiny", outdoes=phrases.language.outdoes(ratio), **phrases.name([tiny]))
        lines.append(Line(text, 2))
    return lines


def _contrasts(phrases: Phrases) -> list[Line]:
    """What sets the clusters apart, and the clusters that need a sentence of their own."""
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
        key = "mix.shared" if shown else "mix.shared_plain"
        lines.append(Line(phrases.say(key, cats="".join(shown), **phrases.name(mix.clusters)), 3, 2))
    elif mix.kind in {"same", "distinct"} or (mix.kind == "none" and not phrases.noise_only):
        lines.append(Line(phrases.say(f"mix.{mix.kind}"), 3, 2))
    dormant = [profile for profile in picture.ranked if profile.role is Role.DORMANT]
    if dormant:
        fraction = phrases.language.fraction(sum(profile.fraction for profile in dormant))
        lines.append(Line(phrases.say("summary.dormant", fraction=fraction, **phrases.name(dormant)), 3, 2))
    outliers = picture.outliers
    if outliers is not None and len(picture.ranked) > 1:
        lines.append(Line(phrases.say("summary.outliers_apart", **phrases.name([outliers])), 3, 2))
    return lines


def _reserves(phrases: Phrases) -> list[Line]:
    """Reasons for caution."""
    picture = phrases.picture
    if phrases.noise_only:
        return [
            Line(text, 1 + 2 * index, 2)
            for index, text in enumerate(phrases.language.words.variants("noise.reading"))
        ]
    if phrases.sole:
        return [Line(text, 3, 2) for text in phrases.language.words.variants("summary.single_segment")]
    small = [profile for profile in picture.regular if profile.cluster.n_customers < FEW]
    return [Line(phrases.say("summary.small", **phrases.name(small)), 0, 2)] if small else []
