"""More panels: heat maps, curves and reference lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt

from abintel.charts.kinds import NAMES, coloured, names, quantity, upright
from abintel.charts.palette import BLUE, GREY, INK, PALETTE
from abintel.charts.theme import rows_of

BROKEN = r"split(datum.label, '\n')"
"""Splits an axis label at its line breaks."""


def heat(
    rows: Sequence[Mapping[str, Any]],
    across: str | None,
    down: str | None,
    shade: str,
    domain: tuple[float, float],
    *,
    columns: Sequence[str],
    width: int = NAMES,
    text_size: int = 12,
) -> alt.LayerChart:
    """A heat map with a cell for each row: ``column``, ``name``, ``value`` (None is left white) and ``text``.

    Args:
        across: title of the horizontal axis.
        down: title of the vertical axis.
        shade: title of the colour legend.
        domain: the values of the lightest and the darkest colour.
        columns: the columns from left to right.
    """
    low, high = domain
    high = high if high > low else low + 1.0
    # The text colour changes near the middle of the colour scale.
    drawn = [
        {
            **row,
            "ink": "white" if row["value"] is not None and row["value"] > low + 0.55 * (high - low) else INK,
        }
        for row in rows
    ]
    base = alt.Chart(rows_of(drawn)).encode(
        alt.X("column:N")
        .sort(list(columns))
        .title(across)
        .axis(
            alt.Axis(
                labelAngle=0 if len(columns) <= 8 else -40,
                labelLimit=620 // min(len(columns), 8),
                labelExpr=BROKEN,
                labelOverlap=False,
                ticks=False,
                domain=False,
            )
        ),
        names("name:N", width).title(down),
    )
    steps = alt.Scale(domain=[low, high], range=["#F2F6FB", "#08306B"], interpolate="rgb")
    ramp = alt.Legend(orient="top", titleOrient="left", gradientLength=160, tickCount=3)
    cells = (
        base.mark_rect(stroke="white", strokeWidth=2)
        .encode(alt.Color("value:Q").scale(steps).title(shade).legend(ramp))
        .transform_filter("isValid(datum.value)")
    )
    empty = base.mark_rect(stroke="white", strokeWidth=2, color="#F7F7F7")
    inks = alt.Scale(domain=["white", INK], range=["white", INK])
    figures = base.mark_text(fontSize=text_size, limit=110).encode(
        alt.Text("text:N"), alt.Fill("ink:N").scale(inks).legend(None)
    )
    return alt.LayerChart(layer=[empty, cells, figures])


def curve(
    points: Sequence[tuple[float, float]],
    across: str,
    up: str,
    *,
    diagonal: Sequence[tuple[float, float]] = (),
    x: tuple[float, float] = (0.0, 100.0),
    y: tuple[float, float] = (0.0, 100.0),
    colour: str = BLUE,
    sizes: Sequence[float] | None = None,
    size_title: str = "",
) -> alt.LayerChart:
    """A line through points, with a dotted line for comparison.

    Args:
        points: the points in drawing order.
        diagonal: the ends of the dotted line.
        sizes: the sizes of the points.
    """
    axes = (quantity(alt.X("x:Q"), across, *x), upright(up, *y))
    layers = _compared(diagonal, axes)
    rows = [
        {"place": index, "x": across_value, "y": up_value}
        for index, (across_value, up_value) in enumerate(points)
    ]
    for row, size in zip(rows, sizes or (), strict=False):
        row["size"] = size
    base = alt.Chart(rows_of(rows)).encode(*axes)
    layers.append(base.mark_line(color=colour, strokeWidth=2.2).encode(alt.Order("place:Q")))
    dots = base.mark_point(filled=True, color=colour, opacity=1, size=45)
    if sizes:
        scale = alt.Scale(domain=[0, max(*sizes, 1)], range=[0, 160])
        dots = dots.encode(alt.Size("size:Q").scale(scale).title(size_title).legend(None))
    layers.append(dots)
    return alt.LayerChart(layer=layers)


def curves(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    across: str,
    up: str,
    *,
    diagonal: Sequence[tuple[float, float]] = (),
    x: tuple[float, float] = (0.0, 100.0),
    y: tuple[float, float] = (0.0, 100.0),
    bold: str | None = None,
    title: str | None = None,
    columns: int = 6,
) -> alt.LayerChart:
    """Lines through points, each in its own colour.

    Args:
        lines: the points of each line in drawing order, by name.
        diagonal: the ends of a dotted line for comparison.
        bold: name of the line to emphasise.
        title: title of the legend.
        columns: number of columns of the legend.
    """
    axes = (quantity(alt.X("x:Q"), across, *x), upright(up, *y))
    rows = [
        {
            "place": index,
            "x": across_value,
            "y": up_value,
            "group": name,
            "wide": 3.0 if name == bold else 1.6,
        }
        for name, points in lines.items()
        for index, (across_value, up_value) in enumerate(points)
    ]
    shades = {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(lines)}
    widths = alt.StrokeWidth("wide:Q").scale(None).legend(None)
    shade = coloured(shades, title)
    if len(shades) > 1:
        shade = shade.legend(alt.Legend(orient="top", titleOrient="left", symbolLimit=0, columns=columns))
    base = alt.Chart(rows_of(rows)).encode(*axes, shade, widths, alt.Order("place:Q"))
    return alt.LayerChart(layer=[*_compared(diagonal, axes), base.mark_line()])


def _compared(ends: Sequence[tuple[float, float]], axes: tuple[alt.X, alt.Y]) -> list[alt.Chart]:
    """A dotted line between two ends, as the first layer of a panel."""
    if not ends:
        return []
    base = alt.Chart(rows_of([{"x": x, "y": y} for x, y in ends]))
    dotted = base.mark_line(strokeDash=[3, 4], color=GREY, strokeWidth=1.5)
    return [dotted.encode(*axes, alt.Order("x:Q"))]


def line_at(value: float, text: str, field: Literal["x", "y"] = "x") -> list[alt.Chart]:
    """A dashed, labelled reference line at a value of an axis, as layers of a panel."""
    base = alt.Chart(rows_of([{field: value, "text": text}]))
    rule = base.mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=INK)
    caption = base.mark_text(align="left", dx=5, dy=8, fontSize=12, color=INK, baseline="top")
    if field == "x":
        label = caption.encode(alt.X("x:Q"), alt.Text("text:N"), y=alt.value(0))
        return [rule.encode(alt.X("x:Q")), label]
    return [rule.encode(alt.Y("y:Q")), caption.encode(alt.Y("y:Q"), alt.Text("text:N"), x=alt.value(0))]
