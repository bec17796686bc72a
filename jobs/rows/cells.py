"""Converts the cells of a table to the JSON objects of a route's rows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from jobs.rows.forms import Kind, RowShape

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BOOLEANS = {"true": b"true", "false": b"false"}


def json_of(text: str, kind: Kind) -> bytes:
    """A cell's text as a JSON value of a kind. A text that does not fit stays a string, and the schema
    rejects it.

    >>> json_of(" 12.50 ", Kind.NUMBER), json_of("007", Kind.VALUE), json_of("12", Kind.TEXT)
    (b'12.50', b'"007"', b'"12"')
    """
    if kind in (Kind.NUMBER, Kind.VALUE) and _NUMBER.fullmatch(text.strip()):
        return text.strip().encode("ascii")
    if kind in (Kind.BOOLEAN, Kind.VALUE) and text.strip().lower() in _BOOLEANS:
        return _BOOLEANS[text.strip().lower()]
    if kind in (Kind.MAPPING, Kind.NESTED):
        try:
            return orjson.dumps(orjson.loads(text))
        except orjson.JSONDecodeError:
            return orjson.dumps(text)
    return orjson.dumps(text)


def parameters_of(query: Mapping[str, str], shape: RowShape) -> bytes:
    """The members of a body apart from its rows, taken from a query: JSON without the braces."""
    return b",".join(
        orjson.dumps(name) + b":" + json_of(query[name], kind)
        for name, kind in shape.parameters.items()
        if name in query
    )


class TextRows:
    """Converts rows of texts to JSON objects.

    Args:
        names: the column names.
        shape: the shape of the body.
    """

    def __init__(self, names: list[str], shape: RowShape) -> None:
        self._cells: list[tuple[int, bytes, Kind]] = []
        self._mappings: dict[str, list[tuple[int, bytes, Kind]]] = {}
        for column, name in enumerate(names):
            mapping = shape.mapping(name)
            if mapping is not None:
                cell = (column, orjson.dumps(mapping[1]) + b":", shape.kind(name))
                self._mappings.setdefault(mapping[0], []).append(cell)
            elif name in shape.columns or shape.keeps_unknown:
                self._cells.append((column, orjson.dumps(name) + b":", shape.kind(name)))

    def row(self, cells: list[str]) -> bytes:
        """A row as a JSON object, without a member for an empty cell."""
        members = _members(self._cells, cells)
        for name, inner in self._mappings.items():
            members.append(orjson.dumps(name) + b":{" + b",".join(_members(inner, cells)) + b"}")
        return b"{" + b",".join(members) + b"}"


def _members(columns: list[tuple[int, bytes, Kind]], cells: list[str]) -> list[bytes]:
    return [
        name + json_of(cells[column], kind)
        for column, name, kind in columns
        if column < len(cells) and cells[column]
    ]


def object_row(shape: RowShape) -> Callable[[Mapping[str, Any]], bytes]:
    """A function that converts a row of typed values to a JSON object, without a member for a null."""

    def row(values: Mapping[str, Any]) -> bytes:
        members: dict[str, Any] = {}
        for name, value in values.items():
            mapping = shape.mapping(name)
            if mapping is not None and value is not None:
                members.setdefault(mapping[0], {})[mapping[1]] = value
            elif value is not None:
                is_pairs = shape.columns.get(name) is Kind.MAPPING and isinstance(value, list)
                members[name] = dict(value) if is_pairs else value
        return orjson.dumps(members, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)

    return row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time.min
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
