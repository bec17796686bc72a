"""Chart of the pricing route: demand over price with its intervals, and what each price brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from abintel.charts import Reader
from abintel.charts.kinds import coloured, quantity, upright
from abintel.charts.palette import BLUE, GREY, ORANGE, SKY
from abintel.charts.planes import line_at
from abintel.charts.theme import Panel, Picture, rows_of, stacked
from abintel.charts.words import figure, label, lines, money, number
from abintel.fields import Lang

MOST_PRICES = 200
WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "title": "Price and demand: {product}",
        "demand": "Expected units a day, with 80% and 95% intervals",
        "units": "Units (per day)",
        "price": "Price ({money})",
        "profit": "Expected profit",
        "revenue": "Expected revenue",
        "money": "Money a day ({money})",
        "brings": "What each price brings a day",
        "best": "best price {price}",
        "excluded": "Hollow: excluded by a rule (least margin, largest discount).",
        "elasticity": "Price elasticity {value} ({low} to {high}, 95%).",
        "sample": "{drawn} of {all} prices drawn.",
    },
    "es": {
        "title": "Precio y demanda: {product}",
        "demand": "Unidades esperadas al día, con intervalos del 80 % y 95 %",
        "units": "Unidades (al día)",
        "price": "Precio ({money})",
        "profit": "Beneficio esperado",
        "revenue": "Ingresos esperados",
        "money": "Dinero al día ({money})",
        "brings": "Lo que cada precio aporta al día",
        "best": "mejor precio {price}",
        "excluded": "Huecos: excluidos por una regla (margen mínimo, descuento máximo).",
        "elasticity": "Elasticidad de precio {value} ({low} a {high}, 95 %).",
        "sample": "Se muestran {drawn} de {all} precios.",
    },
    "pt": {
        "title": "Preço e demanda: {product}",
        "demand": "Unidades esperadas por dia, com intervalos de 80% e 95%",
        "units": "Unidades (por dia)",
        "price": "Preço ({money})",
        "profit": "Lucro esperado",
        "revenue": "Receita esperada",
        "money": "Dinheiro por dia ({money})",
        "brings": "O que cada preço rende por dia",
        "best": "melhor preço {price}",
        "excluded": "Vazados: excluídos por uma regra (margem mínima, desconto máximo).",
        "elasticity": "Elasticidade-preço {value} ({low} a {high}, 95%).",
        "sample": "São mostrados {drawn} de {all} preços.",
    },
}


def price(request: Any, answer: Any, reader: Reader) -> Picture:
    """Units over price with both intervals; beneath, profit and revenue, with the best price marked."""
    words, lang = WORDS[reader.lang], reader.lang
    sent = sorted(answer["outcomes"], key=lambda row: row["candidate_price"])
    outcomes = _every(sent, answer["best_price"])
    prices = [row["candidate_price"] for row in outcomes]
    room = 0.05 * (prices[-1] - prices[0]) or max(0.05 * abs(prices[0]), 0.5)
    across = (prices[0] - room, prices[-1] + room)
    axis = words["price"].format(money=money(reader))
    best = line_at(answer["best_price"], words["best"].format(price=figure(answer["best_price"], lang)))
    elasticity = answer.get("elasticity")
    subtitles = lines(
        elasticity
        and words["elasticity"].format(
            value=number(elasticity["value"], 2, lang),
            low=number(elasticity["lower_95"], 2, lang),
            high=number(elasticity["upper_95"], 2, lang),
        ),
        words["excluded"] if any(row.get("excluded") for row in outcomes) else None,
        words["sample"].format(drawn=len(outcomes), all=number(len(sent), 0, lang))
        if outcomes != sent
        else None,
    )
    return stacked(
        [
            Panel(
                alt.LayerChart(layer=[*_demand(outcomes, words, axis, across), *best]), words["demand"], 240
            ),
            Panel(
                alt.LayerChart(layer=[*_money(outcomes, words, axis, across, reader), *best]),
                words["brings"],
                200,
            ),
        ],
        words["title"].format(product=label(getattr(request, "product_id", ""), 40)),
        subtitles,
        lang,
    )


def _every(outcomes: list[Any], best: float) -> list[Any]:
    """Every k-th of very many prices, the ends and the best among them."""
    step = -(-len(outcomes) // MOST_PRICES)
    ends = (len(outcomes) - 1, next(i for i, row in enumerate(outcomes) if row["candidate_price"] == best))
    return [row for place, row in enumerate(outcomes) if place % step == 0 or place in ends]


def _demand(
    outcomes: list[Any], words: Mapping[str, str], axis: str, across: tuple[float, float]
) -> list[alt.Chart]:
    rows = [
        {
            "x": row["candidate_price"],
            "y": row["expected_units"],
            **{key: row[key] for key in ("lower_80", "upper_80", "lower_95", "upper_95")},
            "held": not row.get("excluded"),
        }
        for row in outcomes
    ]
    highest = 1.05 * max(max(row["upper_95"], row["y"]) for row in rows)
    lowest = min(0.0, *(min(row["lower_95"], row["y"]) for row in rows))
    axes = (quantity(alt.X("x:Q"), axis, *across), upright(words["units"], lowest, highest))
    base = alt.Chart(rows_of(rows)).encode(*axes)
    bands = []
    # A band needs two prices; a single one has its intervals as a line.
    for name, shade, width in (("95", "#CFE8F7", 3), ("80", SKY, 6)):
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
    """Points, hollow where a rule excludes a price."""
    filled = base.mark_point(size=60, opacity=1, filled=True, **look).transform_filter("datum.held")
    hollow = base.mark_point(size=60, opacity=1, fill="white", strokeWidth=1.8, **look)
    return [filled, hollow.transform_filter("!datum.held")]


def _money(
    outcomes: list[Any], words: Mapping[str, str], axis: str, across: tuple[float, float], reader: Reader
) -> list[alt.Chart]:
    shades = {words["profit"]: ORANGE, words["revenue"]: GREY}
    keys = {words["profit"]: "expected_profit", words["revenue"]: "expected_revenue"}
    rows = [
        {"x": row["candidate_price"], "y": row[key], "group": name, "held": not row.get("excluded")}
        for name, key in keys.items()
        for row in outcomes
    ]
    low, high = min(0.0, *(row["y"] for row in rows)), max(0.0, *(row["y"] for row in rows))
    room = 0.06 * ((high - low) or 1.0)
    title = words["money"].format(money=money(reader))
    axes = (
        quantity(alt.X("x:Q"), axis, *across),
        upright(title, low - (room if low < 0 else 0), high + room),
        coloured(shades, None),
    )
    base = alt.Chart(rows_of(rows)).encode(*axes)
    return [base.mark_line(strokeWidth=2.2), *_dots(base)]
