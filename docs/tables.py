"""Markdown tables of a model's fields with their types and limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from abintel.schemas import component_names

WIDTH = 100
_JSON_TYPES = {"integer": "integer", "number": "number", "string": "string", "boolean": "boolean"}


def fields(model: type[BaseModel], shown: set[str], always: str) -> Iterator[str]:
    """Tables of the fields of a model and its parts, each part once per page, required fields first."""
    schema = model.model_json_schema(ref_template="#{model}")
    parts = schema.pop("$defs", {})
    for name in component_names(model):
        if name in shown:
            continue
        shown.add(name)
        yield from _model(name, parts.get(name, schema), always)


def _model(name: str, schema: Mapping[str, Any], always: str) -> Iterator[str]:
    yield f"### {name}"
    if schema.get("description"):
        yield str(schema["description"])
    required = schema.get("required", ())
    rows = []
    ordered = sorted(schema.get("properties", {}).items(), key=lambda item: item[0] not in required)
    for field, part in ordered:
        needed = always if field in required else "optional"
        if part.get("default") is not None:
            needed = f"default `{json.dumps(part['default'])}`"
        rows.append((f"`{field}`", in_words(part), needed, part.get("description", "")))
    yield table(("field", "type", "needed" if always == "required" else "there", "meaning"), rows)
    further = schema.get("additionalProperties")
    if further:
        kind = "" if further is True else f", each {in_words(further)}"
        yield f"Further fields are allowed{kind}."


def in_words(schema: Mapping[str, Any]) -> str:
    """A JSON Schema as text, with its limits.

    >>> in_words({"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1})
    'array (at least 1 item) of number (≥ 0)'
    """
    if "$ref" in schema:
        name = schema["$ref"].lstrip("#")
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return _either(list(dict.fromkeys(in_words(part) for part in schema["anyOf"])))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return _either([f"`{value}`" for value in schema["enum"]])
    kind = schema.get("type")
    if isinstance(kind, list):
        return _either([in_words({"type": name}) for name in kind])
    if kind == "array":
        return f"array{_count(schema, 'Items', 'item')} of {in_words(schema.get('items', {}))}"
    if kind == "object":
        further = schema.get("additionalProperties")
        of = f" of {in_words(further)}" if isinstance(further, Mapping) else ""
        return f"object{_count(schema, 'Properties', 'key')}{of}"
    if kind == "string":
        if schema.get("format") in ("date", "date-time"):
            return str(schema["format"])
        return "string" + _count(schema, "Length", "character")
    if kind in _JSON_TYPES:
        return _JSON_TYPES[str(kind)] + _range(schema)
    return str(kind or "any")


def _either(kinds: list[str]) -> str:
    return kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} or {kinds[-1]}"


def _range(schema: Mapping[str, Any]) -> str:
    # For types that a function validates, pydantic writes the limits under its own names.
    least = schema.get("minimum", schema.get("ge"))
    most = schema.get("maximum", schema.get("le"))
    above = schema.get("exclusiveMinimum", schema.get("gt"))
    below = schema.get("exclusiveMaximum", schema.get("lt"))
    if least is not None and most is not None:
        return f" ({least:g} to {most:g})"
    signs = (("≥", least), ("≤", most), (">", above), ("<", below))
    limits = [f"{sign} {limit:g}" for sign, limit in signs if limit is not None]
    return f" ({', '.join(limits)})" if limits else ""


def _count(schema: Mapping[str, Any], what: str, thing: str) -> str:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    if least is None and most is None:
        return ""
    if least == most:
        return f" ({least} {thing}s)"
    if most is None:
        return f" (at least {least} {thing}{'' if least == 1 else 's'})"
    if least is None:
        return f" (at most {most} {thing}s)"
    return f" ({least} to {most} {thing}s)"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def pretty(value: Any, indent: int = 0) -> str:
    """JSON in which every value that fits into a line is on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if indent + len(line) <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        items = [f"{pad}{json.dumps(key)}: {pretty(item, indent + 2)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + pretty(item, indent + 2) for item in value) + "\n" + " " * indent + "]"
