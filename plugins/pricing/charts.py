"""Chart of the pricing route: demand by price with its intervals, and profit and revenue by price."""

from __future__ import annotations

from typing import Any

import altair as alt

from abintel.charts import Reader
from abintel.charts.kinds import coloured, quantity, upright
from abintel.charts.palette import BAND_80, BAND_95, BLUE, GREY, ORANGE
from abintel.charts.planes import line_at
from abintel.charts.theme import Panel, Picture, rows_of, stacked
from abintel.charts.words import label, lines, unit_of_money
from abintel.wording import Texts, Words, figure, number

MOST_PRICES = 200
TEXTS = Texts("pricing_charts")


def price(request: Any, answer: Any, reader: Reader) -> Picture:
    """Units by price with both intervals, and below them profit and revenue, with the best price marked."""
    words, lang = TEXTS[reader.lang], reader.lang
    sent = sorted(answer["outcomes"], key=lambda row: row["candidate_price"])
    outcomes = _drawn(sent, answer["best_price"])
    prices = [row["candidate_price"] for row in outcomes]
    room = 0.05 * (prices[-1] - prices[0]) or max(0.05 * abs(prices[0]), 0.5)
    across = (prices[0] - room, prices[-1] + room)
    axis = words.say("price", money=unit_of_money(reader))
    best = line_at(answer["best_price"], words.say("best", price=figure(answer["best_price"], lang)))
    elasticity = answer.get("elasticity")
    subtitles = lines(
        elasticity
        and words.say(
            "elasticity",
            value=number(elasticity["value"], 2, lang),
            low=number(elasticity["lower_95"], 2, lang),
            high=number(elasticity["upper_95"], 2, lang),
        ),
        words.say("excluded") if any(row.get("excluded") for row in outcomes) else None,
        words.say("sample", drawn=len(outcomes), all=number(len(sent), 0, lang))
        if outcomes != sent
        else None,
    )
    return stacked(
        [
            Panel(
                alt.LayerChart(layer=[*_demand(outcomes, words, axis, across), *best]),
                words.say("demand"),
                240,
            ),
            Panel(
                alt.LayerChart(layer=[*_money(outcomes, words, axis, across, reader), *best]),
                words.say("brings"),
                200,
            ),
        ],
        words.say("title", product=label(getattr(request, "product_id", ""), 40)),
        subtitles,
        lang,
    )


def _drawn(outcomes: list[Any], best: float) -> list[Any]:
    """Every k-th of many prices, with both ends and the best price."""
    step = -(-len(outcomes) // MOST_PRICES)
    kept = (len(outcomes) - 1, next(i for i, row in enumerate(outcomes) if row["candidate_price"] == best))
    return [row for i, row in enumerate(outcomes) if i % step == 0 or i in kept]


def _demand(outcomes: list[Any], words: Words, axis: str, across: tuple[float, float]) -> list[alt.Chart]:
    rows = [
        {
            "x": row["candidate_price"],
            "y": row["expected_units"],
            **{key: row[key] for key in ("lower_80", "upper_80", "lower_95", "upper_95")},
            "allowed": not row.get("excluded"),
        }
        for row in outcomes
    ]
    highest = 1.05 * max(max(row["upper_95"], row["y"]) for row in rows)
    lowest = min(0.0, *(min(row["lower_95"], row["y"]) for row in rows))
    axes = (quantity(alt.X("x:Q"), axis, *across), upright(words.say("units"), lowest, highest))
    base = alt.Chart(rows_of(rows)).encode(*axes)
    bands = []
    # A band needs two prices. The intervals of a single price are lines.
    for name, shade, width in (("95", BAND_95, 3), ("80", BAND_80, 6)):
        ends = {"y": alt.Y(f"lower_{name}:Q"), "y2": alt.Y2(f"upper_{name}")}
        band = (
            base.mark_area(color=shade, opacity=0.8)
            if len(rows) > 1
            else base.mark_rule(color=shade, strokeWidth=width)
        )
        bands.append(band.encode(**ends))
    line = base.mark_line(color=BLUE, strokeWidth=2.2)
    return [*bands, line, *_dots(base, color=BLUE)]


def _dots(base: alt.Chart, **look: Any) -> list[alt.Chart]:
    """Points, hollow if a rule excludes the price."""
    filled = base.mark_point(size=60, opacity=1, filled=True, **look).transform_filter("datum.allowed")
    hollow = base.mark_point(size=60, opacity=1, fill="white", strokeWidth=1.8, **look)
    return [filled, hollow.transform_filter("!datum.allowed")]


def _money(
    outcomes: list[Any], words: Words, axis: str, across: tuple[float, float], reader: Reader
) -> list[alt.Chart]:
    profit, revenue = words.say("profit"), words.say("revenue")
    shades = {profit: ORANGE, revenue: GREY}
    keys = {profit: "expected_profit", revenue: "expected_revenue"}
    rows = [
        {"x": row["candidate_price"], "y": row[key], "group": name, "allowed": not row.get("excluded")}
        for name, key in keys.items()
        for row in outcomes
    ]
    low, high = min(0.0, *(row["y"] for row in rows)), max(0.0, *(row["y"] for row in rows))
    room = 0.06 * ((high - low) or 1.0)
    title = words.say("money", money=unit_of_money(reader))
    axes = (
        quantity(alt.X("x:Q"), axis, *across),
        upright(title, low - (room if low < 0 else 0), high + room),
        coloured(shades, None),
    )
    base = alt.Chart(rows_of(rows)).encode(*axes)
    return [base.mark_line(strokeWidth=2.2), *_dots(base)]
