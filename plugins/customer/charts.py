"""Charts of the customer routes: features, loyalty, RFM and NPS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from abintel.charts import Reader
from abintel.charts.kinds import LEFT, MOST_BARS, NAMES, Bar, edges, finite, height, histogram, ranked, shares
from abintel.charts.palette import BLUE, ORANGE, ORDER, PALETTE
from abintel.charts.planes import heat, line_at
from abintel.charts.theme import Panel, Picture, finished, stacked
from abintel.charts.words import figure, label, labels, money, number, percent
from abintel.fields import Lang

SIX = (
    *("purchase_total", "visit_frequency", "avg_ticket"),
    *("product_diversity", "loyalty_score", "recency_days"),
)
"""The features that customer_features computes; any other name is the caller's."""
MOST_TIERS = 12
MOST_FEATURES = 8
TIERS = ("Champion", "Loyal", "Potential", "Promising", "At-Risk")
"""Of customer_rfm, the best first."""

WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "customers": "Customers (number)",
        "n": "Customers: {n}",
        "largest": "The {drawn} largest of {n} groups",
        "first": "The first {drawn} of {n} customers",
        "binned": "{n} customers, counted in bins",
        "features": "Customers in numbers",
        "relative": "Share of the column's largest value (%)",
        "purchase_total": "Spend ({money})",
        "visit_frequency": "Visits (number)",
        "avg_ticket": "Average ticket ({money})",
        "product_diversity": "Products (number)",
        "loyalty_score": "Loyalty (0 to 1)",
        "recency_days": "Last purchase (days ago)",
        "loyalty": "Loyalty: tiers and scores",
        "tiers": "Customers by tier",
        "scores": "Loyalty score of each customer",
        "spread": "How the scores are spread",
        "score": "Loyalty score (0 to 1)",
        "tier": "Tier",
        "mean": "mean {value}",
        "rfm": "RFM: recency and frequency",
        "grid": "Customers by recency and frequency; the darker, the more they spend",
        "frequency": "Frequency score (1 rarest to {bins} most often)",
        "recency": "Recency score (1 to {bins}, latest)",
        "monetary": "Mean monetary score",
        "nps": "Net Promoter Score by group",
        "share": "Share of the answers (%)",
        "overall": "All answers",
        "promoters": "Promoters (9–10)",
        "passives": "Passives (7–8)",
        "detractors": "Detractors (0–6)",
        "answers": "Answers: {n}. Past the bars: NPS, −100 to 100.",
    },
    "es": {
        "customers": "Clientes (número)",
        "n": "Clientes: {n}",
        "largest": "Los {drawn} grupos más grandes de {n}",
        "first": "Los primeros {drawn} de {n} clientes",
        "binned": "{n} clientes, contados por intervalos",
        "features": "Los clientes en cifras",
        "relative": "Parte del mayor valor de la columna (%)",
        "purchase_total": "Gasto ({money})",
        "visit_frequency": "Visitas (número)",
        "avg_ticket": "Ticket medio ({money})",
        "product_diversity": "Productos (número)",
        "loyalty_score": "Lealtad (0 a 1)",
        "recency_days": "Última compra (hace días)",
        "loyalty": "Lealtad: niveles y puntuaciones",
        "tiers": "Clientes por nivel",
        "scores": "Puntuación de cada cliente",
        "spread": "Cómo se reparten las puntuaciones",
        "score": "Puntuación de lealtad (0 a 1)",
        "tier": "Nivel",
        "mean": "media {value}",
        "rfm": "RFM: recencia y frecuencia",
        "grid": "Clientes por recencia y frecuencia; más oscuro, más gasto",
        "frequency": "Puntuación de frecuencia (1 menor a {bins} mayor)",
        "recency": "Puntuación de recencia (1 a {bins}, la última)",
        "monetary": "Puntuación monetaria media",
        "nps": "Net Promoter Score por grupo",
        "share": "Parte de las respuestas (%)",
        "overall": "Todas las respuestas",
        "promoters": "Promotores (9–10)",
        "passives": "Pasivos (7–8)",
        "detractors": "Detractores (0–6)",
        "answers": "Respuestas: {n}. Tras las barras: NPS, de −100 a 100.",
    },
    "pt": {
        "customers": "Clientes (número)",
        "n": "Clientes: {n}",
        "largest": "Os {drawn} maiores grupos de {n}",
        "first": "Os primeiros {drawn} de {n} clientes",
        "binned": "{n} clientes, contados por intervalos",
        "features": "Os clientes em números",
        "relative": "Parte do maior valor da coluna (%)",
        "purchase_total": "Gasto ({money})",
        "visit_frequency": "Visitas (número)",
        "avg_ticket": "Ticket médio ({money})",
        "product_diversity": "Produtos (número)",
        "loyalty_score": "Lealdade (0 a 1)",
        "recency_days": "Última compra (há dias)",
        "loyalty": "Lealdade: níveis e pontuações",
        "tiers": "Clientes por nível",
        "scores": "Pontuação de cada cliente",
        "spread": "Como se distribuem as pontuações",
        "score": "Pontuação de lealdade (0 a 1)",
        "tier": "Nível",
        "mean": "média {value}",
        "rfm": "RFM: recência e frequência",
        "grid": "Clientes por recência e frequência; mais escuro, mais gasto",
        "frequency": "Pontuação de frequência (1 menor a {bins} maior)",
        "recency": "Pontuação de recência (1 a {bins}, a última)",
        "monetary": "Pontuação monetária média",
        "nps": "Net Promoter Score por grupo",
        "share": "Parte das respostas (%)",
        "overall": "Todas as respostas",
        "promoters": "Promotores (9–10)",
        "passives": "Neutros (7–8)",
        "detractors": "Detratores (0–6)",
        "answers": "Respostas: {n}. Depois das barras: NPS, de −100 a 100.",
    },
}


