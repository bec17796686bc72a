"""Data frames as rows of a body, and answers as data frames. pandas is imported only when it is used."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias


class Frame(Protocol):
    """The part of a pandas data frame that is used."""

    @property
    def columns(self) -> Any: ...
    def itertuples(self, index: bool = ..., name: Any = ...) -> Any: ...


Table: TypeAlias = "Sequence[Mapping[str, Any]] | Frame"
"""Rows as a route takes them, or a data frame."""
Day: TypeAlias = "str | datetime.date"
"""A day as ``YYYY-MM-DD``, or a date; a datetime and a pandas timestamp are dates too."""


@dataclass(frozen=True)
class Rows:
    """An array of rows in the body of a route.

    Attributes:
        name: key of the array.
        fields: keys of a row that hold one value.
        nested: key of a row that holds another array, such as a customer's ``transactions``.
        nested_fields: keys of the items of that array.
        open: key of a row that holds features by name, such as ``features``.
        extra: whether a row may have further keys.
    """

    name: str
    fields: tuple[str, ...] = ()
    nested: str | None = None
    nested_fields: tuple[str, ...] = ()
    open: str | None = None
    extra: bool = False


def is_frame(value: Any) -> bool:
    """Whether a value is a pandas data frame, or looks like one."""
    return hasattr(value, "itertuples") and hasattr(value, "columns")


def to_rows(table: Any, rows: Rows) -> list[dict[str, Any]]:
    """A data frame as rows of a body, without missing values.

    If the table has a line per order, lines with the same customer fields become one customer with its
    orders, in order of first appearance. Columns that the route does not know become features, if it takes
    features.

    Raises:
        ValueError: the route does not take a column.
    """
    columns = [str(column) for column in table.columns]
    lines = [
        {name: value for name, value in zip(columns, map(plain_cell, line), strict=True) if value is not None}
        for line in table.itertuples(index=False, name=None)
    ]
    if rows.nested is not None and rows.nested not in columns:
        _check(columns, {*rows.fields, *rows.nested_fields}, rows)
        return _grouped(lines, rows)
    if not rows.fields or rows.extra:
        return lines
    known = {*rows.fields, *(key for key in (rows.nested, rows.open) if key)}
    if known.issuperset(columns):
        return lines
    if rows.open is None:
        _check(columns, known, rows)
    return [_with_features(line, known, str(rows.open)) for line in lines]


def _check(columns: Sequence[str], known: Iterable[str], rows: Rows) -> None:
    unknown = [name for name in columns if name not in set(known)]
    if unknown:
        raise ValueError(
            f"columns {', '.join(unknown)} have no place in {rows.name}; it takes {', '.join(sorted(known))}"
        )


def _grouped(lines: Iterable[Mapping[str, Any]], rows: Rows) -> list[dict[str, Any]]:
    nested = str(rows.nested)
    items: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in lines:
        fields = {name: line[name] for name in rows.fields if name in line}
        item = items.setdefault(tuple(fields.items()), {**fields, nested: []})
        item[nested].append({name: line[name] for name in rows.nested_fields if name in line})
    return list(items.values())


def _with_features(line: Mapping[str, Any], known: Iterable[str], key: str) -> dict[str, Any]:
    known = set(known)
    item = {name: value for name, value in line.items() if name in known}
    features = {name: value for name, value in line.items() if name not in known}
    return {**item, key: {**item.get(key, {}), **features}}


def plain_cell(value: Any) -> Any:
    """A value of Python, numpy or pandas as a JSON value; None if it is missing.

    Raises:
        ValueError: an infinite number.
    """
    kind = type(value).__name__
    if value is None or kind in ("NaTType", "NAType"):
        return None
    if kind == "datetime64":
        # ``item`` gives an integer if the unit is a nanosecond.
        value = value.astype("datetime64[us]").item()
    elif hasattr(value, "item") and not isinstance(value, (str, bytes)) and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if isinstance(value, decimal.Decimal):
        value = int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            return None
        raise ValueError(f"{value} cannot be sent as a number")
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if kind == "Period":
        return str(value)
    return value


def as_day(value: Any) -> Any:
    """A date, or the day of a moment, as ``YYYY-MM-DD``; a text as it is."""
    plain = plain_cell(value)
    return plain if plain is value else str(plain)[:10] if plain is not None else None


def json_value(value: Any) -> Any:
    """What ``json.dumps`` sends of a value that it does not know: dates, and values of numpy and pandas.

    Raises:
        TypeError: no JSON value fits.
    """
    if getattr(value, "ndim", 0) == 1 and hasattr(value, "tolist"):
        return [plain_cell(cell) for cell in value]
    if getattr(value, "ndim", 0) > 1 and hasattr(value, "tolist"):
        return list(value)
    plain = plain_cell(value)
    if plain is value:
        raise TypeError(f"a value of type {type(value).__name__} cannot be sent as JSON")
    return plain


def main_rows(answer: Any) -> str | None:
    """Key of the longest array of objects in an answer; the first one if several are longest."""
    if not isinstance(answer, Mapping):
        return None
    arrays = [
        (len(value), name)
        for name, value in answer.items()
        if name != "warnings" and isinstance(value, list) and value and isinstance(value[0], Mapping)
    ]
    return max(arrays, key=lambda array: array[0])[1] if arrays else None


def to_frame(items: Sequence[Mapping[str, Any]]) -> Any:
    """Items as a data frame; keys of nested objects become columns such as ``features.age``."""
    try:
        import pandas
    except ImportError:
        raise ImportError("data frames need pandas: pip install abintel-client[pandas]") from None
    return pandas.json_normalize([dict(item) for item in items])
