"""Clears away what has served its time: payloads of ended jobs, old results, blobs of nobody."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta

from sqlalchemy import select, update

from abintel.settings import Settings
from jobs.job import UNDER_WAY, Job, made_at
from jobs.store import schema
from jobs.store.blobs import Blobs
from jobs.store.record import Record, job_of
from jobs.store.tables import jobs

_AT_ONCE = 500
_ORPHAN_SECONDS = 86_400.0
"""A folder this old whose job is not recorded is of an upload that broke off, however slow it was."""
log = logging.getLogger(__name__)


def sweep(record: Record, blobs: Blobs, retention: timedelta, now: datetime) -> None:
    """Removes payloads that a dying process left, and jobs with their results after their retention."""
    for job_id in _with_payload(record):
        clear(record, blobs, job_id)
    for job in _ended_before(record, now - retention):
        blobs.remove(job.id)
        record.remove(job)


def _with_payload(record: Record) -> Sequence[str]:
    """Ended jobs whose payloads still wait for their removal."""
    query = select(jobs.c.id).where(jobs.c.status.not_in(UNDER_WAY), jobs.c.payload_kept)
    with record.engine.connect() as connection:
        return list(connection.execute(query.limit(_AT_ONCE)).scalars())


def _ended_before(record: Record, moment: datetime) -> Sequence[Job]:
    query = select(jobs).where(
        jobs.c.status.not_in(UNDER_WAY), jobs.c.ended_at < moment, jobs.c.parent.is_(None)
    )
    with record.engine.connect() as connection:
        return [job_of(row) for row in connection.execute(query.limit(_AT_ONCE))]


def sweep_orphans(record: Record, blobs: Blobs) -> None:
    """Removes blobs of jobs that were never recorded."""
    for job_id in blobs.jobs():
        try:
            age = time.time() - made_at(job_id)
        except ValueError:
            continue
        if age > _ORPHAN_SECONDS and record.get(job_id) is None:
            log.info("removed the blobs of %s, which is no job", job_id)
            blobs.remove(job_id)


def delete_tenant(settings: Settings, tenant: str, now: datetime) -> int:
    """Ends and removes all jobs of a tenant, with what is stored of them; gives their number.

    Raises:
        CannotStart: the jobs' store cannot be opened, or its schema is not the code's.
    """
    schema.ensure(settings)
    blobs, removed = Blobs(settings.job_root), 0
    with closing(Record(settings.jobs_url)) as record:
        while found := record.list(tenant, limit=_AT_ONCE):
            for job in found:
                record.cancel(job, now)
                blobs.remove(job.id)
                record.remove(job)
            removed += len(found)
    return removed


def clear(record: Record, blobs: Blobs, job_id: str) -> None:
    """Removes of an ended job what is not its result: its payload, and pieces and results of its parts."""
    job = record.get(job_id)
    if job is not None and not job.is_under_way:
        blobs.remove(job_id, keep=job.result)
        with record.engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(payload_kept=False))
