"""Charts of the forecast routes: history, periods ahead with bands, held-out days, drivers, products."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from abintel.charts import Reader
from abintel.charts.kinds import NAMES, Bar, coloured, height, ranked, upright
from abintel.charts.palette import BAND_80, BAND_95, BLUE, GREEN, INK, ORANGE, PALE
from abintel.charts.theme import Panel, Picture, rows_of, said, stacked
from abintel.charts.words import label, labels, lines, unit_of_money
from abintel.wording import Texts, Words, figure, number, percent

TEXTS = Texts("forecast_charts")

MOST_HISTORY = 120
MOST_DAYS = 400
MOST_NAMES = 12
MOST_PRODUCTS = 9
MOST_EVENTS = 4
"""Recurring events that are named under a title."""
COLUMNS = 3
VALUES = ("revenue", "sales_quantity", "cost")
"""Columns that may be forecast; the rows of each route have one of them."""


def series(request: Any, answer: Any, reader: Reader) -> Picture:
    """History and forecast of one series, and what was forecast of held-out days."""
    forecast = answer["forecast_result"] if "forecast_result" in answer else answer["forecasts"][0]
    return _series(request, forecast, reader, [])


def driven(request: Any, answer: Any, reader: Reader) -> Picture:
    """History, forecast and held-out days, the contributions of drivers, and the cost centres' parts."""
    words, lang = TEXTS[reader.lang], reader.lang
    further, notes = [], []
    parts = sorted(answer["driver_contributions"], key=lambda part: -abs(part["contribution_pct"]))
    if len(parts) > 1:
        drawn = parts[:MOST_NAMES]
        named = (words.say("baseline") if part["driver"] == "baseline" else part["driver"] for part in drawn)
        bars = [
            Bar(name, part["contribution_pct"], percent(part["contribution_pct"] / 100, 1, lang))
            for name, part in zip(labels(named), drawn, strict=True)
        ]
        chart = ranked(bars, words.say("contribution"), colour=GREEN)
        further.append(Panel(chart, words.say("drivers"), height(len(bars)), NAMES))
        notes.append(_rest(len(drawn), len(parts), "drivers_n", words, reader))
    centres = answer["cost_centers"]
    if centres:
        sums = [sum(period["value"] for period in centre["forecast"]["calendar"]) for centre in centres]
        order = sorted(range(len(centres)), key=lambda index: -sums[index])[:MOST_NAMES]
        named = (centres[index]["cost_center"] or words.say("none") for index in order)
        bars = [
            Bar(name, sums[index], figure(sums[index], lang))
            for name, index in zip(labels(named), order, strict=True)
        ]
        chart = ranked(bars, words.say("total", unit=unit_of_money(reader)), colour=ORANGE)
        further.append(Panel(chart, words.say("centres"), height(len(bars)), NAMES))
        notes.append(_rest(len(order), len(centres), "centres_n", words, reader))
    return _series(request, answer["forecast_result"], reader, further, notes)


def _rest(drawn: int, n: int, things: str, words: Words, reader: Reader) -> str | None:
    if drawn == n:
        return None
    return words.say("largest", drawn=drawn, n=number(n, 0, reader.lang), things=words.say(things))


def _series(
    request: Any,
    forecast: Mapping[str, Any],
    reader: Reader,
    further: Sequence[Panel],
    notes: Sequence[str | None] = (),
) -> Picture:
    words, lang = TEXTS[reader.lang], reader.lang
    span = getattr(request, "granularity", "month")
    column = next(name for name in VALUES if name in request.data[0])
    unit = words.say("pieces") if column == "sales_quantity" else unit_of_money(reader)
    axis = words.say("unit", what=words.say(column), unit=unit, span=words.say(span))
    history, partial = _history(request.data, column, span)
    shown = history[-MOST_HISTORY:]
    backtest = forecast["backtest"]
    days = [{**day, "fold": number} for number, fold in enumerate(backtest) for day in fold["days"]]
    folds = [fold["days"][0]["date"] for fold in backtest if fold["days"]]
    metrics = forecast.get("evaluation_metrics") or {}
    recurring = forecast["cleaning"]["recurring"] if "cleaning" in forecast else []
    subtitles = lines(
        words.say(
            "model", name=forecast["best_algorithm"], folds=len(folds), mae=figure(metrics["MAE"], lang)
        )
        if "MAE" in metrics
        else None,
        words.say("partial", span=words.say(span)) if partial else None,
        _cut(len(shown), len(history), "periods", words, reader),
        _cut(min(len(days), MOST_DAYS), len(days), "days", words, reader),
        words.say("recurring", names="; ".join(event["pattern"] for event in recurring[:MOST_EVENTS]))
        if recurring
        else None,
        *notes,
    )
    date = words.say("date", span=words.say(span))
    form = "%Y-%m" if span == "month" else "%Y-%m-%d"
    periods = forecast["forecast"]["calendar"]
    coming = ahead(shown, partial, periods, axis, date, form, words, _next(recurring, periods))
    panels: list[Panel] = [Panel(coming, words.say("ahead"), 280)]
    if days:
        daily = words.say("unit", what=words.say(column), unit=unit, span=words.say("day"))
        held = held_out(days[-MOST_DAYS:], folds, daily, words)
        panels.append(Panel(held, words.say("backtest"), 200))
    name = forecast.get("product_code")
    title = words.say("title", what=words.say(column) + (f" · {label(name)}" if name else ""))
    return stacked([*panels, *further], title, subtitles, lang)


