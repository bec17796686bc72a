"""What a reviewer sees of a champion: its figures, three pictures, a card. The pictures are SVG of our own:
they are made within the first call, which a drawing library would double.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.judging.choosing import Choice
from plugins.forecast.judging.forecast import Champion, History
from plugins.forecast.judging.judge import Figures
from plugins.forecast.judging.outlook import outlook

Floats = NDArray[np.float64]
WIDTH, HEIGHT, EDGE = 760, 300, 46
INK, BLUE, ORANGE, GREY, BAND = "#1f2933", "#2f6fb0", "#d9822b", "#9aa5b1", "#cfe0f1"
MONTHS = 12
MOST_POINTS = 400


def metrics(figures: Figures) -> dict[str, float]:
    """The figures that are known, by name."""
    named = {
        "score": figures.score,
        "RMSE": figures.rmse,
        "MAE": figures.mae,
        "R2": figures.r2,
        "MAPE": figures.mape,
        "sMAPE": figures.smape,
        "MASE": figures.mase,
    }
    return {name: value for name, value in named.items() if value is not None}


class _Axes:
    """A plot area: data to points, and the frame around it."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.x, self.y = x, (y[0], y[1] if y[1] > y[0] else y[0] + 1.0)

    def points(self, x: Floats, y: Floats) -> str:
        across = EDGE + (x - self.x[0]) / max(1e-12, self.x[1] - self.x[0]) * (WIDTH - 2 * EDGE)
        up = HEIGHT - EDGE - (y - self.y[0]) / (self.y[1] - self.y[0]) * (HEIGHT - 2 * EDGE)
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across.tolist(), up.tolist(), strict=True))

    def line(self, x: Floats, y: Floats, colour: str, width: float = 1.4) -> str:
        return (
            f'<polyline fill="none" stroke="{colour}" stroke-width="{width}" points="{self.points(x, y)}"/>'
        )

    def band(self, x: Floats, low: Floats, high: Floats) -> str:
        outline = f"{self.points(x, high)} {self.points(x[::-1], low[::-1])}"
        return f'<polygon fill="{BAND}" points="{outline}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="sans-serif" font-size="{size}" fill="{INK}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(parts: Sequence[str], title: str, height: int = HEIGHT) -> bytes:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}"><rect width="100%" height="100%" fill="white"/>'
    )
    return (head + _text(EDGE, 24, title, size=15) + "".join(parts) + "</svg>").encode()


def _frame(axes: _Axes, first: int, last: int) -> list[str]:
    base = HEIGHT - EDGE
    return [
        f'<line x1="{EDGE}" y1="{base}" x2="{WIDTH - EDGE}" y2="{base}" stroke="{GREY}"/>',
        _text(EDGE, base + 18, datetime.date.fromordinal(first).isoformat()),
        _text(WIDTH - EDGE, base + 18, datetime.date.fromordinal(last).isoformat(), "end"),
        _text(EDGE - 4, EDGE + 4, f"{axes.y[1]:.4g}", "end"),
        _text(EDGE - 4, base, f"{axes.y[0]:.4g}", "end"),
    ]


