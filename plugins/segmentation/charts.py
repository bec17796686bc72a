"""Charts of the segmentation routes: maps, shares, trees, parts of segments, and how well they separate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import altair as alt
import numpy as np

from abintel.charts import Reader
from abintel.charts.kinds import NAMES, Bar, coloured, height, quantity, ranked, shares, upright
from abintel.charts.palette import ORDER
from abintel.charts.theme import Panel, Picture, rows_of, said, stacked
from abintel.charts.words import lines, unit_of_money
from abintel.wording import Lang, figure, number
from plugins.segmentation import feature_vectors
from plugins.segmentation.drawing.charts import (
    MOST_CLUSTERS,
    points_panel,
    shares_panel,
    sizes_and_revenue,
)
from plugins.segmentation.drawing.dendrogram import dendrogram
from plugins.segmentation.drawing.theme import cluster_name, colours
from plugins.segmentation.orders import TIERS
from plugins.segmentation.words import TEXTS

MOST_PARTS = 24
MOST_LINES = 8


class Shares(NamedTuple):
    """A cluster's customers and share of revenue, as the bars take them."""

    cluster_id: int
    n_customers: int
    share_revenue_pct: float


def segments(request: Any, answer: Any, reader: Reader) -> Picture:
    """Each customer by frequency and spend, in the colour of its segment; each segment's size and revenue."""
    words, lang = TEXTS[reader.lang], reader.lang
    sent = feature_vectors.sent(request)
    if sent is None:
        figures = [(row.frequency, row.amount_spent) for row in request.customers]
        labelled = [answer["labels"][row.id] for row in request.customers]
    else:
        figures = [(row.features["visit_frequency"], row.features["purchase_total"]) for row in sent[1]]
        labelled = [row["cluster_id"] for row in answer["customer_labels"]]
    if None in labelled:
        return said(
            words.say("segments.unassigned"),
            words.say("segments.title"),
            lines(answer["model_info"].get("note")),
            lang,
        )
    labels = np.array(labelled, dtype=np.int64)
    frequency, spend = np.array(figures, dtype=np.float64).T
    points, subtitles = points_panel(frequency, spend, labels, lang, reader.currency)
    weights, more = shares_panel(_weights(labels, spend), lang)
    return stacked(
        [points, weights],
        words.say("segments.title"),
        [*dict.fromkeys([*subtitles, *more]), *_quality_lines(answer, lang)],
        lang,
    )


def _quality_lines(answer: Any, lang: Lang) -> list[str]:
    """The subtitle about the silhouette."""
    quality = answer.get("quality")
    if not quality:
        return []
    return lines(TEXTS[lang].say("segments.quality", value=number(quality["silhouette"], 2, lang)))


def _weights(labels: Any, spend: Any) -> list[Shares]:
    """Customers and share of the spend of each cluster; without any spend all shares are 0."""
    ids, cluster = np.unique(labels, return_inverse=True)
    counts = np.bincount(cluster)
    # Divided by the largest amount, so that the sum of huge amounts is finite.
    money_of = np.bincount(cluster, spend / max(float(np.abs(spend).max()), 1e-300))
    total = float(money_of.sum()) or 1.0
    return [
        Shares(cluster_id, count, 100 * amount / total)
        for cluster_id, count, amount in zip(ids.tolist(), counts.tolist(), money_of.tolist(), strict=True)
    ]


def orders(request: Any, answer: Any, reader: Reader) -> Picture:
    """Each segment's size and revenue, and its mix of RFM tiers."""
    words, lang = TEXTS[reader.lang], reader.lang
    clusters = answer["clusters"]
    if not clusters:
        return said(
            words.say("segments.unassigned"),
            words.say("segments.title"),
            lines(answer["model_info"].get("note")),
            lang,
        )
    profiles = [cluster["profile"] for cluster in clusters]
    weights, subtitles = shares_panel([_card(profile) for profile in profiles], lang)
    largest = sorted(clusters, key=lambda row: (-row["size"], row["cluster_id"]))[:MOST_CLUSTERS]
    rows = [
        {"name": cluster_name(row["cluster_id"], lang), "part": tier["rfm_tier"], "share": tier["share_pct"]}
        for row in sorted(largest, key=lambda row: row["cluster_id"])
        for tier in row["rfm_tiers"]
    ]
    parts = dict(zip(TIERS, ORDER, strict=True))
    mix = shares(rows, parts, words.say("segments.share"), lang, title=words.say("segments.tier"))
    return stacked(
        [weights, Panel(mix, words.say("segments.tiers"), height(len(largest)), NAMES)],
        words.say("segments.title"),
        [*subtitles, *_quality_lines(answer, lang)],
        lang,
    )