def features(request: Any, answer: Any, reader: Reader) -> Picture:
    """Each customer's features side by side; of more customers than a page holds, how each one is spread."""
    words, lang = WORDS[reader.lang], reader.lang
    customers = answer["customers"]
    own = {name for customer in customers for name in customer["features"]} - set(SIX)
    columns = [*(name for name in SIX if name in customers[0]["features"]), *sorted(own)][:MOST_FEATURES]
    titles = labels(
        (words[name].format(money=money(reader)) if name in SIX else name for name in columns), 34
    )
    if len(customers) > MOST_BARS:
        return _spread(customers, dict(zip(columns, titles, strict=True)), reader)
    titles = [title.replace(" (", "\n(") for title in titles]
    largest = {
        name: max([1e-300, *map(abs, finite(customer["features"].get(name) for customer in customers))])
        for name in columns
    }
    shown = labels([customer["customer_id"] for customer in customers], 22)
    rows = []
    for name, customer in zip(shown, customers, strict=True):
        for column, title in zip(columns, titles, strict=True):
            value = next(iter(finite([customer["features"].get(column)])), None)
            rows.append(
                {
                    "name": name,
                    "column": title,
                    "value": None if value is None else 100 * max(value, 0.0) / largest[column],
                    "text": "–" if value is None else figure(value, lang),
                }
            )
    chart = heat(rows, None, None, words["relative"], (0.0, 100.0), columns=titles, width=150)
    subtitle = words["n"].format(n=number(len(customers), 0, lang))
    return finished(chart, words["features"], [subtitle], 210 + 30 * len(customers), lang)


def _spread(customers: Sequence[Any], columns: Mapping[str, str], reader: Reader) -> Picture:
    words, lang = WORDS[reader.lang], reader.lang
    panels = []
    for name, title in columns.items():
        values = finite(customer["features"].get(name) for customer in customers)
        bounds = edges(min(values, default=0.0), max(values, default=0.0))
        panels.append(Panel(histogram(values, bounds, title, words["customers"]), title, 110))
    subtitle = words["binned"].format(n=number(len(customers), 0, lang))
    return stacked(panels, words["features"], [subtitle], lang)


def loyalty(request: Any, answer: Any, reader: Reader) -> Picture:
    """Customers by tier, and their scores with the mean."""
    words, lang = WORDS[reader.lang], reader.lang
    customers, summary = answer["customers"], answer["summary"]
    counts = summary["segment_counts"]
    shown = dict(zip(counts, labels(counts, 20), strict=True))
    shades = _shades(list(shown.values()))
    total = len(customers)
    bars = [
        Bar(
            shown[tier],
            count,
            f"{number(count, 0, lang)} ({percent(100 * count / total, 0, lang)})",
            shown[tier],
        )
        for tier, count in list(counts.items())[:MOST_TIERS]
    ]
    of = [shown[customer["segment"]] for customer in customers]
    subtitle = words["n"].format(n=number(total, 0, lang))
    mean = line_at(summary["mean_score"], words["mean"].format(value=number(summary["mean_score"], 2, lang)))
    if total <= MOST_BARS:
        ordered = sorted(range(total), key=lambda place: -customers[place]["loyalty_score"])
        names = labels([customers[place]["customer_id"] for place in ordered])
        scored = [
            Bar(
                name,
                customers[place]["loyalty_score"],
                number(customers[place]["loyalty_score"], 2, lang),
                of[place],
            )
            for name, place in zip(names, ordered, strict=True)
        ]
        second = Panel(
            ranked(scored, words["score"], groups=shades, group_title=words["tier"], most=1.1),
            words["scores"],
            height(total),
            NAMES,
        )
    else:
        subtitle = words["binned"].format(n=number(total, 0, lang))
        scores = [customer["loyalty_score"] for customer in customers]
        drawn = histogram(
            scores,
            edges(0.0, 1.0, 20),
            words["score"],
            words["customers"],
            of=of,
            groups=shades,
            group_title=words["tier"],
            over=mean,
        )
        second = Panel(drawn, words["spread"], 220, LEFT)
    first = Panel(
        ranked(bars, words["customers"], groups=shades, whole=True), words["tiers"], height(len(bars)), NAMES
    )
    return stacked([first, second], words["loyalty"], [subtitle], lang)


