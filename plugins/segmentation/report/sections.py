"""The sections that say what to do: a sentence for each role, and sentences about the whole."""

from __future__ import annotations

from abintel.wording import capital
from plugins.segmentation.report.fitting import Length, Line, fit
from plugins.segmentation.report.phrases import Phrases
from plugins.segmentation.report.picture import MANY
from plugins.segmentation.report.roles import Profile

SECTION = {False: Length(0, 400, 430), True: Length(20, 75, 110, 1)}
"""Words of a section, full and brief."""

GROUPS_AT_MOST = 7
PAIRED_AT_MOST = 4


def customer_insights(phrases: Phrases) -> str:
    """What the behaviour suggests about the customers; hedged, as the data hold no motives."""
    picture = phrases.picture
    even = "_even" if picture.even_value and picture.mix.kind != "same" else ""
    lines = [_open(phrases, "insights", even), *_by_role(phrases, "insight")]
    gap = picture.gap
    if gap is not None and not gap.rarer:
        lines.append(Line(phrases.say(f"insights.{gap.cause}", **phrases.names(gap.top, gap.bottom)), 2, 2))
    lines.append(Line(phrases.say("insights.close_sole" if phrases.sole else "insights.close"), 3, 2))
    return fit(lines, SECTION[phrases.brief], phrases.language.lang)


def marketing_recommendations(phrases: Phrases) -> str:
    """What to offer to each role."""
    picture = phrases.picture
    first = Line(phrases.say("marketing.even"), 0) if picture.even_value else _open(phrases, "marketing")
    lines = [first, *_by_role(phrases, "marketing"), *_more(phrases, "marketing")]
    if len(picture.groups) < len(picture.ranked) and len(picture.regular) <= 5:
        lines += _themes(phrases)
    if picture.mix.kind == "same":
        lines.append(Line(phrases.say("marketing.same"), 2, 2))
    if len(picture.regular) > MANY:
        lines.append(Line(phrases.say("marketing.many"), 2, 2))
    if picture.tiny_rich is not None:
        lines.append(Line(phrases.say("marketing.tiny", **phrases.name([picture.tiny_rich])), 2, 2))
    lines.append(Line(phrases.say("marketing.close"), 3, 2))
    return fit(lines, SECTION[phrases.brief], phrases.language.lang)


def channel_strategy(phrases: Phrases) -> str:
    """How to reach each role."""
    lines = [_open(phrases, "channel"), *_by_role(phrases, "channel")]
    if len(phrases.picture.regular) > MANY:
        lines.append(Line(phrases.say("channel.many"), 2, 2))
    lines.append(Line(phrases.say("channel.consent"), 3, 2))
    lines.append(Line(phrases.say("channel.close"), 3, 2))
    return fit(lines, SECTION[phrases.brief], phrases.language.lang)


def product_cross_sell_ideas(phrases: Phrases) -> str:
    """Which categories to pair, within a cluster and between clusters."""
    picture = phrases.picture
    named = any(profile.cluster.top_categories for profile in picture.ranked)
    lines = [Line(phrases.say("cross.open" if named else "cross.open_none"), 0)]
    paired = picture.featured[: 2 if phrases.brief else PAIRED_AT_MOST]
    if named:
        lines += [
            Line(_pairing(phrases, profile, index), min(index, 1), 1) for index, profile in enumerate(paired)
        ]
        if len(picture.ranked) > len(paired):
            lines.append(Line(phrases.say("cross.rest"), 2, 1))
        lines += _between(phrases)
    elif not phrases.noise_only:
        lines += [Line(phrases.say("cross.blank", **phrases.name(paired)), 1, 1)]
    if len(picture.regular) == 1:
        lines.append(Line(phrases.say("cross.sole"), 2, 2))
    lines.append(Line(phrases.say("cross.cash"), 3, 3))
    lines.append(Line(phrases.say("cross.close"), 3, 3))
    return fit(lines, SECTION[phrases.brief], phrases.language.lang)


def retention_actions(phrases: Phrases) -> str:
    """How to keep each role."""
    picture = phrases.picture
    first = _open(phrases, "retention", "_unspent" if picture.unspent else "")
    lines = [first, *_by_role(phrases, "retention"), *_more(phrases, "retention")]
    if picture.tiny_rich is not None:
        lines.append(Line(phrases.say("retention.tiny", **phrases.name([picture.tiny_rich])), 2, 2))
    if picture.dominant_revenue is not None:
        slots = phrases.name([picture.dominant_revenue])
        lines.append(Line(phrases.say("retention.dominant", **slots), 2, 2))
    if not phrases.sole:
        lines.append(Line(phrases.say("retention.reasons"), 3, 2))
    lines.append(Line(phrases.say("retention.close_sole" if phrases.sole else "retention.close"), 3, 2))
    return fit(lines, SECTION[phrases.brief], phrases.language.lang)


