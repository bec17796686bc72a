"""Jobs in numbers: what waits, what runs, what has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects import postgresql, sqlite

from jobs.job import Job, Status
from jobs.store.tables import jobs, totals
from stores.columns import UtcDateTime


class Waiting(NamedTuple):
    """A tenant's jobs that have not ended.

    Attributes:
        queued: how many wait.
        running: how many are being done.
        age: seconds since the oldest that waits was submitted; 0.0 if none waits.
    """

    tenant: str
    queued: int
    running: int
    age: float


class Ended(NamedTuple):
    """A route's jobs that have ended in one way, ever.

    Attributes:
        jobs: how many.
        seconds: that they took in all, from the beginning of each one's first run.
    """

    endpoint: str
    status: str
    jobs: int
    seconds: float


def waiting(engine: Engine, now: datetime) -> Sequence[Waiting]:
    """By tenant, of those that have any."""
    columns = jobs.c
    query = (
        select(
            columns.tenant,
            columns.status,
            func.count(),
            func.min(columns.submitted_at, type_=UtcDateTime),
        )
        .where(columns.status.in_([Status.QUEUED.value, Status.RUNNING.value]), columns.parent.is_(None))
        .group_by(columns.tenant, columns.status)
    )
    found: dict[str, Waiting] = {}
    with engine.connect() as connection:
        for tenant, status, count, oldest in connection.execute(query):
            known = found.get(tenant, Waiting(tenant, 0, 0, 0.0))
            if status == Status.RUNNING:
                found[tenant] = known._replace(running=count)
            else:
                found[tenant] = known._replace(queued=count, age=(now - oldest).total_seconds())
    return sorted(found.values())


def parts_waiting(engine: Engine) -> int:
    """How many parts of divided jobs wait for a worker; the jobs themselves are running."""
    query = select(func.count()).where(jobs.c.parent.is_not(None), jobs.c.status == Status.QUEUED.value)
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def ended(engine: Engine) -> Sequence[Ended]:
    """By route and outcome."""
    columns = totals.c
    query = select(columns.endpoint, columns.status, columns.jobs, columns.seconds)
    with engine.connect() as connection:
        return sorted(Ended(*row) for row in connection.execute(query))


def count(connection: Connection, job: Job) -> None:
    """Adds a job that has just ended, in the transaction that ends it."""
    seconds = 0.0
    if job.started_at is not None and job.ended_at is not None:
        seconds = max(0.0, (job.ended_at - job.started_at).total_seconds())
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(totals).values(endpoint=job.endpoint, status=job.status.value, jobs=1, seconds=seconds)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["endpoint", "status"],
            set_={"jobs": totals.c.jobs + 1, "seconds": totals.c.seconds + seconds},
        )
    )
