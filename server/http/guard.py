"""The outermost middleware: it checks credentials and limits before a byte of the body is read."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from typing import Any

from abintel.endpoint import PREFIX
from abintel.inflate import too_large
from abintel.problem import MEDIA_TYPE, Problem, bad_parameter, of_exception
from server.credentials.permissions import Caller
from server.http.connections import ARRIVED, SAFE_HEADERS, STRICT_POLICY
from server.http.draining import shutting_down
from server.http.metrics import OTHER
from server.http.runtime import Runtime
from server.targets import SHORT_PREFIX, Target, Targets
from stores.logs import ACCESS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._\-]{1,128}")
# Headers that must not be repeated, because a proxy might read another copy than we do.
_CREDENTIAL = (b"x-customer-api-id", b"x-secret")
_SINGULAR = frozenset((b"authorization", b"content-encoding", b"content-type", b"host", b"idempotency-key"))
_UNAUTHORIZED = "The headers X-Customer-Api-Id and X-Secret are missing or do not fit."
OWN_POLLS = "abintel-serve"
"""The user agent of ``abintel serve`` while it waits for its server."""
_POLLED = ("/readyz", "/docs.json")
"""What it asks for meanwhile. These requests are not logged."""
access = logging.getLogger(ACCESS)
log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware: request ids, routes, credentials, limits, problem documents, access log and
    metrics."""

    def __init__(self, app: App, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime
        self._targets = Targets(runtime.roster, runtime.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        runtime = self._runtime
        draining = runtime.draining
        exchange = _Exchange(scope, headers, send, self._targets.of(scope["path"]), draining.has_begun)
        if len(headers) < len(scope["headers"]):
            exchange.repeated = _repeated(scope["headers"])
        runtime.metrics.started()
        task = draining.enter()
        try:
            try:
                await self._admit(exchange, scope["method"])
                with self._counted(exchange):
                    await self._app(exchange.scope, receive, exchange.send)
            except Problem as problem:
                await exchange.answer(problem)
            except asyncio.CancelledError:
                if not draining.is_over or exchange.status:
                    raise
                await exchange.answer(shutting_down())
            except Exception as error:
                log.exception("failed", extra={"request_id": exchange.request_id})
                if exchange.status:
                    raise
                await exchange.answer(of_exception(error))
        finally:
            draining.leave(task)
            seconds = time.perf_counter() - started
            runtime.metrics.finished(exchange.route, exchange.status, seconds, exchange.tenant)
            if not exchange.is_own_poll:
                access.info(
                    "request",
                    extra={
                        "request_id": exchange.request_id,
                        "route": exchange.route,
                        "status": exchange.status,
                        "ms": round(seconds * 1000, 2),
                    },
                )

    @contextlib.contextmanager
    def _counted(self, exchange: _Exchange) -> Iterator[None]:
        """Counts a request that uses a thread as an open request of its tenant, until its answer is sent.

        A request without a body also counts as work in progress from now on. For the others the dispatcher
        does that once the body has arrived, so that a slow upload takes no capacity.
        """
        target = exchange.target
        if target is None or not target.in_thread or exchange.tenant is None:
            yield
            return
        working = self._runtime.working() if target.max_body is None else contextlib.nullcontext()
        with self._runtime.tenant_request(exchange.tenant), working:
            yield

    async def _admit(self, exchange: _Exchange, method: str) -> None:
        """Checks a request and passes it to its route.

        Raises:
            Problem: 400, 401, 403, 404, 405, 413, 415, 429 or 503, before a byte of the body is read.
        """
        path = exchange.scope["path"]
        target = exchange.target
        if b"%2f" in exchange.scope.get("raw_path", b"").lower():
            # An encoded slash does not separate segments (RFC 3986, section 2.2), so a proxy would see
            # another path.
            exchange.target = None
            raise Problem(404, "no-such-route", f"There is no route here; routes are under {PREFIX}.")
        if target is None:
            if path == "/metrics":
                repeated = b"authorization" in exchange.repeated
                self._admit_to_metrics({} if repeated else exchange.headers)
            elif path.startswith(SHORT_PREFIX):
                raise Problem(404, "no-such-route", f"There is no route here; routes are under {PREFIX}.")
            return
        if method not in target.methods:
            raise Problem(
                405,
                "method-not-allowed",
                f"This route takes {' and '.join(target.methods)} only.",
                headers={"Allow": ", ".join(target.methods)},
            )
        caller = self._caller({} if exchange.repeated & {*_CREDENTIAL} else exchange.headers)
        exchange.tenant = caller.tenant
        for name in sorted(exchange.repeated & _SINGULAR):
            raise bad_parameter(name.decode(), "this header was sent more than once; send it once.")
        await self._limit_rate(exchange.tenant, exchange.scope["state"])
        target.check(caller.permissions, method)
        if target.max_body is not None:
            _admit_body(exchange.headers, target.forms, target.max_body)
        if target.max_body is not None or target.in_thread:
            self._runtime.admit()
        exchange.enter(target, caller)

    def _caller(self, headers: dict[bytes, bytes]) -> Caller:
        identifier, secret = headers.get(b"x-customer-api-id"), headers.get(b"x-secret")
        caller = self._runtime.verifier.verify(
            identifier.decode("latin-1") if identifier is not None else None,
            secret.decode("latin-1") if secret is not None else None,
        )
        if caller is None:
            raise Problem(
                401, "unauthorized", _UNAUTHORIZED, headers={"WWW-Authenticate": 'ApiKey realm="abintel"'}
            )
        return caller

    async def _limit_rate(self, tenant: str, state: dict[str, Any]) -> None:
        limiter = self._runtime.limiter
        if limiter is None:
            return
        now = self._runtime.clock().timestamp()
        # PostgreSQL may be slow to answer, and the event loop must not wait for it.
        if limiter.is_remote:
            wait = await asyncio.to_thread(limiter.check, tenant, now)
            if ARRIVED in state:
                # The time that PostgreSQL took does not count as queueing.
                state[ARRIVED] = asyncio.get_running_loop().time()
        else:
            wait = limiter.check(tenant, now)
        if wait > 0:
            raise Problem(
                429,
                "rate-limited",
                "This tenant has used up its requests for now; try again.",
                headers={"Retry-After": str(max(1, int(-(-wait // 1))))},
            )

    def _admit_to_metrics(self, headers: dict[bytes, bytes]) -> None:
        if not self._runtime.metrics.may_read(headers.get(b"authorization", b"")):
            raise Problem(
                401, "unauthorized", "Metrics need the token.", headers={"WWW-Authenticate": "Bearer"}
            )


def _repeated(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """The names of repeated headers."""
    counts = collections.Counter(name for name, _ in headers)
    return frozenset(name for name, count in counts.items() if count > 1)


def _admit_body(headers: dict[bytes, bytes], forms: Sequence[str], limit: int) -> None:
    _check_media_type(headers, forms)
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > limit:
        raise too_large(limit)


def _check_media_type(headers: dict[bytes, bytes], forms: Sequence[str]) -> None:
    parts = headers.get(b"content-type", b"").decode("latin-1").lower().split(";")
    charset = [part.partition("=")[2].strip(' "') for part in parts[1:] if part.strip().startswith("charset")]
    if parts[0].strip() not in forms or any(name not in ("utf-8", "utf8") for name in charset):
        wanted = "Send JSON in UTF-8, with Content-Type: application/json."
        if len(forms) > 1:
            wanted = f"Send one of {', '.join(forms)}; texts in UTF-8."
        raise Problem(415, "unsupported-media-type", wanted)
    encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise Problem(
            415,
            "unsupported-encoding",
            "Send the body as it is, or with Content-Encoding: gzip.",
            headers={"Accept-Encoding": "gzip, identity"},
        )


class _Exchange:
    """One request and its answer."""

    def __init__(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        send: Send,
        target: Target | None,
        is_last: bool,
    ) -> None:
        sent_id = headers.get(b"x-request-id", b"")
        self.request_id = sent_id.decode() if _REQUEST_ID.fullmatch(sent_id) else uuid.uuid4().hex
        self.scope = scope
        self.headers = headers
        self.target = target
        self.is_last = is_last
        """Whether the connection closes after the answer."""
        self.repeated: frozenset[bytes] = frozenset()
        self.tenant: str | None = None
        self.status = 0
        self._send = send
        scope.setdefault("state", {})["request_id"] = self.request_id

    @property
    def route(self) -> str:
        """The route label for logs and metrics."""
        return self.target.label if self.target is not None else OTHER

    @property
    def is_own_poll(self) -> bool:
        """Whether ``abintel serve`` asks if the server is ready."""
        return self.scope["path"] in _POLLED and self.headers.get(b"user-agent") == OWN_POLLS.encode()

    def enter(self, target: Target, caller: Caller) -> None:
        """Rewrites the request's path to its target's and sets the caller."""
        self.scope["path"] = target.path
        self.scope["raw_path"] = target.path.encode()
        self.scope["state"]["tenant"] = caller.tenant
        self.scope["state"]["caller"] = caller

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Sends a part of the answer and adds the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = [*message.get("headers", ()), (b"x-request-id", self.request_id.encode())]
            names = {name.lower() for name, _ in own}
            safe = [STRICT_POLICY, *SAFE_HEADERS]
            if self.target is not None or self.status >= 400:
                safe.append((b"cache-control", b"no-store"))
            if self.is_last:
                safe.append((b"connection", b"close"))
            message["headers"] = [*own, *(header for header in safe if header[0] not in names)]
        await self._send(message)

    async def answer(self, problem: Problem) -> None:
        """Sends a problem document."""
        body = problem.encode(self.request_id)
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
        await self.send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
