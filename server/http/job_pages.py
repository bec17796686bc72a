"""The HTTP routes of jobs: submit, list, show, fetch the result, cancel."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from abintel.endpoint import EXAMPLE_HEADER, Call, Endpoint
from abintel.language import chosen_currency, chosen_language
from abintel.media_types import media_type
from abintel.problem import Problem, bad_parameter
from abintel.query import chosen
from jobs.intake import Intake
from jobs.job import PREFIX, Job, Order, Status, is_id, new_id
from jobs.rows.forms import asked_form
from jobs.store.record import KeyTaken
from jobs.workers.callback import check_url
from server.http.dispatch import problem_response
from server.http.job_headers import idempotency_key, wait_of
from server.http.job_results import PRIVATE, RETRY_SECONDS, Results
from server.http.runtime import Runtime
from server.targets import job_limit, job_routes

PIECE = 1 << 20
"""Bytes of an upload that are processed at a time."""
STALL_SECONDS = 60.0
"""How long an upload may stall. After this time it must keep the minimum rate."""
MIN_RATE = 1024
"""The minimum mean rate of an upload, in bytes per second."""
MAX_LISTED = 200
_POLL_SECONDS = 0.1
Result = TypeVar("Result")
Page = Callable[[Request], Awaitable[Response]]


class JobPages:
    """The routes of jobs.

    Args:
        runtime: state of the serving process.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._results = Results(runtime)

    def routes(self) -> list[Route]:
        """The routes, for the application."""
        routes = [
            Route(path, _handle_errors(functools.partial(self._submit, endpoint)), methods=["POST"])
            for path, endpoint in job_routes(self._runtime.roster).items()
        ]
        return [
            *routes,
            Route(PREFIX, _handle_errors(self._list), methods=["GET"]),
            Route(f"{PREFIX}/{{job}}", _handle_errors(self._show), methods=["GET"]),
            Route(f"{PREFIX}/{{job}}", _handle_errors(self._cancel), methods=["DELETE"]),
            Route(f"{PREFIX}/{{job}}/result", _handle_errors(self._result), methods=["GET"]),
        ]

    async def _submit(self, endpoint: Endpoint, request: Request) -> Response:
        key = idempotency_key(request.headers)
        wait = wait_of(request.headers)
        callback = request.query_params.get("callback_url")
        if callback is not None:
            check_url(callback, self._runtime.settings.callback_hosts)
        call = self._call(endpoint, request)
        job = await self._accept(endpoint, request, call, key, callback)
        if wait is not None:
            job = await self._wait(job, wait)
        if wait is not None and job.status in (Status.SUCCEEDED, Status.FAILED):
            try:
                answer = await self._results.answer(job, request.headers)
            except Problem as problem:
                # The job exists nevertheless, and the answer has its location.
                answer = problem_response(problem, request.state.request_id)
        else:
            answer = JSONResponse(job.accepted(), 202, {**PRIVATE, "Retry-After": str(RETRY_SECONDS)})
        answer.headers["Location"] = job.path
        if wait is not None:
            answer.headers["Preference-Applied"] = f"wait={wait}"
        return answer

    def _call(self, endpoint: Endpoint, request: Request) -> Call:
        """The job's call: only the query parameters and headers that the route declares."""
        parameters = {parameter.name for parameter in endpoint.query} | {"lang", "currency"}
        headers = {parameter.name.lower() for parameter in endpoint.headers} | {EXAMPLE_HEADER}
        query = request.query_params
        call = Call(
            tenant=request.state.tenant,
            now=self._runtime.clock(),
            lang=chosen_language(query),
            currency=chosen_currency(query),
            headers={name: text for name, text in request.headers.items() if name in headers},
            query={name: text for name, text in query.items() if name in parameters},
        )
        call.models = self._runtime.models(request.state.caller, endpoint, call)
        return call

    async def _accept(
        self, endpoint: Endpoint, request: Request, call: Call, key: str | None, callback: str | None
    ) -> Job:
        """Reads, checks and queues a job; or returns the job that the same key created before."""
        runtime, job_id = self._runtime, new_id()
        form = media_type(request.headers.get("content-type", ""))
        answer_form = asked_form(request.headers.get("accept", ""), endpoint)
        intake = Intake(
            endpoint,
            call,
            runtime.blobs,
            job_id,
            form=form,
            parameters=dict(request.query_params),
            max_held=runtime.settings.max_body_bytes,
            max_body=job_limit(runtime.settings, endpoint),
            is_gzip=request.headers.get("content-encoding", "").strip().lower() == "gzip",
        )
        job: Job | None = None
        try:
            with runtime.tenant_request(call.tenant):
                await _read(request, intake)
                runtime.admit()
                with runtime.working():
                    await self._in_thread(intake.end)
            order = Order(
                tenant=call.tenant,
                endpoint=endpoint.name,
                query=call.query,
                headers=call.headers,
                form=form,
                answer_form=answer_form,
                digest=intake.digest,
                idempotency_key=key,
                callback_url=callback,
            )
            submit = functools.partial(runtime.record.submit, order, call.now, job_id)
            submitted, is_new = await self._write(submit)
            job = submitted if is_new else None
            return submitted
        except KeyTaken:
            raise Problem(
                409, "key-taken", "This Idempotency-Key was used for another body; use a new one."
            ) from None
        finally:
            if job is None:
                await asyncio.to_thread(intake.abandon)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._runtime.threads, work)

    async def _write(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._runtime.writings, work)

    async def _wait(self, job: Job, seconds: int) -> Job:
        """Waits until a job ends, at most some seconds; returns its state."""
        deadline = asyncio.get_running_loop().time() + seconds
        while job.is_active and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
            job = await self._stored(job.tenant, job.id)
        return job

    async def _found(self, request: Request) -> Job:
        """The job of the path, if the caller may use its route."""
        caller = request.state.caller
        job = await self._stored(caller.tenant, request.path_params["job"])
        caller.permissions.check_route(job.endpoint)
        return job

    async def _stored(self, tenant: str, job_id: str) -> Job:
        job = None
        if is_id(job_id):
            job = await asyncio.to_thread(self._runtime.record.find, tenant, job_id)
        if job is None:
            raise Problem(404, "no-such-job", "There is no such job, or it ended too long ago.")
        return job

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        status = chosen(query, "status", tuple(Status)) if "status" in query else None
        limit = query.get("limit", "50")
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_LISTED:
            raise bad_parameter("limit", f"wanted is a whole number from 1 to {MAX_LISTED}.")
        before = query.get("before")
        if before is not None and not is_id(before):
            raise bad_parameter("before", "wanted is the id of a job.")
        listed = await asyncio.to_thread(
            self._runtime.record.list,
            request.state.tenant,
            status,
            before,
            int(limit),
        )
        covers = request.state.caller.permissions.covers
        described = [job.described() for job in listed if covers(job.endpoint)]
        return JSONResponse({"jobs": described}, headers=PRIVATE)

    async def _show(self, request: Request) -> Response:
        job = await self._found(request)
        headers = {**PRIVATE, "Retry-After": str(RETRY_SECONDS)} if job.is_active else PRIVATE
        return JSONResponse(job.described(), headers=headers)

    async def _cancel(self, request: Request) -> Response:
        runtime = self._runtime
        job = await self._found(request)
        job = await self._write(functools.partial(runtime.record.cancel, job, runtime.clock()))
        return JSONResponse(job.described(), headers=PRIVATE)

    async def _result(self, request: Request) -> Response:
        job = await self._found(request)
        return await self._results.answer(job, request.headers)


