"""Charts of the customer value routes: histories, and the forecast with the interval of its total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from abintel.charts import Reader
from abintel.charts.kinds import (
    LEFT,
    MOST_BARS,
    NAMES,
    Bar,
    coloured,
    edges,
    height,
    histogram,
    quantity,
    ranked,
    upright,
)
from abintel.charts.palette import BLUE, INK, ORANGE, SKY
from abintel.charts.theme import Panel, Picture, rows_of, stacked
from abintel.charts.words import figure, label, labels, lines, money, number, percent
from abintel.fields import Lang

MOST_POINTS = 1500
SHADES = {"High": BLUE, "Medium": SKY, "Low": ORANGE}

WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "High": "High",
        "Medium": "Medium",
        "Low": "Low",
        "n": "Customers: {n}",
        "drawn": "{drawn} of {n} customers drawn as points",
        "binned": "{n} customers, counted in bins",
        "customers": "Customers (number)",
        "features": "What customers are worth so far",
        "points": "Value of an order against repeat purchases",
        "repeat": "Repeat purchases (number)",
        "order": "Mean value of an order ({money})",
        "tier": "Potential",
        "tiers": "Customers by potential",
        "forecast": "Value of the next {months} months",
        "each": "Predicted value of each customer, with its 80% interval",
        "spread": "Customers by predicted value",
        "value": "Predicted value ({basis}, {money})",
        "margin": "margin",
        "revenue": "revenue",
        "clv_tier": "Tier",
        "total": "All customers together: {value}",
        "total_axis": "Total predicted value ({basis}, {money})",
        "i80": "80% interval",
        "i95": "95% interval",
        "prediction": "prediction",
    },
    "es": {
        "High": "Alto",
        "Medium": "Medio",
        "Low": "Bajo",
        "n": "Clientes: {n}",
        "drawn": "{drawn} de {n} clientes dibujados como puntos",
        "binned": "{n} clientes, contados por intervalos",
        "customers": "Clientes (número)",
        "features": "Lo que valen los clientes hasta hoy",
        "points": "Valor de un pedido frente a recompras",
        "repeat": "Recompras (número)",
        "order": "Valor medio de un pedido ({money})",
        "tier": "Potencial",
        "tiers": "Clientes por potencial",
        "forecast": "Valor de los próximos {months} meses",
        "each": "Valor previsto de cada cliente, con su intervalo del 80 %",
        "spread": "Clientes por valor previsto",
        "value": "Valor previsto ({basis}, {money})",
        "margin": "margen",
        "revenue": "ingresos",
        "clv_tier": "Nivel",
        "total": "Todos los clientes juntos: {value}",
        "total_axis": "Valor total previsto ({basis}, {money})",
        "i80": "intervalo del 80 %",
        "i95": "intervalo del 95 %",
        "prediction": "previsión",
    },
    "pt": {
        "High": "Alto",
        "Medium": "Médio",
        "Low": "Baixo",
        "n": "Clientes: {n}",
        "drawn": "{drawn} de {n} clientes desenhados como pontos",
        "binned": "{n} clientes, contados por intervalos",
        "customers": "Clientes (número)",
        "features": "Quanto valem os clientes até hoje",
        "points": "Valor de um pedido e recompras",
        "repeat": "Recompras (número)",
        "order": "Valor médio de um pedido ({money})",
        "tier": "Potencial",
        "tiers": "Clientes por potencial",
        "forecast": "Valor dos próximos {months} meses",
        "each": "Valor previsto de cada cliente, com seu intervalo de 80%",
        "spread": "Clientes por valor previsto",
        "value": "Valor previsto ({basis}, {money})",
        "margin": "margem",
        "revenue": "receita",
        "clv_tier": "Nível",
        "total": "Todos os clientes juntos: {value}",
        "total_axis": "Valor total previsto ({basis}, {money})",
        "i80": "intervalo de 80%",
        "i95": "intervalo de 95%",
        "prediction": "previsão",
    },
}


def features(request: Any, answer: Any, reader: Reader) -> Picture:
    """Repeat purchases against the value of an order, and how many customers have which potential."""
    words, lang = WORDS[reader.lang], reader.lang
    customers = answer["customers"]
    n = len(customers)
    step = -(-n // MOST_POINTS)
    shades = {words[tier]: shade for tier, shade in SHADES.items()}
    # In order of value, so that every k-th stands for all of them.
    drawn = sorted(customers, key=lambda row: (row["monetary_value"], row["frequency"]))[::step]
    rows = [
        {"x": row["frequency"], "y": row["monetary_value"], "group": words[row["clv_potential_tier"]]}
        for row in drawn
    ]
    across, up = ([row[name] for row in rows] for name in ("x", "y"))
    room = 0.06 * max(max(up) - min([0.0, *up]), 1.0)
    points = (
        alt.Chart(rows_of(rows))
        .mark_point(filled=True, size=70 if n <= 300 else 26, opacity=0.8 if n <= 300 else 0.5)
        .encode(
            quantity(
                alt.X("x:Q"), words["repeat"], -0.04 * max(*across, 1), 1.06 * max(*across, 1), whole=True
            ),
            upright(
                words["order"].format(money=money(reader)), min([0.0, *up]) - room, max([0.0, *up]) + room
            ),
            coloured(shades, words["tier"], symbolOpacity=1),
        )
    )
    subtitle = words["n"].format(n=number(n, 0, lang))
    if step > 1:
        subtitle = words["drawn"].format(drawn=number(len(rows), 0, lang), n=number(n, 0, lang))
    counts = {tier: sum(row["clv_potential_tier"] == tier for row in customers) for tier in SHADES}
    bars = [
        Bar(
            words[tier], count, f"{number(count, 0, lang)} ({percent(100 * count / n, 0, lang)})", words[tier]
        )
        for tier, count in counts.items()
    ]
    tiers = ranked(bars, words["customers"], groups=shades, width=LEFT, whole=True)
    return stacked(
        [Panel(points, words["points"], 280), Panel(tiers, words["tiers"], height(3), LEFT)],
        words["features"],
        [subtitle],
        lang,
    )


def forecast(request: Any, answer: Any, reader: Reader) -> Picture:
    """Value by tier, of each customer where they are few, and of all together with its intervals."""
    words, lang = WORDS[reader.lang], reader.lang
    customers, total = answer["customers"], answer["total"]
    basis = words[answer["monetary_basis"]]
    axis = words["value"].format(basis=basis, money=money(reader))
    shades = {words[tier]: shade for tier, shade in SHADES.items()}
    n = len(customers)
    if n <= MOST_BARS:
        first = Panel(_bars(customers, axis, shades, words, lang), words["each"], height(n), NAMES)
        counted = words["n"]
    else:
        values = [row["predicted_clv"] for row in customers]
        tiers = [words[row["clv_tier"]] for row in customers]
        bounds = edges(min([0.0, *values]), max(values))
        drawn = histogram(
            values, bounds, axis, words["customers"], of=tiers, groups=shades, group_title=words["clv_tier"]
        )
        first, counted = Panel(drawn, words["spread"], 260), words["binned"]
    sign = label(reader.currency) if reader.currency else ""
    headline = words["total"].format(value=sign + figure(total["predicted_clv"], lang))
    return stacked(
        [first, Panel(_total(total, basis, words, reader), headline, 90)],
        words["forecast"].format(months=number(answer["horizon_months"], 0, lang)),
        lines(counted.format(n=number(n, 0, lang))),
        lang,
    )


def _bars(
    customers: Sequence[Any], axis: str, shades: Mapping[str, str], words: Mapping[str, str], lang: Lang
) -> alt.LayerChart:
    ordered = sorted(customers, key=lambda row: -row["predicted_clv"])
    names = labels(row["customer_id"] for row in ordered)
    bars = [
        Bar(
            name,
            row["predicted_clv"],
            f"{figure(row['predicted_clv'], lang)} "
            f"({figure(row['lower_80'], lang)} – {figure(row['upper_80'], lang)})",
            words[row["clv_tier"]],
            row["lower_80"],
            row["upper_80"],
        )
        for name, row in zip(names, ordered, strict=True)
    ]
    return ranked(bars, axis, groups=shades, group_title=words["clv_tier"])


def _total(
    total: Mapping[str, float], basis: str, words: Mapping[str, str], reader: Reader
) -> alt.LayerChart:
    """The prediction on its two intervals."""
    rows = [
        {"name": words["i95"], "x": total["clv_lower_95"], "x2": total["clv_upper_95"]},
        {"name": words["i80"], "x": total["clv_lower_80"], "x2": total["clv_upper_80"]},
    ]
    values = [total[f"clv_{end}_{level}"] for end in ("lower", "upper") for level in (80, 95)]
    low, high = min(total["predicted_clv"], *values), max(total["predicted_clv"], *values)
    room = 0.08 * max(high - low, 1e-9 * abs(high), 1e-9)
    shades = {words["i80"]: SKY, words["i95"]: "#CFE8F7", words["prediction"]: INK}
    axis = quantity(
        alt.X("x:Q"), words["total_axis"].format(basis=basis, money=money(reader)), min(low, 0.0), high + room
    )
    shade = coloured(shades, None, field="name:N")
    bars = [
        alt.Chart(rows_of([row])).mark_bar(height=26).encode(axis, shade, alt.X2("x2"), y=alt.value(35))
        for row in rows
    ]
    point = alt.Chart(rows_of([{"name": words["prediction"], "x": total["predicted_clv"]}]))
    mark = point.mark_tick(thickness=3, size=34).encode(axis, shade, y=alt.value(35))
    return alt.LayerChart(layer=[*bars, mark])