def next_steps(phrases: Phrases) -> str:
    """What to do first, who is in charge, and what to measure."""
    picture = phrases.picture
    lines = [
        _open(phrases, "steps"),
        Line(phrases.say("steps.check"), 3, 0),
        *_by_role(phrases, "steps"),
    ]
    if len(picture.regular) > MANY:
        lines.append(Line(phrases.say("steps.merge"), 2, 2))
    if picture.even_value:
        lines.append(Line(phrases.say("steps.even"), 2, 2))
    if len(picture.regular) > 1:
        lines.append(Line(phrases.say("steps.board"), 3, 2))
    lines.append(Line(phrases.say("steps.close_sole" if phrases.sole else "steps.close"), 1, 2))
    return fit(lines, SECTION[phrases.brief], phrases.language.lang)


def _open(phrases: Phrases, section: str, variant: str = "") -> Line:
    if phrases.noise_only:
        return Line(phrases.say("noise.open"), 0)
    return Line(phrases.say(f"{section}.open{'_sole' if phrases.sole else variant}"), 0)


def _by_role(phrases: Phrases, section: str) -> list[Line]:
    """A sentence for each role, which names the clusters that play it."""
    if phrases.noise_only and section == "insight":
        return [Line(phrases.noise_reading, 0, 1)]
    groups = phrases.picture.groups[: 2 if phrases.brief else GROUPS_AT_MOST]
    return [
        Line(
            phrases.of_role(section, role, members, **phrases.group_slots[role]),
            min(index, 1),
            1,
        )
        for index, (role, members) in enumerate(groups)
    ]


def _more(phrases: Phrases, section: str) -> list[Line]:
    """What watching a single segment would show."""
    if not phrases.sole or phrases.noise_only:
        return []
    return [Line(phrases.say(f"{section}.sole_more"), 2, 1)]


def _themes(phrases: Phrases) -> list[Line]:
    """The first category of each cluster, if they differ."""
    named = [
        profile for profile in phrases.picture.regular if phrases.shown(profile.cluster.top_categories[:1], 6)
    ]
    if len({profile.cluster.top_categories[0] for profile in named}) < max(2, len(named)):
        return []
    named.sort(key=lambda profile: profile.cluster.cluster_id)
    themes = [
        phrases.language.part(
            "marketing.theme", category=profile.cluster.top_categories[0], **phrases.name([profile])
        )
        for profile in named
    ]
    return [Line(phrases.say("marketing.themes", themes=phrases.language.join(themes)), 2, 2)]


def _pairing(phrases: Phrases, profile: Profile, index: int) -> str:
    shown = phrases.shown(profile.cluster.top_categories, 24)
    slots = phrases.name([profile])
    if len(shown) < 2:
        key = "cross.single" if shown else "cross.blank"
        if not shown and profile.cluster.top_categories:
            key = "cross.long"
        return phrases.say(key, a="".join(shown), **slots)
    third = phrases.language.variant("cross.third", index, c=shown[2]) if len(shown) > 2 else ""
    pair = phrases.language.variant("cross.pair", index, a=shown[0], b=shown[1], third=third, **slots)
    return capital(pair)


def _between(phrases: Phrases) -> list[Line]:
    """Bridges between clusters: a shared category, or a category that leads in one cluster only."""
    picture = phrases.picture
    if len(picture.regular) < 2:
        return []
    if picture.mix.kind == "same":
        return [Line(phrases.say("cross.same"), 1, 2)]
    lines: list[Line] = []
    if picture.mix.kind == "shared":
        shown = phrases.shown([picture.mix.category], 14)
        key = "cross.shared" if shown else "cross.shared_bare"
        lines.append(Line(phrases.say(key, cats="".join(shown), **phrases.name(picture.mix.clusters)), 2, 2))
    named = [profile for profile in picture.regular if phrases.shown(profile.cluster.top_categories[:1], 14)]
    if len(named) < 2:
        return lines
    source = max(named, key=lambda profile: profile.cluster.avg_spend)
    target = max(
        (profile for profile in named if profile is not source),
        key=lambda profile: profile.cluster.n_customers,
    )
    for key, giver, taker in (("cross.across", source, target), ("cross.back", target, source)):
        new = [name for name in giver.cluster.top_categories if name not in taker.cluster.top_categories]
        shown = phrases.shown(new[:1], 14)
        if shown:
            lines.append(Line(phrases.say(key, a=shown[0], **phrases.names(giver, taker)), 2, 2))
        else:
            break
    return lines
