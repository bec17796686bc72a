"""Panels that several routes draw: ranked bars, histograms and shares, and their axes.

A panel takes rows of plain values with our own column names. Its vertical axis has a fixed width, so that the
panels of a picture align. The caller bins or truncates data that is too large, and says so in the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import altair as alt
import numpy as np

from abintel.charts.palette import BLUE, FAINT, INK
from abintel.charts.theme import SHORT, rows_of
from abintel.charts.words import label
from abintel.wording import Lang, percent

LEFT = 70
"""Width of a vertical axis with a title, in pixels."""
NAMES = 190
"""Width of a vertical axis of names, in pixels."""
MOST_BARS = 20
MOST_BINS = 24


class Bar(NamedTuple):
    """A bar with a name.

    Attributes:
        name: unique name; see :func:`abintel.charts.words.labels`.
        value: length of the bar.
        text: label at its end.
        group: group that decides its colour.
        low: lower end of its interval, if it has one.
        high: upper end of its interval.
        note: text below the bar.
    """

    name: str
    value: float
    text: str
    group: str = ""
    low: float | None = None
    high: float | None = None
    note: str = ""


def finite(values: Iterable[Any]) -> list[float]:
    """The values that are finite numbers."""
    return [float(value) for value in values if isinstance(value, int | float) and math.isfinite(value)]


def height(bars: int, noted: bool = False) -> int:
    """Height of a panel with a number of bars, in pixels."""
    return max(60, (44 if noted else 28) * bars)


def quantity(channel: Any, title: str, low: float, high: float, *, whole: bool = False, **axis: Any) -> Any:
    """A linear axis. Large numbers are abbreviated; an axis of counts (``whole``) has only integer ticks."""
    if whole and high - low < 8:
        axis = {"values": list(range(math.ceil(low), math.floor(high) + 1)), "format": "d", **axis}
    if max(abs(low), abs(high)) >= 1e6:
        axis = {"labelExpr": SHORT, **axis}
    scale = alt.Scale(domain=[low, high if high > low else low + 1.0], nice=False, zero=False)
    return channel.title(title).scale(scale).axis(alt.Axis(tickCount=6, **axis))


def upright(title: str, low: float, high: float, *, whole: bool = False, **axis: Any) -> alt.Y:
    """A vertical axis for the column ``y``."""
    made: alt.Y = quantity(alt.Y("y:Q"), title, low, high, whole=whole, minExtent=44, maxExtent=44, **axis)
    return made


def names(field: str, width: int | None = NAMES) -> alt.Y:
    """A vertical axis of names in the order of the rows. ``width`` None makes it as wide as needed."""
    fixed: dict[str, Any] = {}
    if width is not None:
        fixed = {"labelLimit": width - 12, "minExtent": width, "maxExtent": width}
    axis = alt.Axis(ticks=False, domain=False, labelPadding=8, labelOverlap=False, **fixed)
    made: alt.Y = alt.Y(field).sort(None).title(None).axis(axis)
    return made


def coloured(
    groups: Mapping[str, str], title: str | None, *, field: str = "group:N", **legend: Any
) -> alt.Color:
    """The colour of each group, with a legend above the panel."""
    shown = alt.Legend(orient="top", titleOrient="left", symbolLimit=0, columns=6, offset=6, **legend)
    scale = alt.Scale(domain=list(groups), range=list(groups.values()))
    made: alt.Color = alt.Color(field).title(None).scale(scale).legend(None)
    if len(groups) > 1:
        made = made.title(title).legend(shown)
    return made


def ranked(
    bars: Sequence[Bar],
    axis: str,
    *,
    groups: Mapping[str, str] | None = None,
    group_title: str | None = None,
    colour: str = BLUE,
    most: float | None = None,
    width: int = NAMES,
    whole: bool = False,
) -> alt.LayerChart:
    """Horizontal bars with names, in the given order from top to bottom.

    Args:
        bars: 1 or more.
        axis: title of the horizontal axis.
        groups: colour of each group, by name; None: all bars have ``colour``.
        group_title: title of the legend.
        colour: colour of the bars if there are no groups.
        most: end of the axis; by default as far as the bars need.
        width: pixels for the names.
        whole: whether the axis shows counts.
    """
    ends = finite(value for bar in bars for value in (bar.value, bar.low, bar.high))
    low, high = min([0.0, *ends]), max([0.0, *ends])
    noted = any(bar.note for bar in bars)
    intervals = any(bar.low is not None for bar in bars)
    # Labels are printed beyond the end of the bar or its interval.
    room = 0.16 * ((high - low) or 1.0)
    if most is None:
        most = high + room if high > 0 or low == 0 else 0.0
    if low < 0:
        low -= room
    rows = rows_of([_bar_row(bar, bool(groups), intervals, noted) for bar in bars])
    lift = -9 if noted else 0
    base = alt.Chart(rows).encode(names("name:N", width))
    drawn = base.mark_bar(size=16, yOffset=lift, color=colour).encode(
        quantity(alt.X("value:Q"), axis, low, most, whole=whole)
    )
    if groups:
        shade = coloured(groups, group_title)
        # No legend if the groups are the names of the bars.
        drawn = drawn.encode(shade.legend(None) if all(bar.name == bar.group for bar in bars) else shade)
    layers = [drawn]
    if intervals:
        rule = base.mark_rule(strokeWidth=1.6, color=INK, yOffset=lift).encode(alt.X("low:Q"), alt.X2("high"))
        layers.append(rule)
    sides: tuple[tuple[Literal["left", "right"], int, str], ...] = (
        ("left", 5, "datum.value >= 0"),
        ("right", -5, "datum.value < 0"),
    )
    for align, dx, which in sides:
        text = base.mark_text(align=align, dx=dx, fontSize=12, color=INK, dy=lift)
        layers.append(text.encode(alt.X("end:Q"), alt.Text("text:N")).transform_filter(which))
    if noted:
        note = base.mark_text(align="left", dy=12, fontSize=12, color=FAINT, limit=800 - width - 50)
        layers.append(note.encode(x=alt.datum(max(low, 0.0)), text=alt.Text("note:N")))
    return alt.LayerChart(layer=layers)


def _bar_row(bar: Bar, grouped: bool, intervals: bool, noted: bool) -> dict[str, Any]:
    ends = finite([bar.value, bar.high, 0.0]) if bar.value >= 0 else finite([bar.value, bar.low])
    return {
        "name": bar.name,
        "value": bar.value,
        "text": bar.text,
        "end": max(ends) if bar.value >= 0 else min(ends),
        **({"group": bar.group} if grouped else {}),
        **({"low": bar.low, "high": bar.high} if intervals else {}),
        **({"note": bar.note} if noted else {}),
    }


def edges(low: float, high: float, most: int = MOST_BINS) -> list[float]:
    """Bin edges with a round bin width that cover a range, at most ``most`` bins.

    >>> edges(0.0, 1.0, 10), edges(3.0, 3.0)
    ([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0], [2.5, 3.5])
    """
    span = high - low
    # Nearly equal bounds leave no room for several bins.
    if span <= 1e-9 * max(abs(low), abs(high), 1e-300):
        half = 0.5 * max(1.0, 1e-6 * abs(low))
        return [low - half, high + half]
    power = 10.0 ** math.floor(math.log10(span / most))
    for times in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0):
        step = times * power
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= most:
            break
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def histogram(
    values: Sequence[float],
    bounds: Sequence[float],
    axis: str,
    count: str,
    *,
    of: Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    group_title: str | None = None,
    over: Sequence[alt.Chart] = (),
) -> alt.LayerChart:
    """A histogram, stacked by group.

    Args:
        values: (n,) finite.
        bounds: bin edges, ascending; the last bin includes its upper edge.
        axis: title of the horizontal axis.
        count: title of the vertical axis.
        of: (n,) group of each value.
        groups: colour of each group, by name; the last group is at the bottom of the stack.
        group_title: title of the legend.
        over: charts to draw over the bars.
    """
    shades = dict(groups or {"": BLUE})
    chosen = np.array(of if of is not None else [""] * len(values), dtype=object)
    array = np.asarray(values, dtype=np.float64)
    beneath = np.zeros(len(bounds) - 1, dtype=np.int64)
    rows = []
    for group in reversed(shades):
        counts = np.histogram(array[chosen == group], bounds)[0]
        for place, (start, end) in enumerate(pairwise(bounds)):
            if counts[place]:
                bottom = int(beneath[place])
                row = {"x": start, "x2": end, "y": bottom, "y2": bottom + int(counts[place])}
                rows.append({**row, "group": group, "count": int(counts[place])})
        beneath += counts
    highest = float(beneath.max(initial=1))
    bars = (
        alt.Chart(rows_of(rows))
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            quantity(alt.X("x:Q"), axis, bounds[0], bounds[-1]),
            upright(count, 0.0, 1.08 * highest, whole=True),
            coloured(shades, group_title),
            x2="x2",
            y2="y2",
        )
    )
    return alt.LayerChart(layer=[bars, *over])


def shares(
    rows: Sequence[Mapping[str, Any]],
    parts: Mapping[str, str],
    axis: str,
    lang: Lang,
    *,
    ends: Mapping[str, str] | None = None,
    width: int = NAMES,
    title: str | None = None,
) -> alt.LayerChart:
    """Stacked bars of equal length.

    Args:
        rows: ``name``, ``part`` and ``share`` (0 to 100) each; names in the order of drawing.
        parts: colour of each part, by name, from left to right.
        axis: title of the horizontal axis.
        lang: language of the numbers.
        ends: text beyond the end of a bar, by the bar's name.
        title: title of the legend.
    """
    positions = {part: position for position, part in enumerate(parts)}
    ordered = sorted(rows, key=lambda row: positions[row["part"]])
    ends_so_far: dict[str, float] = {}
    drawn = []
    for row in ordered:
        start = ends_so_far.get(row["name"], 0.0)
        ends_so_far[row["name"]] = start + row["share"]
        text = percent(row["share"] / 100, 0, lang) if row["share"] >= 6 else ""
        middle = start + row["share"] / 2
        drawn.append({**row, "x": start, "x2": start + row["share"], "middle": middle, "text": text})
    dark = [part for part, shade in parts.items() if _is_dark(shade)]
    # Without its own order, the axis lists the names as they first appear in the rows.
    first = {row["name"]: index for index, row in reversed(list(enumerate(rows)))}
    drawn.sort(key=lambda row: first[row["name"]])
    for row in drawn:
        row["ink"] = "white" if row["part"] in dark else INK
    base = alt.Chart(rows_of(drawn)).encode(names("name:N", width))
    most = 116.0 if ends else 100.0
    across = quantity(alt.X("x:Q"), axis, 0.0, most, values=[0, 20, 40, 60, 80, 100])
    bars = base.mark_bar(size=18, stroke="white").encode(
        across, coloured(parts, title, field="part:N"), x2="x2"
    )
    inks = alt.Scale(domain=["white", INK], range=["white", INK])
    figures = base.mark_text(fontSize=12).encode(
        alt.X("middle:Q"), alt.Text("text:N"), alt.Fill("ink:N").scale(inks).legend(None)
    )
    layers = [bars, figures]
    if ends:
        said = alt.Chart(rows_of([{"name": name, "x": 101.5, "text": text} for name, text in ends.items()]))
        end = said.mark_text(align="left", fontSize=13, color=INK, fontWeight="bold")
        layers.append(end.encode(names("name:N", width), alt.X("x:Q"), alt.Text("text:N")))
    return alt.LayerChart(layer=layers)


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140


def reason(text: str | None) -> str:
    """A sentence, shortened for the line below a bar."""
    return label(text, 96) if text else ""