def _card(profile: Mapping[str, Any]) -> Shares:
    return Shares(profile["cluster_id"], profile["n_customers"], profile["share_of_revenue_pct"])


def profiles(request: Any, answer: Any, reader: Reader) -> Picture:
    """Each segment's share of customers and of revenue."""
    return sizes_and_revenue([_card(profile) for profile in answer["cluster_profiles"]], reader.lang)


def report(request: Any, answer: Any, reader: Reader) -> Picture:
    """The same of a report; of reports in several languages, that in the reader's."""
    reports = answer.get("reports")
    if reports is not None:
        answer = reports.get(reader.lang) or next(iter(reports.values()))
    rows = answer["cluster_metrics"]
    weights = [Shares(row["cluster_id"], row["n_customers"], row["share_revenue_pct"]) for row in rows]
    return sizes_and_revenue(weights, reader.lang)


def tree(request: Any, answer: Any, reader: Reader) -> Picture:
    """Ward's tree with the line that cuts it into the segments."""
    labels = np.array(
        [answer["labels"][leaf] for leaf in answer["dendrogram"]["leaf_labels"]], dtype=np.int64
    )
    return dendrogram(answer["dendrogram"]["linkage_matrix"] or np.empty((0, 4)), labels, reader.lang)


def sent_tree(request: Any, answer: Any, reader: Reader) -> Picture:
    """The tree that was sent; it does not say which segment a customer is in."""
    return dendrogram(request.dendrogram.linkage_matrix or np.empty((0, 4)), None, reader.lang)


def parts(request: Any, answer: Any, reader: Reader) -> Picture:
    """The parts of each segment, and how well each number of parts separated it."""
    words, lang = TEXTS[reader.lang], reader.lang
    results = answer["subsegment_results"]
    split = {int(parent): parts for parent, parts in results.items() if parts["nested_cluster_legend"]}
    whole = [cluster_name(int(parent), lang) for parent in results if int(parent) not in split]
    notes = [parts["note"] for parts in results.values() if parts.get("note")]
    if not split:
        return said(words.say("parts.unsplit"), words.say("parts.title"), lines(*notes[:1]), lang)
    shades = {cluster_name(parent, lang): shade for parent, shade in colours(split).items()}
    bars = []
    for parent, parts_of in split.items():
        for row in parts_of["nested_cluster_legend"]:
            name = words.say("parts.part", cluster=cluster_name(parent, lang), part=row["cluster_id"])
            spent, often = figure(row["avg_spend"], lang), figure(row["avg_frequency"], lang)
            note = words.say("parts.note", spend=spent, money=unit_of_money(reader), frequency=often)
            count = row["n_customers"]
            bars.append(Bar(name, count, number(count, 0, lang), cluster_name(parent, lang), note=note))
    drawn = bars[:MOST_PARTS]
    if len(shades) > MOST_LINES:
        shades = {name: shade for name, shade in shades.items() if name in {bar.group for bar in drawn}}
    chart = ranked(
        drawn, words.say("parts.customers"), groups=shades, group_title=words.say("parts.parent"), whole=True
    )
    subtitles = lines(
        words.say("parts.whole", names=", ".join(whole[:8]) + ("…" if len(whole) > 8 else ""))
        if whole
        else None,
        words.say("parts.some", drawn=len(drawn), n=number(len(bars), 0, lang))
        if len(drawn) < len(bars)
        else None,
    )
    panels = [Panel(chart, words.say("parts.title"), height(len(drawn), True), NAMES)]
    if any(len(parts["benchmark"]) > 1 for parts in split.values()):
        panels.append(Panel(_benchmark(split, lang), words.say("benchmark.title"), 180))
    return stacked(panels, words.say("parts.title"), subtitles, lang)


def _benchmark(split: Mapping[int, Any], lang: Lang) -> alt.LayerChart:
    """The silhouette of each number of parts, a line per segment."""
    words = TEXTS[lang]
    shown = dict(list(split.items())[:MOST_LINES])
    rows = [
        {"x": row["k"], "y": row["silhouette"], "group": cluster_name(parent, lang)}
        for parent, parts in shown.items()
        for row in parts["benchmark"]
    ]
    shades = {cluster_name(parent, lang): shade for parent, shade in colours(shown).items()}
    ks = [row["x"] for row in rows]
    lowest = min(0.0, *(row["y"] for row in rows))
    base = alt.Chart(rows_of(rows)).encode(
        quantity(alt.X("x:Q"), words.say("benchmark.k"), min(ks) - 0.5, max(ks) + 0.5, whole=True),
        upright(words.say("benchmark.silhouette"), 1.1 * lowest, 1.05),
        coloured(shades, words.say("parts.parent")),
    )
    return alt.LayerChart(
        layer=[base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=50, opacity=1)]
    )
