"""A job that was divided: its parts, which are jobs in the record that nobody but the workers sees.

While its parts are done a divided job is ``running``, and no worker has it. Whoever ends a part holds its
parent's row first, and whoever ends a parent ends its parts after it: in this order the last part knows that
it is the last, and nobody waits for one who waits for him.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Update, and_, case, func, insert, select, update

from jobs.job import UNDER_WAY, Job, Status
from jobs.store.engine import Queue, run_id
from jobs.store.tables import jobs

SPLIT_SHARE, DONE_SHARE = 0.05, 0.9
"""How much of a job is done when it was divided, and when its last part was."""
_COLUMNS = jobs.c
_INHERITED = ("tenant", "endpoint", "query", "headers", "form", "answer_form", "digest", "submitted_at")
WAITS_FOR_PARTS: ColumnElement[bool] = and_(
    _COLUMNS.status == Status.RUNNING.value, _COLUMNS.worker.is_(None)
)


def divide(job_id: str, run: int, count: int) -> Update:
    """Has a job wait for its parts. The run that divided it is over: it can end nothing any more."""
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
    """Writes and queues the parts of a job, in the transaction that divides it."""
    shared = {name: getattr(parent, name) for name in _INHERITED}
    rows = [
        {
            **shared,
            "id": part,
            "parent": parent.id,
            "part": place,
            "status": Status.QUEUED.value,
            "run": 1,
            "faults": 0,
            "progress": 0.0,
            # Its piece is its parent's to clear away.
            "payload_kept": False,
        }
        for place, part in enumerate(parts)
    ]
    connection.execute(insert(jobs), rows)
    for part in parts:
        queue.put(connection, parent.tenant, part, 1)


def hold_parent(connection: Connection, job_id: str) -> str | None:
    """The parent of a part, which nobody else changes until the transaction ends; None for any other job."""
    found = connection.execute(select(_COLUMNS.parent).where(_COLUMNS.id == job_id)).scalar_one_or_none()
    if found is not None:
        connection.execute(select(_COLUMNS.id).where(_COLUMNS.id == found).with_for_update())
    return found


def go_on(connection: Connection, queue: Queue, parent: str) -> None:
    """Queues a job if its parts are all done; the transaction holds it, and has ended one with a result."""
    waiting = select(func.count()).where(_COLUMNS.parent == parent, _COLUMNS.status != Status.SUCCEEDED.value)
    if connection.execute(waiting).scalar_one():
        connection.execute(moved(parent))
        return
    queued = (
        update(jobs)
        .where(_COLUMNS.id == parent, WAITS_FOR_PARTS)
        .values(status=Status.QUEUED.value, progress=DONE_SHARE)
        .returning(_COLUMNS.tenant, _COLUMNS.run)
    )
    tenant, run = connection.execute(queued).one()
    queue.put(connection, tenant, parent, run)


def moved(parent: str) -> Update:
    """Notes how far a job is whose parts have moved: never less than before, though a part may begin anew."""
    parts = jobs.alias()
    mean = select(func.avg(parts.c.progress)).where(parts.c.parent == parent).scalar_subquery()
    share = SPLIT_SHARE + (DONE_SHARE - SPLIT_SHARE) * mean
    further = case((share > _COLUMNS.progress, share), else_=_COLUMNS.progress)
    return update(jobs).where(_COLUMNS.id == parent, WAITS_FOR_PARTS).values(progress=further)


def end_parts(connection: Connection, parent: str, now: datetime) -> Sequence[str]:
    """Ends the parts of a job that has just ended; gives their runs, which nobody need wait for."""
    ended = (
        update(jobs)
        .where(_COLUMNS.parent == parent, _COLUMNS.status.in_([status.value for status in UNDER_WAY]))
        .values(status=Status.CANCELLED.value, ended_at=now)
        .returning(_COLUMNS.id, _COLUMNS.run)
    )
    return [run_id(part, run) for part, run in connection.execute(ended)]


def results(connection: Connection, parent: str) -> Sequence[str]:
    """Keys of what the parts of a job gave, in their order."""
    query = select(_COLUMNS.result).where(_COLUMNS.parent == parent).order_by(_COLUMNS.part)
    return list(connection.execute(query).scalars())


def runs_of(connection: Connection, parent: str) -> Mapping[str, int]:
    """Id to number of runs, of the parts of a job."""
    rows = connection.execute(select(_COLUMNS.id, _COLUMNS.run).where(_COLUMNS.parent == parent))
    return {row.id: row.run for row in rows}


def counted(connection: Connection, parent: str) -> Mapping[str, int]:
    """Status to number, of the parts of a job."""
    query = select(_COLUMNS.status, func.count().label("parts")).where(_COLUMNS.parent == parent)
    rows = connection.execute(query.group_by(_COLUMNS.status).order_by(_COLUMNS.status))
    return {row.status: row.parts for row in rows}
