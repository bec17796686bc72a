"""Charts of a segmentation: what the clusters weigh, where their customers lie, how they grew together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, Literal, Protocol

import altair as alt
import numpy as np
from numpy.typing import ArrayLike, NDArray

from abintel.charts.kinds import NAMES, names
from abintel.charts.palette import GREY, INK, PALETTE
from abintel.charts.theme import Panel, finished, said
from abintel.charts.words import number, percent
from abintel.fields import Lang
from plugins.segmentation.drawing.hierarchy import cut_height, layout, owners_of
from plugins.segmentation.drawing.theme import NOISE, SHAPES, WORDS, cluster_name, colours

MOST_POINTS = 3000
FEW_POINTS = 300
MOST_MERGES = 60
MOST_CLUSTERS = 30
"""Bars, or colours of a legend, that a page can hold."""
HEIGHT = 500
LOG_FROM = 100.0
"""Two decades: from this ratio of the largest to the smallest value on, an axis is logarithmic."""

Column = NDArray[np.float64] | NDArray[np.int64]
Labels = NDArray[np.integer[Any]]


class Cluster(Protocol):
    """What the bars need to know of a cluster."""

    @property
    def cluster_id(self) -> int: ...
    @property
    def n_customers(self) -> int: ...
    @property
    def share_revenue_pct(self) -> float: ...


def sizes_and_revenue(clusters: Sequence[Cluster], lang: Lang) -> alt.LayerChart:
    """Each cluster's share of the customers beside its share of the revenue.

    Args:
        clusters: 1 or more, drawn in the order given; ``share_revenue_pct`` from 0 to 100. Of more than 30
            the largest are drawn, and the subtitle says so.
    """
    chart, subtitles, bars = _shares(clusters, lang)
    height = 150 + (46 if bars <= 12 else 36) * bars
    return finished(chart, WORDS[lang]["shares"], subtitles, height, lang)


def shares_panel(clusters: Sequence[Cluster], lang: Lang) -> tuple[Panel, list[str]]:
    """The same as a part of a picture of several, and the picture's subtitles."""
    chart, subtitles, bars = _shares(clusters, lang, NAMES)
    return Panel(chart, WORDS[lang]["shares"], (40 if bars <= 12 else 30) * bars, NAMES), subtitles


def _shares(
    clusters: Sequence[Cluster], lang: Lang, width: int | None = None
) -> tuple[alt.LayerChart, list[str], int]:
    """Bars, what the subtitle says, and how many clusters are drawn."""
    words = WORDS[lang]
    customers = sum(cluster.n_customers for cluster in clusters)
    subtitles = [words["all"].format(all=number(customers, 0, lang))]
    if len(clusters) > MOST_CLUSTERS:
        subtitles.append(words["largest"].format(drawn=MOST_CLUSTERS, all=number(len(clusters), 0, lang)))
        sizes = np.array([cluster.n_customers for cluster in clusters])
        largest = np.sort(np.argsort(-sizes, kind="stable")[:MOST_CLUSTERS])
        clusters = [clusters[place] for place in largest.tolist()]
    measures = [words["customers"], words["revenue"]]
    shares = [(100 * each.n_customers / max(customers, 1), each.share_revenue_pct) for each in clusters]
    rows = [
        {
            "cluster": cluster_name(cluster.cluster_id, lang),
            "measure": measure,
            "share": share,
            "label": percent(share, 1, lang),
        }
        for cluster, pair in zip(clusters, shares, strict=True)
        for measure, share in zip(measures, pair, strict=True)
    ]
    # A label stands past the end of its bar, and takes a tenth of the width.
    domain = [min(0.0, *map(min, shares)), 1.1 * max(1.0, *map(max, shares))]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        alt.X("share:Q").title(words["share"]).scale(domain=domain, nice=False).axis(tickCount=6),
        names("cluster:N", width),
        alt.YOffset("measure:N").sort(measures),
    )
    bars = base.mark_bar().encode(
        alt.Color("measure:N")
        .title(None)
        .scale(domain=measures, range=list(PALETTE[:2]))
        .legend(orient="top")
    )
    labels = base.mark_text(align="left", dx=4, fontSize=12, color=INK).encode(alt.Text("label:N"))
    return alt.LayerChart(layer=[bars, labels]), subtitles, len(clusters)


