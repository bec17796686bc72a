"""One run of a job: sends it to the child process and watches it until it has an outcome."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from abintel.problem import Problem
from jobs.job import Job
from jobs.store.record import Record
from jobs.workers.child_process import ChildDied, ChildProcess

POLL_SECONDS = 0.25
WANTED_SECONDS = 0.5
"""How often a run checks whether it is still wanted. A cancelled job runs on for this time at most."""
PROGRESS_SECONDS = 0.5
DELAYS = (2.0, 20.0)
"""Delays before the second and the third attempt after a transient fault. There is no fourth."""
MAX_RUNS = 10
"""A job that has killed so many workers is not given to another one."""
log = logging.getLogger(__name__)


class Halted(Exception):
    """The run is no longer wanted, or its worker is stopping."""


class Host(Protocol):
    """The interface of a worker that a run needs."""

    @property
    def stopping(self) -> bool:
        """Whether the worker is stopping."""
        ...

    def child(self) -> ChildProcess | None:
        """The child process; None until it is ready."""
        ...


@dataclass(frozen=True)
class Done:
    """A run that ended with a result: the key, size and media type of the result."""

    result: str
    size: int
    form: str


@dataclass(frozen=True)
class Divided:
    """A run that divided its job: the ids of the parts. Their inputs are stored."""

    parts: list[str]


@dataclass(frozen=True)
class Refused:
    """A run that ended with a problem, and whether another attempt may succeed."""

    problem: dict[str, Any]
    may_pass: bool


class Run:
    """A claimed job on a worker.

    Args:
        job: the claimed job.
        host: the worker.
        record: the jobs' database.
        max_memory: bytes of memory that the child process may use.
    """

    def __init__(self, job: Job, host: Host, record: Record, max_memory: int) -> None:
        self._job = job
        self._host = host
        self._record = record
        self._max_memory = max_memory
        self._checked_at = time.monotonic()
        self._progress_at = float("-inf")

    def outcome(self) -> Done | Divided | Refused:
        """Runs the job.

        Raises:
            Halted: the run must not change the job any more.
        """
        if self._job.run > MAX_RUNS:
            return Refused(_given_up(self._job), may_pass=False)
        child = self._ready_child()
        order = _order(self._job, self._record.results(self._job))
        try:
            child.send(order)
            return self._watch(child)
        except ChildDied as error:
            log.warning("the process of job %s ended: %s", self._job.id, error)
            return Refused(_died(self._job), may_pass=True)
        except BaseException:
            # The child still computes a job that nobody wants.
            child.kill()
            raise

    def _ready_child(self) -> ChildProcess:
        while (child := self._host.child()) is None:
            time.sleep(POLL_SECONDS)
            self._check_wanted()
        return child

    def _watch(self, child: ChildProcess) -> Done | Divided | Refused:
        while True:
            message = child.receive(POLL_SECONDS)
            if message is None or message["said"] == "progress":
                self._check_wanted()
                if child.memory() > self._max_memory:
                    child.kill()
                    return Refused(_too_large(self._job, self._max_memory), may_pass=False)
                if message is not None:
                    self._store_progress(message["share"])
            elif message["said"] == "done":
                return Done(message["result"], message["bytes"], message["form"])
            elif message["said"] == "divided":
                return Divided(message["parts"])
            else:
                return Refused(message["problem"], message["may_pass"])

    def _check_wanted(self) -> None:
        if self._host.stopping:
            raise Halted
        now = time.monotonic()
        if now - self._checked_at >= WANTED_SECONDS:
            self._checked_at = now
            if not self._record.is_wanted(self._job.id, self._job.run):
                raise Halted

    def _store_progress(self, share: float) -> None:
        now = time.monotonic()
        if now - self._progress_at >= PROGRESS_SECONDS:
            self._progress_at = now
            self._record.set_progress(self._job.id, self._job.run, share)


def _order(job: Job, results: Sequence[str] | None) -> dict[str, Any]:
    """The message that sends a job to the child. With ``part`` it computes a part; with ``results`` it joins
    them."""
    return {
        "id": job.public_id,
        "part": job.id if job.parent is not None else None,
        "results": results,
        "run": job.run,
        "tenant": job.tenant,
        "endpoint": job.endpoint,
        "query": dict(job.query),
        "headers": dict(job.headers),
        "answer_form": job.answer_form,
        "submitted_at": job.submitted_at.isoformat(),
    }


def _died(job: Job) -> dict[str, Any]:
    return Problem(
        503,
        "job-process-died",
        "The process that did the job ended, each time that it was tried; send it again later, or in parts.",
    ).as_dict(job.public_id)


def _given_up(job: Job) -> dict[str, Any]:
    return Problem(
        503,
        "job-given-up",
        f"The job was begun {MAX_RUNS} times, and each time its worker ended; send it again later, or in "
        "parts.",
    ).as_dict(job.public_id)


def _too_large(job: Job, most: int) -> dict[str, Any]:
    return Problem(
        413,
        "job-out-of-memory",
        f"The job needed more than {most // 2**20:,} MiB of memory; send it in parts. The limit is the "
        "operator's, ABINTEL_JOB_MEMORY_MB.",
    ).as_dict(job.public_id)
