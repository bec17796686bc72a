"""The arrays of a route's body that take rows, from the API description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class RowArray:
    """An array of a body that takes rows.

    Attributes:
        name: name of the array.
        fields: types of an item's keys; a text that is a day has the type ``date``.
        required: required keys of an item.
        nested: key of an item that holds an inner array, such as a customer's ``transactions``.
        inner: types of the keys of the inner array's items.
        inner_required: required keys of the inner array's items.
        open: key of an item that holds arbitrary named values, such as ``features``.
        extra: whether an item may have additional keys.
    """

    name: str
    fields: Mapping[str, frozenset[str]]
    required: frozenset[str]
    nested: str | None = None
    inner: Mapping[str, frozenset[str]] | None = None
    inner_required: frozenset[str] = frozenset()
    open: str | None = None
    extra: bool = False

    @property
    def all_fields(self) -> Mapping[str, frozenset[str]]:
        """Types of the keys of an item and of its inner array's items."""
        return {**(self.inner or {}), **self.fields}

    @property
    def needed(self) -> Sequence[str]:
        """The fields that every row of a table needs: those of the item first."""
        own = [name for name in self.fields if name in self.required]
        return [
            *own,
            *(name for name in self.inner or {} if self._needs_inner and name in self.inner_required),
        ]

    @property
    def _needs_inner(self) -> bool:
        return self.nested in self.required

    @property
    def keys(self) -> Sequence[str]:
        """The required names of what a row is about: a customer, an item."""
        return [name for name in self.fields if name in self.required and self.fields[name] == {"string"}]


def arrays_of(schemas: Schema, operation: Schema) -> list[RowArray]:
    """The arrays of rows in a route's bodies, the main one first.

    Args:
        schemas: the component schemas of the API description.
        operation: the route's POST operation.
    """
    content = operation["requestBody"]["content"]["application/json"]["schema"]
    bodies = [_resolved(part, schemas) for part in _parts(content)]
    arrays = [
        _array(name, item, schemas)
        for body in bodies
        for name, schema in body["properties"].items()
        for item in _items_of(schema, schemas)
    ]
    main = operation.get("x-main-input")
    return sorted(arrays, key=lambda array: array.name != main)


def bodies_of(schemas: Schema, operation: Schema) -> list[Schema]:
    """The schemas of a route's bodies."""
    content = operation["requestBody"]["content"]["application/json"]["schema"]
    return [_resolved(part, schemas) for part in _parts(content)]


def kinds_of(schema: Schema, schemas: Schema) -> frozenset[str]:
    """The JSON types of a value; a text that is a day has the type ``date``."""
    return frozenset(_kinds(schema, schemas))


def _kinds(schema: Schema, schemas: Schema) -> Iterator[str]:
    for part in _parts(schema):
        part = _resolved(part, schemas)
        named = part.get("type", "string")
        for kind in [named] if isinstance(named, str) else named:
            if kind != "null":
                yield "date" if kind == "string" and part.get("format") == "date" else str(kind)


def _array(name: str, item: Schema, schemas: Schema) -> RowArray:
    fields: dict[str, frozenset[str]] = {}
    nested, inner, inner_required, open_key = None, {}, frozenset[str](), None
    for key, field in item["properties"].items():
        rows = _items_of(field, schemas)
        if rows and nested is None:
            nested = key
            inner = {name: kinds_of(kind, schemas) for name, kind in rows[0]["properties"].items()}
            inner_required = frozenset(rows[0].get("required", ()))
        elif _is_open(field, schemas):
            open_key = key
        elif not rows:
            fields[key] = kinds_of(field, schemas)
    extra = item.get("additionalProperties") is True
    required = frozenset(item.get("required", ()))
    return RowArray(name, fields, required, nested, inner, inner_required, open_key, extra)


def _is_open(schema: Schema, schemas: Schema) -> bool:
    parts = [_resolved(part, schemas) for part in _parts(schema)]
    return any(part.get("type") == "object" and part.get("additionalProperties") for part in parts)


def _items_of(schema: Schema, schemas: Schema) -> list[Schema]:
    arrays = [part for part in _parts(schema) if part.get("type") == "array"]
    items = [_resolved(part, schemas) for array in arrays for part in _parts(array.get("items", {}))]
    return [item for item in items if "properties" in item]


def _parts(schema: Schema) -> Sequence[Schema]:
    parts: Sequence[Schema] = schema.get("anyOf", [schema])
    return parts


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    reference = schema.get("$ref")
    resolved: Schema = schemas[reference.rpartition("/")[2]] if reference else schema
    return resolved
