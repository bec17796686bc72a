"""Answers admitted requests: decode, check, handle and encode, in a thread or on the event loop."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Sequence
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from abintel import pictures
from abintel.endpoint import Call, Endpoint
from abintel.inflate import inflate
from abintel.language import chosen_currency, chosen_language
from abintel.pipeline import Pipeline
from abintel.problem import MEDIA_TYPE, Problem, of_exception
from server.compression import GZIP_FROM, packed, takes_gzip
from server.http.body import read_body
from server.http.connections import ARRIVED
from server.http.runtime import REQUEST_SECONDS, Runtime, saturated
from server.load.inline import InlinePolicy
from server.targets import body_limit
from stores.load_shedding import Overloaded

_SECRETS = {"x-secret", "authorization", "cookie"}
log = logging.getLogger(__name__)

Content = list[bytes | memoryview]


class Dispatcher:
    """Answers the requests of one endpoint."""

    def __init__(self, runtime: Runtime, endpoint: Endpoint) -> None:
        self._runtime = runtime
        self._endpoint = endpoint
        self._pipeline = Pipeline(endpoint)
        self._inline = InlinePolicy(endpoint)

    async def __call__(self, request: Request) -> Response:
        """Returns the answer or the problem document. BentoML would turn any exception into a 500."""
        try:
            return await self._respond(request)
        except Problem as problem:
            return problem_response(problem, request.state.request_id)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:
            log.exception("failed", extra={"request_id": request.state.request_id})
            return problem_response(of_exception(error), request.state.request_id)

    async def _respond(self, request: Request) -> Response:
        runtime, query = self._runtime, request.query_params
        call = Call(
            tenant=request.state.tenant,
            now=runtime.clock(),
            lang=chosen_language(query),
            currency=chosen_currency(query),
            headers={name: value for name, value in request.headers.items() if name not in _SECRETS},
            query=dict(query),
        )
        call.models = runtime.models(request.state.caller, self._endpoint, call)
        compress = takes_gzip(request.headers.get("accept-encoding", ""))
        own = self._pipeline.media_type
        form = pictures.requested(request.headers.get("accept", ""), self._endpoint, own)
        running: asyncio.Future[Any] | None = None
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                body = await read_body(request, body_limit(runtime.settings, self._endpoint))
                runtime.admit()
                loop = asyncio.get_running_loop()
                since = getattr(request.state, ARRIVED, loop.time())
                inline = self._inline.allows(len(body)) and not _is_gzip(call)
                answer = functools.partial(self._answer, body, call, compress and form is None)
                with runtime.working():
                    if inline:
                        runtime.inline_overload.record_wait(call.tenant, loop.time() - since, loop.time())
                        decoded, content, compressed = answer()
                    else:
                        async with runtime.slots.slot(call.tenant, since):
                            running = loop.run_in_executor(runtime.threads, answer)
                            decoded, content, compressed = await asyncio.shield(running)
                    if form is not None:
                        draw = functools.partial(self._draw, decoded, content, call, form, compress)
                        running = loop.run_in_executor(runtime.drawings, draw)
                        content, compressed = await asyncio.shield(running)
        except Overloaded:
            raise saturated() from None
        except TimeoutError:
            if running is not None:
                runtime.overrun += 1
                running.add_done_callback(self._overrun_ended)
            raise _too_slow(self._endpoint) from None
        headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Encoding"}
        if form is not None:
            headers |= pictures.headers(form, call)
        if compressed:
            headers["Content-Encoding"] = "gzip"
        return Pieces(content, media_type=form or own, headers=headers)

    def _overrun_ended(self, running: asyncio.Future[Any]) -> None:
        self._runtime.overrun -= 1
        if not running.cancelled() and running.exception() is not None:
            log.warning("a request that had timed out failed: %s", type(running.exception()).__name__)

    def _answer(self, body: bytes, call: Call, compress: bool) -> tuple[Any, Content, bool]:
        """The decoded request, its encoded answer, and whether the answer is compressed."""
        if _is_gzip(call):
            body = inflate(body, body_limit(self._runtime.settings, self._endpoint))
        with self._inline.observe(len(body)):
            request = self._pipeline.read(body, call)
            return request, *_packed(self._pipeline.answer(request, call), compress)

    def _draw(
        self, request: Any, content: Content, call: Call, form: str, compress: bool
    ) -> tuple[Content, bool]:
        """The picture of an answer, and whether it is compressed."""
        picture = pictures.draw(self._endpoint, request, b"".join(content), call, form)
        return _packed([picture], compress and pictures.is_compressible(form))


def _is_gzip(call: Call) -> bool:
    return call.headers.get("content-encoding", "").strip().lower() == "gzip"


def _packed(content: Content, compress: bool) -> tuple[Content, bool]:
    if compress and sum(map(len, content)) >= GZIP_FROM:
        return list(packed(content)), True
    return content, False


class Pieces(Response):
    """A response of several byte strings that are sent without joining them."""

    def __init__(
        self, pieces: Sequence[bytes | memoryview], *, media_type: str, headers: dict[str, str]
    ) -> None:
        super().__init__(None, media_type=media_type, headers=headers)
        self._pieces = pieces
        self.headers["Content-Length"] = str(sum(map(len, pieces)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the head and then each piece."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        last = len(self._pieces) - 1
        for index, piece in enumerate(self._pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": index < last})


def problem_response(problem: Problem, request_id: str) -> Response:
    """The response that carries a problem document."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(problem.encode(request_id), problem.status, headers, MEDIA_TYPE)


def _too_slow(endpoint: Endpoint) -> Problem:
    return Problem(
        503,
        "took-too-long",
        f"The request took longer than {REQUEST_SECONDS:.0f} s; run it as a job: {endpoint.route}_async.",
        headers={"Retry-After": "30"},
    )
