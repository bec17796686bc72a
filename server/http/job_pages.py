"""Jobs over HTTP: submitted beside a route or by one that is a job; looked up, fetched, cancelled."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from abintel.endpoint import Call, Endpoint
from abintel.language import chosen_currency, chosen_language
from abintel.media_types import media_type
from abintel.problem import Problem, bad_parameter
from abintel.query import chosen
from jobs.intake import Intake
from jobs.job import PREFIX, Job, Order, Status, is_id, new_id
from jobs.rows.forms import asked_form
from jobs.store.record import KeyTaken
from jobs.workers.callback import checked
from server.http.dispatch import problem_response
from server.http.job_headers import idempotency_key, wait_of
from server.http.job_results import PRIVATE, RETRY_SECONDS, Results
from server.http.runtime import Runtime
from server.targets import job_limit, job_routes

PIECE = 1 << 20
"""Bytes of an upload that are dealt with at a time."""
STILL_SECONDS = 60.0
"""That an upload may stand still, and after which it must keep a pace."""
LEAST_PACE = 1024
"""Bytes a second of an upload, on the mean."""
MAX_LISTED = 200
_LOOK_SECONDS = 0.1
Result = TypeVar("Result")
Page = Callable[[Request], Awaitable[Response]]


class JobPages:
    """The routes that have to do with jobs.

    Args:
        runtime: of the serving process.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._results = Results(runtime)

    def routes(self) -> list[Route]:
        """All of them, for the application."""
        routes = [
            Route(path, _known(functools.partial(self._submit, endpoint)), methods=["POST"])
            for path, endpoint in job_routes(self._runtime.roster).items()
        ]
        return [
            *routes,
            Route(PREFIX, _known(self._list), methods=["GET"]),
            Route(f"{PREFIX}/{{job}}", _known(self._show), methods=["GET"]),
            Route(f"{PREFIX}/{{job}}", _known(self._cancel), methods=["DELETE"]),
            Route(f"{PREFIX}/{{job}}/result", _known(self._result), methods=["GET"]),
        ]

    async def _submit(self, endpoint: Endpoint, request: Request) -> Response:
        key = idempotency_key(request.headers)
        wait = wait_of(request.headers)
        callback = request.query_params.get("callback_url")
        if callback is not None:
            checked(callback, self._runtime.settings.callback_hosts)
        call = self._call(endpoint, request)
        job = await self._taken(endpoint, request, call, key, callback)
        if wait is not None:
            job = await self._ended(job, wait)
        if wait is not None and job.status in (Status.SUCCEEDED, Status.FAILED):
            try:
                answer = await self._results.answer(job, request.headers)
            except Problem as problem:
                # The job is there all the same, and the answer says where.
                answer = problem_response(problem, request.state.request_id)
        else:
            answer = JSONResponse(job.accepted(), 202, {**PRIVATE, "Retry-After": str(RETRY_SECONDS)})
        answer.headers["Location"] = job.path
        if wait is not None:
            answer.headers["Preference-Applied"] = f"wait={wait}"
        return answer

    def _call(self, endpoint: Endpoint, request: Request) -> Call:
        """What the job will know beside its body: what the route says that it knows, and nothing else."""
        parameters = {parameter.name for parameter in endpoint.query} | {"lang", "currency"}
        headers = {parameter.name.lower() for parameter in endpoint.headers}
        query = request.query_params
        call = Call(
            tenant=request.state.tenant,
            now=self._runtime.clock(),
            lang=chosen_language(query),
            currency=chosen_currency(query),
            headers={name: text for name, text in request.headers.items() if name in headers},
            query={name: text for name, text in query.items() if name in parameters},
        )
        call.models = self._runtime.registry.bound(call.tenant, endpoint, call.now, call.warn)
        return call

    async def _taken(
        self, endpoint: Endpoint, request: Request, call: Call, key: str | None, callback: str | None
    ) -> Job:
        """The job of a body: read, checked and queued; or the one that the key had already made."""
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
            with runtime.held(call.tenant):
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
            found, is_new = await self._written(submit)
            job = found if is_new else None
            return found
        except KeyTaken:
            raise Problem(
                409, "key-taken", "This Idempotency-Key was used for another body; use a new one."
            ) from None
        finally:
            if job is None:
                await asyncio.to_thread(intake.abandon)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._runtime.threads, work)

    async def _written(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._runtime.writings, work)

    async def _ended(self, job: Job, seconds: int) -> Job:
        """A job once it has ended, or as it is after some seconds."""
        give_up = asyncio.get_running_loop().time() + seconds
        while job.is_under_way and asyncio.get_running_loop().time() < give_up:
            await asyncio.sleep(_LOOK_SECONDS)
            job = await self._found(job.tenant, job.id)
        return job

    async def _found(self, tenant: str, job_id: str) -> Job:
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
        return JSONResponse({"jobs": [job.described() for job in listed]}, headers=PRIVATE)

    async def _show(self, request: Request) -> Response:
        job = await self._found(request.state.tenant, request.path_params["job"])
        headers = {**PRIVATE, "Retry-After": str(RETRY_SECONDS)} if job.is_under_way else PRIVATE
        return JSONResponse(job.described(), headers=headers)

    async def _cancel(self, request: Request) -> Response:
        runtime = self._runtime
        job = await self._found(request.state.tenant, request.path_params["job"])
        job = await self._written(functools.partial(runtime.record.cancel, job, runtime.clock()))
        return JSONResponse(job.described(), headers=PRIVATE)

    async def _result(self, request: Request) -> Response:
        job = await self._found(request.state.tenant, request.path_params["job"])
        return await self._results.answer(job, request.headers)


async def _read(request: Request, intake: Intake) -> None:
    """Hands a body on in pieces that are worth a thread."""
    waiting, size = bytearray(), 0
    clock = asyncio.get_running_loop().time
    began = clock()
    chunks = aiter(request.stream())
    while (chunk := await _next(chunks)) is not None:
        waiting += chunk
        size += len(chunk)
        if chunk and (clock() - began - STILL_SECONDS) * LEAST_PACE > size:
            raise Problem(
                408,
                "upload-stalled",
                f"The body came at less than {LEAST_PACE:,} bytes a second; send it again.",
            )
        if len(waiting) >= PIECE:
            await asyncio.to_thread(intake.feed, bytes(waiting))
            waiting.clear()
    if waiting:
        await asyncio.to_thread(intake.feed, bytes(waiting))


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    """The next of a body's chunks, None after the last; who stands still must not keep his place."""
    try:
        async with asyncio.timeout(STILL_SECONDS):
            return await anext(chunks, None)
    except TimeoutError:
        raise Problem(
            408, "upload-stalled", f"Nothing of the body came for {STILL_SECONDS:.0f} s; send it again."
        ) from None


def _known(page: Page) -> Page:
    """A page whose troubles are known: callers that go away, a database that does not answer."""

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
