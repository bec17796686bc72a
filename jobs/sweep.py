"""Clears away what has served its time: payloads of ended jobs, old results, blobs of nobody."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from datetime import datetime, timedelta

from abintel.settings import Settings
from jobs import schema
from jobs.blobs import Blobs
from jobs.job import made_at
from jobs.record import Record

_AT_ONCE = 500
_ORPHAN_SECONDS = 86_400.0
"""A folder this old whose job is not recorded is of an upload that broke off, however slow it was."""
log = logging.getLogger(__name__)


def sweep(record: Record, blobs: Blobs, retention: timedelta, now: datetime) -> None:
    """Removes payloads that a dying process left, and jobs with their results after their retention."""
    for job_id in record.ended_with_payload(_AT_ONCE):
        clear(record, blobs, job_id)
    for job in record.ended_before(now - retention, _AT_ONCE):
        blobs.remove(job.id)
        record.remove(job)


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
    """Removes of an ended job what is not its result."""
    job = record.get(job_id)
    if job is not None and not job.is_under_way:
        blobs.remove(job_id, keep=job.result)
        record.without_payload(job_id)
