"""A job: its row in the database as an object, and its JSON description for callers."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

PREFIX = "/api/v1/jobs"
_ID = re.compile(r"[0-9a-f]{32}")


class Status(StrEnum):
    """The state of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (Status.QUEUED, Status.RUNNING)


class JobError(ValueError):
    """An operation that is impossible for this job; the text says what to do instead."""


@dataclass(frozen=True)
class Order:
    """A submitted job, apart from its payload.

    Attributes:
        tenant: who submitted the job.
        endpoint: name of the route.
        query: the query parameters that the route knows.
        headers: the request headers that the route knows, with names in lower case.
        form: media type of the payload.
        answer_form: media type of the result.
        digest: SHA-256 of everything that determines the answer.
        idempotency_key: chosen by the tenant, or None.
        callback_url: receives a POST when the job ends, or None.
    """

    tenant: str
    endpoint: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: str
    answer_form: str
    digest: str
    idempotency_key: str | None = None
    callback_url: str | None = None


@dataclass(frozen=True)
class Job:
    """A job as a row of the database; :mod:`jobs.store.tables` describes the columns."""

    id: str
    tenant: str
    endpoint: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: str
    answer_form: str
    digest: str
    idempotency_key: str | None
    callback_url: str | None
    status: Status
    run: int
    faults: int
    progress: float
    worker: str | None
    submitted_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    problem: Mapping[str, Any] | None
    result: str | None
    result_bytes: int | None
    payload_kept: bool
    parent: str | None
    part: int | None
    parts: int | None

    @property
    def public_id(self) -> str:
        """The id that callers know: the job's own id, or its parent's if the job is a part."""
        return self.parent or self.id

    @property
    def is_active(self) -> bool:
        """Whether the job has not ended."""
        return self.status in ACTIVE

    @property
    def path(self) -> str:
        """The URL path of the job."""
        return f"{PREFIX}/{self.id}"

    def accepted(self) -> dict[str, Any]:
        """The answer to a submission."""
        return {"job_id": self.id, "status": self.status, "submitted_at": stamp(self.submitted_at)}

    def described(self) -> dict[str, Any]:
        """The job as its page shows it."""
        described: dict[str, Any] = {
            "job_id": self.id,
            "endpoint": self.endpoint,
            "status": self.status,
            "progress": round(float(self.progress), 4),
            "submitted_at": stamp(self.submitted_at),
            "started_at": stamp(self.started_at),
            "ended_at": stamp(self.ended_at),
        }
        if self.problem is not None:
            described["problem"] = dict(self.problem)
        if self.status is Status.SUCCEEDED:
            described["result"] = f"{self.path}/result"
        return described


def new_id() -> str:
    """32 hexadecimal digits: the time in milliseconds, then random digits. Ids sort by creation time."""
    return f"{time.time_ns() // 10**6:012x}{secrets.token_hex(10)}"


def is_id(text: str) -> bool:
    """Whether a text has the form of a job id."""
    return _ID.fullmatch(text) is not None


def created_at(job_id: str) -> float:
    """The Unix time in seconds at which an id was created.

    Raises:
        ValueError: the text is not a job id.
    """
    if not is_id(job_id):
        raise ValueError(f"{job_id!r} is no id of a job")
    return int(job_id[:12], 16) / 1000


def stamp(moment: datetime | None) -> str | None:
    """A moment as answers print it, UTC.

    >>> from datetime import UTC
    >>> stamp(datetime(2026, 1, 2, 3, 4, 5, 678900, UTC))
    '2026-01-02T03:04:05.678Z'
    """
    if moment is None:
        return None
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
