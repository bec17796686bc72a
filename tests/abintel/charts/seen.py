"""What is on a picture: texts, marks, axes and rows of a chart."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from abintel.charts import drawing


def spec(chart: Any) -> dict[str, Any]:
    """Vega-Lite, checked against its schema."""
    return dict(chart.to_dict(validate=True))


def rows(chart: Any) -> list[list[dict[str, Any]]]:
    """The data sets of a chart, the largest first."""
    return sorted(spec(chart)["datasets"].values(), key=len, reverse=True)


def texts(chart: Any) -> list[str]:
    """Lines of text in the rendered picture."""
    svg = drawing.svg(chart).replace("</tspan>", "</text><text>")
    lines = re.findall(r"<text.*?</text>", svg, re.DOTALL)
    return [text for line in lines if (text := html.unescape(re.sub(r"<[^>]*>", "", line)))]


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a specification."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from parts(item)


def marks(chart: Any) -> set[str]:
    """Kinds of marks that a chart has."""
    found = [part["mark"] for part in parts(spec(chart)) if "mark" in part]
    return {mark["type"] if isinstance(mark, dict) else mark for mark in found}


def axes(chart: Any) -> set[str]:
    """Titles of axes and legends."""
    channels = [part for one in parts(spec(chart)) for part in one.get("encoding", {}).values()]
    return {one["title"] for one in channels if isinstance(one, dict) and isinstance(one.get("title"), str)}


def title(chart: Any) -> str:
    """The title of a picture."""
    return str(spec(chart)["title"]["text"])


def subtitles(chart: Any) -> list[str]:
    """The lines beneath it."""
    return list(spec(chart)["title"]["subtitle"])


def expressions(chart: Any) -> set[str]:
    """Whatever Vega would run."""
    keys = ("expr", "labelExpr", "filter", "calculate", "test", "signal")
    return {str(part[key]) for part in parts(spec(chart)) for key in keys if key in part}
