"""Charts of a segmentation: sizes and revenue of the clusters, spend against frequency."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, Literal, Protocol

import altair as alt
import numpy as np
from numpy.typing import NDArray

from abintel.charts import Reader
from abintel.charts.kinds import NAMES, names
from abintel.charts.palette import INK, PALETTE
from abintel.charts.theme import Panel, finished
from abintel.charts.words import unit_of_money
from abintel.wording import Lang, number, percent
from plugins.segmentation.drawing.theme import SHAPES, cluster_name, colours
from plugins.segmentation.words import TEXTS

MOST_POINTS = 3000
FEW_POINTS = 300
MOST_CLUSTERS = 30
"""Most bars, or colours of a legend, on a page."""
HEIGHT = 500
LOG_FROM = 100.0
"""An axis is logarithmic from this ratio of the largest to the smallest value on: two decades."""

Column = NDArray[np.float64] | NDArray[np.int64]
Labels = NDArray[np.integer[Any]]


class Cluster(Protocol):
    """What the bars need of a cluster."""

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
    return finished(chart, TEXTS[lang].say("shares.title"), subtitles, height, lang)


def shares_panel(clusters: Sequence[Cluster], lang: Lang) -> tuple[Panel, list[str]]:
    """The same as a panel of a larger picture, and the picture's subtitles."""
    chart, subtitles, bars = _shares(clusters, lang, NAMES)
    return Panel(chart, TEXTS[lang].say("shares.title"), (40 if bars <= 12 else 30) * bars, NAMES), subtitles


def _shares(
    clusters: Sequence[Cluster], lang: Lang, width: int | None = None
) -> tuple[alt.LayerChart, list[str], int]:
    """The bars, the subtitles, and the number of clusters that are drawn."""
    words = TEXTS[lang]
    customers = sum(cluster.n_customers for cluster in clusters)
    subtitles = [words.say("shares.all", all=number(customers, 0, lang))]
    if len(clusters) > MOST_CLUSTERS:
        subtitles.append(words.say("shares.largest", drawn=MOST_CLUSTERS, all=number(len(clusters), 0, lang)))
        sizes = np.array([cluster.n_customers for cluster in clusters])
        largest = np.sort(np.argsort(-sizes, kind="stable")[:MOST_CLUSTERS])
        clusters = [clusters[index] for index in largest.tolist()]
    measures = [words.say("shares.customers"), words.say("shares.revenue")]
    shares = [(100 * each.n_customers / max(customers, 1), each.share_revenue_pct) for each in clusters]
    rows = [
        {
            "cluster": cluster_name(cluster.cluster_id, lang),
            "measure": measure,
            "share": share,
            "label": percent(share / 100, 1, lang),
        }
        for cluster, pair in zip(clusters, shares, strict=True)
        for measure, share in zip(measures, pair, strict=True)
    ]
    # A label stands after the end of its bar, and takes a tenth of the width.
    domain = [min(0.0, *map(min, shares)), 1.1 * max(1.0, *map(max, shares))]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        alt.X("share:Q").title(words.say("shares.share")).scale(domain=domain, nice=False).axis(tickCount=6),
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
    return finished(chart, TEXTS[lang].say("map.title"), subtitles, HEIGHT, lang)


def points_panel(
    frequency: Column, spend: Column, labels: Labels, lang: Lang, currency: str | None = None
) -> tuple[Panel, list[str]]:
    """The same as a panel of a larger picture, of at most 1,000 points, and the picture's subtitles."""
    chart, subtitles = _points(frequency, spend, labels, lang, currency, most=1000, beside=False)
    return Panel(chart, TEXTS[lang].say("map.title"), 340), subtitles


def _points(
    frequency: Column,
    spend: Column,
    labels: Labels,
    lang: Lang,
    currency: str | None,
    most: int = MOST_POINTS,
    beside: bool = True,
) -> tuple[alt.Chart, list[str]]:
    words = TEXTS[lang]
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
    money = words.say("map.spend", currency=unit_of_money(Reader(lang, currency)))
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(filled=True, size=60 if few else 25, opacity=0.75 if few else 0.5)
        .encode(
            _axis(alt.X("x:Q"), frequency, words.say("map.frequency"), lang),
            _axis(alt.Y("y:Q"), spend, money, lang),
            coloured_clusters(alt.Color("cluster:N"), titles, shades.values(), lang, beside, symbolOpacity=1),
            coloured_clusters(alt.Shape("cluster:N"), titles, cycle(SHAPES), lang, beside, symbolOpacity=1),
        )
    )
    every_customer = number(len(order), 0, lang)
    if len(rows) < len(order):
        return chart, [words.say("map.some", drawn=number(len(rows), 0, lang), all=every_customer)]
    return chart, [words.say("map.all", all=every_customer)]


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
    return channel.title(TEXTS[lang].say("map.logarithmic", title=title)).scale(scale).axis(axis)


def coloured_clusters(
    channel: Any,
    names: Mapping[Any, str],
    values: Iterable[str],
    lang: Lang,
    beside: bool = True,
    **look: Any,
) -> Any:
    """A channel that tells clusters apart, with a legend that names all of them; too many have no legend."""
    columns = math.ceil(len(names) / 18) if beside else 6
    look = look if beside else {"orient": "top", "titleOrient": "left", **look}
    # Vega fills several columns in an order of its own, unless they are filled row by row.
    direction: Literal["horizontal", "vertical"] = "horizontal" if columns > 1 else "vertical"
    legend: alt.Legend | None = alt.Legend(columns=columns, direction=direction, symbolLimit=0, **look)
    if len(names) > MOST_CLUSTERS:
        legend = None
    scale = alt.Scale(domain=list(names.values()), range=list(islice(values, len(names))))
    return channel.title(TEXTS[lang].say("map.cluster")).scale(scale).legend(legend)
