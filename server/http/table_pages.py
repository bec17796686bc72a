"""``/api/v1/tables/{route}``: reads a file as the rows of a route's body, for the console and the client."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from abintel.inflate import inflate
from abintel.problem import Fault, Problem, bad_body, bad_parameter
from abintel.query import chosen
from abintel.reading import DecimalSign
from abintel.tables.columns import ORDERS, TYPES
from abintel.tables.reader import read
from abintel.tables.result import SHOWN_LINES, Choices, Reading
from abintel.tables.shape import RowArray, arrays_of
from abintel.tables.source import NotATable
from server.http.body import read_body
from server.http.dispatch import problem_response
from server.http.runtime import Runtime
from server.targets import TABLES

_DECIMALS: tuple[DecimalSign, ...] = (".", ",")


class TablePages:
    """The route that reads files.

    Args:
        runtime: state of the serving process.
        description: returns the API description.
    """

    def __init__(self, runtime: Runtime, description: Callable[[], Mapping[str, Any]]) -> None:
        self._runtime = runtime
        self._description = description
        self._names = {endpoint.name: endpoint.route for endpoint in runtime.roster.endpoints}

    def routes(self) -> list[Route]:
        """The route, for the application."""
        return [Route(f"{TABLES}/{{route}}", self._read, methods=["POST"])]

    async def _read(self, request: Request) -> Response:
        runtime = self._runtime
        limit = runtime.settings.max_body_bytes
        try:
            choices = _choices(request.query_params)
            content = await read_body(request, limit)
            if request.headers.get("content-encoding", "").strip().lower() == "gzip":
                content = inflate(content, limit)
            arrays = self._arrays(request.path_params["route"])
            work = functools.partial(_answer, content, arrays, choices)
            with runtime.working():
                answer = await asyncio.get_running_loop().run_in_executor(runtime.threads, work)
        except Problem as problem:
            return problem_response(problem, request.state.request_id)
        except ClientDisconnect:
            return Response(status_code=499)
        return Response(answer, media_type="application/json", headers={"Cache-Control": "no-store"})

    def _arrays(self, name: str) -> list[RowArray]:
        document = self._description()
        return arrays_of(document["components"]["schemas"], document["paths"][self._names[name]]["post"])


def _answer(content: bytes, arrays: list[RowArray], choices: Choices) -> bytes:
    try:
        return orjson.dumps(described(read(content, arrays, choices)))
    except NotATable as error:
        text = str(error)
        raise bad_body([Fault("", f"{text[:1].upper()}{text[1:]}.")]) from None


def described(reading: Reading) -> dict[str, Any]:
    """A reading as JSON."""
    return {
        "array": reading.array.name,
        "rows": reading.rows,
        "items": reading.items,
        "lines": reading.lines,
        "columns": [dataclasses.asdict(column) for column in reading.columns],
        "types": TYPES,
        "missing": list(reading.missing),
        "notes": list(reading.notes),
        "faults": [
            {
                "column": cause.column,
                "count": len(cause.lines),
                "lines": cause.lines[:SHOWN_LINES],
                "message": str(cause),
                "other": cause.other,
            }
            for cause in reading.faults
        ],
    }


def _choices(query: QueryParams) -> Choices:
    return Choices(
        array=query.get("array"),
        fields=_mapping(query, "map"),
        types=_mapping(query, "types"),
        dates=chosen(query, "dates", ORDERS) if "dates" in query else None,
        decimal=chosen(query, "decimal", _DECIMALS) if "decimal" in query else None,
        skips_faults=query.get("skip_faults") == "true",
    )


def _mapping(query: QueryParams, name: str) -> dict[str, str]:
    try:
        parsed = json.loads(query.get(name, "{}"))
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or not all(isinstance(text, str) for text in parsed.values()):
        raise bad_parameter(name, "wanted is a JSON object of texts, by the column's name.")
    return parsed
