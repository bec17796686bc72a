"""Charts of the segmentation routes: maps, shares, trees, parts of segments, and how well parts separate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import altair as alt
import numpy as np

from abintel.charts import Reader
from abintel.charts.kinds import NAMES, Bar, coloured, height, quantity, ranked, shares, upright
from abintel.charts.palette import ORDER
from abintel.charts.theme import Panel, Picture, rows_of, said, stacked
from abintel.charts.words import figure, lines, money, number
from abintel.fields import Lang
from plugins.segmentation import feature_vectors
from plugins.segmentation.drawing.charts import (
    MOST_CLUSTERS,
    dendrogram,
    points_panel,
    shares_panel,
    sizes_and_revenue,
)
from plugins.segmentation.drawing.theme import cluster_name, colours
from plugins.segmentation.orders import TIERS

MOST_PARTS = 24
MOST_LINES = 8
WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "segments": "Segments",
        "unassigned": "No customer was assigned: there is no model.",
        "quality": "Mean silhouette {value} (−1 to 1; the higher, the better apart).",
        "tiers": "RFM tiers in each segment",
        "share": "Share of the segment's customers (%)",
        "tier": "Tier",
        "parts": "Parts of each segment",
        "part": "{cluster} · part {part}",
        "customers": "Customers (number)",
        "note": "mean spend {spend} ({money}), mean frequency {frequency}",
        "benchmark": "How well each number of parts separates",
        "k": "Parts (number)",
        "silhouette": "Mean silhouette (−1 to 1)",
        "parent": "Segment",
        "unsplit": "No segment could be split.",
        "some": "{drawn} of {n} parts drawn.",
        "whole": "Not split: {names}.",
    },
    "es": {
        "segments": "Segmentos",
        "unassigned": "Ningún cliente fue asignado: no hay modelo.",
        "quality": "Silueta media {value} (−1 a 1; cuanto mayor, mejor separados).",
        "tiers": "Niveles RFM de cada segmento",
        "share": "Parte de los clientes del segmento (%)",
        "tier": "Nivel",
        "parts": "Partes de cada segmento",
        "part": "{cluster} · parte {part}",
        "customers": "Clientes (número)",
        "note": "gasto medio {spend} ({money}), frecuencia media {frequency}",
        "benchmark": "Cómo separa cada número de partes",
        "k": "Partes (número)",
        "silhouette": "Silueta media (−1 a 1)",
        "parent": "Segmento",
        "unsplit": "Ningún segmento se pudo dividir.",
        "some": "Se muestran {drawn} de {n} partes.",
        "whole": "Sin dividir: {names}.",
    },
    "pt": {
        "segments": "Segmentos",
        "unassigned": "Nenhum cliente foi atribuído: não há modelo.",
        "quality": "Silhueta média {value} (−1 a 1; quanto maior, mais separados).",
        "tiers": "Níveis RFM de cada segmento",
        "share": "Parte dos clientes do segmento (%)",
        "tier": "Nível",
        "parts": "Partes de cada segmento",
        "part": "{cluster} · parte {part}",
        "customers": "Clientes (número)",
        "note": "gasto médio {spend} ({money}), frequência média {frequency}",
        "benchmark": "Como cada número de partes separa",
        "k": "Partes (número)",
        "silhouette": "Silhueta média (−1 a 1)",
        "parent": "Segmento",
        "unsplit": "Nenhum segmento pôde ser dividido.",
        "some": "São mostradas {drawn} de {n} partes.",
        "whole": "Não divididos: {names}.",
    },
}


class Shares(NamedTuple):
    """A cluster's weight, as the bars take it."""

    cluster_id: int
    n_customers: int
    share_revenue_pct: float


def segments(request: Any, answer: Any, reader: Reader) -> Picture:
    """Each customer by frequency and spend, in the colour of its segment, and what each segment weighs."""
    words, lang = WORDS[reader.lang], reader.lang
    sent = feature_vectors.sent(request)
    if sent is None:
        figures = [(row.frequency, row.amount_spent) for row in request.customers]
        found = [answer["labels"][row.id] for row in request.customers]
    else:
        figures = [(row.features["visit_frequency"], row.features["purchase_total"]) for row in sent[1]]
        found = [row["cluster_id"] for row in answer["customer_labels"]]
    if None in found:
        return said(words["unassigned"], words["segments"], lines(answer["model_info"].get("note")), lang)
    labels = np.array(found, dtype=np.int64)
    frequency, spend = np.array(figures, dtype=np.float64).T
    points, subtitles = points_panel(frequency, spend, labels, lang, reader.currency)
    weights, more = shares_panel(_weights(labels, spend), lang)
    quality = answer.get("quality")
    said_of_it = quality and words["quality"].format(value=number(quality["silhouette"], 2, lang))
    return stacked(
        [points, weights], words["segments"], [*dict.fromkeys([*subtitles, *more]), *lines(said_of_it)], lang
    )


def _weights(labels: Any, spend: Any) -> list[Shares]:
    """Customers and share of the spend of each cluster; without any spend nobody has a share."""
    ids, place = np.unique(labels, return_inverse=True)
    counts = np.bincount(place)
    # Of huge amounts the sum might not be finite.
    money_of = np.bincount(place, spend / max(float(np.abs(spend).max()), 1e-300))
    total = float(money_of.sum()) or 1.0
    return [
        Shares(one, count, 100 * amount / total)
        for one, count, amount in zip(ids.tolist(), counts.tolist(), money_of.tolist(), strict=True)
    ]


