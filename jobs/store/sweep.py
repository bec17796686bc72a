"""Removes payloads of ended jobs, expired results and orphaned blobs."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta

from sqlalchemy import select, update

from abintel.settings import Settings
from jobs.job import ACTIVE, Job, created_at
from jobs.store import schema
from jobs.store.blobs import Blobs
from jobs.store.record import Record, job_of
from jobs.store.tables import jobs

_BATCH = 500
_ORPHAN_SECONDS = 86_400.0
"""A folder of this age without a job in the database belongs to an aborted upload."""
log = logging.getLogger(__name__)


def sweep(record: Record, blobs: Blobs, retention: timedelta, now: datetime) -> None:
    """Removes payloads that a killed process left, and jobs with their results after the retention time."""
    for job_id in _with_payload(record):
        clear(record, blobs, job_id)
    for job in _ended_before(record, now - retention):
        blobs.remove(job.id)
        record.remove(job)


def _with_payload(record: Record) -> Sequence[str]:
    """The ids of ended jobs whose payload is still stored."""
    query = select(jobs.c.id).where(jobs.c.status.not_in(ACTIVE), jobs.c.payload_kept)
    with record.engine.connect() as connection:
        return list(connection.execute(query.limit(_BATCH)).scalars())


def _ended_before(record: Record, moment: datetime) -> Sequence[Job]:
    query = select(jobs).where(
        jobs.c.status.not_in(ACTIVE), jobs.c.ended_at < moment, jobs.c.parent.is_(None)
    )
    with record.engine.connect() as connection:
        return [job_of(row) for row in connection.execute(query.limit(_BATCH))]


def sweep_orphans(record: Record, blobs: Blobs) -> None:
    """Removes the blobs of jobs that are not in the database."""
    for job_id in blobs.jobs():
        try:
            age = time.time() - created_at(job_id)
        except ValueError:
            continue
        if age > _ORPHAN_SECONDS and record.get(job_id) is None:
            log.info("removed the blobs of %s, which is not a job", job_id)
            blobs.remove(job_id)


def delete_tenant(settings: Settings, tenant: str, now: datetime) -> int:
    """Cancels and removes all jobs of a tenant with their blobs; returns their number.

    Raises:
        CannotStart: the jobs' store cannot be opened, or its schema is not the code's.
    """
    schema.ensure(settings)
    blobs, removed = Blobs(settings.job_root), 0
    with closing(Record(settings.jobs_url)) as record:
        while batch := record.list(tenant, limit=_BATCH):
            for job in batch:
                record.cancel(job, now)
                blobs.remove(job.id)
                record.remove(job)
            removed += len(batch)
    return removed


def clear(record: Record, blobs: Blobs, job_id: str) -> None:
    """Removes all blobs of an ended job except its result: the payload and the blobs of its parts."""
    job = record.get(job_id)
    if job is not None and not job.is_active:
        blobs.remove(job_id, keep=job.result)
        with record.engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(payload_kept=False))
