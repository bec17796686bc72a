"""Converts the rows of an answer to NDJSON, CSV or Parquet."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from abintel import spreadsheet
from abintel.endpoint import Endpoint
from abintel.media_types import CSV, JSON, NDJSON
from jobs.rows.forms import answer_rows


def in_form(answer: bytes, endpoint: Endpoint, form: str) -> bytes:
    """A route's answer in a media type. Every type except JSON holds only the rows of the answer.

    Args:
        answer: the answer as JSON.
        endpoint: the route.
        form: a media type that :func:`jobs.rows.forms.given` names.
    """
    shape = answer_rows(endpoint)
    if form == JSON or shape is None:
        return answer
    name, columns = shape
    document = orjson.loads(answer)
    rows: Sequence[Mapping[str, Any]] = document if name is None else document.get(name) or []
    if form == NDJSON:
        return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    flat = [_flat(row) for row in rows]
    names = dict.fromkeys([*columns, *(key for row in flat for key in row)])
    # Columns that are replaced by a column per member.
    present = {key for row in flat for key in row}
    expanded = {key.partition(".")[0] for key in present if "." in key and key not in columns}
    table = [key for key in names if key in present or key not in expanded]
    return _csv(table, flat) if form == CSV else _parquet(table, flat)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with a column for each member of a nested object; arrays become JSON texts."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{key}": _cell(inner) for key, inner in value.items()}
        else:
            flat[name] = _cell(value)
    return flat


def _cell(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _csv(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    cells = ([row.get(name) for name in names] for row in rows)
    return "".join(spreadsheet.lines(itertools.chain([names], cells))).encode("utf-8")


def _parquet(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    columns = {name: _column([row.get(name) for row in rows]) for name in names}
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


def _column(values: Sequence[Any]) -> Any:
    """An Arrow array of one type; values of mixed types become texts."""
    import pyarrow

    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return pyarrow.array(values, pyarrow.float64())
    if len(kinds) > 1:
        return pyarrow.array([None if value is None else str(value) for value in values])
    try:
        return pyarrow.array(values)
    except (pyarrow.ArrowException, OverflowError):
        return pyarrow.array([None if value is None else str(value) for value in values])
