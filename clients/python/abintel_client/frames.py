"""Data frames as rows of a body, and answers as data frames. pandas is imported where it is used only."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias


class Frame(Protocol):
    """What is used of a pandas data frame."""

    @property
    def columns(self) -> Any: ...
    def itertuples(self, index: bool = ..., name: Any = ...) -> Any: ...


Table: TypeAlias = "Sequence[Mapping[str, Any]] | Frame"
"""Rows as a route takes them, or as a data frame."""


@dataclass(frozen=True)
class Rows:
    """Where a route takes its rows, so that a flat table can be put there.

    Attributes:
        name: the body's array.
        fields: keys of an item that hold a value.
        nested: key of an item that holds an array of its own, such as a customer's ``transactions``.
        nested_fields: keys of those.
        open: key of an item that holds free features by name, such as ``features``.
        extra: whether an item may have further keys of its own.
    """

    name: str
    fields: tuple[str, ...] = ()
    nested: str | None = None
    nested_fields: tuple[str, ...] = ()
    open: str | None = None
    extra: bool = False


def is_frame(value: Any) -> bool:
    """Whether a value is a pandas data frame, or has its ways."""
    return hasattr(value, "itertuples") and hasattr(value, "columns")


def to_rows(table: Any, rows: Rows) -> list[dict[str, Any]]:
    """A data frame as items of a body; missing values are left out.

    A table of a line per order becomes customers with their orders: lines that are equal in all fields of the
    customer belong together, in order of first appearance. Columns that the route does not name become
    features, where it takes features.

    Raises:
        ValueError: a column has no place in this route's rows.
    """
    columns = [str(column) for column in table.columns]
    lines = [
        {name: value for name, value in zip(columns, map(_plain, line), strict=True) if value is not None}
        for line in table.itertuples(index=False, name=None)
    ]
    if rows.nested is not None and rows.nested not in columns:
        _check(columns, {*rows.fields, *rows.nested_fields}, rows)
        return _grouped(lines, rows)
    if not rows.fields or rows.extra:
        return lines
    known = {*rows.fields, *(key for key in (rows.nested, rows.open) if key)}
    strange = [name for name in columns if name not in known]
    if not strange:
        return lines
    if rows.open is None:
        _check(columns, known, rows)
    return [_with_features(line, known, str(rows.open)) for line in lines]


def _check(columns: Sequence[str], known: Iterable[str], rows: Rows) -> None:
    strange = [name for name in columns if name not in set(known)]
    if strange:
        raise ValueError(
            f"columns {', '.join(strange)} have no place in {rows.name}; it takes {', '.join(sorted(known))}"
        )


def _grouped(lines: Iterable[Mapping[str, Any]], rows: Rows) -> list[dict[str, Any]]:
    nested = str(rows.nested)
    items: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in lines:
        own = {name: line[name] for name in rows.fields if name in line}
        item = items.setdefault(tuple(own.items()), {**own, nested: []})
        item[nested].append({name: line[name] for name in rows.nested_fields if name in line})
    return list(items.values())


def _with_features(line: Mapping[str, Any], known: Iterable[str], place: str) -> dict[str, Any]:
    known = set(known)
    item = {name: value for name, value in line.items() if name in known}
    features = {name: value for name, value in line.items() if name not in known}
    return {**item, place: {**item.get(place, {}), **features}}


def _plain(value: Any) -> Any:
    """A cell as JSON has it; None for what is missing."""
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return None
    if hasattr(value, "item") and not isinstance(value, (str, bytes)) and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            return None
        raise ValueError(f"{value} is no number that can be sent")
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def main_rows(answer: Any) -> str | None:
    """Key of an answer's longest array of objects, the first of equals; None if there is none."""
    if not isinstance(answer, Mapping):
        return None
    arrays = [
        (len(value), name)
        for name, value in answer.items()
        if name != "warnings" and isinstance(value, list) and value and isinstance(value[0], Mapping)
    ]
    return max(arrays, key=lambda found: found[0])[1] if arrays else None


def to_frame(items: Sequence[Mapping[str, Any]]) -> Any:
    """Items as a data frame; objects inside become columns with a dot in their names."""
    try:
        import pandas
    except ImportError:
        raise ImportError("data frames need pandas: pip install abintel-client[pandas]") from None
    return pandas.json_normalize([dict(item) for item in items])