def spend_against_frequency(
    frequency: Column, spend: Column, labels: Labels, lang: Lang, currency: str | None = None
) -> alt.Chart:
    """A point for each customer, in the colour and shape of its cluster; noise is grey and lies beneath.

    Past 3,000 customers every k-th is drawn, in order of cluster and spend, and at least one of each cluster;
    the subtitle says so.

    Args:
        frequency: (n,) purchases, n of 1 or more, finite.
        spend: (n,) money, finite.
        labels: (n,) cluster of each customer, −1 for noise.
        currency: sign or code of the money.
    """
    chart, subtitles = _points(frequency, spend, labels, lang, currency)
    return finished(chart, WORDS[lang]["points"], subtitles, HEIGHT, lang)


def points_panel(
    frequency: Column, spend: Column, labels: Labels, lang: Lang, currency: str | None = None
) -> tuple[Panel, list[str]]:
    """The same as a part of a picture of several, of at most 1,000 points, and the picture's subtitles."""
    chart, subtitles = _points(frequency, spend, labels, lang, currency, most=1000, beside=False)
    return Panel(chart, WORDS[lang]["points"], 340), subtitles


def _points(
    frequency: Column,
    spend: Column,
    labels: Labels,
    lang: Lang,
    currency: str | None,
    most: int = MOST_POINTS,
    beside: bool = True,
) -> tuple[alt.Chart, list[str]]:
    words = WORDS[lang]
    order = np.lexsort((spend, labels))
    step = -(-len(order) // most)
    every = np.arange(0, len(order), step)
    clusters, firsts = np.unique(labels[order], return_index=True)
    unseen = ~np.isin(clusters, labels[order[every]])
    drawn = order[np.union1d(every, firsts[unseen])]
    shades = colours(clusters.tolist())
    titles = {cluster: cluster_name(cluster, lang) for cluster in shades}
    columns = frequency[drawn].tolist(), spend[drawn].tolist(), labels[drawn].tolist()
    rows = [{"x": x, "y": y, "cluster": titles[label]} for x, y, label in zip(*columns, strict=True)]
    few = len(rows) <= FEW_POINTS
    money = words["spend"].format(currency=currency or words["money"])
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(filled=True, size=60 if few else 25, opacity=0.75 if few else 0.5)
        .encode(
            _axis(alt.X("x:Q"), frequency, words["frequency"], lang),
            _axis(alt.Y("y:Q"), spend, money, lang),
            _coloured(alt.Color("cluster:N"), titles, shades.values(), lang, beside, symbolOpacity=1),
            _coloured(alt.Shape("cluster:N"), titles, cycle(SHAPES), lang, beside, symbolOpacity=1),
        )
    )
    counted = words["of"] if len(rows) < len(order) else words["all"]
    subtitle = counted.format(drawn=number(len(rows), 0, lang), all=number(len(order), 0, lang))
    return chart, [subtitle]


