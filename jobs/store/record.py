"""The record of jobs: what the server, the workers and the commands know of a job is what stands here.

A job is queued, then running, then ended. Each of its runs has a number, and whoever changes a job names the
run that he means: a worker that was thought dead, and is not, finds that its run is no longer the job's. So a
job ends once, even if two workers still run it. The parts of a divided job (:mod:`jobs.store.division`) are
jobs to the workers and to nobody else: lists of jobs leave them out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Update,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from jobs.job import UNDER_WAY, Job, Order, Status, new_id
from jobs.store import division
from jobs.store.database import BUSY_SECONDS, connect
from jobs.store.engine import Queue, run_id
from jobs.store.figures import count
from jobs.store.tables import jobs
from stores.columns import UtcDateTime

_COLUMNS = jobs.c
_UNDER_WAY = [status.value for status in UNDER_WAY]
_NO_PART = _COLUMNS.parent.is_(None)


class KeyTaken(Exception):
    """The tenant used this ``Idempotency-Key`` for something else."""


class Record:
    """Jobs in SQLite or PostgreSQL, whose tables :func:`jobs.store.schema.ensure` has made.

    Args:
        jobs_url: SQLAlchemy URL.
        busy_seconds: how long to wait for another's transaction in SQLite.

    Raises:
        SettingError: the URL names no database that can be used.
    """

    def __init__(self, jobs_url: str, busy_seconds: float = BUSY_SECONDS) -> None:
        self.engine = connect(jobs_url, busy_seconds)
        self.queue = Queue(self.engine)

    def close(self) -> None:
        """Closes the connections."""
        self.queue.close()
        self.engine.dispose()

    # by whom a job is asked for

    def submit(self, order: Order, now: datetime, job_id: str | None = None) -> tuple[Job, bool]:
        """Queues a job, or finds the one that the same key already made; says whether it is new.

        Args:
            order: what is to be done.
            now: the moment of submission.
            job_id: made before, where the payload is stored under it.

        Raises:
            KeyTaken: the key belongs to a job with another digest.
        """
        row = {
            **dataclasses.asdict(order),
            "id": job_id or new_id(),
            "status": Status.QUEUED.value,
            "run": 1,
            "faults": 0,
            "progress": 0.0,
            "submitted_at": now,
            "payload_kept": True,
        }
        try:
            with self.engine.begin() as connection:
                made = connection.execute(insert(jobs).values(row).returning(jobs)).one()
                self.queue.put(connection, order.tenant, made.id, 1)
                return job_of(made), True
        except IntegrityError:
            known = self._one(
                _COLUMNS.tenant == order.tenant, _COLUMNS.idempotency_key == order.idempotency_key
            )
            if known is None:
                raise
            if known.digest != order.digest:
                raise KeyTaken from None
            return known, False

    def find(self, tenant: str, job_id: str) -> Job | None:
        """A tenant's job; another's is None."""
        return self._one(_COLUMNS.tenant == tenant, _COLUMNS.id == job_id, _NO_PART)

    def get(self, job_id: str) -> Job | None:
        """A job, whosever it is."""
        return self._one(_COLUMNS.id == job_id, _NO_PART)

    def list(
        self,
        tenant: str | None = None,
        status: Status | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> Sequence[Job]:
        """Jobs, the newest first.

        Args:
            tenant: only this one's.
            status: only these.
            before: only those older than this id.
            limit: at most so many.
        """
        query = select(jobs).where(_NO_PART).order_by(_COLUMNS.id.desc()).limit(limit)
        if tenant is not None:
            query = query.where(_COLUMNS.tenant == tenant)
        if status is not None:
            query = query.where(_COLUMNS.status == status.value)
        if before is not None:
            query = query.where(_COLUMNS.id < before)
        with self.engine.connect() as connection:
            return [job_of(row) for row in connection.execute(query)]

    def cancel(self, job: Job, now: datetime) -> Job:
        """Ends a job that has not ended; gives it as it now is."""
        cancelled = self._end(job.id, None, Status.CANCELLED, now, {})
        if cancelled is None:
            return self.get(job.id) or job
        self.queue.drop([run_id(job.id, cancelled.run)])
        return cancelled

    def begin_anew(self, job: Job) -> bool:
        """Queues what is under way of a job for another run, and says whether anything was; of a divided job
        those of its parts that have not ended."""
        with self.engine.connect() as connection:
            parts = division.runs_of(connection, job.id)
        runs = [(job.id, job.run), *parts.items()]
        given_up = [run_id(*run) for run in runs if self.put_back(*run) is not None]
        # Nobody need wait for them.
        self.queue.drop(given_up)
        return bool(given_up)

    def parts(self, job: Job) -> Mapping[str, int]:
        """Status to number, of the parts of a job; empty if it was not divided."""
        with self.engine.connect() as connection:
            return division.counted(connection, job.id)

    # by whom it is done

    def claim(self, job_id: str, run: int, worker: str, now: datetime) -> Job | None:
        """Begins a run; None if the job is no longer queued for it."""
        return self._changed(
            update(jobs)
            .where(_COLUMNS.id == job_id, _COLUMNS.run == run, _COLUMNS.status == Status.QUEUED.value)
            .values(
                status=Status.RUNNING.value,
                worker=worker,
                started_at=func.coalesce(_COLUMNS.started_at, literal(now, UtcDateTime)),
            )
        )

    def is_going_on(self, job_id: str, run: int) -> bool:
        """Whether a run is still wanted: the job was neither cancelled nor given to another worker."""
        query = select(_COLUMNS.id).where(*_is_run(job_id, run), _COLUMNS.status == Status.RUNNING.value)
        with self.engine.connect() as connection:
            return connection.execute(query).one_or_none() is not None

    def claimed(self) -> Sequence[tuple[str, int, str]]:
        """Job, run and worker of all that is being done."""
        query = select(_COLUMNS.id, _COLUMNS.run, _COLUMNS.worker)
        with self.engine.connect() as connection:
            doing = (_COLUMNS.status == Status.RUNNING.value, _COLUMNS.worker.is_not(None))
            rows = connection.execute(query.where(*doing))
            return [(row.id, row.run, row.worker) for row in rows]

    def progressed(self, job_id: str, run: int, share: float) -> None:
        """Notes how much of a run is done."""
        job = self._changed(
            update(jobs)
            .where(*_is_run(job_id, run), _COLUMNS.status == Status.RUNNING.value)
            .values(progress=share)
        )
        if job is not None and job.parent is not None:
            # By itself: who holds a part must not wait for its parent.
            with self.engine.begin() as connection:
                connection.execute(division.moved(job.parent))

    def divide(self, job_id: str, run: int, parts: Sequence[str]) -> Job | None:
        """Divides a run's job into parts, and queues them; None if the run was no longer the job's.

        Args:
            job_id: which job.
            run: that ends with this.
            parts: their ids, at least one, in their order; their pieces are stored.
        """
        with self.engine.begin() as connection:
            statement = division.divide(job_id, run, len(parts)).returning(jobs)
            row = connection.execute(statement).one_or_none()
            if row is None:
                return None
            job = job_of(row)
            division.add_parts(connection, self.queue, job, parts)
        return job

    def results(self, job: Job) -> Sequence[str] | None:
        """Keys of what the parts of a job gave, in their order; None if it was not divided."""
        if job.parts is None:
            return None
        with self.engine.connect() as connection:
            return division.results(connection, job.id)

    def succeed(self, job_id: str, run: int, now: datetime, result: str, size: int, form: str) -> Job | None:
        """Ends a run's job with its result; None if the run was no longer the job's."""
        return self._end(
            job_id,
            run,
            Status.SUCCEEDED,
            now,
            {"result": result, "result_bytes": size, "answer_form": form, "progress": 1.0},
        )

    def fail(self, job_id: str, run: int, now: datetime, problem: Mapping[str, Any]) -> Job | None:
        """Ends a run's job with a problem; None if the run was no longer the job's."""
        return self._end(job_id, run, Status.FAILED, now, {"problem": dict(problem)})

    def put_back(
        self, job_id: str, run: int, *, fault: bool = False, delay_seconds: float | None = None
    ) -> Job | None:
        """Queues a job for another run; None if the run was no longer the job's.

        Args:
            job_id: which job.
            run: that will not end.
            fault: whether it ended in a fault that may pass.
            delay_seconds: before which no worker takes the job.
        """
        # One that waits for its parts has no run that could be put back.
        has_run = or_(_COLUMNS.status == Status.QUEUED.value, _COLUMNS.worker.is_not(None))
        statement = (
            update(jobs)
            .where(*_is_run(job_id, run), _COLUMNS.status.in_(_UNDER_WAY), has_run)
            .values(
                status=Status.QUEUED.value,
                run=run + 1,
                faults=_COLUMNS.faults + int(fault),
                worker=None,
                progress=case((_COLUMNS.parts.is_(None), 0.0), else_=_COLUMNS.progress),
            )
        )
        with self.engine.begin() as connection:
            row = connection.execute(statement.returning(jobs)).one_or_none()
            if row is None:
                return None
            self.queue.put(connection, row.tenant, job_id, run + 1, delay_seconds)
        return job_of(row)

    # by whom it is cleared away

    def remove(self, job: Job) -> None:
        """Removes an ended job with its parts, from the queue's tables too."""
        with self.engine.connect() as connection:
            parts = division.runs_of(connection, job.id)
        self.queue.forget({**parts, job.id: job.run})
        with self.engine.begin() as connection:
            connection.execute(delete(jobs).where(_COLUMNS.parent == job.id))
            connection.execute(delete(jobs).where(_COLUMNS.id == job.id, _COLUMNS.run == job.run))

    def _end(
        self, job_id: str, run: int | None, status: Status, now: datetime, values: Mapping[str, Any]
    ) -> Job | None:
        """The one way in which a job ends: only if it has not ended, and only by the run that it is at. After
        its last part a divided job goes on; a part that ends with a problem ends it with that.
        """
        with self.engine.begin() as connection:
            parent = division.hold_parent(connection, job_id)
            job = self._ended(connection, job_id, run, status, now, values)
            if job is None:
                return None
            given_up: Sequence[str] = ()
            if parent is not None and status is Status.SUCCEEDED:
                division.go_on(connection, self.queue, parent)
            elif parent is not None:
                self._ended(connection, parent, None, status, now, values)
                given_up = division.end_parts(connection, parent, now)
            elif job.parts is not None:
                given_up = division.end_parts(connection, job_id, now)
        if given_up:
            self.queue.drop(given_up)
        return job

    def _ended(
        self,
        connection: Connection,
        job_id: str,
        run: int | None,
        status: Status,
        now: datetime,
        values: Mapping[str, Any],
    ) -> Job | None:
        statement = update(jobs).where(_COLUMNS.id == job_id, _COLUMNS.status.in_(_UNDER_WAY))
        if run is not None:
            statement = statement.where(_COLUMNS.run == run)
        statement = statement.values(status=status.value, ended_at=now, **values)
        row = connection.execute(statement.returning(jobs)).one_or_none()
        if row is None:
            return None
        job = job_of(row)
        if job.parent is None:
            count(connection, job)
            if job.callback_url is not None:
                self.queue.put_call(connection, job.tenant, job.id)
        return job

    def _changed(self, statement: Update) -> Job | None:
        with self.engine.begin() as connection:
            row = connection.execute(statement.returning(jobs)).one_or_none()
        return None if row is None else job_of(row)

    def _one(self, *conditions: Any) -> Job | None:
        with self.engine.connect() as connection:
            row = connection.execute(select(jobs).where(*conditions)).one_or_none()
        return None if row is None else job_of(row)


def _is_run(job_id: str, run: int) -> tuple[Any, Any]:
    return _COLUMNS.id == job_id, _COLUMNS.run == run


def job_of(row: Row[Any]) -> Job:
    """A row of the table as a job."""
    return Job(**{**row._mapping, "status": Status(row.status)})
