"""The jobs in the database. Server, workers and commands read and change jobs only through this module.

A job is queued, then running, then ended. Each run has a number, and every change of a job names its run. A
worker that was presumed dead but is alive so finds that its run no longer counts, and a job ends exactly once
even if two workers still run it. Only workers see the parts of a divided job (:mod:`jobs.store.division`).
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

from jobs.job import ACTIVE, Job, Order, Status, new_id
from jobs.store import division
from jobs.store.database import BUSY_SECONDS, connect
from jobs.store.queue import Queue, run_id
from jobs.store.statistics import count
from jobs.store.tables import jobs
from stores.columns import UtcDateTime

_COLUMNS = jobs.c
_ACTIVE = [status.value for status in ACTIVE]
_IS_NOT_PART = _COLUMNS.parent.is_(None)


class KeyTaken(Exception):
    """The tenant used this ``Idempotency-Key`` for another request."""


class Record:
    """Jobs in SQLite or PostgreSQL. :func:`jobs.store.schema.ensure` creates the tables.

    Args:
        jobs_url: SQLAlchemy URL.
        busy_seconds: how long to wait for another transaction in SQLite.

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

    # for the server and the commands

    def submit(self, order: Order, now: datetime, job_id: str | None = None) -> tuple[Job, bool]:
        """Queues a job, or returns the job that the same key created before; says whether it is new.

        Args:
            order: the submitted job.
            now: the moment of submission.
            job_id: the id under which the payload is stored; None for a new id.

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
                inserted = connection.execute(insert(jobs).values(row).returning(jobs)).one()
                self.queue.put(connection, order.tenant, inserted.id, 1)
                return job_of(inserted), True
        except IntegrityError:
            existing = self._select(
                _COLUMNS.tenant == order.tenant, _COLUMNS.idempotency_key == order.idempotency_key
            )
            if existing is None:
                raise
            if existing.digest != order.digest:
                raise KeyTaken from None
            return existing, False

    def find(self, tenant: str, job_id: str) -> Job | None:
        """A job of a tenant; None if it does not exist or belongs to another tenant."""
        return self._select(_COLUMNS.tenant == tenant, _COLUMNS.id == job_id, _IS_NOT_PART)

    def get(self, job_id: str) -> Job | None:
        """A job of any tenant."""
        return self._select(_COLUMNS.id == job_id, _IS_NOT_PART)

    def list(
        self,
        tenant: str | None = None,
        status: Status | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> Sequence[Job]:
        """Jobs, newest first.

        Args:
            tenant: only jobs of this tenant.
            status: only jobs with this status.
            before: only jobs older than this id.
            limit: the most jobs to return.
        """
        query = select(jobs).where(_IS_NOT_PART).order_by(_COLUMNS.id.desc()).limit(limit)
        if tenant is not None:
            query = query.where(_COLUMNS.tenant == tenant)
        if status is not None:
            query = query.where(_COLUMNS.status == status.value)
        if before is not None:
            query = query.where(_COLUMNS.id < before)
        with self.engine.connect() as connection:
            return [job_of(row) for row in connection.execute(query)]

    def cancel(self, job: Job, now: datetime) -> Job:
        """Cancels a job that has not ended; returns its new state."""
        cancelled = self._end(job.id, None, Status.CANCELLED, now, {})
        if cancelled is None:
            return self.get(job.id) or job
        self.queue.drop([run_id(job.id, cancelled.run)])
        return cancelled

    def restart(self, job: Job) -> bool:
        """Queues an active job, or the active parts of a divided job, for another run.

        Returns:
            Whether anything was active.
        """
        with self.engine.connect() as connection:
            parts = division.runs_of(connection, job.id)
        runs = [(job.id, job.run), *parts.items()]
        replaced = [run_id(*run) for run in runs if self.requeue(*run) is not None]
        self.queue.drop(replaced)
        return bool(replaced)

    def parts(self, job: Job) -> Mapping[str, int]:
        """The number of a job's parts in each status; empty if the job was not divided."""
        with self.engine.connect() as connection:
            return division.status_counts(connection, job.id)

    # for workers

    def claim(self, job_id: str, run: int, worker: str, now: datetime) -> Job | None:
        """Starts a run; None if the job is no longer queued for it."""
        return self._update(
            update(jobs)
            .where(_COLUMNS.id == job_id, _COLUMNS.run == run, _COLUMNS.status == Status.QUEUED.value)
            .values(
                status=Status.RUNNING.value,
                worker=worker,
                started_at=func.coalesce(_COLUMNS.started_at, literal(now, UtcDateTime)),
            )
        )

    def is_wanted(self, job_id: str, run: int) -> bool:
        """Whether a run still counts: the job was neither cancelled nor given to another worker."""
        query = select(_COLUMNS.id).where(*_is_run(job_id, run), _COLUMNS.status == Status.RUNNING.value)
        with self.engine.connect() as connection:
            return connection.execute(query).one_or_none() is not None

    def claimed(self) -> Sequence[tuple[str, int, str]]:
        """Job, run and worker of every running job."""
        query = select(_COLUMNS.id, _COLUMNS.run, _COLUMNS.worker)
        with self.engine.connect() as connection:
            is_running = (_COLUMNS.status == Status.RUNNING.value, _COLUMNS.worker.is_not(None))
            rows = connection.execute(query.where(*is_running))
            return [(row.id, row.run, row.worker) for row in rows]

    def set_progress(self, job_id: str, run: int, share: float) -> None:
        """Stores the progress of a run."""
        job = self._update(
            update(jobs)
            .where(*_is_run(job_id, run), _COLUMNS.status == Status.RUNNING.value)
            .values(progress=share)
        )
        if job is not None and job.parent is not None:
            # In its own transaction: one that has locked a part must not wait for its parent.
            with self.engine.begin() as connection:
                connection.execute(division.update_progress(job.parent))

    def divide(self, job_id: str, run: int, parts: Sequence[str]) -> Job | None:
        """Divides a job into parts and queues them; None if the run no longer counts.

        Args:
            job_id: the job.
            run: the run that divides it, and ends with this.
            parts: the ids of the parts, at least one, in order. Their inputs are stored already.
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
        """The keys of the results of a job's parts, in order; None if the job was not divided."""
        if job.parts is None:
            return None
        with self.engine.connect() as connection:
            return division.results(connection, job.id)

    def succeed(self, job_id: str, run: int, now: datetime, result: str, size: int, form: str) -> Job | None:
        """Ends a job with its result; None if the run no longer counts."""
        return self._end(
            job_id,
            run,
            Status.SUCCEEDED,
            now,
            {"result": result, "result_bytes": size, "answer_form": form, "progress": 1.0},
        )

    def fail(self, job_id: str, run: int, now: datetime, problem: Mapping[str, Any]) -> Job | None:
        """Ends a job with a problem; None if the run no longer counts."""
        return self._end(job_id, run, Status.FAILED, now, {"problem": dict(problem)})

    def requeue(
        self, job_id: str, run: int, *, fault: bool = False, delay_seconds: float | None = None
    ) -> Job | None:
        """Queues a job for another run; None if the run no longer counts.

        Args:
            job_id: the job.
            run: the run that is given up.
            fault: whether the run failed with a transient fault.
            delay_seconds: time before which no worker takes the job.
        """
        # A job that waits for its parts has no run that could be requeued.
        has_run = or_(_COLUMNS.status == Status.QUEUED.value, _COLUMNS.worker.is_not(None))
        statement = (
            update(jobs)
            .where(*_is_run(job_id, run), _COLUMNS.status.in_(_ACTIVE), has_run)
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

    # for the sweep

    def remove(self, job: Job) -> None:
        """Removes an ended job with its parts, also from the queue's tables."""
        with self.engine.connect() as connection:
            parts = division.runs_of(connection, job.id)
        self.queue.forget({**parts, job.id: job.run})
        with self.engine.begin() as connection:
            connection.execute(delete(jobs).where(_COLUMNS.parent == job.id))
            connection.execute(delete(jobs).where(_COLUMNS.id == job.id, _COLUMNS.run == job.run))

    def _end(
        self, job_id: str, run: int | None, status: Status, now: datetime, values: Mapping[str, Any]
    ) -> Job | None:
        """Ends a job. Every job ends here, only once, and only by its current run.

        After its last part a divided job is queued again. A part that fails ends its parent with the same
        problem.
        """
        with self.engine.begin() as connection:
            parent = division.lock_parent(connection, job_id)
            job = self._end_row(connection, job_id, run, status, now, values)
            if job is None:
                return None
            cancelled: Sequence[str] = ()
            if parent is not None and status is Status.SUCCEEDED:
                division.queue_join(connection, self.queue, parent)
            elif parent is not None:
                self._end_row(connection, parent, None, status, now, values)
                cancelled = division.end_parts(connection, parent, now)
            elif job.parts is not None:
                cancelled = division.end_parts(connection, job_id, now)
        if cancelled:
            self.queue.drop(cancelled)
        return job

    def _end_row(
        self,
        connection: Connection,
        job_id: str,
        run: int | None,
        status: Status,
        now: datetime,
        values: Mapping[str, Any],
    ) -> Job | None:
        statement = update(jobs).where(_COLUMNS.id == job_id, _COLUMNS.status.in_(_ACTIVE))
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

    def _update(self, statement: Update) -> Job | None:
        with self.engine.begin() as connection:
            row = connection.execute(statement.returning(jobs)).one_or_none()
        return None if row is None else job_of(row)

    def _select(self, *conditions: Any) -> Job | None:
        with self.engine.connect() as connection:
            row = connection.execute(select(jobs).where(*conditions)).one_or_none()
        return None if row is None else job_of(row)


def _is_run(job_id: str, run: int) -> tuple[Any, Any]:
    return _COLUMNS.id == job_id, _COLUMNS.run == run


def job_of(row: Row[Any]) -> Job:
    """The job in a row of the table."""
    return Job(**{**row._mapping, "status": Status(row.status)})