def dendrogram(linkage: ArrayLike, labels: Labels | None, lang: Lang) -> alt.Chart | alt.LayerChart:
    """The tree of merges, its last 60 at most; what lies deeper is a leaf with the number of its customers.

    Args:
        linkage: (n − 1, 4) without faults, as `hierarchy` describes it.
        labels: (n,) cluster of each customer. A branch has the colour of the cluster that all its customers
            belong to; if the clusters are a cut through the tree at one height, a line shows it.
    """
    words = WORDS[lang]
    array = np.asarray(linkage, dtype=np.float64).reshape(-1, 4)
    leaves = len(array) + 1
    if leaves == 1:
        return said(words["one"], words["tree"], [], lang)
    children, heights = array[:, :2].astype(np.int64).tolist(), array[:, 2].tolist()
    first = max(leaves - 1 - MOST_MERGES, 0)
    owners = owners_of(children, [None] * leaves if labels is None else labels.tolist())
    places, ends = layout(children, first)
    shades = colours([] if labels is None else np.unique(labels).tolist())
    cut = None if NOISE in shades else cut_height(children, heights, owners)
    titles: dict[int | None, str] = {cluster: cluster_name(cluster, lang) for cluster in shades}

    rules: list[dict[str, Any]] = []
    for merge in range(first, leaves - 1):
        top, owner = heights[merge], owners[leaves + merge]
        left, right = (places[child] for child in children[merge])
        rules.append({"x": left, "x2": right, "y": top, "y2": top, "cluster": titles.get(owner)})
        for child in children[merge]:
            foot = heights[child - leaves] if child >= leaves + first else 0.0
            turn = cut if cut is not None and owners[child] != owner else top
            stem = {"x": places[child], "x2": places[child]}
            rules.append({**stem, "y": foot, "y2": turn, "cluster": titles.get(owners[child])})
            if turn < top:
                rules.append({**stem, "y": turn, "y2": top, "cluster": None})

    sizes = [number(1 if end < leaves else array[end - leaves, 3], 0, lang) for end in ends]
    across = alt.Axis(
        values=list(range(len(ends))),
        labels=first > 0,
        labelExpr=f"{sizes}[datum.value]",
        labelAngle=-90,
        labelOverlap=False,
        labelFontSize=12,
        labelPadding=4,
        grid=False,
        domain=False,
        ticks=False,
    )
    title = words["branch"] if first else words["leaf"]
    tree = (
        alt.Chart(alt.InlineData(values=rules))
        .mark_rule(strokeWidth=2, strokeCap="square", color=GREY if titles else PALETTE[0])
        .encode(
            alt.X("x:Q").title(title).axis(across).scale(domain=[-0.5, len(ends) - 0.5]),
            alt.Y("y:Q").title(words["distance"]).scale(domain=[0, 1.03 * (heights[-1] or 1.0)], nice=False),
            x2="x2",
            y2="y2",
        )
    )
    if titles:
        stroke: dict[str, Any] = {"symbolType": "stroke", "symbolStrokeWidth": 3}
        shade = _coloured(alt.Color("cluster:N"), titles, shades.values(), lang, **stroke)
        tree = tree.encode(color=alt.when("datum.cluster !== null").then(shade).otherwise(alt.value(GREY)))
    counts = {"customers": leaves, "merges": leaves - 1 - first, "all": leaves - 1}
    subtitles = [words["top"].format(**{name: number(count, 0, lang) for name, count in counts.items()})]
    layers = [tree]
    if cut is not None and cut > heights[first]:
        line = alt.Chart(alt.InlineData(values=[{"y": cut}])).encode(alt.Y("y:Q"))
        layers.append(line.mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=INK))
        subtitles.append(words["cut"].format(clusters=number(len(titles), 0, lang)))
    return finished(alt.LayerChart(layer=layers), words["tree"], subtitles, HEIGHT, lang)


def _axis(channel: Any, values: Column, title: str, lang: Lang) -> Any:
    """A linear axis from 0, or a logarithmic one for positive values that span two decades."""
    low, high = float(values.min()), float(values.max())
    if low <= 0 or high / low <= LOG_FROM:
        room = 0.04 * ((high - min(low, 0.0)) or 1.0)
        domain = [low - room if low < 0 else 0.0, max(high, 0.0) + room]
        return channel.title(title).scale(domain=domain, nice=False)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(decades) <= 6 else (1,)
    marks = [step * 10.0**decade for decade in decades for step in steps]
    axis = alt.Axis(values=[mark for mark in marks if low <= mark <= high], format=",~f")
    scale = alt.Scale(type="log", domain=[low, high], nice=False, padding=12)
    return channel.title(WORDS[lang]["log"].format(title=title)).scale(scale).axis(axis)


def _coloured(
    channel: Any,
    names: Mapping[Any, str],
    values: Iterable[str],
    lang: Lang,
    beside: bool = True,
    **look: Any,
) -> Any:
    """A channel that tells clusters apart, and its legend, complete or, of too many clusters, left out."""
    columns = math.ceil(len(names) / 18) if beside else 6
    look = look if beside else {"orient": "top", "titleOrient": "left", **look}
    # Vega fills several columns in an order of its own, unless they are filled row by row.
    direction: Literal["horizontal", "vertical"] = "horizontal" if columns > 1 else "vertical"
    legend: alt.Legend | None = alt.Legend(columns=columns, direction=direction, symbolLimit=0, **look)
    if len(names) > MOST_CLUSTERS:
        legend = None
    scale = alt.Scale(domain=list(names.values()), range=list(islice(values, len(names))))
    return channel.title(WORDS[lang]["cluster"]).scale(scale).legend(legend)
