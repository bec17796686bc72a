"""Connections: how long a caller may take over a head or an answer, and the end of what is no HTTP.

uvicorn's own protocol waits for ever for a head, keeps a head of any length, adds a body's trailers to the
headers, and answers a broken second request before the first. Here none of that happens.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import uvicorn.config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from abintel.problem import MEDIA_TYPE, Problem

HEAD_SECONDS = 20.0
"""That a request's head may take, and what is left of a body whose request was answered."""
IDLE_SECONDS = 75
"""How long a connection is kept for a next request: longer than proxies keep theirs to us (nginx and the
clouds' balancers 60 s), or they send requests into connections that are closed in the same moment."""
MAX_HEAD = 64 * 1024
"""Bytes of a request's line and headers, as far as they are kept."""
MAX_HEADERS = 200
LOOK_SECONDS = 30.0
"""How often a caller who reads slowly is looked at."""
LEAST_PACE = 1024
"""Bytes a second that a caller must read of an answer, on the mean between two looks."""
ARRIVED = "arrived"
"""In a request's state: when its last byte was there, on the event loop's clock."""
_VERSIONS = ("1.0", "1.1")
_NO_HTTP = Problem(400, "no-http", "The request is not HTTP/1.1 as RFC 9112 has it.")
_TOO_LONG = Problem(
    431,
    "head-too-large",
    f"The path and headers are larger than {MAX_HEAD:,} bytes, or more than {MAX_HEADERS} headers.",
)
SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""On every answer, whatever it is."""
STRICT_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""What may be loaded by an answer that is opened as a page: nothing."""


def install() -> None:
    """Has uvicorn use this protocol where it would choose one itself."""
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:Protocol"


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 over one connection, with an end to everything."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # There is no route for it: a request to change to it is answered as if it did not ask.
        self.ws_protocol_class = None
        self.timeout_keep_alive = IDLE_SECONDS
        self._in_head = True
        self._head = 0
        self._unparsed = 0
        self._headers = 0
        self._is_too_long = False
        self._broken = False
        self._answering: Any = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the timers."""
        self._head_came()
        self._end_watch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses what came, unless the connection is done with."""
        if self._broken:
            return
        was_in_head = self._in_head
        super().data_received(data)
        if self._broken or self.transport.is_closing():
            return
        if was_in_head and self._in_head:
            # The parser shows a header when it is whole: one without an end is seen here alone.
            self._unparsed += len(data)
            if self._unparsed > MAX_HEAD:
                self._is_too_long = True
                self.send_400_response("")
                return
        if self._is_idle and self._head_timer is None:
            self._await_head()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._head, self._headers = True, 0, 0

    def on_url(self, url: bytes) -> None:
        """A piece of the request's line."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; a trailer is none (RFC 9110, section 6.5.1), and must not become one."""
        if not self._in_head:
            return
        self._headers += 1
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._in_head, self._unparsed = False, 0
        self._head_came()
        if self.parser.get_http_version() not in _VERSIONS:
            raise ValueError("another version")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is there, too; from now on the request waits for us."""
        super().on_message_complete()
        if self.cycle is not None:
            self.cycle.scope["state"][ARRIVED] = self.loop.time()

    def send_400_response(self, msg: str) -> None:
        """Refuses bytes that are no request, once what came before them is answered."""
        self._broken = True
        self._head_came()
        cycle = self._answering
        is_its_own = cycle is self.cycle and not self._in_head and cycle is not None and cycle.more_body
        if cycle is None or cycle.response_complete or (is_its_own and not cycle.response_started):
            self._refuse(_TOO_LONG if self._is_too_long else _NO_HTTP)
            return
        # Whatever is written now would be read as the answer to the request before.
        self.pipeline.clear()
        cycle.keep_alive = False
        if is_its_own:
            self.transport.close()

    def on_response_complete(self) -> None:
        """An answer is written; whether it is read is another matter."""
        super().on_response_complete()
        self._watch_closing()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more came."""
        super().timeout_keep_alive_handler()
        self._watch_closing()

    def pause_writing(self) -> None:
        """The caller reads more slowly than we write."""
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The caller has read."""
        if not self.transport.is_closing():
            self._end_watch()
        super().resume_writing()

    def _unsupported_upgrade_warning(self) -> None:
        """Nobody need know."""

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        if ARRIVED in cycle.scope["state"]:
            # It came before the answer to the one before it, and waited for its own caller.
            cycle.scope["state"][ARRIVED] = self.loop.time()
        super()._start_asgi_task(cycle, app)

    @property
    def _is_idle(self) -> bool:
        return self._answering is None or self._answering.response_complete

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD or self._headers > MAX_HEADERS:
            self._is_too_long = True
            # The parser takes whatever is raised here for a broken request.
            raise ValueError("the head is too long")

    def _refuse(self, problem: Problem) -> None:
        request_id = uuid.uuid4().hex
        body = problem.encode(request_id)
        head = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-request-id", request_id.encode()),
            STRICT_POLICY,
            *SAFE_HEADERS,
            (b"connection", b"close"),
        ]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in head)
        self.transport.write(STATUS_LINE[problem.status] + lines + b"\r\n" + body)
        self.transport.close()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._gave_up)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _gave_up(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self._broken = True
            self.transport.close()

    def _watch(self, left: int) -> None:
        self._end_watch()
        self._read_timer = self.loop.call_later(LOOK_SECONDS, self._look, left)

    def _watch_closing(self) -> None:
        """A connection that is closed goes when all is read; who reads nothing would keep it."""
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self._watch(self.transport.get_write_buffer_size())

    def _end_watch(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _look(self, before: int) -> None:
        """Ends the connection of who reads next to nothing: an answer holds its place until it is read."""
        left = self.transport.get_write_buffer_size()
        if before - left < LEAST_PACE * LOOK_SECONDS:
            self.transport.abort()
        else:
            self._watch(left)
