"""The BentoML service: one API per endpoint, wrapped in our middleware.

Only this module uses private names of BentoML. It subclasses the I/O descriptors, so that our models describe
a route, and the app factory, so that our guard runs before every route and our problem documents replace
BentoML's errors. See "Private names" in ``docs/architecture.md``.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from importlib.resources import files
from typing import Any, NamedTuple

import bentoml
import orjson
from _bentoml_impl.server.app import ServiceAppFactory
from _bentoml_sdk.io_models import IODescriptor
from _bentoml_sdk.service.factory import Service
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from abintel.compile_cache import set_compile_cache
from abintel.discovery import CannotStart, Roster, discover, report
from abintel.endpoint import Endpoint
from abintel.problem import Problem
from abintel.schemas import members
from abintel.settings import SettingError, Settings
from server.compression import packed, takes_gzip
from server.console import pages as console_pages
from server.http import connections
from server.http.dispatch import Dispatcher, problem_response
from server.http.guard import Guard
from server.http.job_pages import JobPages
from server.http.model_pages import ModelPages
from server.http.review_pages import ReviewPages
from server.http.runtime import THREADS, Runtime
from server.http.table_pages import TablePages
from server.openapi.document import describe
from stores import logs
from stores.processes import end_with_parent

# Swagger UI sets inline styles and has pictures in its style sheet.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
log = logging.getLogger(__name__)


class Document:
    """An OpenAPI document with the interface that BentoML expects."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def asdict(self) -> dict[str, Any]:
        """The document as plain objects."""
        return self._document


