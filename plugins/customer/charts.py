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
from abintel.charts.words import count_and_share, label, labels, unit_of_money
from abintel.wording import Texts, figure, number

SIX = (
    *("purchase_total", "visit_frequency", "avg_ticket"),
    *("product_diversity", "loyalty_score", "recency_days"),
)
"""The features that customer_features computes; any other name is the caller's."""
MOST_TIERS = 12
MOST_FEATURES = 8
TIERS = ("Champion", "Loyal", "Potential", "Promising", "At-Risk")
"""Of customer_rfm, the best first."""
TEXTS = Texts("customer")


def features(request: Any, answer: Any, reader: Reader) -> Picture:
    """Each customer's features side by side; of more customers than a page holds, how each one is spread."""
    words, lang = TEXTS[reader.lang], reader.lang
    customers = answer["customers"]
    own = {name for customer in customers for name in customer["features"]} - set(SIX)
    columns = [*(name for name in SIX if name in customers[0]["features"]), *sorted(own)][:MOST_FEATURES]
    titles = labels(
        (
            words.say(f"chart.features.{name}", money=unit_of_money(reader)) if name in SIX else name
            for name in columns
        ),
        34,
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
    chart = heat(
        rows, None, None, words.say("chart.features.relative"), (0.0, 100.0), columns=titles, width=150
    )
    subtitle = words.say("chart.n", n=number(len(customers), 0, lang))
    return finished(chart, words.say("chart.features.title"), [subtitle], 210 + 30 * len(customers), lang)


def _spread(customers: Sequence[Any], columns: Mapping[str, str], reader: Reader) -> Picture:
    words, lang = TEXTS[reader.lang], reader.lang
    panels = []
    for name, title in columns.items():
        values = finite(customer["features"].get(name) for customer in customers)
        bounds = edges(min(values, default=0.0), max(values, default=0.0))
        panels.append(Panel(histogram(values, bounds, title, words.say("chart.customers")), title, 110))
    subtitle = words.say("chart.binned", n=number(len(customers), 0, lang))
    return stacked(panels, words.say("chart.features.title"), [subtitle], lang)


def loyalty(request: Any, answer: Any, reader: Reader) -> Picture:
    """Customers by tier, and their scores with the mean."""
    words, lang = TEXTS[reader.lang], reader.lang
    customers, summary = answer["customers"], answer["summary"]
    counts = summary["segment_counts"]
    shown = dict(zip(counts, labels(counts, 20), strict=True))
    shades = _shades(list(shown.values()))
    total = len(customers)
    bars = [
        Bar(
            shown[tier],
            count,
            count_and_share(count, total, lang),
            shown[tier],
        )
        for tier, count in list(counts.items())[:MOST_TIERS]
    ]
    of = [shown[customer["segment"]] for customer in customers]
    subtitle = words.say("chart.n", n=number(total, 0, lang))
    mean = line_at(
        summary["mean_score"], words.say("chart.loyalty.mean", value=number(summary["mean_score"], 2, lang))
    )
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
            ranked(
                scored,
                words.say("chart.loyalty.score"),
                groups=shades,
                group_title=words.say("chart.loyalty.tier"),
                most=1.1,
            ),
            words.say("chart.loyalty.scores"),
            height(total),
            NAMES,
        )
    else:
        subtitle = words.say("chart.binned", n=number(total, 0, lang))
        scores = [customer["loyalty_score"] for customer in customers]
        drawn = histogram(
            scores,
            edges(0.0, 1.0, 20),
            words.say("chart.loyalty.score"),
            words.say("chart.customers"),
            of=of,
            groups=shades,
            group_title=words.say("chart.loyalty.tier"),
            over=mean,
        )
        second = Panel(drawn, words.say("chart.loyalty.spread"), 220, LEFT)
    first = Panel(
        ranked(bars, words.say("chart.customers"), groups=shades, whole=True),
        words.say("chart.loyalty.tiers"),
        height(len(bars)),
        NAMES,
    )
    return stacked([first, second], words.say("chart.loyalty.title"), [subtitle], lang)


def _shades(tiers: Sequence[str]) -> dict[str, str]:
    """A colour for each tier, the best first; past five they are told apart, and have no order."""
    chosen = ORDER if len(tiers) <= len(ORDER) else PALETTE
    return {tier: chosen[place % len(chosen)] for place, tier in enumerate(tiers)}


def rfm(request: Any, answer: Any, reader: Reader) -> Picture:
    """How many customers have each pair of scores, and how many are in each tier."""
    words, lang = TEXTS[reader.lang], reader.lang
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
        words.say("chart.rfm.frequency", bins=number(bins, 0, lang)),
        words.say("chart.rfm.recency", bins=number(bins, 0, lang)),
        words.say("chart.rfm.monetary"),
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
            count_and_share(tiers[tier], total, lang),
        )
        for tier in TIERS
    ]
    drawn = ranked(
        [bar._replace(group=bar.name) for bar in bars],
        words.say("chart.customers"),
        groups=shades,
        width=LEFT + 40,
        whole=True,
    )
    return stacked(
        [
            Panel(grid, words.say("chart.rfm.grid"), 44 * bins, LEFT),
            Panel(drawn, words.say("chart.loyalty.tiers"), height(len(bars)), LEFT + 40),
        ],
        words.say("chart.rfm.title"),
        [words.say("chart.n", n=number(total, 0, lang))],
        lang,
    )


def nps(request: Any, answer: Any, reader: Reader) -> Picture:
    """Promoters, passives and detractors of all answers and of each group, with the score."""
    words, lang = TEXTS[reader.lang], reader.lang
    groups = answer["by_group"]
    drawn = groups
    subtitles = [words.say("chart.nps.answers", n=number(answer["overall"]["responses"], 0, lang))]
    if len(groups) > MOST_BARS:
        drawn = sorted(groups, key=lambda group: -group["responses"])[:MOST_BARS]
        subtitles.append(
            words.say("chart.largest", drawn=number(MOST_BARS, 0, lang), n=number(len(groups), 0, lang))
        )
    titles = [words.say("chart.nps.overall"), *(_group(group["group"]) for group in drawn)]
    counts = [score["responses"] for score in (answer["overall"], *drawn)]
    # The number of answers is part of the name: a score of three answers says little.
    named = [
        words.say("chart.nps.group", name=label(title, 20), n=number(n, 0, lang))
        for title, n in zip(titles, counts, strict=True)
    ]
    shown = labels(named, 40)
    colours = {"detractors": ORANGE, "passives": "#DDDDDD", "promoters": BLUE}
    parts = {words.say(f"chart.nps.{part}"): colour for part, colour in colours.items()}
    keys = ("detractors_pct", "passives_pct", "promoters_pct")
    rows = [
        {"name": name, "part": part, "share": score[key]}
        for name, score in zip(shown, (answer["overall"], *drawn), strict=True)
        for key, part in zip(keys, parts, strict=True)
    ]
    ends = {
        name: number(score["nps"], 0, lang)
        for name, score in zip(shown, (answer["overall"], *drawn), strict=True)
    }
    chart = shares(rows, parts, words.say("chart.nps.share"), lang, ends=ends)
    return finished(chart, words.say("chart.nps.title"), subtitles, 170 + 32 * len(shown), lang)


def _group(value: Any) -> str:
    """A group's name: of several columns, their values."""
    if isinstance(value, Mapping):
        return " · ".join("–" if one is None else str(one) for one in value.values())
    return "–" if value is None else str(value)
