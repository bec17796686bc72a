"""Sends the results of jobs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping

from starlette.responses import JSONResponse, Response, StreamingResponse

from abintel.media_types import JSON, chosen_form
from abintel.pictures import security_headers
from abintel.problem import MEDIA_TYPE, Problem
from jobs.job import Job
from jobs.rows.forms import ROW_FORMS, given
from jobs.rows.table import in_form
from server.compression import GZIP_FROM, packed, takes_gzip
from server.http.runtime import Runtime

PRIVATE = {"Cache-Control": "no-store"}
RETRY_SECONDS = 2
"""The ``Retry-After`` of an active job, in seconds."""
STORE_SECONDS = 10
"""The timeout of a look-up in the blob store, and the ``Retry-After`` if it does not answer."""
log = logging.getLogger(__name__)


class Results:
    """Streams results from the blobs.

    Args:
        runtime: state of the serving process.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._endpoints = {endpoint.name: endpoint for endpoint in runtime.roster.endpoints}

    async def answer(self, job: Job, headers: Mapping[str, str]) -> Response:
        """The result, or the problem with which the job failed.

        Raises:
            Problem: 409 if there is no result, 406 if it is not available in the requested media type, 410 if
                the stored result is gone, 503 if the store does not answer.
        """
        if job.is_active:
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
                self._runtime.threads, self._converted, job, form
            )
        sent = {**PRIVATE, "Vary": "Accept, Accept-Encoding", **security_headers(form)}
        if size >= GZIP_FROM and takes_gzip(headers.get("accept-encoding", "")):
            pieces = packed(pieces)
            sent["Content-Encoding"] = "gzip"
        else:
            sent["Content-Length"] = str(size)
        return StreamingResponse(pieces, headers=sent, media_type=form)

    async def _check_stored(self, job: Job) -> None:
        """Checks the result before the response starts; later, a missing result could only abort the
        response."""
        try:
            async with asyncio.timeout(STORE_SECONDS):
                size = await asyncio.to_thread(self._runtime.blobs.size, job.result or "")
        except FileNotFoundError:
            size = -1
        except Exception as error:
            # Each object store raises its own exceptions.
            log.error("the store of results does not answer: %s", type(error).__name__)
            raise Problem(
                503,
                "results-unavailable",
                "The store of results does not answer; try again.",
                headers={"Retry-After": str(STORE_SECONDS)},
            ) from error
        if size != job.result_bytes:
            log.error("the result of job %s is gone or has changed", job.id)
            raise Problem(410, "result-gone", "The job's result is no longer stored; submit the job again.")

    def _form_of(self, job: Job, accept: str) -> str:
        """The media type to send: the stored one, or another one that the caller prefers and that is small
        enough."""
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

    def _converted(self, job: Job, form: str) -> tuple[Iterable[bytes], int]:
        content = in_form(self._runtime.blobs.read(job.result or ""), self._endpoints[job.endpoint], form)
        return (content,), len(content)