def orders(request: Any, answer: Any, reader: Reader) -> Picture:
    """What each segment weighs, and its mix of RFM tiers."""
    words, lang = WORDS[reader.lang], reader.lang
    clusters = answer["clusters"]
    if not clusters:
        return said(words["unassigned"], words["segments"], lines(answer["model_info"].get("note")), lang)
    profiles = [cluster["profile"] for cluster in clusters]
    weights, subtitles = shares_panel([_card(profile) for profile in profiles], lang)
    largest = sorted(clusters, key=lambda row: (-row["size"], row["cluster_id"]))[:MOST_CLUSTERS]
    rows = [
        {"name": cluster_name(row["cluster_id"], lang), "part": tier["rfm_tier"], "share": tier["share_pct"]}
        for row in sorted(largest, key=lambda row: row["cluster_id"])
        for tier in row["rfm_tiers"]
    ]
    parts = dict(zip(TIERS, ORDER, strict=True))
    mix = shares(rows, parts, words["share"], lang, title=words["tier"])
    quality = answer.get("quality")
    said_of_it = quality and words["quality"].format(value=number(quality["silhouette"], 2, lang))
    return stacked(
        [weights, Panel(mix, words["tiers"], height(len(largest)), NAMES)],
        words["segments"],
        [*subtitles, *lines(said_of_it)],
        lang,
    )


def _card(profile: Mapping[str, Any]) -> Shares:
    return Shares(profile["cluster_id"], profile["n_customers"], profile["share_of_revenue_pct"])


def profiles(request: Any, answer: Any, reader: Reader) -> Picture:
    """Each segment's share of customers and of revenue."""
    return sizes_and_revenue([_card(profile) for profile in answer["cluster_profiles"]], reader.lang)


def report(request: Any, answer: Any, reader: Reader) -> Picture:
    """The same of a report, or of the reader's among those in several languages."""
    reports = answer.get("reports")
    if reports is not None:
        answer = reports.get(reader.lang) or next(iter(reports.values()))
    rows = answer["cluster_metrics"]
    weights = [Shares(row["cluster_id"], row["n_customers"], row["share_revenue_pct"]) for row in rows]
    return sizes_and_revenue(weights, reader.lang)


def tree(request: Any, answer: Any, reader: Reader) -> Picture:
    """Ward's tree with the line that cuts it into the segments."""
    labels = np.array([answer["labels"][one] for one in answer["dendrogram"]["leaf_labels"]], dtype=np.int64)
    return dendrogram(answer["dendrogram"]["linkage_matrix"] or np.empty((0, 4)), labels, reader.lang)


def sent_tree(request: Any, answer: Any, reader: Reader) -> Picture:
    """The tree that was sent; it tells no customer's segment."""
    return dendrogram(request.dendrogram.linkage_matrix or np.empty((0, 4)), None, reader.lang)


def parts(request: Any, answer: Any, reader: Reader) -> Picture:
    """The parts of each segment, and how well each number of parts separated it."""
    words, lang = WORDS[reader.lang], reader.lang
    results = answer["subsegment_results"]
    split = {int(parent): found for parent, found in results.items() if found["nested_cluster_legend"]}
    whole = [cluster_name(int(parent), lang) for parent in results if int(parent) not in split]
    notes = [found["note"] for found in results.values() if found.get("note")]
    if not split:
        return said(words["unsplit"], words["parts"], lines(*notes[:1]), lang)
    shades = {cluster_name(parent, lang): shade for parent, shade in colours(split).items()}
    bars = []
    for parent, found in split.items():
        for row in found["nested_cluster_legend"]:
            name = words["part"].format(cluster=cluster_name(parent, lang), part=row["cluster_id"])
            spent, often = figure(row["avg_spend"], lang), figure(row["avg_frequency"], lang)
            note = words["note"].format(spend=spent, money=money(reader), frequency=often)
            count = row["n_customers"]
            bars.append(Bar(name, count, number(count, 0, lang), cluster_name(parent, lang), note=note))
    drawn = bars[:MOST_PARTS]
    if len(shades) > MOST_LINES:
        shades = {name: shade for name, shade in shades.items() if name in {bar.group for bar in drawn}}
    chart = ranked(drawn, words["customers"], groups=shades, group_title=words["parent"], whole=True)
    subtitles = lines(
        words["whole"].format(names=", ".join(whole[:8]) + ("…" if len(whole) > 8 else ""))
        if whole
        else None,
        words["some"].format(drawn=len(drawn), n=number(len(bars), 0, lang))
        if len(drawn) < len(bars)
        else None,
    )
    panels = [Panel(chart, words["parts"], height(len(drawn), True), NAMES)]
    if any(len(found["benchmark"]) > 1 for found in split.values()):
        panels.append(Panel(_benchmark(split, words, lang), words["benchmark"], 180))
    return stacked(panels, words["parts"], subtitles, lang)


def _benchmark(split: Mapping[int, Any], words: Mapping[str, str], lang: Lang) -> alt.LayerChart:
    shown = dict(list(split.items())[:MOST_LINES])
    rows = [
        {"x": row["k"], "y": row["silhouette"], "group": cluster_name(parent, lang)}
        for parent, found in shown.items()
        for row in found["benchmark"]
    ]
    shades = {cluster_name(parent, lang): shade for parent, shade in colours(shown).items()}
    ks = [row["x"] for row in rows]
    lowest = min(0.0, *(row["y"] for row in rows))
    base = alt.Chart(rows_of(rows)).encode(
        quantity(alt.X("x:Q"), words["k"], min(ks) - 0.5, max(ks) + 0.5, whole=True),
        upright(words["silhouette"], 1.1 * lowest, 1.05),
        coloured(shades, words["parent"]),
    )
    return alt.LayerChart(
        layer=[base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=50, opacity=1)]
    )
