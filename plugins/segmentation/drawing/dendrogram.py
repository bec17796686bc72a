"""The picture of Ward's tree: the last merges, and the line that cuts the tree into its clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np
from numpy.typing import ArrayLike

from abintel.charts.palette import GREY, INK, PALETTE
from abintel.charts.theme import finished, said
from abintel.wording import Lang, number
from plugins.segmentation.drawing.charts import HEIGHT, Labels, coloured_clusters
from plugins.segmentation.drawing.hierarchy import cut_height, layout, owners_of
from plugins.segmentation.drawing.theme import NOISE, cluster_name, colours
from plugins.segmentation.words import TEXTS

MOST_MERGES = 60
"""The last merges that are drawn; what lies deeper is a leaf."""


class _Tree(NamedTuple):
    """A tree over n leaves, and the merges of it that are drawn."""

    children: list[list[int]]
    """(n − 1, 2) nodes of each merge."""
    heights: list[float]
    """(n − 1,) distances."""
    owners: Sequence[int | None]
    """(2n − 1,) the cluster of all leaves below each node; None if there are several."""
    first: int
    """The first merge that is drawn."""
    cut: float | None
    """The height of the line between the clusters, if there is one."""

    @property
    def leaves(self) -> int:
        return len(self.children) + 1


def dendrogram(linkage: ArrayLike, labels: Labels | None, lang: Lang) -> alt.Chart | alt.LayerChart:
    """The tree of merges, its last 60 at most; a deeper branch is a leaf with the number of its customers.

    Args:
        linkage: (n − 1, 4) without faults, as `hierarchy` describes it.
        labels: (n,) cluster of each customer. A branch has the colour of the cluster of all its customers. If
            the clusters are a cut through the tree at one height, a line shows it.
        lang: language of the words.
    """
    words = TEXTS[lang]
    array = np.asarray(linkage, dtype=np.float64).reshape(-1, 4)
    if not len(array):
        return said(words.say("tree.single"), words.say("tree.title"), [], lang)
    shades = colours([] if labels is None else np.unique(labels).tolist())
    tree = _tree_of(array, labels, NOISE in shades)
    titles: dict[int | None, str] = {cluster: cluster_name(cluster, lang) for cluster in shades}
    positions, ends = layout(tree.children, tree.first)
    sizes = [number(1 if end < tree.leaves else array[end - tree.leaves, 3], 0, lang) for end in ends]
    rules = alt.Chart(alt.InlineData(values=_rules(tree, positions, titles))).mark_rule(
        strokeWidth=2, strokeCap="square", color=GREY if titles else PALETTE[0]
    )
    title = words.say("tree.branch" if tree.first else "tree.leaf")
    highest = 1.03 * (tree.heights[-1] or 1.0)
    rules = rules.encode(
        alt.X("x:Q")
        .title(title)
        .axis(_leaf_axis(sizes, tree.first > 0))
        .scale(domain=[-0.5, len(ends) - 0.5]),
        alt.Y("y:Q").title(words.say("tree.distance")).scale(domain=[0, highest], nice=False),
        x2="x2",
        y2="y2",
    )
    if titles:
        stroke: dict[str, Any] = {"symbolType": "stroke", "symbolStrokeWidth": 3}
        shade = coloured_clusters(alt.Color("cluster:N"), titles, shades.values(), lang, **stroke)
        rules = rules.encode(color=alt.when("datum.cluster !== null").then(shade).otherwise(alt.value(GREY)))
    merges = tree.leaves - 1
    counts = {"customers": tree.leaves, "merges": merges - tree.first, "all": merges}
    subtitles = [words.say("tree.counts", **{name: number(count, 0, lang) for name, count in counts.items()})]
    layers = [rules]
    if tree.cut is not None and tree.cut > tree.heights[tree.first]:
        line = alt.Chart(alt.InlineData(values=[{"y": tree.cut}])).encode(alt.Y("y:Q"))
        layers.append(line.mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=INK))
        subtitles.append(words.say("tree.cut", clusters=number(len(titles), 0, lang)))
    return finished(alt.LayerChart(layer=layers), words.say("tree.title"), subtitles, HEIGHT, lang)


def _tree_of(linkage: np.ndarray, labels: Labels | None, has_noise: bool) -> _Tree:
    children, heights = linkage[:, :2].astype(np.int64).tolist(), linkage[:, 2].tolist()
    leaves = len(linkage) + 1
    owners = owners_of(children, [None] * leaves if labels is None else labels.tolist())
    return _Tree(
        children=children,
        heights=heights,
        owners=owners,
        first=max(leaves - 1 - MOST_MERGES, 0),
        cut=None if has_noise else cut_height(children, heights, owners),
    )


def _rules(
    tree: _Tree, positions: Mapping[int, float], titles: Mapping[int | None, str]
) -> list[dict[str, Any]]:
    """The lines of the drawing: for each merge a bar, and a stem from it down to each child."""
    rules: list[dict[str, Any]] = []
    for merge in range(tree.first, tree.leaves - 1):
        top, owner = tree.heights[merge], tree.owners[tree.leaves + merge]
        left, right = (positions[child] for child in tree.children[merge])
        rules.append({"x": left, "x2": right, "y": top, "y2": top, "cluster": titles.get(owner)})
        for child in tree.children[merge]:
            foot = tree.heights[child - tree.leaves] if child >= tree.leaves + tree.first else 0.0
            # A stem that leaves its cluster has the cluster's colour up to the cut, and none above it.
            turn = tree.cut if tree.cut is not None and tree.owners[child] != owner else top
            stem = {"x": positions[child], "x2": positions[child]}
            rules.append({**stem, "y": foot, "y2": turn, "cluster": titles.get(tree.owners[child])})
            if turn < top:
                rules.append({**stem, "y": turn, "y2": top, "cluster": None})
    return rules


def _leaf_axis(sizes: Sequence[str], has_labels: bool) -> alt.Axis:
    """The axis below the leaves, with the number of customers in each."""
    return alt.Axis(
        values=list(range(len(sizes))),
        labels=has_labels,
        labelExpr=f"{list(sizes)}[datum.value]",
        labelAngle=-90,
        labelOverlap=False,
        labelFontSize=12,
        labelPadding=4,
        grid=False,
        domain=False,
        ticks=False,
    )
