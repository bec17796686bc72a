"""HTTP connections with timeouts and limits, and a clean end for bytes that are not HTTP.

uvicorn's protocol waits for ever for a request head, buffers a head of any length, adds trailers to the
headers, and answers a malformed pipelined request before the one in front of it. This subclass fixes that.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import uvicorn.config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from abintel.problem import MEDIA_TYPE, Problem

HEAD_SECONDS = 20.0
"""How long a request head may take, and the rest of a body whose request was already answered."""
IDLE_SECONDS = 75
"""How long an idle connection is kept. Proxies keep theirs for 60 s (nginx and the clouds' load balancers);
if we closed earlier, they would send requests into closing connections."""
MAX_HEAD = 64 * 1024
"""The largest request line and headers together, in bytes."""
MAX_HEADERS = 200
CHECK_SECONDS = 30.0
"""How often a slow reader is checked."""
MIN_RATE = 1024
"""The rate at which a caller must read an answer, in bytes per second, on average between two checks."""
ARRIVED = "arrived"
"""Key in a request's state: when its last byte arrived, on the event loop's clock."""
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
"""Headers of every answer."""
STRICT_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""An answer that is opened as a page may load nothing."""


def install() -> None:
    """Makes this protocol uvicorn's default."""
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:Protocol"


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 over one connection, with timeouts for heads, idle time and slow readers."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # There are no WebSocket routes. An upgrade request is answered as an ordinary request.
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
        """Starts the timeout for the first head."""
        super().connection_made(transport)
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels the timers."""
        self._stop_head_timer()
        self._end_watch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses bytes, unless the connection is already broken."""
        if self._broken:
            return
        was_in_head = self._in_head
        super().data_received(data)
        if self._broken or self.transport.is_closing():
            return
        if was_in_head and self._in_head:
            # The parser reports only complete headers. An endless header is visible only here.
            self._unparsed += len(data)
            if self._unparsed > MAX_HEAD:
                self._is_too_long = True
                self.send_400_response("")
                return
        if self._is_idle and self._head_timer is None:
            self._start_head_timer()

    def on_message_begin(self) -> None:
        """A request head starts."""
        super().on_message_begin()
        self._in_head, self._head, self._headers = True, 0, 0

    def on_url(self, url: bytes) -> None:
        """A piece of the request target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. Trailers are ignored, because they must not be merged into the headers (RFC 9110, section
        6.5.1)."""
        if not self._in_head:
            return
        self._headers += 1
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._in_head, self._unparsed = False, 0
        self._stop_head_timer()
        if self.parser.get_http_version() not in _VERSIONS:
            raise ValueError("another version")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is complete. From now on the request waits for the server."""
        super().on_message_complete()
        if self.cycle is not None:
            self.cycle.scope["state"][ARRIVED] = self.loop.time()

    def send_400_response(self, msg: str) -> None:
        """Rejects malformed bytes, after earlier requests of the connection are answered."""
        self._broken = True
        self._stop_head_timer()
        cycle = self._answering
        is_its_own = cycle is self.cycle and not self._in_head and cycle is not None and cycle.more_body
        if cycle is None or cycle.response_complete or (is_its_own and not cycle.response_started):
            self._refuse(_TOO_LONG if self._is_too_long else _NO_HTTP)
            return
        # Anything written now would be read as the answer to the previous request.
        self.pipeline.clear()
        cycle.keep_alive = False
        if is_its_own:
            self.transport.close()

    def on_response_complete(self) -> None:
        """An answer is written. It may not be read yet."""
        super().on_response_complete()
        self._watch_closing()

    def timeout_keep_alive_handler(self) -> None:
        """The idle timeout."""
        super().timeout_keep_alive_handler()
        self._watch_closing()

    def pause_writing(self) -> None:
        """The caller reads more slowly than the server writes."""
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The caller has caught up."""
        if not self.transport.is_closing():
            self._end_watch()
        super().resume_writing()

    def _unsupported_upgrade_warning(self) -> None:
        """No warning: upgrade requests are expected."""

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        if ARRIVED in cycle.scope["state"]:
            # A pipelined request waited for the previous answer; that is not queueing.
            cycle.scope["state"][ARRIVED] = self.loop.time()
        super()._start_asgi_task(cycle, app)

    @property
    def _is_idle(self) -> bool:
        return self._answering is None or self._answering.response_complete

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD or self._headers > MAX_HEADERS:
            self._is_too_long = True
            # The parser reports any exception as a malformed request.
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
        status_line = f"HTTP/1.1 {problem.status} {problem.title}\r\n".encode()
        self.transport.write(status_line + lines + b"\r\n" + body)
        self.transport.close()

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_timed_out)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_timed_out(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self._broken = True
            self.transport.close()

    def _watch(self, left: int) -> None:
        self._end_watch()
        self._read_timer = self.loop.call_later(CHECK_SECONDS, self._check_reader, left)

    def _watch_closing(self) -> None:
        """A closing connection ends when its buffer is read, so a caller that reads nothing would keep it
        open."""
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self._watch(self.transport.get_write_buffer_size())

    def _end_watch(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _check_reader(self, before: int) -> None:
        """Aborts the connection of a caller that reads too slowly, because an unread answer holds
        resources."""
        left = self.transport.get_write_buffer_size()
        if before - left < MIN_RATE * CHECK_SECONDS:
            self.transport.abort()
        else:
            self._watch(left)
