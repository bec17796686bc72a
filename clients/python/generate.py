"""Writes ``abintel_client/routes.py``, a typed method per route, from the description: ``make client``."""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = HERE / "abintel_client" / "routes.py"
WIDTH = 110
_TYPES = {"integer": "int", "number": "float", "string": "str", "boolean": "bool", "null": "None"}
_AREA = "/api/v1/ai/"
_OF_JOBS = {"Idempotency-Key", "Prefer", "callback_url"}
_HEAD = '''"""A method per route. Written by generate.py from the server's description; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from abintel_client.answers import Answer, Answers
from abintel_client.frames import Rows, Table

'''


class Argument(NamedTuple):
    """A parameter of a method.

    Attributes:
        name: in Python.
        key: as it is sent.
        place: ``body``, ``query`` or ``header``.
        kind: its annotation.
        required: whether it has to be given.
        description: for the docstring.
    """

    name: str
    key: str
    place: str
    kind: str
    required: bool
    description: str


def source(description: Mapping[str, Any]) -> str:
    """The module for an OpenAPI document."""
    schemas = description["components"]["schemas"]
    methods, rows, jobs = [], {}, []
    for path, operations in description["paths"].items():
        if not path.startswith(_AREA) or "post" not in operations or path.endswith("_async"):
            continue
        name, operation = path.removeprefix(_AREA), operations["post"]
        bodies = _members(operation["requestBody"]["content"]["application/json"]["schema"], schemas)
        methods.append(_method(name, operation, bodies, schemas))
        rows[name] = list(_rows(bodies, schemas))
        jobs += [name] if "202" in operation["responses"] else []
    text = _HEAD + "\nclass Routes:\n"
    text += textwrap.indent('"""The routes; a client brings :meth:`_route`."""\n\n', "    ")
    text += textwrap.indent(_ABSTRACT, "    ") + "\n" + "\n".join(methods)
    text += "\n\nROWS: Mapping[str, Sequence[Rows]] = {\n"
    text += "".join(f"    {name!r}: {places!r},\n" for name, places in rows.items() if places)
    text += '}\n"""Where each route takes rows."""\n'
    text += f'JOBS = frozenset({jobs!r})\n"""Routes that are jobs themselves."""\n'
    return _formatted(text)


_ABSTRACT = """def _route(
    self,
    route: str,
    required: Mapping[str, Any],
    optional: Mapping[str, Any],
    query: Mapping[str, Any],
    headers: Mapping[str, Any],
) -> Any:
    raise NotImplementedError
"""


def _method(
    name: str, operation: Mapping[str, Any], bodies: Sequence[Mapping[str, Any]], schemas: Mapping[str, Any]
) -> str:
    body = list(_body_arguments(bodies, schemas))
    arguments = [*body, *_parameters(operation, {argument.key for argument in body})]
    # Tables first: they are what a call is about, and may be given without their name.
    first = sorted((one for one in arguments if one.required), key=lambda one: "Table" not in one.kind)
    rest = [argument for argument in arguments if not argument.required]
    signature = ["self", *(f"{one.name}: {one.kind}" for one in first)]
    if rest:
        signature += ["*", *(f"{one.name}: {one.kind} | None = None" for one in rest)]
    answer = _answer(operation, schemas)
    lines = [f"def {name}({', '.join(signature)}) -> {answer}:", *_docstring(operation, arguments)]
    places = {
        "required": [one for one in first if one.place == "body"],
        "optional": [one for one in rest if one.place == "body"],
        "query": [one for one in arguments if one.place == "query"],
        "header": [one for one in arguments if one.place == "header"],
    }
    given = ", ".join(
        "{" + ", ".join(f"{one.key!r}: {one.name}" for one in part) + "}" for part in places.values()
    )
    lines += [f"    answer: {answer} = self._route({name!r}, {given})", "    return answer", ""]
    return textwrap.indent("\n".join(lines), "    ")


def _docstring(operation: Mapping[str, Any], arguments: Sequence[Argument]) -> Iterator[str]:
    yield f'    """{operation["summary"]}'
    if arguments:
        yield ""
        yield "    Args:"
        for argument in arguments:
            text = f"{argument.name}: {argument.description}".replace("\\", "\\\\").replace('"""', "'''")
            yield textwrap.fill(text, WIDTH - 8, initial_indent=" " * 8, subsequent_indent=" " * 12)
    yield '    """'


