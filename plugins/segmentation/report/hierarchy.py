"""What the hierarchy says about the clusters: relatives, distances, and the ways between them."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.segmentation.report.facts import Merge, Tree
from plugins.segmentation.report.fitting import Length, Line, fit
from plugins.segmentation.report.phrases import Phrases
from plugins.segmentation.report.roles import Profile

LENGTH = {False: Length(0, 350, 400), True: Length(20, 75, 110, 1)}
SHALLOW, DEEP, ALIKE = 0.35, 0.7, 0.8
"""Heights over the greatest: low joins, high joins, and joins almost as high as the last."""


def dendrogram_insights(phrases: Phrases, tree: Tree) -> str:
    """Relatives, depth of the splits, and what both mean for migration, cannibalisation and synergy."""
    known = {one.cluster.cluster_id: one for one in phrases.picture.ranked}
    merges = _among(tree.merges, [one.cluster.cluster_id for one in phrases.picture.regular])
    if not merges:
        key = "tree.single" if tree.follows else "tree.crossed"
        lines = [Line(phrases.say(key), 0), Line(phrases.say(f"{key}.next"), 2)]
        return fit([*lines, Line(phrases.say("tree.close"), 3)], LENGTH[phrases.brief])
    lines = []
    if not tree.follows:
        lines = [Line(phrases.say("tree.foreign"), 0), Line(phrases.say("tree.foreign.main"), 1)]
    first, last = merges[0], merges[-1]
    pair = [known[one] for one in sorted(first.group_a + first.group_b)]
    if len(merges) == 1:
        lines.append(Line(phrases.say("tree.two", **phrases.names(pair[0], pair[1])), 0))
        lines.append(
            Line(phrases.say("tree.two.deep" if last.relative_height >= 0.999 else "tree.two.inner"), 1)
        )
    else:
        lines += _relatives(phrases, first, pair)
        lines += _top(phrases, merges, known)
    if len(pair) == 2:
        lines += _ways(phrases, pair[0], pair[1])
    if len(merges) > 1 and min(len(last.group_a), len(last.group_b)) == 1:
        single = min(last.group_a, last.group_b, key=len)
        lines.append(Line(phrases.say("tree.far", **phrases.name([known[single[0]]])), 3, 1))
    lines.append(Line(phrases.say("tree.synergy"), 2, 2))
    lines.append(Line(phrases.say("tree.close"), 3, 2))
    return fit(lines, LENGTH[phrases.brief])


def _among(merges: Sequence[Merge], kept: Sequence[int]) -> list[Merge]:
    """The merges among some clusters: the outliers are no group to have relatives."""
    found = []
    for merge in merges:
        group_a = tuple(one for one in merge.group_a if one in kept)
        group_b = tuple(one for one in merge.group_b if one in kept)
        if group_a and group_b:
            found.append(Merge(group_a, group_b, merge.relative_height))
    return found


def _relatives(phrases: Phrases, first: Merge, pair: Sequence[Profile]) -> list[Line]:
    lines = [Line(phrases.say("tree.closest", both=phrases.name(pair)["who"]), 0)]
    height = first.relative_height
    depth = "shallow" if height < SHALLOW else "deep" if height >= DEEP else "middle"
    lines.append(Line(phrases.say(f"tree.{depth}"), 1))
    return lines


def _top(phrases: Phrases, merges: Sequence[Merge], known: dict[int, Profile]) -> list[Line]:
    """The last join, and whether the one before it is far below or close."""
    last, before = merges[-1], merges[-2]
    sides = sorted(
        ([known[one] for one in group] for group in (last.group_a, last.group_b)),
        key=lambda side: (len(side), side[0].cluster.cluster_id),
    )
    lines = []
    if len(sides[0]) == 1:
        lines.append(Line(phrases.say("tree.apart", **phrases.name(sides[0])), 0))
    else:
        slots = phrases.name(sides[0]) | phrases.name(sides[1], "other")
        lines.append(Line(phrases.say("tree.families", **slots), 0))
    if before.relative_height <= 0.5 * last.relative_height:
        lines.append(Line(phrases.say("tree.top"), 2))
    elif before.relative_height >= ALIKE * last.relative_height:
        lines.append(Line(phrases.say("tree.level"), 2))
    return lines


def _ways(phrases: Phrases, one: Profile, other: Profile) -> list[Line]:
    """Migration between the closest two, and whether offers to them could compete."""
    low, high = sorted((one, other), key=lambda each: each.cluster.avg_spend)
    near, far = low.cluster.avg_spend, high.cluster.avg_spend
    key = "tree.path" if far > 1.05 * near else "tree.path.flat"
    lines = [Line(phrases.say(key, **phrases.names(low, high)), 1, 1)]
    common = [name for name in one.cluster.top_categories if name in other.cluster.top_categories]
    shown = phrases.shown(common, 20)
    if shown:
        text = phrases.say("tree.rival.shared", cats=phrases.language.join(shown))
    elif not common and one.cluster.top_categories and other.cluster.top_categories:
        text = phrases.say("tree.rival.distinct")
    else:
        text = phrases.say("tree.rival")
    lines.append(Line(text, 2, 1))
    return lines