def _shades(tiers: Sequence[str]) -> dict[str, str]:
    """A colour for each tier, the best first; past five they are told apart, and have no order."""
    chosen = ORDER if len(tiers) <= len(ORDER) else PALETTE
    return {tier: chosen[place % len(chosen)] for place, tier in enumerate(tiers)}


def rfm(request: Any, answer: Any, reader: Reader) -> Picture:
    """How many customers have each pair of scores, and how many are in each tier."""
    words, lang = WORDS[reader.lang], reader.lang
    customers = answer["customers"]
    bins = len(answer["thresholds"]["recency"]) + 1
    recency, frequency, spent = (
        np.array([customer[name] for customer in customers], dtype=np.int64)
        for name in ("recency_score", "frequency_score", "monetary_score")
    )
    cell = recency * (bins + 1) + frequency
    counts = np.bincount(cell, minlength=(bins + 1) ** 2)
    spending = np.bincount(cell, spent, minlength=(bins + 1) ** 2)
    rows = []
    for down in range(bins, 0, -1):
        for across in range(1, bins + 1):
            count = int(counts[down * (bins + 1) + across])
            value = float(spending[down * (bins + 1) + across]) / count if count else None
            text = number(count, 0, lang) if count else ""
            rows.append({"name": str(down), "column": str(across), "value": value, "text": text})
    grid = heat(
        rows,
        words["frequency"].format(bins=bins),
        words["recency"].format(bins=bins),
        words["monetary"],
        (1.0, float(bins)),
        columns=[str(score) for score in range(1, bins + 1)],
        width=44,
        text_size=14,
    )
    tiers = Counter(customer["rfm_tier"] for customer in customers)
    shades = dict(zip(TIERS, ORDER, strict=True))
    total = len(customers)
    bars = [
        Bar(
            tier,
            tiers[tier],
            f"{number(tiers[tier], 0, lang)} ({percent(100 * tiers[tier] / total, 0, lang)})",
        )
        for tier in TIERS
    ]
    drawn = ranked(
        [bar._replace(group=bar.name) for bar in bars],
        words["customers"],
        groups=shades,
        width=LEFT + 40,
        whole=True,
    )
    return stacked(
        [
            Panel(grid, words["grid"], 44 * bins, LEFT),
            Panel(drawn, words["tiers"], height(len(bars)), LEFT + 40),
        ],
        words["rfm"],
        [words["n"].format(n=number(total, 0, lang))],
        lang,
    )


def nps(request: Any, answer: Any, reader: Reader) -> Picture:
    """Promoters, passives and detractors of all answers and of each group, with the score."""
    words, lang = WORDS[reader.lang], reader.lang
    groups = answer["by_group"]
    drawn = groups
    subtitles = [words["answers"].format(n=number(answer["overall"]["responses"], 0, lang))]
    if len(groups) > MOST_BARS:
        drawn = sorted(groups, key=lambda group: -group["responses"])[:MOST_BARS]
        subtitles.append(words["largest"].format(drawn=MOST_BARS, n=number(len(groups), 0, lang)))
    titles = [words["overall"], *(_group(group["group"]) for group in drawn)]
    counts = [score["responses"] for score in (answer["overall"], *drawn)]
    # The number of answers is part of the name: a score of three answers says little.
    named = [f"{label(title, 20)} (n={number(n, 0, lang)})" for title, n in zip(titles, counts, strict=True)]
    shown = labels(named, 40)
    parts = {words["detractors"]: ORANGE, words["passives"]: "#DDDDDD", words["promoters"]: BLUE}
    keys = ("detractors_pct", "passives_pct", "promoters_pct")
    rows = [
        {"name": name, "part": part, "share": score[key]}
        for name, score in zip(shown, (answer["overall"], *drawn), strict=True)
        for key, part in zip(keys, parts, strict=True)
    ]
    ends = {
        name: number(score["nps"], 0, lang).replace("-", "−")
        for name, score in zip(shown, (answer["overall"], *drawn), strict=True)
    }
    chart = shares(rows, parts, words["share"], lang, ends=ends)
    return finished(chart, words["nps"], subtitles, 170 + 32 * len(shown), lang)


def _group(value: Any) -> str:
    """A group's name: of several columns, their values."""
    if isinstance(value, Mapping):
        return " · ".join("–" if one is None else str(one) for one in value.values())
    return "–" if value is None else str(value)