def _next(recurring: Sequence[Mapping[str, Any]], periods: Sequence[Mapping[str, Any]]) -> list[str]:
    """The next days of recurring events, up to the beginning of the last period."""
    last = _begun(periods[-1])
    stamps = {f"{day}T00:00:00Z" for event in recurring for day in event["next_dates"]}
    return sorted(stamp for stamp in stamps if stamp <= last)


def _cut(drawn: int, n: int, things: str, words: Words, reader: Reader) -> str | None:
    if drawn == n:
        return None
    return words.say("cut", drawn=drawn, n=number(n, 0, reader.lang), things=words.say(things))


def _history(rows: Sequence[Mapping[str, Any]], column: str, span: str) -> tuple[list[dict[str, Any]], bool]:
    """Sums of the rows by period, and whether the last period is incomplete."""
    sums: dict[datetime.date, float] = {}
    last = datetime.date.min
    for row in rows:
        day = _day(row["date"])
        last = max(last, day)
        start = day.replace(day=1) if span == "month" else day - datetime.timedelta(day.weekday())
        start = day if span == "day" else start
        sums[start] = sums.get(start, 0.0) + row[column]
    ends = {"month": last.day == calendar.monthrange(last.year, last.month)[1], "week": last.weekday() == 6}
    return [{"x": _stamp(day), "y": sums[day]} for day in sorted(sums)], not ends.get(span, True)


def _day(value: Any) -> datetime.date:
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value)[:10])


def _stamp(day: datetime.date) -> str:
    """Midnight UTC, because a date alone would depend on the time zone of the drawing process."""
    return f"{day.isoformat()}T00:00:00Z"


def _begun(period: Mapping[str, Any]) -> str:
    return f"{period.get('date') or period['yyyy-mm'] + '-01'}T00:00:00Z"


