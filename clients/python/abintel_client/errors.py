"""The exceptions of a call: problem documents of the server (RFC 9457), and a server that does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel


class Fault(BaseModel):
    """A fault of a body.

    Attributes:
        pointer: JSON Pointer (RFC 6901) to the member.
        message: what is wrong, and what to do.
    """

    pointer: str
    message: str


class AbintelError(Exception):
    """Base class of the exceptions of this package."""


class Unreachable(AbintelError):
    """The server did not answer, after all retries."""


class Problem(AbintelError):
    """The server refused a call, or failed.

    Attributes:
        status: HTTP status code.
        kind: short name of the problem, such as ``invalid-body``.
        detail: what happened, and what to do.
        faults: every fault of the body.
        request_id: id of the request in the server's log.
        retry_after: seconds to wait before the next try, if the server says so.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        faults: tuple[Fault, ...] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        lines = [f"{self.status} {self.kind}: {self.detail}"]
        lines += [f"  {fault.pointer}: {fault.message}" for fault in self.faults[:10]]
        if len(self.faults) > 10:
            lines.append(f"  … and {len(self.faults) - 10} more")
        if self.request_id:
            lines.append(f"  request {self.request_id}")
        return "\n".join(lines)


class BadRequest(Problem):
    """400: the body or a parameter is wrong; ``faults`` lists why."""


class Unauthorized(Problem):
    """401: the credentials are missing, unknown, revoked or wrong."""


class Forbidden(Problem):
    """403: the credential lacks a permission; ``detail`` names it."""


class NotFound(Problem):
    """404: there is no such route, job or model."""


class Conflict(Problem):
    """409: the job has no result yet, or its key was used with another body."""


class TooLarge(Problem):
    """413: the body is too large, or has too many rows, for one request."""


class Busy(Problem):
    """429 or 503, even after retries: the tenant sent too many requests, or the server is busy."""


class ServerFailed(Problem):
    """500: the server failed."""


_KINDS: Mapping[int, type[Problem]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: Busy,
    500: ServerFailed,
    503: Busy,
}


def problem_of(response: httpx.Response) -> Problem:
    """The exception for an error response."""
    return problem_from(response.status_code, _document(response), retry_after(response))


def problem_from(status: int, document: Mapping[str, Any], wait: float | None = None) -> Problem:
    """The exception for a problem document."""
    kind = str(document.get("type", "")).rpartition(":")[2] or "failed"
    faults = tuple(Fault.model_validate(fault) for fault in document.get("errors") or ())
    return _KINDS.get(status, Problem)(
        status, kind, str(document.get("detail", "")), faults, document.get("request_id"), wait
    )


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait, if it does."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def _document(response: httpx.Response) -> Mapping[str, Any]:
    try:
        document = response.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return document
    return {"detail": response.text[:500] or response.reason_phrase}