async def _read(request: Request, intake: Intake) -> None:
    """Passes a body to the intake in pieces large enough to be worth a thread."""
    buffer, size = bytearray(), 0
    clock = asyncio.get_running_loop().time
    began = clock()
    chunks = aiter(request.stream())
    while (chunk := await _next(chunks)) is not None:
        buffer += chunk
        size += len(chunk)
        if chunk and (clock() - began - STALL_SECONDS) * MIN_RATE > size:
            raise Problem(
                408,
                "upload-stalled",
                f"The body came at less than {MIN_RATE:,} bytes a second; send it again.",
            )
        if len(buffer) >= PIECE:
            await asyncio.to_thread(intake.feed, bytes(buffer))
            buffer.clear()
    if buffer:
        await asyncio.to_thread(intake.feed, bytes(buffer))


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    """The next chunk of a body, None after the last. A stalled upload must not hold resources."""
    try:
        async with asyncio.timeout(STALL_SECONDS):
            return await anext(chunks, None)
    except TimeoutError:
        raise Problem(
            408, "upload-stalled", f"Nothing of the body came for {STALL_SECONDS:.0f} s; send it again."
        ) from None


def _handle_errors(page: Page) -> Page:
    """Wraps a page to handle callers that disconnect and a database that does not answer."""

    async def answer(request: Request) -> Response:
        try:
            return await page(request)
        except ClientDisconnect:
            return Response(status_code=499)
        except SQLAlchemyError as error:
            raise Problem(
                503,
                "jobs-unavailable",
                "The store of jobs does not answer; try again.",
                headers={"Retry-After": "5"},
            ) from error

    return answer
