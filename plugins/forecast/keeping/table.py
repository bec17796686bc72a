"""A table of what was chosen for each of many series, as JSON, and back; what is read is checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from plugins.forecast.judging.choosing import CARRIED, JUDGED, REJUDGED, Choice
from plugins.forecast.keeping.storage import checked_members, read_candidates, written_candidates
from plugins.forecast.zoo.arima import Orders

FILE = "table.json"


class Row(NamedTuple):
    """A choice, and when it was made.

    Attributes:
        choice: of a series.
        chosen_at: the moment, UTC, ISO 8601: a choice that is handed on gets no younger.
    """

    choice: Choice
    chosen_at: str


Table = dict[str, Row]
"""Product code to row."""


def written(table: Table) -> dict[str, Any]:
    """A table as JSON objects; floats come back to the last bit."""
    return {
        code: {
            **row.choice._asdict(),
            "candidates": written_candidates(row.choice.candidates),
            "chosen_at": row.chosen_at,
        }
        for code, row in table.items()
    }


def read(objects: Mapping[str, Any]) -> Table:
    """The table that :func:`written` gave.

    Raises:
        ValueError: these are not its objects.
    """
    try:
        return {code: _row(one) for code, one in objects.items()}
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


def _row(read: dict[str, Any]) -> Row:
    rest = {key: value for key, value in read.items() if key != "chosen_at"}
    choice = Choice(
        **{
            **rest,
            "members": checked_members(read["members"]),
            "orders": None if read["orders"] is None else Orders(*read["orders"]),
            "candidates": read_candidates(read["candidates"]),
        }
    )
    texts = (choice.algorithm, choice.digest, choice.fingerprint, read["chosen_at"])
    numbers = (choice.first, choice.days, choice.judged_days)
    if not all(isinstance(one, str) for one in texts) or not all(isinstance(one, int) for one in numbers):
        raise ValueError("a row of the table has values of a wrong type")
    if choice.how not in (JUDGED, CARRIED, REJUDGED):
        raise ValueError("a row of the table came to be in an unknown way")
    if choice.algorithm not in {one.name for one in choice.candidates}:
        raise ValueError("a row of the table has no figures")
    return Row(choice, read["chosen_at"])
