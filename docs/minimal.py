"""The minimal call of a route, at the top of its page: curl, the Python client and, for rows, CSV."""

from __future__ import annotations

import json
import pprint
import re
import shlex
import typing
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel

from abintel.decode import Decoder
from abintel.endpoint import Call, Endpoint
from abintel.media_types import CSV
from abintel.problem import Problem
from abintel.schemas import members
from abintel.spreadsheet import lines
from docs.tables import WIDTH, pretty
from jobs.rows.forms import accepted, row_shape

_SERVER = "http://127.0.0.1:3000"
_CREDENTIAL = '-H "X-Customer-Api-Id: $ID" -H "X-Secret: $SECRET"'
_WHERE = "the two parts of [your credential](../../README.md#a-first-call) as `$ID` and `$SECRET`"
_MAX_INLINE = 1500
"""Longest body, in characters of JSON, that is written into the command."""
_CSV_ROWS = 3


def minimal_call(endpoint: Endpoint, call: Call) -> Iterator[str]:
    """The section of a page, as Markdown blocks.

    Args:
        endpoint: the route.
        call: the call with which the endpoint checks the body.
    """
    body = minimal_body(endpoint, call)
    text = json.dumps(body, ensure_ascii=False)
    yield "## A minimal call"
    is_short = len(text) <= _MAX_INLINE
    if is_short:
        yield f"With {_WHERE}:"
    else:
        example = next(iter(endpoint.examples))
        body_file = f"the body of the [example](#{_anchor(example)}) below as `body.json`"
        yield f"With {_WHERE}, and {body_file}:"
    data = shlex.quote(pretty(body)) if is_short else "@body.json"
    yield _block(
        "console",
        f"$ curl -s -X POST {_SERVER}{endpoint.route} \\\n    {_CREDENTIAL} \\\n"
        f'    -H "Content-Type: application/json" -d {data}',
    )
    yield _block("python", _python(endpoint, body, is_short))
    yield from _csv(endpoint, body)


def minimal_body(endpoint: Endpoint, call: Call) -> Mapping[str, Any]:
    """The first example with required fields only; the whole example if that is not valid."""
    for model in members(endpoint.request):
        required = {name for name, field in model.model_fields.items() if field.is_required()}
        if required <= endpoint.example.keys():
            body = _required(model, endpoint.example)
            try:
                request = Decoder(endpoint.request).decode(json.dumps(body).encode())
            except Problem:
                continue
            if not list(endpoint.check(request, call)):
                return dict(body)
    return endpoint.example


def _required(annotation: Any, value: Any) -> Any:
    """A value without the optional fields of its models."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(value, Mapping):
        return {
            field.alias or name: _required(field.annotation, value[field.alias or name])
            for name, field in annotation.model_fields.items()
            if field.is_required() and (field.alias or name) in value
        }
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is list and isinstance(value, list):
        return [_required(arguments[0], item) for item in value]
    for argument in arguments:
        shortened = _required(argument, value)
        if shortened != value:
            return shortened
    return value


def _python(endpoint: Endpoint, body: Mapping[str, Any], is_short: bool) -> str:
    head = "from abintel_client import Client\n\n"
    if is_short:
        literal = pprint.pformat(dict(body), width=WIDTH, sort_dicts=False)
        head += f"body = {literal}\n"
    else:
        head = "import json\n" + head + 'with open("body.json") as file:\n    body = json.load(file)\n'
    call = f"client.{endpoint.name}(**body)"
    return f'{head}with Client("{_SERVER}", ID, SECRET) as client:\n    answer = {call}'


def _csv(endpoint: Endpoint, body: Mapping[str, Any]) -> Iterator[str]:
    shape = row_shape(endpoint)
    if shape is None or CSV not in accepted(endpoint):
        return
    rows = [_flat(row) for row in body[shape.rows][:_CSV_ROWS]]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = "".join(lines([columns, *([row.get(name) for name in columns] for row in rows)]))
    parameters = {name: value for name, value in body.items() if name in shape.parameters}
    query = f"?{urlencode(parameters)}" if parameters else ""
    path = endpoint.route if endpoint.runs_as_job else f"{endpoint.route}_async"
    yield "The same rows as CSV, in a file `rows.csv`, run as a [job](../jobs.md#rows-instead-of-json):"
    yield _block("text", table.replace("\r\n", "\n").rstrip("\n"))
    yield _block(
        "console",
        f"$ curl -s -X POST '{_SERVER}{path}{query}' \\\n    {_CREDENTIAL} \\\n"
        '    -H "Content-Type: text/csv" --data-binary @rows.csv',
    )


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            cells |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            cells[name] = json.dumps(value) if isinstance(value, list) else value
    return cells


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"
