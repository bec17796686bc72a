"""Results of jobs as they are sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping

from starlette.responses import JSONResponse, Response, StreamingResponse

from abintel.media_types import JSON, chosen_form
from abintel.pictures import protection
from abintel.problem import MEDIA_TYPE, Problem
from jobs.job import Job
from jobs.rows.forms import ROW_FORMS, given
from jobs.rows.table import in_form
from server.compression import GZIP_FROM, packed, takes_gzip
from server.http.runtime import Runtime

PRIVATE = {"Cache-Control": "no-store"}
RETRY_SECONDS = 2
"""After which it is worth looking at a job again."""
AWAY_SECONDS = 10
"""How long the store of results may take to say what it has, and after which it is worth asking again."""
log = logging.getLogger(__name__)


class Results:
    """Sends results from the blobs, a piece at a time.

    Args:
        runtime: of the serving process.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._endpoints = {endpoint.name: endpoint for endpoint in runtime.roster.endpoints}

    async def answer(self, job: Job, headers: Mapping[str, str]) -> Response:
        """The result, or the problem that there is in its place.

        Raises:
            Problem: 409 if there is none, 406 if there is none in the form that is asked for, 410 if what was
                stored is gone, 503 if the store does not answer.
        """
        if job.is_under_way:
            raise Problem(
                409,
                "no-result-yet",
                f"The job is {job.status}; look again later.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        if job.problem is not None:
            return JSONResponse(job.problem, job.problem["status"], PRIVATE, MEDIA_TYPE)
        if job.result is None or job.result_bytes is None:
            raise Problem(409, "job-cancelled", "The job was cancelled; there will be no result.")
        form = self._form_of(job, headers.get("accept", ""))
        await self._check_stored(job)
        pieces: Iterable[bytes] = self._runtime.blobs.pieces(job.result)
        size = job.result_bytes
        if form != job.answer_form:
            pieces, size = await asyncio.get_running_loop().run_in_executor(
                self._runtime.threads, self._made_anew, job, form
            )
        sent = {**PRIVATE, "Vary": "Accept, Accept-Encoding", **protection(form)}
        if size >= GZIP_FROM and takes_gzip(headers.get("accept-encoding", "")):
            pieces = packed(pieces)
            sent["Content-Encoding"] = "gzip"
        else:
            sent["Content-Length"] = str(size)
        return StreamingResponse(pieces, headers=sent, media_type=form)

    async def _check_stored(self, job: Job) -> None:
        """Before the head of an answer is sent: what is missing then could only break it off."""
        try:
            async with asyncio.timeout(AWAY_SECONDS):
                size = await asyncio.to_thread(self._runtime.blobs.size, job.result or "")
        except FileNotFoundError:
            size = -1
        except Exception as error:
            # Object stores have exceptions of their own.
            log.error("the store of results does not answer: %s", type(error).__name__)
            raise Problem(
                503,
                "results-unavailable",
                "The store of results does not answer; try again.",
                headers={"Retry-After": str(AWAY_SECONDS)},
            ) from error
        if size != job.result_bytes:
            log.error("the result of job %s is gone, or not as it was written", job.id)
            raise Problem(410, "result-gone", "The job's result is no longer stored; submit the job again.")

    def _form_of(self, job: Job, accept: str) -> str:
        """The form in which a result is sent: as it is stored, unless a short one is asked for otherwise."""
        endpoint = self._endpoints.get(job.endpoint)
        forms = given(endpoint) if endpoint is not None and job.answer_form == JSON else ()
        choice = chosen_form(accept, (job.answer_form, *forms))
        if choice is None and job.answer_form in ROW_FORMS:
            raise Problem(
                406, "not-acceptable", f"The job was submitted for {job.answer_form}; ask for that."
            )
        if choice is None or choice == job.answer_form:
            return job.answer_form
        if (job.result_bytes or 0) > self._runtime.settings.max_body_bytes:
            raise Problem(
                406,
                "not-acceptable",
                f"The result is too long for that: submit the job with Accept: {choice}.",
            )
        return choice

    def _made_anew(self, job: Job, form: str) -> tuple[Iterable[bytes], int]:
        content = in_form(self._runtime.blobs.read(job.result or ""), self._endpoints[job.endpoint], form)
        return (content,), len(content)