def _forecast(history: History, champion: Champion) -> bytes:
    months = outlook(champion, history, MONTHS, "month").calendar
    daily = np.array([month.first for month in months], dtype=np.float64)
    widths = np.diff(np.append(daily, daily[-1] + 30))
    middle = daily + widths / 2
    value, low, high = (
        np.array([getattr(month, name) for month in months]) / widths
        for name in ("value", "lower_80", "upper_80")
    )
    first, last = history.daily.first, int(daily[-1] + widths[-1])
    every = max(1, history.days // MOST_POINTS)
    days = first + np.arange(0, history.days, every, dtype=np.float64)
    known = history.daily.values[::every]
    axes = _Axes((first, last), (0.0, float(max(known.max(), high.max()))))
    parts = [
        axes.band(middle, low, high),
        axes.line(days, known, GREY, 1.0),
        axes.line(middle, value, BLUE, 2.2),
        *_frame(axes, first, last),
    ]
    return _svg(parts, f"{champion.algorithm}: history, and months ahead as daily means with 80 % bounds")


def _backtest(history: History, champion: Champion) -> bytes:
    first = champion.origins[0]
    length = champion.paths.shape[1]
    days = np.arange(first, history.days, dtype=np.float64)
    actual = history.daily.values[first:]
    axes = _Axes((first, history.days), (0.0, float(max(actual.max(), champion.paths.max()))))
    parts = [axes.line(days, actual, GREY, 1.2)]
    for origin, path in zip(champion.origins, champion.paths, strict=True):
        parts.append(axes.line(np.arange(origin, origin + length, dtype=np.float64), path, ORANGE, 1.2))
    parts += _frame(axes, history.daily.first + first, history.daily.last)
    return _svg(parts, "Held-out days (grey) and what the champion forecast for them, fold by fold")


class _Bar(NamedTuple):
    """A line of a bar chart."""

    name: str
    value: float
    said: str
    colour: str


def _bars(rows: Sequence[_Bar], title: str) -> bytes:
    top = max((row.value for row in rows), default=0.0) or 1.0
    parts, left, height = [], 150, 26
    for place, row in enumerate(rows):
        y = EDGE + place * height
        wide = (WIDTH - left - 2 * EDGE) * row.value / top
        parts.append(
            f'<rect x="{left}" y="{y}" width="{wide:.1f}" height="{height - 8}" fill="{row.colour}"/>'
        )
        parts.append(_text(left - 8, y + 13, row.name, "end"))
        parts.append(_text(left + wide + 6, y + 13, row.said))
    return _svg(parts, title, EDGE + len(rows) * height + 16)


def bars(counts: Sequence[tuple[str, int]], title: str) -> bytes:
    """How many there are of each, as an SVG."""
    return _bars([_Bar(name, count, f"{count:,}", BLUE) for name, count in counts], title)


def _candidates(champion: Champion) -> bytes:
    rows = [
        _Bar(
            one.name,
            one.figures.score,
            f"{one.figures.score:.4g}" + (" (newest fold)" if one.dropped else ""),
            BLUE if one.name == champion.algorithm else GREY,
        )
        for one in champion.candidates
        if one.figures
    ]
    return _bars(rows, "Error of each model: 0.6 RMSE of all days and 0.4 of business days")


def pictures(history: History, champion: Champion) -> dict[str, bytes]:
    """File name to SVG: the forecast, the backtest, the candidates."""
    return {
        "forecast.svg": _forecast(history, champion),
        "backtest.svg": _backtest(history, champion),
        "candidates.svg": _candidates(champion),
    }


def card(history: History, champion: Champion, note: str | None) -> str:
    """The model card, Markdown."""
    rows = [
        f"| {one.name} | {one.figures.rmse:.6g} | {one.figures.mae:.6g} | {one.figures.r2:.3f} | "
        f"{one.folds} | "
        f"{one.dropped or ''} |"
        for one in champion.candidates
        if one.figures
    ]
    failed = [f"{one.name} {one.dropped}." for one in champion.candidates if not one.figures]
    daily = history.daily
    span = [datetime.date.fromordinal(day).isoformat() for day in (daily.first, daily.last)]
    return "\n".join(
        [
            f"# {champion.algorithm}",
            "",
            f"Learned from {history.days:,} days, {span[0]} to {span[1]}; {int(daily.filled.sum())} of "
            f"them were "
            f"filled in, {daily.merged} rows were added to others of their day, {len(champion.outliers)} "
            f"days are "
            f"out of line and were drawn in. {'Logarithms were taken.' if champion.logs else ''}",
            "",
            f"Judged by rolling origin: {len(champion.origins)} folds of {champion.paths.shape[1]} days, "
            f"the score "
            "is 0.6 of the RMSE over all days and 0.4 of that over business days. Made of: "
            f"{', '.join(champion.members)}.",
            *(["", note] if note else []),
            "",
            "| model | RMSE | MAE | R² | folds | dropped |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            *failed,
            "",
            "Bounds come from simulated paths of the backtest's errors. A forecast knows nothing of what the "
            "history has never seen: a new price, a new shop, a lockdown.",
        ]
    )


def table_card(choices: Sequence[Choice]) -> str:
    """The card of a table of many series, Markdown."""
    ways = Counter(choice.how for choice in choices)
    wins = Counter(choice.algorithm for choice in choices)
    return "\n".join(
        [
            f"# Champions of {len(choices):,} series",
            "",
            "For each series the model that did best on four folds of held-out days, among the quick ones of "
            "the plugin; its forecast is made anew at each request. "
            + ", ".join(f"{count:,} {how.replace('_', ' ')}" for how, count in sorted(ways.items()))
            + ".",
            "",
            "| champion | series |",
            "| --- | --- |",
            *(f"| {name} | {count:,} |" for name, count in wins.most_common()),
        ]
    )
