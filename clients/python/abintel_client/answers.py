"""Answers: the JSON of the server, with data frames and a display in notebooks."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from abintel_client.frames import main_rows, to_frame

SHOWN_ROWS = 10
SHOWN_COLUMNS = 12
SHOWN_LETTERS = 4000


class Answer(dict[str, Any]):
    """An answer that is a JSON object.

    Attributes:
        request_id: id of the request in the server's log.
    """

    request_id: str | None = None

    @property
    def warnings(self) -> list[dict[str, str]]:
        """Warnings to read before relying on the answer."""
        return list(self.get("warnings") or ())

    def frame(self, name: str | None = None) -> Any:
        """An array of the answer as a data frame.

        Args:
            name: key of the array, such as ``results`` or ``model_info.candidates``; if absent, the longest
                array.

        Raises:
            KeyError: the answer has no such array.
        """
        chosen = name or main_rows(self)
        if chosen is None:
            raise KeyError("the answer has no array of rows")
        value: Any = self
        for key in chosen.split("."):
            value = value[key]
        if not isinstance(value, list):
            raise KeyError(f"{chosen} is not an array")
        return to_frame(value)

    def _repr_html_(self) -> str:
        """Warnings, figures and the first rows, for a notebook."""
        parts = [_warning(warning) for warning in self.warnings]
        figures = {
            name: value
            for name, value in self.items()
            if isinstance(value, (str, int, float)) or value is None
        }
        if figures:
            parts.append(table([{"": name, "value": value} for name, value in figures.items()]))
        rows = main_rows(self)
        if rows is not None:
            parts.append(f"<p><b>{html.escape(rows)}</b> ({len(self[rows])})</p>{table(self[rows])}")
        return "".join(parts) or f"<pre>{html.escape(json.dumps(self, indent=2)[:SHOWN_LETTERS])}</pre>"


class Answers(list[Any]):
    """An answer that is a JSON array."""

    request_id: str | None = None

    def frame(self) -> Any:
        """The rows as a data frame."""
        return to_frame(self)

    def _repr_html_(self) -> str:
        return f"<p>{len(self)} rows</p>{table(self)}"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The first rows as an HTML table; every text is escaped."""
    names = list(dict.fromkeys(name for row in rows[:SHOWN_ROWS] for name in row))[:SHOWN_COLUMNS]
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_shown(row.get(name)))}</td>" for name in names) + "</tr>"
        for row in rows[:SHOWN_ROWS]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _warning(warning: Mapping[str, str]) -> str:
    return f"<p><b>{html.escape(warning['code'])}</b>: {html.escape(warning['message'])}</p>"


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
