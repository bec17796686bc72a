"""Counts of queued, running and finished jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects import postgresql, sqlite

from jobs.job import Job, Status
from jobs.store.tables import jobs, totals
from stores.columns import UtcDateTime


class ActiveJobs(NamedTuple):
    """Counts of a tenant's jobs that have not ended.

    Attributes:
        queued: number of queued jobs.
        running: number of running jobs.
        age: seconds since the oldest queued job was submitted; 0.0 if no job is queued.
    """

    tenant: str
    queued: int
    running: int
    age: float


class FinishedJobs(NamedTuple):
    """All jobs of a route that ever ended with one status.

    Attributes:
        jobs: number of jobs.
        seconds: their total duration, each from the start of its first run.
    """

    endpoint: str
    status: str
    jobs: int
    seconds: float


def active(engine: Engine, now: datetime) -> Sequence[ActiveJobs]:
    """The active jobs of each tenant that has any."""
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
    by_tenant: dict[str, ActiveJobs] = {}
    with engine.connect() as connection:
        for tenant, status, count, oldest in connection.execute(query):
            counts = by_tenant.get(tenant, ActiveJobs(tenant, 0, 0, 0.0))
            if status == Status.RUNNING:
                by_tenant[tenant] = counts._replace(running=count)
            else:
                by_tenant[tenant] = counts._replace(queued=count, age=(now - oldest).total_seconds())
    return sorted(by_tenant.values())


def queued_parts(engine: Engine) -> int:
    """The number of queued parts of divided jobs. The divided jobs themselves are running."""
    query = select(func.count()).where(jobs.c.parent.is_not(None), jobs.c.status == Status.QUEUED.value)
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def finished(engine: Engine) -> Sequence[FinishedJobs]:
    """The finished jobs by route and status."""
    columns = totals.c
    query = select(columns.endpoint, columns.status, columns.jobs, columns.seconds)
    with engine.connect() as connection:
        return sorted(FinishedJobs(*row) for row in connection.execute(query))


def count(connection: Connection, job: Job) -> None:
    """Adds a job that has just ended to the totals, in the transaction that ends it."""
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
