"""The client: a method per route, and a pool of connections."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from abintel_client.answers import Answer, Answers
from abintel_client.errors import Problem, Unreachable, problem_of, retry_after
from abintel_client.frames import Frame, Rows, is_frame, json_value, to_rows
from abintel_client.jobs import Job
from abintel_client.pictures import FORMS, Picture
from abintel_client.routes import JOBS, ROWS, Routes
from abintel_client.tables import TableRows, content_of, parameters, rows_of

PREFIX = "/api/v1/ai/"
TABLES = "/api/v1/tables/"
COMPRESSED_FROM = 1400
"""Bytes from which a body is compressed; a shorter one fits into one packet anyway."""
LONGEST_WAIT = 60.0
"""Seconds between two tries at most."""
_RETRIED = (429, 503)


class Client(Routes):
    """Calls a server on behalf of one tenant.

    Args:
        url: the server, such as ``http://127.0.0.1:3000``.
        customer_api_id, secret: the tenant's credential.
        lang: language of the sentences (``en``, ``es``, ``pt``); the server's default if absent.
        currency: sign or code that sentences print with money.
        retries: repetitions of a call after 429, 503 or a lost connection. Every call is safe to repeat.
        timeout: seconds to wait for an answer.
        transport: an httpx transport, for tests and proxies.

    >>> with Client("http://127.0.0.1:3000", "ID", "SECRET") as client:  # doctest: +SKIP
    ...     client.customer_rfm(orders, today="2025-04-24").frame()
    """

    def __init__(
        self,
        url: str,
        customer_api_id: str,
        secret: str,
        *,
        lang: str | None = None,
        currency: str | None = None,
        retries: int = 4,
        timeout: float = 150.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._query = {name: value for name, value in (("lang", lang), ("currency", currency)) if value}
        self._retries = retries
        self._http = httpx.Client(
            base_url=url,
            headers={"X-Customer-Api-Id": customer_api_id, "X-Secret": secret},
            timeout=timeout,
            transport=transport,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<abintel client of {self._http.base_url}>"

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def call(
        self,
        route: str,
        body: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The answer of a route: :class:`Answer`, :class:`Answers`, or the bytes of a document.

        If the route answers with a job, this waits for its result; :meth:`submit` does not wait.

        Args:
            route: name of the route, such as ``customer_rfm``.
            body: as documented; an array of rows may be a data frame, and values may be dates, datetimes and
                values of numpy and pandas.
            query: query parameters.
            headers: request headers of the route.

        Raises:
            Problem: the server refuses the call, or fails.
            Unreachable: the server does not answer.
        """
        response = self._post(route, body, query, headers)
        if response.status_code == httpx.codes.ACCEPTED:
            return Job(self, response.json()).result()
        return _read(response)

    def picture(
        self,
        route: str,
        body: Mapping[str, Any],
        *,
        form: str = "svg",
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Picture:
        """The picture of a route's answer. Notebooks show it.

        Args:
            route: name of the route, such as ``customer_rfm``.
            body: as for :meth:`call`.
            form: ``svg``, ``png`` or ``vega-lite``.
            query: query parameters.
            headers: request headers of the route.

        Raises:
            KeyError: the form is unknown.
            Problem: the server refuses the call, or the route has no picture (406).
        """
        response = self._post(route, body, query, {**(headers or {}), "Accept": FORMS[form]})
        if response.status_code == httpx.codes.ACCEPTED:
            job = Job(self, response.json()).ended()
            response = self._send("GET", f"/api/v1/jobs/{job.id}/result", headers={"Accept": FORMS[form]})
        return Picture(response.content, response.headers["content-type"].partition(";")[0])

    def submit(
        self,
        route: str,
        body: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Submits a call as a job.

        Args:
            route, body, query, headers: as for :meth:`call`.
            idempotency_key: the same key and body return the same job.
        """
        key = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        path = route if route in JOBS else f"{route}_async"
        return Job(self, self._post(path, body, query, {**(headers or {}), **key}).json())

    def from_table(
        self,
        route: str,
        table: Any,
        *,
        array: str | None = None,
        map: Mapping[str, str] | None = None,
        types: Mapping[str, str] | None = None,
        dates: str | None = None,
        decimal: str | None = None,
        skip_faults: bool = False,
    ) -> TableRows:
        """A file or a data frame as rows of a route, by the rules of ``abintel call`` and the console.

        Args:
            route: name of the route, such as ``customer_rfm``.
            table: path or bytes of a CSV or Excel file, or a data frame.
            array: array of the body that the rows are for; chosen by the columns if absent.
            map: the field of a column, by the column's name; an empty field leaves the column out.
            types: how a column is read, by its name, such as ``comma`` or ``dmy``.
            dates: ``ymd``, ``dmy`` or ``mdy``, for dates that do not say it.
            decimal: ``.`` or ``,``, for numbers that do not say it.
            skip_faults: whether rows with values that cannot be read are left out.

        Raises:
            UnreadableTable: a needed column is missing, or values cannot be read.
            Problem: the file is no table.
        """
        response = self._send(
            "POST",
            TABLES + route,
            content=content_of(table),
            headers={"Content-Type": "application/octet-stream"},
            params=parameters(array, map, types, dates, decimal, skip_faults),
        )
        return rows_of(response.json())

    def from_frame(
        self, route: str, frame: Frame, map: Mapping[str, str] | None = None, **choices: Any
    ) -> TableRows:
        """A data frame as rows of a route.

        Args:
            route: name of the route, such as ``customer_rfm``.
            frame: the data frame.
            map: the field of a column, by the column's name; the other columns are recognised by their names.
            choices: as for :meth:`from_table`.

        Raises:
            TypeError: the table is no data frame.
            UnreadableTable: a needed column is missing, or values cannot be read.
        """
        if not is_frame(frame):
            raise TypeError(f"{type(frame).__name__} is no data frame; from_table reads files")
        return self.from_table(route, frame, map=map, **choices)

    def jobs(self) -> list[Job]:
        """The tenant's jobs, newest first."""
        return [Job(self, state) for state in self.get("/api/v1/jobs")["jobs"]]

    def models(self) -> Answers:
        """The tenant's trained models, champions and challengers, the last changed first."""
        models, page = Answers(), "/api/v1/models?limit=200"
        while True:
            listed = self.get(page)
            models += listed["models"]
            if not listed["next"]:
                return models
            page = f"/api/v1/models?{urlencode({'limit': 200, 'page': listed['next']})}"

    def _route(
        self,
        route: str,
        required: Mapping[str, Any],
        optional: Mapping[str, Any],
        query: Mapping[str, Any],
        headers: Mapping[str, Any],
    ) -> Any:
        body = {**required, **{name: value for name, value in optional.items() if value is not None}}
        given = {name: _header(value) for name, value in headers.items() if value is not None}
        return self.call(route, body, query=query, headers=given)

    def get(self, path: str) -> Any:
        """The answer to a GET request."""
        return _read(self._send("GET", path))

    def delete(self, path: str) -> None:
        """Sends a DELETE request."""
        self._send("DELETE", path)

    def _post(
        self,
        route: str,
        body: Mapping[str, Any],
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        rows = _with_rows(route.removesuffix("_async"), body)
        content = json.dumps(rows, allow_nan=False, default=json_value).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if len(content) >= COMPRESSED_FROM:
            content, sent["Content-Encoding"] = gzip.compress(content, compresslevel=1), "gzip"
        parameters = {
            **self._query,
            **{key: value for key, value in (query or {}).items() if value is not None},
        }
        return self._send("POST", PREFIX + route, content=content, headers=sent, params=parameters)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A successful response, after retries if necessary, which wait as long as ``Retry-After`` says."""
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            pause = min(0.2 * 2**attempt, LONGEST_WAIT) * random.uniform(0.5, 1.0)
            try:
                response = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                if last:
                    raise Unreachable(f"{self._http.base_url} does not answer: {error}") from error
            else:
                if response.is_success:
                    return response
                if last or response.status_code not in _RETRIED or _took_too_long(response):
                    raise problem_of(response)
                pause = max(pause, min(retry_after(response) or 0.0, LONGEST_WAIT))
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")


def _took_too_long(response: httpx.Response) -> bool:
    """Whether the call took too long, as it would if it were repeated."""
    problem: Problem = problem_of(response)
    return problem.kind == "took-too-long"


def _with_rows(route: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A body with its data frames as rows."""
    rows_of = {rows.name: rows for rows in ROWS.get(route, ())}
    return {
        name: to_rows(value, rows_of.get(name, Rows(name))) if is_frame(value) else value
        for name, value in body.items()
    }


def _header(value: Any) -> str:
    """A value as the text of a header."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def _read(response: httpx.Response) -> Any:
    if not response.headers.get("content-type", "").startswith("application/json"):
        return response.content
    parsed = response.json()
    if not isinstance(parsed, (dict, list)):
        return parsed
    answer: Answer | Answers = Answer(parsed) if isinstance(parsed, dict) else Answers(parsed)
    answer.request_id = response.headers.get("x-request-id")
    return answer
