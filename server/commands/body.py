"""Converts a CSV file to a route's body, using the route's API description."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.cli import Refusal

_ANY_VALUE = frozenset({"number", "boolean"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class RowArray:
    """An array of a body that takes rows.

    Attributes:
        name: name of the array.
        fields: types of an item's keys.
        required: required keys of an item.
        nested: key of an item that holds an inner array, such as a customer's ``transactions``.
        inner: types of the keys of the inner array's items.
        open: key of an item that holds arbitrary named values, such as ``features``.
        extra: whether an item may have additional keys.
    """

    name: str
    fields: Mapping[str, frozenset[str]]
    required: frozenset[str]
    nested: str | None
    inner: Mapping[str, frozenset[str]]
    open: str | None
    extra: bool

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether columns include all required keys of an item."""
        return self.required - {self.nested, self.open} <= set(columns)


class BodyDescription:
    """The description of a route's body.

    Args:
        document: the server's OpenAPI document.
        path: path of the route.
    """

    def __init__(self, document: Schema, path: str) -> None:
        self._schemas: Schema = document["components"]["schemas"]
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        self._bodies = [self._resolved(part) for part in _parts(content["schema"])]

    def from_csv(self, text: str, wanted: str | None) -> tuple[dict[str, Any], dict[str, list[int]]]:
        """A body from the rows of a CSV text, and the line of each item.

        Args:
            text: CSV with a header line.
            wanted: name of the array for the rows; chosen by the columns if None.

        Raises:
            Refusal: the text is not a table, or its columns fit no array of the body.
        """
        source = text.removeprefix("\ufeff")
        separator = max(",;\t", key=source.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(source, newline=""), delimiter=separator, strict=True)
        try:
            columns = [name.strip() for name in next(reader, [])]
            array = self._array_for(columns, wanted)
            items, lines = _items(reader, columns, array)
        except csv.Error as error:
            raise Refusal(f"line {reader.line_num}: {error}") from error
        if not items:
            raise Refusal("the file needs a line of column names and at least one row")
        return {array.name: items}, {array.name: lines}

    def value(self, name: str, text: str) -> Any:
        """The value of a field from the command line: text if the field takes text, else JSON."""
        kinds: set[str] = set()
        for body in self._bodies:
            kinds |= self._kinds(body["properties"].get(name, {}))
        if "string" in kinds:
            return text
        try:
            return json.loads(text)
        except ValueError:
            return text

    def _array_for(self, columns: Sequence[str], wanted: str | None) -> RowArray:
        arrays = list(self._arrays())
        names = ", ".join(dict.fromkeys(array.name for array in arrays))
        if not arrays:
            raise Refusal("the route takes no rows; send its body as JSON")
        candidates = [array for array in arrays if wanted in (None, array.name)]
        if not candidates:
            raise Refusal(f"the route takes no rows of {wanted}; it takes {names}")
        for array in candidates:
            if array.fits(columns):
                _check(columns, array)
                return array
        first = candidates[0]
        missing = ", ".join(sorted(first.required - set(columns) - {first.nested, first.open}))
        raise Refusal(f"the columns do not fit {names}: no column is named {missing}")

    def _arrays(self) -> Iterator[RowArray]:
        for body in self._bodies:
            for name, schema in body["properties"].items():
                for item in self._items_of(schema):
                    yield self._array(name, item)

    def _array(self, name: str, item: Schema) -> RowArray:
        fields: dict[str, frozenset[str]] = {}
        nested, inner, open_key = None, {}, None
        for key, field in item["properties"].items():
            rows = self._items_of(field)
            if rows:
                nested = key
                inner = {inner_key: self._kinds(kind) for inner_key, kind in rows[0]["properties"].items()}
            elif self._is_open(field):
                open_key = key
            else:
                fields[key] = self._kinds(field)
        return RowArray(
            name,
            fields,
            frozenset(item.get("required", ())),
            nested,
            inner,
            open_key,
            item.get("additionalProperties") is True,
        )

    def _is_open(self, schema: Schema) -> bool:
        parts = [self._resolved(part) for part in _parts(schema)]
        return any(part.get("type") == "object" and part.get("additionalProperties") for part in parts)

    def _items_of(self, schema: Schema) -> list[Schema]:
        arrays = [part for part in _parts(schema) if part.get("type") == "array"]
        items = [self._resolved(part) for array in arrays for part in _parts(array.get("items", {}))]
        return [item for item in items if "properties" in item]

    def _kinds(self, schema: Schema) -> frozenset[str]:
        return frozenset(str(self._resolved(part).get("type", "string")) for part in _parts(schema))

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        resolved: Schema = self._schemas[reference.rpartition("/")[2]] if reference else schema
        return resolved


def _check(columns: Sequence[str], array: RowArray) -> None:
    if array.open is not None or array.extra:
        return
    known = {**array.fields, **array.inner}
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise Refusal(
            f"no place in {array.name} for the columns {', '.join(unknown)}; it takes {', '.join(known)}"
        )


def _parts(schema: Schema) -> Sequence[Schema]:
    parts: Sequence[Schema] = schema.get("anyOf", [schema])
    return parts


def _items(reader: Any, columns: Sequence[str], array: RowArray) -> tuple[list[dict[str, Any]], list[int]]:
    """The items of a body and the line on which each begins. Rows with the same outer values form one
    item."""
    items: list[dict[str, Any]] = []
    lines: list[int] = []
    owners: dict[str, dict[str, Any]] = {}
    is_nested = array.nested is not None and any(name in array.inner for name in columns)
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(columns):
            raise Refusal(
                f"line {reader.line_num}: {len(cells)} cells; the first line names {len(columns)} columns"
            )
        item, inner = _item(dict(zip(columns, cells, strict=True)), array)
        if not is_nested:
            items.append(item)
            lines.append(reader.line_num)
            continue
        owner = json.dumps(item)
        if owner not in owners:
            owners[owner] = {**item, str(array.nested): []}
            items.append(owners[owner])
            lines.append(reader.line_num)
        owners[owner][str(array.nested)].append(inner)
    return items, lines


def _item(row: Mapping[str, str], array: RowArray) -> tuple[dict[str, Any], dict[str, Any]]:
    item: dict[str, Any] = {}
    inner: dict[str, Any] = {}
    for name, text in row.items():
        if text.strip() == "":
            continue
        if name in array.fields:
            item[name] = _value(text, array.fields[name])
        elif name in array.inner:
            inner[name] = _value(text, array.inner[name])
        elif array.open is not None:
            key = name.removeprefix(f"{array.open}.")
            item.setdefault(array.open, {})[key] = _value(text, _ANY_VALUE)
        else:
            item[name] = _value(text, _ANY_VALUE)
    return item, inner


def _value(text: str, kinds: frozenset[str]) -> Any:
    """A cell as a JSON value. A cell that does not fit is sent as text, and the server reports the fault."""
    text = text.strip()
    if "array" in kinds:
        return [part.strip() for part in text.split("|") if part.strip()]
    if "boolean" in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if "string" not in kinds and kinds & {"integer", "number"} and _NUMBER.fullmatch(text):
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    return text
