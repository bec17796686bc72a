"""What the hierarchy says about the clusters: which are related, how far apart, and what that suggests."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.segmentation.report.facts import Merge, Tree
from plugins.segmentation.report.fitting import Length, Line, fit
from plugins.segmentation.report.phrases import Phrases
from plugins.segmentation.report.roles import Profile

LENGTH = {False: Length(0, 350, 400), True: Length(20, 75, 110, 1)}
SHALLOW, DEEP, ALIKE = 0.35, 0.7, 0.8
"""Heights as a share of the greatest: low merges, high merges, and merges almost as high as the last."""


def dendrogram_insights(phrases: Phrases, tree: Tree) -> str:
    """Related clusters, the depth of the splits, and what they mean for migration, rivalry and synergy."""
    known = {profile.cluster.cluster_id: profile for profile in phrases.picture.ranked}
    merges = _among(tree.merges, [profile.cluster.cluster_id for profile in phrases.picture.regular])
    if not merges:
        key = "tree.single" if tree.follows else "tree.crossed"
        lines = [Line(phrases.say(key), 0), Line(phrases.say(f"{key}_next"), 2)]
        return fit([*lines, Line(phrases.say("tree.close"), 3)], LENGTH[phrases.brief], phrases.language.lang)
    lines = []
    if not tree.follows:
        lines = [Line(phrases.say("tree.foreign"), 0), Line(phrases.say("tree.foreign_main"), 1)]
    first, last = merges[0], merges[-1]
    pair = [known[cluster] for cluster in sorted(first.group_a + first.group_b)]
    if len(merges) == 1:
        lines.append(Line(phrases.say("tree.two", **phrases.names(pair[0], pair[1])), 0))
        lines.append(
            Line(phrases.say("tree.two_deep" if last.relative_height >= 0.999 else "tree.two_inner"), 1)
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
    return fit(lines, LENGTH[phrases.brief], phrases.language.lang)


def _among(merges: Sequence[Merge], kept: Sequence[int]) -> list[Merge]:
    """The merges among some clusters; the outliers are not a group that has relatives."""
    among = []
    for merge in merges:
        group_a = tuple(cluster for cluster in merge.group_a if cluster in kept)
        group_b = tuple(cluster for cluster in merge.group_b if cluster in kept)
        if group_a and group_b:
            among.append(Merge(group_a, group_b, merge.relative_height))
    return among


def _relatives(phrases: Phrases, first: Merge, pair: Sequence[Profile]) -> list[Line]:
    lines = [Line(phrases.say("tree.closest", both=phrases.name(pair)["who"]), 0)]
    height = first.relative_height
    depth = "shallow" if height < SHALLOW else "deep" if height >= DEEP else "middle"
    lines.append(Line(phrases.say(f"tree.{depth}"), 1))
    return lines


def _top(phrases: Phrases, merges: Sequence[Merge], known: dict[int, Profile]) -> list[Line]:
    """The last merge, and whether the merge before it is far below it or close."""
    last, before = merges[-1], merges[-2]
    sides = sorted(
        ([known[cluster] for cluster in group] for group in (last.group_a, last.group_b)),
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


def _ways(phrases: Phrases, first: Profile, second: Profile) -> list[Line]:
    """Migration between the closest two, and whether offers to them could compete."""
    low, high = sorted((first, second), key=lambda profile: profile.cluster.avg_spend)
    near, far = low.cluster.avg_spend, high.cluster.avg_spend
    key = "tree.path" if far > 1.05 * near else "tree.path_flat"
    lines = [Line(phrases.say(key, **phrases.names(low, high)), 1, 1)]
    common = [name for name in first.cluster.top_categories if name in second.cluster.top_categories]
    shown = phrases.shown(common, 20)
    if shown:
        text = phrases.say("tree.rival_shared", cats=phrases.language.join(shown))
    elif not common and first.cluster.top_categories and second.cluster.top_categories:
        text = phrases.say("tree.rival_distinct")
    else:
        text = phrases.say("tree.rival")
    lines.append(Line(text, 2, 1))
    return lines
