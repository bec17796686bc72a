"""Errors for callers: RFC 9457 problem documents."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"
MAX_FAULTS = 10_000
"""The most faults in an answer. If there are more, the answer says so."""


class Fault(NamedTuple):
    """One thing wrong with a body.

    Attributes:
        pointer: JSON Pointer (RFC 6901) to the member, or to where a missing member belongs.
        message: what is wrong, the value seen, and what to do.
    """

    pointer: str
    message: str


class ProblemFault(BaseModel):
    """One thing wrong with a body."""

    pointer: str = Field(description="JSON Pointer to the member, or to where a missing one belongs.")
    message: str = Field(description="What is wrong and what was seen.")


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="`urn:abintel:problem:` and the kind of problem.")
    title: str = Field(description="The kind of problem, in words.")
    status: int = Field(description="The HTTP status code again.")
    detail: str = Field(description="What happened, and what to do.")
    request_id: str = Field(description="Names this request in the server's log.")
    errors: list[ProblemFault] | None = Field(None, description="Every fault of a body that does not fit.")
    errors_truncated: bool | None = Field(None, description="True if there are more faults than are listed.")


class Problem(Exception):
    """An error answer. Any layer may raise it; the HTTP layer renders it.

    Args:
        status: HTTP status code.
        slug: short name of the kind of problem; becomes ``urn:abintel:problem:<slug>``.
        detail: a sentence for the caller; never a path, a library's name or a secret.
        faults: each fault of a body that does not fit.
        headers: response headers, such as ``Retry-After``.
        title: overrides the status code's own phrase.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        title: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.title = title or HTTPStatus(status).phrase

    def as_dict(self, request_id: str) -> dict[str, Any]:
        """The problem document of RFC 9457, section 3."""
        document: dict[str, Any] = {
            "type": f"urn:abintel:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        if self.faults:
            document["errors"] = [
                {"pointer": fault.pointer, "message": fault.message} for fault in self.faults[:MAX_FAULTS]
            ]
            if len(self.faults) > MAX_FAULTS:
                document["errors_truncated"] = True
        return document

    def encode(self, request_id: str) -> bytes:
        """The problem document as UTF-8 JSON. Invalid Unicode is replaced."""
        document = self.as_dict(request_id)
        try:
            return orjson.dumps(document)
        except orjson.JSONEncodeError:
            return orjson.dumps(_scrubbed(document))


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    return value


def bad_body(faults: Sequence[Fault]) -> Problem:
    """400 for an invalid body, with every fault."""
    count = len(faults)
    if count == 1:
        detail = ": ".join(part for part in faults[0] if part)
    elif count <= MAX_FAULTS:
        detail = f"The body has {count} faults; `errors` lists them."
    else:
        detail = f"The body has more than {MAX_FAULTS:,} faults; `errors` lists the first."
    return Problem(400, "invalid-body", detail, faults=faults)


def bad_parameter(name: str, message: str) -> Problem:
    """400 for an invalid query parameter or header."""
    return Problem(400, "invalid-parameter", f"{name}: {message}")


def pointer(*parts: str | int) -> str:
    """The JSON Pointer of a path, escaped (RFC 6901, section 3).

    >>> pointer("customers", 0, "a/b")
    '/customers/0/a~1b'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}


def of_exception(error: Exception) -> Problem:
    """The problem for an unexpected exception: 503 if the disk failed, else 500."""
    if isinstance(error, OSError) and error.errno in _DISK:
        return Problem(
            503,
            "storage-unavailable",
            "The server's disk is full, or cannot be written to; try again later.",
            headers={"Retry-After": "30"},
        )
    return failed()


def failed() -> Problem:
    """500: a defect of the server. The log has the details under the request id."""
    return Problem(500, "failed", "The server failed on this request; the fault is ours, and was logged.")
