"""Divided jobs and their parts. Parts are jobs in the database that only workers see.

While its parts run, a divided job is ``running`` without a worker. A transaction that ends a part first locks
the parent's row. A transaction that ends a parent ends its parts afterwards. This order shows the last part
that it is the last, and prevents deadlocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Update, and_, case, func, insert, select, update

from jobs.job import ACTIVE, Job, Status
from jobs.store.queue import Queue, run_id
from jobs.store.tables import jobs

SPLIT_SHARE, DONE_SHARE = 0.05, 0.9
"""The progress of a job after it was divided, and after its last part ended."""
_COLUMNS = jobs.c
_INHERITED = ("tenant", "endpoint", "query", "headers", "form", "answer_form", "digest", "submitted_at")
WAITS_FOR_PARTS: ColumnElement[bool] = and_(
    _COLUMNS.status == Status.RUNNING.value, _COLUMNS.worker.is_(None)
)


def divide(job_id: str, run: int, count: int) -> Update:
    """Makes a job wait for its parts. The run that divided it is over and cannot end the job any more."""
    return (
        update(jobs)
        .where(
            _COLUMNS.id == job_id,
            _COLUMNS.run == run,
            _COLUMNS.status == Status.RUNNING.value,
            _COLUMNS.worker.is_not(None),
            _COLUMNS.parts.is_(None),
        )
        .values(run=run + 1, worker=None, faults=0, parts=count, progress=SPLIT_SHARE)
    )


def add_parts(connection: Connection, queue: Queue, parent: Job, parts: Sequence[str]) -> None:
    """Inserts and queues the parts of a job, in the transaction that divides it."""
    shared = {name: getattr(parent, name) for name in _INHERITED}
    rows = [
        {
            **shared,
            "id": part,
            "parent": parent.id,
            "part": index,
            "status": Status.QUEUED.value,
            "run": 1,
            "faults": 0,
            "progress": 0.0,
            # The part's input is removed with its parent.
            "payload_kept": False,
        }
        for index, part in enumerate(parts)
    ]
    connection.execute(insert(jobs), rows)
    for part in parts:
        queue.put(connection, parent.tenant, part, 1)


def lock_parent(connection: Connection, job_id: str) -> str | None:
    """Locks the row of a part's parent until the transaction ends and returns its id; None for other jobs."""
    parent = connection.execute(select(_COLUMNS.parent).where(_COLUMNS.id == job_id)).scalar_one_or_none()
    if parent is not None:
        connection.execute(select(_COLUMNS.id).where(_COLUMNS.id == parent).with_for_update())
    return parent


def queue_join(connection: Connection, queue: Queue, parent: str) -> None:
    """Queues a divided job again if all its parts are done. The transaction has locked it and ended a
    part."""
    unfinished = select(func.count()).where(
        _COLUMNS.parent == parent, _COLUMNS.status != Status.SUCCEEDED.value
    )
    if connection.execute(unfinished).scalar_one():
        connection.execute(update_progress(parent))
        return
    queued = (
        update(jobs)
        .where(_COLUMNS.id == parent, WAITS_FOR_PARTS)
        .values(status=Status.QUEUED.value, progress=DONE_SHARE)
        .returning(_COLUMNS.tenant, _COLUMNS.run)
    )
    tenant, run = connection.execute(queued).one()
    queue.put(connection, tenant, parent, run)


def update_progress(parent: str) -> Update:
    """Sets a job's progress from its parts. It never decreases, although a part may start again."""
    parts = jobs.alias()
    mean = select(func.avg(parts.c.progress)).where(parts.c.parent == parent).scalar_subquery()
    share = SPLIT_SHARE + (DONE_SHARE - SPLIT_SHARE) * mean
    progress = case((share > _COLUMNS.progress, share), else_=_COLUMNS.progress)
    return update(jobs).where(_COLUMNS.id == parent, WAITS_FOR_PARTS).values(progress=progress)


def end_parts(connection: Connection, parent: str, now: datetime) -> Sequence[str]:
    """Cancels the parts of a job that has just ended; returns the ids of their runs."""
    ended = (
        update(jobs)
        .where(_COLUMNS.parent == parent, _COLUMNS.status.in_([status.value for status in ACTIVE]))
        .values(status=Status.CANCELLED.value, ended_at=now)
        .returning(_COLUMNS.id, _COLUMNS.run)
    )
    return [run_id(part, run) for part, run in connection.execute(ended)]


def results(connection: Connection, parent: str) -> Sequence[str]:
    """The keys of the results of a job's parts, in order."""
    query = select(_COLUMNS.result).where(_COLUMNS.parent == parent).order_by(_COLUMNS.part)
    return list(connection.execute(query).scalars())


def runs_of(connection: Connection, parent: str) -> Mapping[str, int]:
    """The number of runs of each part of a job, by id."""
    rows = connection.execute(select(_COLUMNS.id, _COLUMNS.run).where(_COLUMNS.parent == parent))
    return {row.id: row.run for row in rows}


def status_counts(connection: Connection, parent: str) -> Mapping[str, int]:
    """The number of a job's parts in each status."""
    query = select(_COLUMNS.status, func.count().label("parts")).where(_COLUMNS.parent == parent)
    rows = connection.execute(query.group_by(_COLUMNS.status).order_by(_COLUMNS.status))
    return {row.status: row.parts for row in rows}
