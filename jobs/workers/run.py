"""One run of a job: claimed, given to the child, watched, and ended in the record."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from abintel.problem import Problem
from jobs.job import Job
from jobs.store.record import Record
from jobs.workers.children import Child, ChildDied

HEAR_SECONDS = 0.25
LOOK_SECONDS = 0.5
"""How often a run looks whether it is still wanted: what a cancelled job goes on at most."""
PROGRESS_SECONDS = 0.5
DELAYS = (2.0, 20.0)
"""Before the second and the third try of what may pass; there is no fourth."""
MAX_RUNS = 10
"""A job that so many workers died of is not given to another."""
log = logging.getLogger(__name__)


class Halted(Exception):
    """The run is no longer wanted, or its worker is to end."""


class Place(Protocol):
    """What a worker offers to a run."""

    @property
    def stopping(self) -> bool:
        """Whether the worker is to end."""
        ...

    def child(self) -> Child | None:
        """The child, once it is ready."""
        ...


@dataclass(frozen=True)
class Done:
    """A run that ended with a result: its key, its size, its media type."""

    result: str
    size: int
    form: str


@dataclass(frozen=True)
class Divided:
    """A run that divided its job: the ids of the parts, whose pieces are stored."""

    parts: list[str]


@dataclass(frozen=True)
class Refused:
    """A run that ended with a problem, and whether another may end better."""

    problem: dict[str, Any]
    may_pass: bool


class Run:
    """A claimed job in the hands of a worker.

    Args:
        job: as it was claimed.
        place: where it runs.
        record: of the jobs.
        max_memory: bytes that the child may have.
    """

    def __init__(self, job: Job, place: Place, record: Record, max_memory: int) -> None:
        self._job = job
        self._place = place
        self._record = record
        self._max_memory = max_memory
        self._looked_at = time.monotonic()
        self._noted_at = float("-inf")

    def outcome(self) -> Done | Divided | Refused:
        """Does the job.

        Raises:
            Halted: nothing is to be written of this run.
        """
        if self._job.run > MAX_RUNS:
            return Refused(_given_up(self._job), may_pass=False)
        child = self._awaited()
        order = _order(self._job, self._record.results(self._job))
        try:
            child.give(order)
            return self._heard(child)
        except ChildDied as error:
            log.warning("the process of job %s ended: %s", self._job.id, error)
            return Refused(_died(self._job), may_pass=True)
        except BaseException:
            # Whatever it still does is of no use.
            child.kill()
            raise

    def _awaited(self) -> Child:
        while (child := self._place.child()) is None:
            time.sleep(HEAR_SECONDS)
            self._look()
        return child

    def _heard(self, child: Child) -> Done | Divided | Refused:
        while True:
            said = child.hear(HEAR_SECONDS)
            if said is None or said["said"] == "progress":
                self._look()
                if child.memory() > self._max_memory:
                    child.kill()
                    return Refused(_too_large(self._job, self._max_memory), may_pass=False)
                if said is not None:
                    self._note(said["share"])
            elif said["said"] == "done":
                return Done(said["result"], said["bytes"], said["form"])
            elif said["said"] == "divided":
                return Divided(said["parts"])
            else:
                return Refused(said["problem"], said["may_pass"])

    def _look(self) -> None:
        if self._place.stopping:
            raise Halted
        instant = time.monotonic()
        if instant - self._looked_at >= LOOK_SECONDS:
            self._looked_at = instant
            if not self._record.is_going_on(self._job.id, self._job.run):
                raise Halted

    def _note(self, share: float) -> None:
        instant = time.monotonic()
        if instant - self._noted_at >= PROGRESS_SECONDS:
            self._noted_at = instant
            self._record.progressed(self._job.id, self._job.run, share)


def _order(job: Job, results: Sequence[str] | None) -> dict[str, Any]:
    """What the child is told of a job: to do a part, if it is one; to join the results, if there are any."""
    return {
        "id": job.known_as,
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
    ).as_dict(job.known_as)


def _given_up(job: Job) -> dict[str, Any]:
    return Problem(
        503,
        "job-given-up",
        f"The job was begun {MAX_RUNS} times, and each time its worker ended; send it again later, or in "
        "parts.",
    ).as_dict(job.known_as)


def _too_large(job: Job, most: int) -> dict[str, Any]:
    return Problem(
        413,
        "job-out-of-memory",
        f"The job needed more than {most // 2**20:,} MiB of memory; send it in parts. The limit is the "
        "operator's, ABINTEL_JOB_MEMORY_MB.",
    ).as_dict(job.known_as)