def _when(title: str | None, stamps: Sequence[str], form: str = "%Y-%m-%d", most: int = 8) -> alt.X:
    """A time axis with at most ``most`` marks, each at a day that is drawn, as numbers in every language."""
    known = sorted(set(stamps))
    marked = known[:: -(-len(known) // most)]
    moments = [datetime.datetime.fromisoformat(stamp).timestamp() * 1000 for stamp in marked]
    axis = alt.Axis(format=form, values=moments, labelOverlap="greedy")
    made: alt.X = alt.X("x:T").title(title).scale(type="utc").axis(axis)
    return made


def _bands(
    periods: Sequence[Mapping[str, Any]], begin: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Rows of a forecast. They start at the last point of the history, with an interval of width 0."""
    rows = [
        {
            "x": row["x"],
            "y": row["y"],
            **dict.fromkeys(("lower_80", "upper_80", "lower_95", "upper_95"), row["y"]),
        }
        for row in begin
    ]
    ends = ("lower_80", "upper_80", "lower_95", "upper_95")
    return rows + [
        {"x": _begun(row), "y": row["value"], **{end: row[end] for end in ends}} for row in periods
    ]


def _area(base: alt.Chart, level: str, shade: str, single: bool) -> alt.Chart:
    """An interval as an area, or as a thick line for a single period."""
    width = 10 if level == "95" else 18
    mark = base.mark_rule(strokeWidth=width, color=shade) if single else base.mark_area(color=shade)
    band: alt.Chart = mark.encode(alt.Y(f"lower_{level}:Q"), alt.Y2(f"upper_{level}"))
    return band


def ahead(
    history: Sequence[dict[str, Any]],
    partial: bool,
    periods: Sequence[Mapping[str, Any]],
    axis: str,
    date: str,
    form: str,
    words: Words,
    events: Sequence[str] = (),
) -> alt.LayerChart:
    """History, and periods ahead with their bands.

    Args:
        history: ``x``, start of a period, and ``y``, ascending.
        partial: whether the last of them is not complete.
        periods: ``date`` or ``yyyy-mm``, ``value`` and its bounds.
        axis: title of the vertical axis.
        date: title of the horizontal one.
        form: of its dates.
        words: of the legend.
        events: next days of recurring events.
    """
    whole = history[:-1] if partial and len(history) > 1 else history
    rows = _bands(periods, whole[-1:])
    past_name = words.say("history")
    shades = {
        past_name: INK,
        words.say("forecast"): BLUE,
        words.say("i80"): BAND_80,
        words.say("i95"): BAND_95,
    }
    values = [row["y"] for row in history] + [row["upper_95"] for row in rows]
    lowest = min([0.0, *(row["y"] for row in history)])
    up = upright(axis, lowest, 1.06 * max([1e-9, *values]))
    across = _when(date, [row["x"] for row in (*history, *rows)], form)
    base = alt.Chart(rows_of(rows)).encode(across, up)
    past = alt.Chart(rows_of([{**row, "group": past_name} for row in whole])).encode(across, up)
    shade = coloured(shades, None)
    layers = [
        _area(base, "95", BAND_95, len(rows) < 2),
        _area(base, "80", BAND_80, len(rows) < 2),
        past.mark_line(strokeWidth=1.8).encode(shade),
        past.mark_point(filled=True, size=22, opacity=1).encode(shade),
        base.mark_line(strokeWidth=2.4, color=BLUE),
        base.mark_point(filled=True, size=40, opacity=1, color=BLUE),
    ]
    if partial and len(history) > 1:
        rest = alt.Chart(rows_of([history[-1]])).encode(across, up)
        layers.append(rest.mark_point(size=45, color=INK, fill="white", opacity=1))
    if events:
        marked = alt.Chart(rows_of([{"x": stamp} for stamp in events])).encode(across)
        layers.insert(0, marked.mark_rule(color=GREEN, strokeWidth=1.2, strokeDash=[4, 3]))
    return alt.LayerChart(layer=layers)


def held_out(
    days: Sequence[Mapping[str, Any]], folds: Sequence[str], axis: str, words: Words
) -> alt.LayerChart:
    """Held-out days, and what was forecast of them.

    Args:
        days: ``date``, ``actual``, ``forecast``, its bounds of 80 %, and ``fold``, ascending within each.
        folds: first day of each fold.
        axis: title of the vertical axis.
        words: of the legend.
    """
    starts = sorted(folds)
    line, dot = words.say("forecast"), words.say("actual")
    rows = [
        {
            "x": f"{day['date'][:10]}T00:00:00Z",
            "y": day["forecast"],
            "actual": day["actual"],
            "lower": day["lower_80"],
            "upper": day["upper_80"],
            "fold": day["fold"],
            "line": line,
            "dot": dot,
        }
        for day in days
    ]
    highest = max([1e-9, *(max(row["upper"], row["actual"]) for row in rows)])
    across = _when(None, [row["x"] for row in rows], most=6)
    up = upright(axis, min([0.0, *(row["actual"] for row in rows)]), 1.06 * highest)
    shades = {line: BLUE, words.say("i80"): BAND_80, dot: INK}
    # A line per fold: no forecast was made for the days between two folds.
    base = alt.Chart(rows_of(rows)).encode(across, up, alt.Detail("fold:N"))
    begun = [f"{start[:10]}T00:00:00Z" for start in starts if start >= days[0]["date"]]
    bounds = alt.Chart(rows_of([{"x": start} for start in begun]))
    return alt.LayerChart(
        layer=[
            bounds.mark_rule(color=PALE, strokeWidth=2).encode(across),
            base.mark_area(color=BAND_80, opacity=0.5).encode(alt.Y("lower:Q"), alt.Y2("upper")),
            base.mark_line(strokeWidth=2).encode(coloured(shades, None, field="line:N")),
            base.mark_point(filled=True, size=14, opacity=0.9).encode(
                alt.Y("actual:Q"), coloured(shades, None, field="dot:N")
            ),
        ]
    )


def products(request: Any, answer: Any, reader: Reader) -> Picture:
    """A small panel per product, for the first nine products."""
    words, lang = TEXTS[reader.lang], reader.lang
    done = [product for product in answer["forecasts"] if product.get("forecast")]
    failed = len(answer["forecasts"]) - len(done)
    left_out = words.say("failed", n=number(failed, 0, lang)) if failed else None
    if not done:
        return said(words.say("nothing"), words.say("products"), lines(left_out), lang)
    shown = done[:MOST_PRODUCTS]
    span = getattr(request, "granularity", "month")
    axis = words.say("unit", what=words.say("sales_quantity"), unit=words.say("pieces"), span=words.say(span))
    form = "%Y-%m" if span == "month" else "%m-%d"
    first = words.say("first", drawn=len(shown), n=number(len(done), 0, lang))
    titles = labels((product["product_code"] for product in shown), 22)
    panels = [
        Panel(_small(product["forecast"]["calendar"], axis, form), title, 120)
        for product, title in zip(shown, titles, strict=True)
    ]
    rows = [panels[start : start + COLUMNS] for start in range(0, len(panels), COLUMNS)]
    drawn = f"{words.say('forecast')}, {words.say('i80')}, {words.say('i95')}"
    subtitles = lines(drawn, first if len(shown) < len(done) else None, left_out)
    return stacked(rows, words.say("products"), subtitles, lang)


def _small(periods: Sequence[Mapping[str, Any]], axis: str, form: str) -> alt.LayerChart:
    rows = _bands(periods)
    up = upright(axis, 0.0, 1.06 * max([1e-9, *(row["upper_95"] for row in rows)]))
    across = _when(None, [row["x"] for row in rows], form, 3)
    base = alt.Chart(rows_of(rows)).encode(across, up)
    return alt.LayerChart(
        layer=[
            _area(base, "95", BAND_95, len(rows) < 2),
            _area(base, "80", BAND_80, len(rows) < 2),
            base.mark_line(strokeWidth=2, color=BLUE),
            base.mark_point(filled=True, size=26, opacity=1, color=BLUE),
        ]
    )
