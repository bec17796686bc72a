"""A table of the champions of many series, as JSON, and back. Reading checks every value and runs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from plugins.forecast.judging.reuse import CARRIED, JUDGED, REJUDGED, Kept
from plugins.forecast.training.champion_file import read_selection, refuse_others, written_selection

FILE = "table.json"


class Row(NamedTuple):
    """The champion of a series.

    Attributes:
        kept: what is kept of it.
        chosen_at: when it was chosen, UTC, ISO 8601. It stays as it is while the row passes from table to
            table.
    """

    kept: Kept
    chosen_at: str


Table = dict[str, Row]
"""Product code to row."""


def written(table: Table) -> dict[str, Any]:
    """A table as JSON objects; floats come back to the last bit."""
    return {code: _written_row(row) for code, row in table.items()}


def read(objects: Mapping[str, Any]) -> Table:
    """The table that :func:`written` gave.

    Raises:
        ValueError: these are not its objects.
    """
    try:
        return {code: _read_row(row) for code, row in objects.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"the table is damaged: {type(error).__name__}") from None


def save(table: Table, folder: Path) -> None:
    """Writes a table."""
    (folder / FILE).write_text(json.dumps(written(table)), encoding="utf-8")


def load(folder: Path) -> Table:
    """Reads a table.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        return read(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the table's file is damaged: {type(error).__name__}") from None


def _written_row(row: Row) -> dict[str, Any]:
    kept = row.kept
    return {
        **written_selection(kept.selection, kept.source, kept.judged_days),
        "fingerprint": kept.fingerprint,
        "how": kept.how,
        "note": kept.note,
        "chosen_at": row.chosen_at,
    }


def _read_row(read: dict[str, Any]) -> Row:
    selection, source, judged_days, rest = read_selection(read)
    kept = Kept(selection, source, judged_days, rest.pop("fingerprint"), rest.pop("how"), rest.pop("note"))
    row = Row(kept, rest.pop("chosen_at"))
    refuse_others(rest)
    if not all(isinstance(text, str) for text in (kept.fingerprint, row.chosen_at)):
        raise ValueError("a row of the table has values of a wrong type")
    if kept.how not in (JUDGED, CARRIED, REJUDGED):
        raise ValueError(f"a row of the table was made in an unknown way, {kept.how!r}")
    return row
