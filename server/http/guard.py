"""The gate: every request passes here first and every answer last. Credentials come before the body."""

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
from abintel.inflating import too_large
from abintel.problem import MEDIA_TYPE, Problem, bad_parameter, of_exception
from server.http.connections import ARRIVED, SAFE_HEADERS, STRICT_POLICY
from server.http.metrics import OTHER
from server.http.runtime import Runtime
from server.targets import SHORT_PREFIX, Target, Targets

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._\-]{1,128}")
# Of these a request has one; two are read otherwise by us than by a proxy before us.
_CREDENTIAL = (b"x-customer-api-id", b"x-secret")
_SINGULAR = frozenset((b"authorization", b"content-encoding", b"content-type", b"host", b"idempotency-key"))
_UNAUTHORIZED = "The headers X-Customer-Api-Id and X-Secret are missing or do not fit."
access = logging.getLogger("abintel.access")
log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware: request id, routes, credentials, limits, problems, log line, metrics."""

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
        passage = _Passage(scope, headers, send, self._targets.of(scope["path"]))
        if len(headers) < len(scope["headers"]):
            passage.repeated = _repeated(scope["headers"])
        runtime = self._runtime
        runtime.metrics.started()
        try:
            try:
                await self._admit(passage, scope["method"])
                with self._counted(passage):
                    await self._app(passage.scope, receive, passage.send)
            except Problem as problem:
                await passage.answer(problem)
            except Exception as error:
                log.exception("failed", extra={"request_id": passage.request_id})
                if passage.status:
                    raise
                await passage.answer(of_exception(error))
        finally:
            seconds = time.perf_counter() - started
            runtime.metrics.finished(passage.route, passage.status, seconds, passage.tenant)
            access.info(
                "request",
                extra={
                    "request_id": passage.request_id,
                    "route": passage.route,
                    "status": passage.status,
                    "ms": round(seconds * 1000, 2),
                },
            )

    @contextlib.contextmanager
    def _counted(self, passage: _Passage) -> Iterator[None]:
        """Counts a request that works in a thread among its tenant's, from its head to its answer's end.

        One without a body is counted among those under way, too; of the others the dispatcher does that, once
        the body is there: whoever sends slowly waits at his own cost.
        """
        target = passage.target
        if target is None or not target.in_thread or passage.tenant is None:
            yield
            return
        working = self._runtime.working() if target.max_body is None else contextlib.nullcontext()
        with self._runtime.held(passage.tenant), working:
            yield

    async def _admit(self, passage: _Passage, method: str) -> None:
        """Lets a request through to its route.

        Raises:
            Problem: 400, 401, 404, 405, 413, 415, 429 or 503, before a byte of the body is read.
        """
        path = passage.scope["path"]
        target = passage.target
        if b"%2f" in passage.scope.get("raw_path", b"").lower():
            # A slash that is written so parts nothing (RFC 3986, section 2.2): a proxy sees another path.
            passage.target = None
            raise Problem(404, "no-such-route", f"There is no route here; routes are under {PREFIX}.")
        if target is None:
            if path == "/metrics":
                repeated = b"authorization" in passage.repeated
                self._admit_to_metrics({} if repeated else passage.headers)
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
        passage.tenant = self._tenant({} if passage.repeated & {*_CREDENTIAL} else passage.headers)
        for name in sorted(passage.repeated & _SINGULAR):
            raise bad_parameter(name.decode(), "this header was sent more than once; send it once.")
        await self._limit_rate(passage.tenant, passage.scope["state"])
        if target.max_body is not None:
            _admit_body(passage.headers, target.forms, target.max_body)
        if target.max_body is not None or target.in_thread:
            self._runtime.admit()
        passage.enter(target)

    def _tenant(self, headers: dict[bytes, bytes]) -> str:
        identifier, secret = headers.get(b"x-customer-api-id"), headers.get(b"x-secret")
        tenant = self._runtime.verifier.verify(
            identifier.decode("latin-1") if identifier is not None else None,
            secret.decode("latin-1") if secret is not None else None,
        )
        if tenant is None:
            raise Problem(
                401, "unauthorized", _UNAUTHORIZED, headers={"WWW-Authenticate": 'ApiKey realm="abintel"'}
            )
        return tenant

    async def _limit_rate(self, tenant: str, state: dict[str, Any]) -> None:
        limiter = self._runtime.limiter
        if limiter is None:
            return
        now = self._runtime.clock().timestamp()
        # PostgreSQL may be a network away, and slow to refuse; the event loop must not wait for it.
        if limiter.is_remote:
            wait = await asyncio.to_thread(limiter.check, tenant, now)
            if ARRIVED in state:
                # It waited for PostgreSQL, not because others are served.
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
    """Names of headers that were sent more than once."""
    times = collections.Counter(name for name, _ in headers)
    return frozenset(name for name, count in times.items() if count > 1)


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


class _Passage:
    """One request on its way through."""

    def __init__(self, scope: Scope, headers: dict[bytes, bytes], send: Send, target: Target | None) -> None:
        sent_id = headers.get(b"x-request-id", b"")
        self.request_id = sent_id.decode() if _REQUEST_ID.fullmatch(sent_id) else uuid.uuid4().hex
        self.scope = scope
        self.headers = headers
        self.target = target
        self.repeated: frozenset[bytes] = frozenset()
        self.tenant: str | None = None
        self.status = 0
        self._send = send
        scope.setdefault("state", {})["request_id"] = self.request_id

    @property
    def route(self) -> str:
        """The route's name for logs and metrics."""
        return self.target.label if self.target is not None else OTHER

    def enter(self, target: Target) -> None:
        """Hands the request to its target, under its own path."""
        self.scope["path"] = target.path
        self.scope["raw_path"] = target.path.encode()
        self.scope["state"]["tenant"] = self.tenant

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Passes an answer on, with what every answer carries."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = [*message.get("headers", ()), (b"x-request-id", self.request_id.encode())]
            names = {name.lower() for name, _ in own}
            safe = [STRICT_POLICY, *SAFE_HEADERS]
            if self.target is not None or self.status >= 400:
                safe.append((b"cache-control", b"no-store"))
            message["headers"] = [*own, *(header for header in safe if header[0] not in names)]
        await self._send(message)

    async def answer(self, problem: Problem) -> None:
        """Sends a problem."""
        body = problem.encode(self.request_id)
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
        await self.send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