class AppFactory(ServiceAppFactory):  # type: ignore[misc]  # BentoML is untyped
    """BentoML's application with our guard and our pages.

    BentoML's own middlewares are left out: its metrics use unknown paths as labels, its timeout keeps every
    request's memory until it expires, and its overload answer is a bare 429.
    """

    service: AbintelService
    _by_path: _ByPath

    @property
    def middlewares(self) -> list[Middleware]:
        """The guard, CORS if it is switched on, and BentoML's request context."""
        runtime = self.service.runtime
        chain = [Middleware(Guard, runtime=runtime)]
        if self.enable_access_control:
            chain.insert(0, Middleware(CORSMiddleware, **self.access_control_options))
        return [*chain, super().middlewares[-1]]

    def __call__(self) -> Starlette:
        app: Starlette = super().__call__()
        runtime = self.service.runtime
        app.router.routes[:0] = [
            *JobPages(runtime).routes(),
            *ModelPages(runtime).routes(),
            *ReviewPages(runtime).routes(),
            *TablePages(runtime, self.service.openapi_spec.asdict).routes(),
            *console_pages.routes(),
        ]
        self._by_path = app.router.middleware_stack = _ByPath(app.router)
        app.add_exception_handler(HTTPException, _http_problem)
        return app

    def _add_response_headers(self, resp: Response) -> None:
        """Adds nothing. BentoML would add its name."""

    async def create_instance(self, app: Starlette) -> None:
        """Opens the stores before the process is ready."""
        await super().create_instance(app)
        self._by_path.apis = {
            api.route: getattr(self._service_instance, name).local for name, api in self.service.apis.items()
        }
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR") is not None:
            # A worker of BentoML's arbiter would keep its port if the arbiter is killed.
            end_with_parent()
        logs.configure()
        await asyncio.to_thread(self.service.runtime.open)
        report(self.service.runtime.roster)
        self.service.runtime.draining.install()
        log.info("ready")

    async def destroy_instance(self, app: Starlette) -> None:
        """Closes the stores."""
        self.service.runtime.close()
        await super().destroy_instance(app)

    async def readyz(self, _: Request) -> Response:
        """200 once plugins and stores are usable, until SIGTERM. The body also says whether job workers are
        alive, and what the model registry last failed with."""
        runtime = self.service.runtime
        if runtime.draining.has_begun:
            return PlainTextResponse("draining\n", 503)
        if not runtime.ready:
            return PlainTextResponse("not ready\n", 503)
        lines = await asyncio.to_thread(_worker_line, runtime) + _registry_line(runtime)
        return PlainTextResponse("ready\n" + lines)

    async def metrics(self, _: Request) -> Response:
        """The metrics of all processes in Prometheus' format."""
        runtime = self.service.runtime
        content, media_type = await asyncio.to_thread(runtime.metrics.render, runtime.record, runtime.clock())
        return Response(content, media_type=media_type)

    async def index_page(self, _: Request) -> Response:
        """Swagger UI from our own files, because BentoML's page loads scripts from the Internet."""
        page = files("server.openapi").joinpath("swagger.html").read_text("utf-8")
        return HTMLResponse(page, headers={"Content-Security-Policy": _PAGE_POLICY})

    async def openapi_spec_view(self, request: Request) -> Response:
        """The API description, compressed where the caller takes it, and not sent again to who has it."""
        page = self.service.api_description
        headers = {"ETag": page.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == page.tag:
            return Response(status_code=304, headers=headers)
        if takes_gzip(request.headers.get("accept-encoding", "")):
            headers["Content-Encoding"] = "gzip"
            return Response(page.packed, media_type="application/json", headers=headers)
        return Response(page.plain, media_type="application/json", headers=headers)


class _ByPath:
    """Calls the API of a path after one dictionary look-up.

    The router would try its routes one after the other. BentoML's wrapper would check at each request what is
    the same for all our APIs: no form, no batch, no stream, and a ready response.
    """

    def __init__(self, router: Router) -> None:
        self._router = router.middleware_stack
        self.apis: dict[str, Callable[[Request], Awaitable[Response]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api = self.apis.get(scope.get("path", ""))
        if api is None:
            await self._router(scope, receive, send)
        else:
            response = await api(Request(scope, receive, send))
            await response(scope, receive, send)


class Description(NamedTuple):
    """The API description as it is sent: JSON, the same with gzip, and its entity tag."""

    plain: bytes
    packed: bytes
    tag: str


class AbintelService(Service):  # type: ignore[misc]  # BentoML is untyped
    """A BentoML service with our API description and application."""

    runtime: Runtime

    @property
    def openapi_spec(self) -> Document:
        """The API description, generated once."""
        if not hasattr(self, "_document"):
            self._document = Document(
                describe(self.runtime.roster, calls_back=bool(self.runtime.settings.callback_hosts))
            )
        return self._document

    @functools.cached_property
    def api_description(self) -> Description:
        """The API description as it is sent."""
        plain = orjson.dumps(self.openapi_spec.asdict())
        # A weak tag: it is the same for both encodings.
        tag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
        return Description(plain, b"".join(packed([plain])), tag)

    def to_asgi(self, is_main: bool = True) -> Starlette:
        """The application of one worker."""
        self.inject_config()
        connections.install()
        return AppFactory(self, is_main=is_main)()


def service_or_exit() -> AbintelService:
    """The service that BentoML loads. If it cannot start, the process ends with one line that says why."""
    with _exit_on_error():
        return build()


@contextlib.contextmanager
def _exit_on_error() -> Iterator[None]:
    """Ends the process with one line for an error that an operator can fix, instead of a stack trace."""
    try:
        yield
    except (CannotStart, SettingError) as error:
        print(f"abintel: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
        raise SystemExit(2) from error


def build(settings: Settings | None = None, roster: Roster | None = None, **runtime: Any) -> AbintelService:
    """The BentoML service of the discovered plugins.

    Args:
        settings: read from the environment if absent.
        roster: discovered if absent.
        runtime: further arguments of :class:`Runtime`, such as a clock.

    Raises:
        CannotStart: the plugins cannot be served, with the reason.
    """
    logs.configure()
    settings = settings or Settings.from_environment()
    set_compile_cache(settings.home)
    state = Runtime(settings, roster or discover(settings.plugins), **runtime)
    members_of_class: dict[str, Any] = {
        # The job pages answer a route that runs as a job.
        endpoint.name: _api(state, endpoint)
        for endpoint in state.roster.endpoints
        if not endpoint.runs_as_job
    }
    # No route begins with an underscore, so this name is free.
    members_of_class["_prepare"] = bentoml.on_deployment(_preparation(state))
    inner = type("Abintel", (), members_of_class)
    inner.__module__ = __name__
    # `threads` is BentoML's own pool. Our pool does the work: see Runtime.
    decorate = bentoml.service(
        name="abintel", workers=settings.workers, threads=THREADS, service_class=AbintelService
    )
    service: AbintelService = decorate(inner)
    service.runtime = state
    return service


def _preparation(state: Runtime) -> Any:
    def prepare() -> None:
        with _exit_on_error():
            state.prepare()

    return staticmethod(prepare)


def _api(state: Runtime, endpoint: Endpoint) -> Any:
    """An endpoint as a BentoML API that the dispatcher answers."""
    dispatcher = Dispatcher(state, endpoint)

    async def method(self: Any, request: Request) -> Response:
        return await dispatcher(request)

    method.__name__ = endpoint.name
    method.__doc__ = endpoint.summary
    models = members(endpoint.request)
    return bentoml.api(
        route=endpoint.route,
        input_spec=_spec(f"{endpoint.title}Input", models),
        output_spec=_spec(f"{endpoint.title}Output", endpoint.response_models),
    )(method)


def _spec(name: str, models: tuple[Any, ...]) -> type[IODescriptor]:
    class Spec(IODescriptor):  # type: ignore[misc]  # BentoML is untyped
        """Describes a body. The dispatcher reads and writes it."""

        @classmethod
        def mime_type(cls) -> str:
            return "application/json"

        @classmethod
        def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return {"anyOf": [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]}

    Spec.__name__ = name
    return Spec


def _worker_line(runtime: Runtime) -> str:
    """The line about job workers in ``/readyz``. Without workers jobs wait, but requests are answered."""
    try:
        count = runtime.workers
    except SQLAlchemyError:
        return "the store of jobs does not answer\n"
    return f"workers: {count}\n" if count else "no worker is alive: jobs wait\n"


def _registry_line(runtime: Runtime) -> str:
    """The line about the model registry in ``/readyz``: how it failed, if the last call of it did. MLflow is
    not called for this."""
    failure = runtime.registry.store.failure()
    return "" if failure is None else f"{failure}\n"


async def _http_problem(request: Request, error: Exception) -> Response:
    """Starlette's error responses as problem documents."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    slugs = {
        404: ("no-such-route", "There is no page here."),
        405: ("method-not-allowed", "Not that method."),
    }
    slug, detail = slugs.get(status, ("failed", "The request could not be answered."))
    return problem_response(Problem(status, slug, detail, headers=headers), request.state.request_id)
