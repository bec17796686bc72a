"""How every picture looks: colours, fonts, sizes, and where titles stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import altair as alt
from altair.utils import schemapi

from abintel.charts import setters
from abintel.charts.palette import FAINT, GREY, INK, PALE
from abintel.wording import Lang
from abintel.wording.formats import compact_steps, marks

Drawing = alt.Chart | alt.LayerChart
AnyDrawing = TypeVar("AnyDrawing", alt.Chart, alt.LayerChart)
Picture = alt.Chart | alt.LayerChart | alt.VConcatChart
AnyPicture = TypeVar("AnyPicture", alt.Chart, alt.LayerChart, alt.VConcatChart)

WIDTH = 800
PADDING = 12
EDGE = 16
"""To the right of a panel: half of the last label of its axis stands there."""
BETWEEN = 30
"""Between panels side by side."""
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert carries the first one; a browser has one of the others."""

setters.make_safe()
schemapi.DEBUG_MODE = False
"""Altair holds every part to the schema as it is made, with all rows of the data in it: 0.2 s for a chart of
3,000 points. That a chart keeps the schema is for the tests, which validate each whole."""


STEP = "short[datum.value ? clamp(floor(log(abs(datum.value)) / LN10 + 1e-9), 0, 15) : 0]"
SHORT = f"{STEP}.prefix + format(datum.value / {STEP}.by, ',~r') + {STEP}.suffix"
"""Label of an axis of large numbers, such as 1.5M; its steps are the language's, in :func:`look`."""


def look(lang: Lang) -> alt.Config:
    """The theme, with the numbers of a language. Nothing is registered with Altair."""
    thousands, point, sign, minus = marks(lang)
    numbers = {
        "decimal": point,
        "thousands": thousands,
        "grouping": [3],
        "currency": ["", ""],
        "minus": minus,
    }
    sized = {"labelFontSize": 13, "titleFontSize": 14, "titleFontWeight": "normal"}
    inked = {"labelColor": INK, "titleColor": INK}
    lines = {"gridColor": PALE, "domainColor": GREY, "tickColor": GREY}
    steps = [step._asdict() for step in compact_steps(lang)]
    return alt.Config(
        params=[{"name": "short", "value": steps}],
        font=FONT,
        background="white",
        padding=PADDING,
        locale={"number": numbers | {"percent": sign}},
        axis={**sized, **inked, **lines, "titlePadding": 10},
        legend={**sized, **inked, "titleLimit": 400, "labelLimit": 200},
        view={"stroke": None},
        title={
            "anchor": "start",
            "fontSize": 20,
            "color": INK,
            "subtitleFontSize": 14,
            "subtitleColor": FAINT,
            "subtitlePadding": 6,
            "offset": 16,
        },
    )


def finished(chart: AnyDrawing, title: str, subtitles: Sequence[str], height: int, lang: Lang) -> AnyDrawing:
    """A picture of one panel: title, size and theme are set in the chart itself.

    Altair's own methods copy all of it each time, which takes longer than to make it.
    """
    chart.title = alt.Title(title, subtitle=list(subtitles))
    chart.description = title
    chart.width, chart.height = WIDTH, height
    chart.autosize = alt.AutoSizeParams(type="fit", contains="padding")
    chart.config = look(lang)
    return chart


class Panel(NamedTuple):
    """A part of a picture of several.

    Attributes:
        chart: without a size.
        title: of the part.
        height: of what is drawn, without axes.
        left: pixels of its vertical axis.
    """

    chart: Drawing
    title: str
    height: int
    left: int = 70


def stacked(
    panels: Sequence[Panel | Sequence[Panel]], title: str, subtitles: Sequence[str], lang: Lang
) -> alt.VConcatChart:
    """A picture of several panels, each with the scales that it has alone.

    Args:
        panels: from the top down; two in a sequence stand side by side.
        title: of the whole.
        subtitles: beneath it.
        lang: of the numbers.
    """
    left = max([part.left for part in panels if isinstance(part, Panel)] or [70])
    room = WIDTH - 2 * PADDING - EDGE - left
    columns = max([len(part) for part in panels if not isinstance(part, Panel)] or [1])
    drawn: list[Any] = []
    for part in panels:
        if isinstance(part, Panel):
            drawn.append(_sized(part, room))
            continue
        each = (room - (columns - 1) * (BETWEEN + part[0].left)) // columns
        row = [_sized(one, each) for one in part]
        drawn.append(alt.HConcatChart(hconcat=row, spacing=BETWEEN, resolve=_alone()))
    return alt.VConcatChart(
        vconcat=drawn,
        spacing=26,
        resolve=_alone(),
        title=alt.Title(title, subtitle=list(subtitles)),
        description=title,
        config=look(lang),
    )


def _alone() -> alt.Resolve:
    """Each panel has scales, axes and legends of its own."""
    channels: dict[str, Any] = dict.fromkeys(("color", "shape", "size", "fill", "x", "y"), "independent")
    return alt.Resolve(scale=alt.ScaleResolveMap(**channels))


def _sized(part: Panel, width: int) -> Drawing:
    chart = part.chart
    chart.title = alt.Title(
        part.title, fontSize=15, fontWeight="bold", offset=8, anchor="start", frame="group"
    )
    chart.width, chart.height = width, part.height
    return chart


def said(text: str, title: str, subtitles: Sequence[str], lang: Lang) -> alt.Chart:
    """A picture of a sentence: there is nothing to draw, and this is why."""
    blank = alt.Chart(alt.InlineData(values=[{}]))
    chart: alt.Chart = blank.mark_text(text=text, fontSize=16, color=INK, limit=WIDTH - 40)
    return finished(chart, title, subtitles, 120, lang)


def rows_of(values: Sequence[dict[str, Any]]) -> alt.InlineData:
    """Rows as data; names of columns are ours, never a caller's: Vega reads dots and brackets in them."""
    # A tuple: Altair copies lists, row by row, with every layer and every panel that they are put in.
    return alt.InlineData(values=tuple(values))
