"""Writes ``abintel_client/routes.py``, typed methods of all routes, from the API description."""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
import textwrap
import tomllib
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
_HEAD = '''"""A method per route. Written by generate.py from the API description; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from abintel_client.answers import Answer, Answers
from abintel_client.frames import Day, Rows, Table, as_day

'''


class Argument(NamedTuple):
    """A parameter of a method.

    Attributes:
        name: name in Python.
        key: name in the request.
        location: ``body``, ``query`` or ``header``.
        kind: type annotation.
        required: whether the argument is required.
        description: text for the docstring.
    """

    name: str
    key: str
    location: str
    kind: str
    required: bool
    description: str


def source(description: Mapping[str, Any]) -> str:
    """The source of the module for an OpenAPI document."""
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
    text += textwrap.indent('"""The routes. A client implements :meth:`_route`."""\n\n', "    ")
    text += textwrap.indent(_ABSTRACT, "    ") + "\n" + "\n".join(methods)
    text += "\n\nROWS: Mapping[str, Sequence[Rows]] = {\n"
    text += "".join(f"    {name!r}: {arrays!r},\n" for name, arrays in rows.items() if arrays)
    text += '}\n"""The arrays of rows of each route."""\n'
    text += f'JOBS = frozenset({jobs!r})\n"""Routes that answer with a job."""\n'
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
    # Required arguments are positional. Tables come first: they are the subject of a call.
    required = [argument for argument in arguments if argument.required]
    required.sort(key=lambda argument: "Table" not in argument.kind)
    optional = [argument for argument in arguments if not argument.required]
    signature = ["self", *(f"{argument.name}: {argument.kind}" for argument in required)]
    if optional:
        signature += ["*", *(f"{argument.name}: {argument.kind} | None = None" for argument in optional)]
    answer = _answer(operation, schemas)
    lines = [f"def {name}({', '.join(signature)}) -> {answer}:", *_docstring(operation, arguments)]
    parts = (
        [argument for argument in required if argument.location == "body"],
        [argument for argument in optional if argument.location == "body"],
        [argument for argument in arguments if argument.location == "query"],
        [argument for argument in arguments if argument.location == "header"],
    )
    passed = ", ".join(
        "{" + ", ".join(f"{argument.key!r}: {_passed(argument)}" for argument in part) + "}" for part in parts
    )
    lines += [f"    answer: {answer} = self._route({name!r}, {passed})", "    return answer", ""]
    return textwrap.indent("\n".join(lines), "    ")


def _passed(argument: Argument) -> str:
    return f"as_day({argument.name})" if "Day" in argument.kind else argument.name


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
        schemas_of_key = [body["properties"][key] for body in bodies if key in body["properties"]]
        required = all(key in body.get("required", ()) for body in bodies)
        kinds = list(dict.fromkeys(_kind(schema, schemas) for schema in schemas_of_key))
        kind = " | ".join(kinds)
        if not required:
            kind = " | ".join(part for part in kind.split(" | ") if part != "None") or "None"
        descriptions = dict.fromkeys(schema.get("description", "") for schema in schemas_of_key)
        yield Argument(_name(key), key, "body", kind, required, " ".join(filter(None, descriptions)))


def _parameters(operation: Mapping[str, Any], body: Collection[str]) -> Iterator[Argument]:
    """Query and header parameters, without those of jobs and those that name a field of the body."""
    for parameter in operation.get("parameters", ()):
        key, location = parameter["name"], parameter["in"]
        if key in _OF_JOBS or key in body:
            continue
        name = _name(key.removeprefix("X-").replace("-", "_").lower())
        yield Argument(name, key, location, _kind(parameter["schema"], {}), False, parameter["description"])


def _answer(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    content = operation["responses"]["200"]["content"]
    if "application/json" not in content:
        return "bytes"
    return "Answers" if content["application/json"]["schema"].get("type") == "array" else "Answer"


def _members(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [_resolved(part, schemas) for part in schema.get("anyOf", [schema])]


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    target: Mapping[str, Any] = schemas[reference.rpartition("/")[2]] if reference else schema
    return target


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
    if schema.get("format") == "date":
        return "Day"
    return _TYPES.get(str(kind), "Any")


def _rows(bodies: Sequence[Mapping[str, Any]], schemas: Mapping[str, Any]) -> Iterator[Any]:
    """The arrays of objects in bodies, as source of ``Rows``; the keys of several bodies are merged."""
    arrays: dict[str, dict[str, Any]] = {}
    for body in bodies:
        for name, schema in body["properties"].items():
            for items in _items(schema, schemas):
                array = arrays.setdefault(
                    name, {"fields": [], "nested": None, "inner": (), "open": None, "extra": False}
                )
                array["extra"] |= items.get("additionalProperties") is True
                for key, field in items["properties"].items():
                    inner = _items(field, schemas)
                    if inner:
                        # Of several nested arrays, order lines belong to the first one.
                        if array["nested"] is None:
                            array["nested"], array["inner"] = key, tuple(inner[0]["properties"])
                    elif _is_open(field, schemas):
                        array["open"] = key
                    elif key not in array["fields"]:
                        array["fields"].append(key)
    for name, array in arrays.items():
        yield _Source(
            f"Rows({name!r}, {tuple(array['fields'])!r}, {array['nested']!r}, {array['inner']!r}, "
            f"{array['open']!r}, {array['extra']!r})"
        )


class _Source(str):
    """Source code: its ``repr`` is the text itself."""

    def __repr__(self) -> str:
        return str(self)


def _items(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The object schemas of the items of an array."""
    objects = []
    for part in schema.get("anyOf", [schema]):
        if part.get("type") == "array":
            members = _members(part.get("items", {}), schemas)
            objects += [member for member in members if "properties" in member]
    return objects


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
    """The API description of the plugins of this repository."""
    sys.path.insert(0, str(ROOT))
    from abintel.discovery import discover
    from server.openapi.document import describe

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = sorted(project["entry-points"]["abintel.plugins"])
    document: dict[str, Any] = json.loads(json.dumps(describe(discover(names))))
    return document


if __name__ == "__main__":
    TARGET.write_text(source(described()), encoding="utf-8")
