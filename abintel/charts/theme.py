"""The theme of all pictures: colours, fonts, sizes and layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import altair as alt
from altair.utils import schemapi

from abintel.charts import setters
from abintel.charts.palette import FAINT, GREY, INK, PALE
from abintel.fonts import CJK_FAMILY
from abintel.wording import Lang
from abintel.wording.formats import compact_steps, marks

Drawing = alt.Chart | alt.LayerChart
AnyDrawing = TypeVar("AnyDrawing", alt.Chart, alt.LayerChart)
Picture = alt.Chart | alt.LayerChart | alt.VConcatChart
AnyPicture = TypeVar("AnyPicture", alt.Chart, alt.LayerChart, alt.VConcatChart)

WIDTH = 800
PADDING = 12
EDGE = 16
"""Space to the right of a panel, for half of the last axis label."""
BETWEEN = 30
"""Space between panels side by side."""
FONT = f"Liberation Sans, Arial, Helvetica, {CJK_FAMILY}, sans-serif"
"""vl-convert includes the first font, and the drawer registers that of Chinese and Japanese. Browsers
have one of the others."""

setters.make_safe()
schemapi.DEBUG_MODE = False
"""Altair would validate every part of a chart with all its data: 0.2 s for a chart of 3,000 points. The tests
validate whole charts instead."""


STEP = "short[datum.value ? clamp(floor(log(abs(datum.value)) / LN10 + 1e-9), 0, 15) : 0]"
SHORT = f"{STEP}.prefix + format(datum.value / {STEP}.by, ',~r') + {STEP}.suffix"
"""Label of an axis of large numbers, such as 1.5M; its steps are the language's, in :func:`look`."""


def look(lang: Lang) -> alt.Config:
    """The theme with the number format of a language. It is not registered with Altair."""
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
    """Completes a picture of one panel: sets title, size and theme.

    It sets attributes directly, because Altair's methods copy the whole chart each time, which takes longer
    than making it.
    """
    chart.title = alt.Title(title, subtitle=list(subtitles))
    chart.description = title
    chart.width, chart.height = WIDTH, height
    chart.autosize = alt.AutoSizeParams(type="fit", contains="padding")
    chart.config = look(lang)
    return chart


class Panel(NamedTuple):
    """A panel of a picture with several panels.

    Attributes:
        chart: the chart, without a size.
        title: title of the panel.
        height: height without axes, in pixels.
        left: width of the vertical axis, in pixels.
    """

    chart: Drawing
    title: str
    height: int
    left: int = 70


def stacked(
    panels: Sequence[Panel | Sequence[Panel]], title: str, subtitles: Sequence[str], lang: Lang
) -> alt.VConcatChart:
    """A picture of several panels with independent scales.

    Args:
        panels: the panels from top to bottom; an inner sequence is placed side by side.
        title: title of the picture.
        subtitles: lines below the title.
        lang: language of the numbers.
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
        row = [_sized(panel, each) for panel in part]
        drawn.append(alt.HConcatChart(hconcat=row, spacing=BETWEEN, resolve=_independent()))
    return alt.VConcatChart(
        vconcat=drawn,
        spacing=26,
        resolve=_independent(),
        title=alt.Title(title, subtitle=list(subtitles)),
        description=title,
        config=look(lang),
    )


def _independent() -> alt.Resolve:
    """Independent scales, axes and legends for each panel."""
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
    """A picture of a sentence that says why there is nothing to draw."""
    blank = alt.Chart(alt.InlineData(values=[{}]))
    chart: alt.Chart = blank.mark_text(text=text, fontSize=16, color=INK, limit=WIDTH - 40)
    return finished(chart, title, subtitles, 120, lang)


def rows_of(values: Sequence[dict[str, Any]]) -> alt.InlineData:
    """Rows as chart data. Column names must not come from callers, because Vega interprets dots and
    brackets."""
    # A tuple, because Altair copies lists row by row for every layer and panel.
    return alt.InlineData(values=tuple(values))