def _body_arguments(bodies: Sequence[Mapping[str, Any]], schemas: Mapping[str, Any]) -> Iterator[Argument]:
    keys = list(dict.fromkeys(key for body in bodies for key in body["properties"]))
    for key in keys:
        found = [body["properties"][key] for body in bodies if key in body["properties"]]
        required = all(key in body.get("required", ()) for body in bodies)
        kinds = list(dict.fromkeys(_kind(schema, schemas) for schema in found))
        kind = " | ".join(kinds)
        if not required:
            kind = " | ".join(part for part in kind.split(" | ") if part != "None") or "None"
        descriptions = dict.fromkeys(schema.get("description", "") for schema in found)
        yield Argument(_name(key), key, "body", kind, required, " ".join(filter(None, descriptions)))


def _parameters(operation: Mapping[str, Any], body: Collection[str]) -> Iterator[Argument]:
    """Those of the route; of one that is a job, not those of jobs and of bodies that are rows."""
    for parameter in operation.get("parameters", ()):
        key, place = parameter["name"], parameter["in"]
        if key in _OF_JOBS or key in body:
            continue
        name = _name(key.removeprefix("X-").replace("-", "_").lower())
        yield Argument(name, key, place, _kind(parameter["schema"], {}), False, parameter["description"])


def _answer(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    content = operation["responses"]["200"]["content"]
    if "application/json" not in content:
        return "bytes"
    return "Answers" if content["application/json"]["schema"].get("type") == "array" else "Answer"


def _members(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [_resolved(part, schemas) for part in schema.get("anyOf", [schema])]


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    found: Mapping[str, Any] = schemas[reference.rpartition("/")[2]] if reference else schema
    return found


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(part, schemas) for part in schema["anyOf"]))
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if "$ref" in schema:
        target = _resolved(schema, schemas)
        return _kind(target, schemas) if "enum" in target else "Mapping[str, Any]"
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items", {})
        if any("properties" in part for part in _members(items, schemas)):
            return "Table"
        return f"Sequence[{_kind(items, schemas)}]"
    if kind == "object":
        return "Mapping[str, Any]"
    return _TYPES.get(str(kind), "Any")


def _rows(bodies: Sequence[Mapping[str, Any]], schemas: Mapping[str, Any]) -> Iterator[Any]:
    """Where bodies take rows of objects, as source of ``Rows``; what several bodies take is added up."""
    found: dict[str, dict[str, Any]] = {}
    for body in bodies:
        for name, schema in body["properties"].items():
            for items in _items(schema, schemas):
                place = found.setdefault(
                    name, {"fields": [], "nested": None, "inner": (), "open": None, "extra": False}
                )
                place["extra"] |= items.get("additionalProperties") is True
                for key, field in items["properties"].items():
                    inner = _items(field, schemas)
                    if inner:
                        # The first of several: that is what the rows are about.
                        if place["nested"] is None:
                            place["nested"], place["inner"] = key, tuple(inner[0]["properties"])
                    elif _is_open(field, schemas):
                        place["open"] = key
                    elif key not in place["fields"]:
                        place["fields"].append(key)
    for name, place in found.items():
        yield _Source(
            f"Rows({name!r}, {tuple(place['fields'])!r}, {place['nested']!r}, {place['inner']!r}, "
            f"{place['open']!r}, {place['extra']!r})"
        )


class _Source(str):
    """Text that stands for itself in generated code."""

    def __repr__(self) -> str:
        return str(self)


def _items(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = []
    for part in schema.get("anyOf", [schema]):
        if part.get("type") == "array":
            members = _members(part.get("items", {}), schemas)
            found += [member for member in members if "properties" in member]
    return found


def _is_open(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> bool:
    return any(
        part.get("type") == "object" and part.get("additionalProperties")
        for part in _members(schema, schemas)
    )


def _name(key: str) -> str:
    name = re.sub(r"\W", "_", key)
    return name + "_" if keyword.iskeyword(name) or name == "self" else name


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [str(ruff), "format", "--line-length", str(WIDTH), "-"], input=text, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def described() -> dict[str, Any]:
    """The description of this repository's plugins."""
    sys.path.insert(0, str(ROOT))
    from abintel.discovery import discover
    from server.openapi.document import describe

    names = sorted(path.parent.name for path in ROOT.glob("plugins/*/__init__.py"))
    document: dict[str, Any] = json.loads(json.dumps(describe(discover(names))))
    return document


if __name__ == "__main__":
    TARGET.write_text(source(described()), encoding="utf-8")
