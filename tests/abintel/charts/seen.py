"""What is on a picture: texts, marks, axes and rows of a chart."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from abintel.charts import drawing


def texts(svg: str | bytes) -> list[str]:
    """Lines of text in a rendered picture."""
    svg = svg.decode() if isinstance(svg, bytes) else svg
    lines = re.findall(r"<text.*?</text>", svg.replace("</tspan>", "</text><text>"), re.DOTALL)
    return [text for line in lines if (text := html.unescape(re.sub(r"<[^>]*>", "", line)))]


class Seen:
    """A chart as its reader sees it."""

    def __init__(self, chart: Any) -> None:
        self.chart = chart

    @cached_property
    def spec(self) -> dict[str, Any]:
        """Vega-Lite, checked against its schema."""
        return dict(self.chart.to_dict(validate=True))

    @cached_property
    def svg(self) -> str:
        """The picture."""
        return drawing.svg(self.chart)

    @property
    def rows(self) -> list[list[dict[str, Any]]]:
        """The data sets, the largest first."""
        return sorted(self.spec["datasets"].values(), key=len, reverse=True)

    @cached_property
    def texts(self) -> list[str]:
        """Lines of text in the rendered picture."""
        return texts(self.svg)

    @property
    def parts(self) -> Iterator[dict[str, Any]]:
        """Every object within the specification but its data."""
        return _parts({key: value for key, value in self.spec.items() if key != "datasets"})

    @property
    def marks(self) -> set[str]:
        """Kinds of marks that there are."""
        found = [part["mark"] for part in self.parts if "mark" in part]
        return {mark["type"] if isinstance(mark, dict) else mark for mark in found}

    @property
    def axes(self) -> set[str]:
        """Titles of axes and legends."""
        channels = [part for one in self.parts for part in one.get("encoding", {}).values()]
        return {
            one["title"] for one in channels if isinstance(one, dict) and isinstance(one.get("title"), str)
        }

    @property
    def title(self) -> str:
        """The title of the picture."""
        return str(self.spec["title"]["text"])

    @property
    def subtitles(self) -> list[str]:
        """The lines beneath it."""
        return list(self.spec["title"]["subtitle"])

    @property
    def expressions(self) -> set[str]:
        """Whatever Vega would run."""
        keys = ("expr", "labelExpr", "filter", "calculate", "test", "signal")
        return {str(part[key]) for part in self.parts for key in keys if key in part}

    @property
    def is_sentence(self) -> bool:
        """Whether there is nothing to draw but why."""
        return self.marks == {"text"}


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _parts(item)
