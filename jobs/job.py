"""What a job is: its record as an object, and as callers see it."""

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
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = (Status.QUEUED, Status.RUNNING)


class JobError(ValueError):
    """Something that cannot be done to a job; the text says what to do instead."""


@dataclass(frozen=True)
class Order:
    """What is to be done, apart from the payload.

    Attributes:
        tenant: whose job it is.
        endpoint: name of the route.
        query: query parameters that the route knows.
        headers: request headers that the route knows, names in lower case.
        form: media type of the payload.
        answer_form: media type of the result.
        digest: SHA-256 over all that makes the answer.
        idempotency_key: of the tenant's choice, or None.
        callback_url: told when the job ends, or None.
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
    """A job as the database has it; see :mod:`jobs.store.tables` for the columns."""

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
    def known_as(self) -> str:
        """Id of the job that callers know: its own, or its parent's if it is a part of one."""
        return self.parent or self.id

    @property
    def is_under_way(self) -> bool:
        """Whether it has not ended."""
        return self.status in UNDER_WAY

    @property
    def path(self) -> str:
        """Where callers find it."""
        return f"{PREFIX}/{self.id}"

    def accepted(self) -> dict[str, Any]:
        """What the answer to its submission says."""
        return {"job_id": self.id, "status": self.status, "submitted_at": stamp(self.submitted_at)}

    def described(self) -> dict[str, Any]:
        """What its page says."""
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
    """32 hexadecimal digits: the moment in milliseconds, then chance. Ids sort by when they were made."""
    return f"{time.time_ns() // 10**6:012x}{secrets.token_hex(10)}"


def is_id(text: str) -> bool:
    """Whether a text may be a job's id."""
    return _ID.fullmatch(text) is not None


def made_at(job_id: str) -> float:
    """Unix time in seconds of an id's making.

    Raises:
        ValueError: no id of a job.
    """
    if not is_id(job_id):
        raise ValueError(f"{job_id!r} is no id of a job")
    return int(job_id[:12], 16) / 1000


def stamp(moment: datetime | None) -> str | None:
    """A moment as answers print it.

    >>> from datetime import UTC
    >>> stamp(datetime(2026, 1, 2, 3, 4, 5, 678900, UTC))
    '2026-01-02T03:04:05.678Z'
    """
    if moment is None:
        return None
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
