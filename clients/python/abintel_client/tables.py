"""Files and data frames as the rows of a route, read by the server's rules for tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abintel_client.frames import plain_cell


class UnreadableTable(ValueError):
    """A table lacks a needed column, or has values that cannot be read; the message names columns and lines.

    Attributes:
        missing: needed fields that no column fills.
        faults: what is wrong, a sentence per cause.
    """

    def __init__(self, missing: Sequence[str], faults: Sequence[str]) -> None:
        lacking = [f"no column fits {', '.join(missing)}; say map={{column: field}}"] if missing else []
        super().__init__("\n".join([*lacking, *faults]))
        self.missing = missing
        self.faults = faults


@dataclass(frozen=True)
class TableRows:
    """The rows of a table.

    Attributes:
        array: the array of the body that the rows are for.
        rows: the rows.
        notes: what was left out, computed, or is not certain.
    """

    array: str
    rows: list[dict[str, Any]]
    notes: list[str]

    @property
    def body(self) -> dict[str, Any]:
        """The rows as a body, for :meth:`abintel_client.Client.call`."""
        return {self.array: self.rows}


def content_of(table: Any) -> bytes:
    """A file's bytes; a data frame as JSON with its types."""
    if isinstance(table, bytes):
        return table
    if isinstance(table, str | Path):
        return Path(table).read_bytes()
    rows = [[plain_cell(cell) for cell in row] for row in table.itertuples(index=False, name=None)]
    document = {"columns": [str(name) for name in table.columns], "rows": rows}
    return json.dumps(document, allow_nan=False).encode()


def parameters(
    array: str | None,
    fields: Mapping[str, str] | None,
    types: Mapping[str, str] | None,
    dates: str | None,
    decimal: str | None,
    skip_faults: bool,
) -> dict[str, str]:
    """The query of the route that reads tables."""
    query = {
        "array": array,
        "map": json.dumps(fields) if fields else None,
        "types": json.dumps(types) if types else None,
        "dates": dates,
        "decimal": decimal,
        "skip_faults": "true" if skip_faults else None,
    }
    return {name: text for name, text in query.items() if text is not None}


def rows_of(reading: Mapping[str, Any]) -> TableRows:
    """The rows of the server's reading.

    Raises:
        UnreadableTable: a needed column is missing, or values cannot be read.
    """
    if reading["missing"] or reading["faults"]:
        raise UnreadableTable(reading["missing"], [fault["message"] for fault in reading["faults"]])
    return TableRows(reading["array"], reading["items"], reading["notes"])
