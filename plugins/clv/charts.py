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
from abintel.charts.palette import BAND_80, BAND_95, BLUE, INK, ORANGE, SKY
from abintel.charts.theme import Panel, Picture, rows_of, stacked
from abintel.charts.words import count_and_share, label, labels, lines, unit_of_money
from abintel.wording import Words, figure, money, number
from plugins.clv.words import TEXTS

MOST_POINTS = 1500
SHADES = {"High": BLUE, "Medium": SKY, "Low": ORANGE}


def features(request: Any, answer: Any, reader: Reader) -> Picture:
    """Repeat purchases against the value of an order, and how many customers have which potential."""
    words, lang = TEXTS[reader.lang], reader.lang
    customers = answer["customers"]
    n = len(customers)
    step = -(-n // MOST_POINTS)
    tiers = words.choices("tier")
    shades = {tiers[tier]: shade for tier, shade in SHADES.items()}
    # Sorted by value, so that every k-th customer is a sample of all values.
    drawn = sorted(customers, key=lambda row: (row["monetary_value"], row["frequency"]))[::step]
    rows = [
        {"x": row["frequency"], "y": row["monetary_value"], "group": tiers[row["clv_potential_tier"]]}
        for row in drawn
    ]
    across, up = ([row[name] for row in rows] for name in ("x", "y"))
    room = 0.06 * max(max(up) - min([0.0, *up]), 1.0)
    points = (
        alt.Chart(rows_of(rows))
        .mark_point(filled=True, size=70 if n <= 300 else 26, opacity=0.8 if n <= 300 else 0.5)
        .encode(
            quantity(
                alt.X("x:Q"),
                words.say("chart.features.repeat"),
                -0.04 * max(*across, 1),
                1.06 * max(*across, 1),
                whole=True,
            ),
            upright(
                words.say("chart.features.order", money=unit_of_money(reader)),
                min([0.0, *up]) - room,
                max([0.0, *up]) + room,
            ),
            coloured(shades, words.say("chart.features.tier"), symbolOpacity=1),
        )
    )
    subtitle = words.say("chart.n", n=number(n, 0, lang))
    if step > 1:
        subtitle = words.say("chart.drawn", drawn=number(len(rows), 0, lang), n=number(n, 0, lang))
    counts = {tier: sum(row["clv_potential_tier"] == tier for row in customers) for tier in SHADES}
    bars = [
        Bar(tiers[tier], count, count_and_share(count, n, lang), tiers[tier])
        for tier, count in counts.items()
    ]
    by_tier = ranked(bars, words.say("chart.customers"), groups=shades, width=LEFT, whole=True)
    return stacked(
        [
            Panel(points, words.say("chart.features.points"), 280),
            Panel(by_tier, words.say("chart.features.tiers"), height(3), LEFT),
        ],
        words.say("chart.features.title"),
        [subtitle],
        lang,
    )


def forecast(request: Any, answer: Any, reader: Reader) -> Picture:
    """Value by tier, of each customer where they are few, and of all together with its intervals."""
    words, lang = TEXTS[reader.lang], reader.lang
    customers, total = answer["customers"], answer["total"]
    basis = words.say(f"forecast.basis.{answer['monetary_basis']}")
    axis = words.say("chart.forecast.value", basis=basis, money=unit_of_money(reader))
    tiers = words.choices("tier")
    shades = {tiers[tier]: shade for tier, shade in SHADES.items()}
    n = len(customers)
    if n <= MOST_BARS:
        bars = _bars(customers, axis, shades, words)
        first, counted = Panel(bars, words.say("chart.forecast.each"), height(n), NAMES), "chart.n"
    else:
        values = [row["predicted_clv"] for row in customers]
        bounds = edges(min([0.0, *values]), max(values))
        drawn = histogram(
            values,
            bounds,
            axis,
            words.say("chart.customers"),
            of=[tiers[row["clv_tier"]] for row in customers],
            groups=shades,
            group_title=words.say("chart.forecast.tier"),
        )
        first, counted = Panel(drawn, words.say("chart.forecast.spread"), 260), "chart.binned"
    value = total["predicted_clv"]
    amount = money(value, 0 if abs(value) >= 100 else 2, lang, label(reader.currency or "") or None)
    headline = words.say("chart.forecast.total", value=amount)
    return stacked(
        [first, Panel(_total(total, basis, words, reader), headline, 90)],
        words.count("chart.forecast.title", answer["horizon_months"]),
        lines(words.say(counted, n=number(n, 0, lang))),
        lang,
    )


def _bars(customers: Sequence[Any], axis: str, shades: Mapping[str, str], words: Words) -> alt.LayerChart:
    lang, tiers = words.lang, words.choices("tier")
    ordered = sorted(customers, key=lambda row: -row["predicted_clv"])
    names = labels(row["customer_id"] for row in ordered)
    bars = [
        Bar(
            name,
            row["predicted_clv"],
            words.say(
                "chart.forecast.bar",
                value=figure(row["predicted_clv"], lang),
                lower=figure(row["lower_80"], lang),
                upper=figure(row["upper_80"], lang),
            ),
            tiers[row["clv_tier"]],
            row["lower_80"],
            row["upper_80"],
        )
        for name, row in zip(names, ordered, strict=True)
    ]
    return ranked(bars, axis, groups=shades, group_title=words.say("chart.forecast.tier"))


def _total(total: Mapping[str, float], basis: str, words: Words, reader: Reader) -> alt.LayerChart:
    """The prediction on its two intervals."""
    names = words.choices("chart.forecast")
    rows = [
        {"name": names["interval_95"], "x": total["clv_lower_95"], "x2": total["clv_upper_95"]},
        {"name": names["interval_80"], "x": total["clv_lower_80"], "x2": total["clv_upper_80"]},
    ]
    values = [total[f"clv_{end}_{level}"] for end in ("lower", "upper") for level in (80, 95)]
    low, high = min(total["predicted_clv"], *values), max(total["predicted_clv"], *values)
    room = 0.08 * max(high - low, 1e-9 * abs(high), 1e-9)
    shades = {names["interval_80"]: BAND_80, names["interval_95"]: BAND_95, names["prediction"]: INK}
    title = words.say("chart.forecast.total_axis", basis=basis, money=unit_of_money(reader))
    axis = quantity(alt.X("x:Q"), title, min(low, 0.0), high + room)
    shade = coloured(shades, None, field="name:N")
    bars = [
        alt.Chart(rows_of([row])).mark_bar(height=26).encode(axis, shade, alt.X2("x2"), y=alt.value(35))
        for row in rows
    ]
    point = alt.Chart(rows_of([{"name": names["prediction"], "x": total["predicted_clv"]}]))
    mark = point.mark_tick(thickness=3, size=34).encode(axis, shade, y=alt.value(35))
    return alt.LayerChart(layer=[*bars, mark])
