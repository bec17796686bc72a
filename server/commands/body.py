"""A file into a route's body, by the route's own description: JSON as it is, CSV as rows."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.cli import Refusal

_FREE = frozenset({"number", "boolean"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a body takes rows.

    Attributes:
        name: the body's array.
        fields: key of an item to its types.
        required: keys that every item has.
        nested: key of an item that holds rows of its own, such as a customer's ``transactions``.
        inner: key of those to its types.
        open: key of an item that holds free values by name, such as ``features``.
        extra: whether an item may have further keys of its own.
    """

    name: str
    fields: Mapping[str, frozenset[str]]
    required: frozenset[str]
    nested: str | None
    inner: Mapping[str, frozenset[str]]
    open: str | None
    extra: bool

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether columns hold all that an item needs."""
        return self.required - {self.nested, self.open} <= set(columns)


class Described:
    """What a route's description says of its body.

    Args:
        document: the server's OpenAPI document.
        path: of the route.
    """

    def __init__(self, document: Schema, path: str) -> None:
        self._schemas: Schema = document["components"]["schemas"]
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        self._bodies = [self._resolved(part) for part in _parts(content["schema"])]

    def from_csv(self, text: str, wanted: str | None) -> tuple[dict[str, Any], dict[str, list[int]]]:
        """A body of the rows of a CSV text, and for each item the lines that it came from.

        Args:
            text: with the columns' names in its first line.
            wanted: name of the array that the rows are for; found by the columns if None.

        Raises:
            Refusal: the text is no table, or its columns fit no array of the body.
        """
        source = text.removeprefix("\ufeff")
        separator = max(",;\t", key=source.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(source, newline=""), delimiter=separator, strict=True)
        try:
            columns = [name.strip() for name in next(reader, [])]
            place = self._place(columns, wanted)
            items, lines = _items(reader, columns, place)
        except csv.Error as error:
            raise Refusal(f"line {reader.line_num}: {error}") from error
        if not items:
            raise Refusal("the file needs a line of column names and at least one row")
        return {place.name: items}, {place.name: lines}

    def value(self, name: str, text: str) -> Any:
        """A field's value from a command line: text where the field takes text, else JSON."""
        kinds: set[str] = set()
        for body in self._bodies:
            kinds |= self._kinds(body["properties"].get(name, {}))
        if "string" in kinds:
            return text
        try:
            return json.loads(text)
        except ValueError:
            return text

    def _place(self, columns: Sequence[str], wanted: str | None) -> Place:
        places = list(self._places())
        names = ", ".join(dict.fromkeys(place.name for place in places))
        if not places:
            raise Refusal("the route takes no rows; send its body as JSON")
        known = [place for place in places if wanted in (None, place.name)]
        if not known:
            raise Refusal(f"the route takes no rows of {wanted}; it takes {names}")
        for place in known:
            if place.fits(columns):
                _check(columns, place)
                return place
        lacking = ", ".join(sorted(known[0].required - set(columns) - {known[0].nested, known[0].open}))
        raise Refusal(f"the columns do not fit {names}: no column is named {lacking}")

    def _places(self) -> Iterator[Place]:
        for body in self._bodies:
            for name, schema in body["properties"].items():
                for item in self._items_of(schema):
                    yield self._described(name, item)

    def _described(self, name: str, item: Schema) -> Place:
        fields: dict[str, frozenset[str]] = {}
        nested, inner, free = None, {}, None
        for key, field in item["properties"].items():
            rows = self._items_of(field)
            if rows:
                nested = key
                inner = {one: self._kinds(each) for one, each in rows[0]["properties"].items()}
            elif self._is_open(field):
                free = key
            else:
                fields[key] = self._kinds(field)
        return Place(
            name,
            fields,
            frozenset(item.get("required", ())),
            nested,
            inner,
            free,
            item.get("additionalProperties") is True,
        )

    def _is_open(self, schema: Schema) -> bool:
        found = [self._resolved(part) for part in _parts(schema)]
        return any(part.get("type") == "object" and part.get("additionalProperties") for part in found)

    def _items_of(self, schema: Schema) -> list[Schema]:
        arrays = [part for part in _parts(schema) if part.get("type") == "array"]
        items = [self._resolved(one) for array in arrays for one in _parts(array.get("items", {}))]
        return [item for item in items if "properties" in item]

    def _kinds(self, schema: Schema) -> frozenset[str]:
        return frozenset(str(self._resolved(part).get("type", "string")) for part in _parts(schema))

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        found: Schema = self._schemas[reference.rpartition("/")[2]] if reference else schema
        return found


def _check(columns: Sequence[str], place: Place) -> None:
    if place.open is not None or place.extra:
        return
    known = {**place.fields, **place.inner}
    strange = [name for name in columns if name not in known]
    if strange:
        raise Refusal(
            f"no place in {place.name} for the columns {', '.join(strange)}; it takes {', '.join(known)}"
        )


def _parts(schema: Schema) -> Sequence[Schema]:
    found: Sequence[Schema] = schema.get("anyOf", [schema])
    return found


def _items(reader: Any, columns: Sequence[str], place: Place) -> tuple[list[dict[str, Any]], list[int]]:
    """Items of a body, each with the line that it begins in; rows of one owner belong together."""
    items: list[dict[str, Any]] = []
    lines: list[int] = []
    owners: dict[str, dict[str, Any]] = {}
    is_nested = place.nested is not None and any(name in place.inner for name in columns)
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(columns):
            raise Refusal(
                f"line {reader.line_num}: {len(cells)} cells; the first line names {len(columns)} columns"
            )
        item, inner = _item(dict(zip(columns, cells, strict=True)), place)
        if not is_nested:
            items.append(item)
            lines.append(reader.line_num)
            continue
        owner = json.dumps(item)
        if owner not in owners:
            owners[owner] = {**item, str(place.nested): []}
            items.append(owners[owner])
            lines.append(reader.line_num)
        owners[owner][str(place.nested)].append(inner)
    return items, lines


def _item(row: Mapping[str, str], place: Place) -> tuple[dict[str, Any], dict[str, Any]]:
    item: dict[str, Any] = {}
    inner: dict[str, Any] = {}
    for name, text in row.items():
        if text.strip() == "":
            continue
        if name in place.fields:
            item[name] = _value(text, place.fields[name])
        elif name in place.inner:
            inner[name] = _value(text, place.inner[name])
        elif place.open is not None:
            key = name.removeprefix(f"{place.open}.")
            item.setdefault(place.open, {})[key] = _value(text, _FREE)
        else:
            item[name] = _value(text, _FREE)
    return item, inner


def _value(text: str, kinds: frozenset[str]) -> Any:
    """A cell as JSON has it; what does not fit is sent as it is, and the server says what is wrong."""
    text = text.strip()
    if "array" in kinds:
        return [part.strip() for part in text.split("|") if part.strip()]
    if "boolean" in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if "string" not in kinds and kinds & {"integer", "number"} and _NUMBER.fullmatch(text):
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    return text
