"""The client: one method per route, over one connection pool."""

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
from abintel_client.frames import Rows, is_frame, to_rows
from abintel_client.jobs import Job
from abintel_client.pictures import FORMS, Picture
from abintel_client.routes import JOBS, ROWS, Routes

PREFIX = "/api/v1/ai/"
COMPRESSED_FROM = 1400
LONGEST_WAIT = 60.0
_TRY_AGAIN = (429, 503)


class Client(Routes):
    """Calls one server as one tenant.

    Args:
        url: of the server, such as ``http://127.0.0.1:3000``.
        customer_api_id, secret: the tenant's credential.
        lang: language of the sentences (``en``, ``es``, ``pt``); the server's default if absent.
        currency: sign to print before money in sentences.
        retries: how often to come back after 429, 503 or a lost connection; every call is safe to repeat.
        timeout: seconds to wait for an answer.
        transport: of httpx, for tests and proxies.

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
        """What a route answers: :class:`Answer`, :class:`Answers`, or the bytes of a document. A route that
        is a job itself is waited for; :meth:`submit` does not wait.

        Args:
            route: its name, such as ``customer_rfm``.
            body: as documented; its array of rows may be a data frame.
            query: query parameters.
            headers: request headers that the route understands.

        Raises:
            Problem: the server refuses the call, or fails.
            Unreachable: it does not answer.
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
        """The picture of a route's answer, which a notebook shows.

        Args:
            route: its name, such as ``customer_rfm``.
            body: as for :meth:`call`.
            form: ``svg``, ``png`` or ``vega-lite``.
            query: query parameters.
            headers: request headers that the route understands.

        Raises:
            KeyError: there is no such form.
            Problem: the server refuses the call, or the route has no picture (406).
        """
        wanted = {**(headers or {}), "Accept": FORMS[form]}
        response = self._post(route, body, query, wanted)
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
        """Gives a call to the server as a job.

        Args:
            idempotency_key: the same key and body give the same job.
        """
        own = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        path = route if route in JOBS else f"{route}_async"
        return Job(self, self._post(path, body, query, {**(headers or {}), **own}).json())

    def jobs(self) -> list[Job]:
        """The tenant's jobs, newest first."""
        return [Job(self, seen) for seen in self.get("/api/v1/jobs")["jobs"]]

    def models(self) -> Answers:
        """The tenant's trained models: champions and challengers, those last changed first."""
        found, page = Answers(), "/api/v1/models?limit=200"
        while True:
            listed = self.get(page)
            found += listed["models"]
            if not listed["next"]:
                return found
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
        spoken = {name: _spoken(value) for name, value in headers.items() if value is not None}
        return self.call(route, body, query=query, headers=spoken)

    def get(self, path: str) -> Any:
        """What a page of the server answers."""
        return _read(self._send("GET", path))

    def delete(self, path: str) -> None:
        """Deletes what a page names."""
        self._send("DELETE", path)

    def _post(
        self,
        route: str,
        body: Mapping[str, Any],
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        content = json.dumps(_with_rows(route.removesuffix("_async"), body), allow_nan=False).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if len(content) >= COMPRESSED_FROM:
            content, sent["Content-Encoding"] = gzip.compress(content, compresslevel=1), "gzip"
        parameters = {
            **self._query,
            **{key: value for key, value in (query or {}).items() if value is not None},
        }
        return self._send("POST", PREFIX + route, content=content, headers=sent, params=parameters)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """An answer that is a success, after the retries that the server's own words allow."""
        for tried in range(self._retries + 1):
            last = tried == self._retries
            pause = min(0.2 * 2**tried, LONGEST_WAIT) * random.uniform(0.5, 1.0)
            try:
                response = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                if last:
                    raise Unreachable(f"{self._http.base_url} does not answer: {error}") from error
            else:
                if response.is_success:
                    return response
                if last or response.status_code not in _TRY_AGAIN or _hopeless(response):
                    raise problem_of(response)
                pause = max(pause, min(retry_after(response) or 0.0, LONGEST_WAIT))
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")


def _hopeless(response: httpx.Response) -> bool:
    """Whether the same call would take too long again."""
    problem: Problem = problem_of(response)
    return problem.kind == "took-too-long"


def _with_rows(route: str, body: Mapping[str, Any]) -> dict[str, Any]:
    places = {rows.name: rows for rows in ROWS.get(route, ())}
    sent = {}
    for name, value in body.items():
        sent[name] = to_rows(value, places.get(name, Rows(name))) if is_frame(value) else value
    return sent


def _spoken(value: Any) -> str:
    """A value as a header has it."""
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
