"""``abintel jobs``: manages the jobs of all tenants."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from abintel.settings import Settings
from jobs.job import Job, JobError, Status
from jobs.store import schema
from jobs.store.record import Record

_POLL_SECONDS = 0.5
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def _record() -> Iterator[Record]:
    settings = Settings.from_environment()
    schema.ensure(settings)
    with closing(Record(settings.jobs_url)) as record:
        yield record


def _get(record: Record, job_id: str) -> Job:
    job = record.get(job_id)
    if job is None:
        raise JobError(f"no job has the id {job_id[:80]!r}; `abintel jobs list` shows all jobs")
    return job


@click.group("jobs")
def commands() -> None:
    """List, show, watch, cancel and retry jobs."""


@commands.command("list")
@click.argument("tenant", required=False)
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@as_json
def list_jobs(tenant: str | None, status: str | None, limit: int, as_json: bool) -> None:
    """List the newest jobs of TENANT, or of all tenants."""
    with _record() as record:
        newest = record.list(tenant, Status(status) if status else None, limit=limit)
    if as_json:
        click.echo(json.dumps([_row(job) for job in newest]))
        return
    for job in newest:
        click.echo(f"{job.id}  {job.status:<9}  {job.progress:>4.0%}  {job.tenant}  {job.endpoint}")
    if not newest:
        click.echo("no jobs")


@commands.command()
@click.argument("job_id", metavar="ID")
@as_json
def show(job_id: str, as_json: bool) -> None:
    """Show everything about the job ID."""
    with _record() as record:
        job = _get(record, job_id)
        row = _row(job)
        if job.parts is not None:
            row["parts"] = dict(record.parts(job))
    if as_json:
        click.echo(json.dumps(row))
        return
    for name, value in row.items():
        click.echo(f"{name:<13} {json.dumps(value) if isinstance(value, dict) else value}")


@commands.command()
@click.argument("job_id", metavar="ID")
def cancel(job_id: str) -> None:
    """Cancel the job ID, queued or running."""
    with _record() as record:
        job = record.cancel(_get(record, job_id), datetime.now(UTC))
    if job.status is not Status.CANCELLED:
        raise JobError(f"the job {job_id} had already {job.status}")
    click.echo(f"{job_id} is cancelled")


@commands.command()
@click.argument("job_id", metavar="ID")
def retry(job_id: str) -> None:
    """Restart the job ID, if it hangs or waits for its next attempt."""
    with _record() as record:
        job = _get(record, job_id)
        if not record.restart(job):
            raise JobError(f"the job {job_id} has ended, and its payload is gone: submit it again")
    click.echo(f"{job_id} is queued again")


@commands.command()
@click.argument("job_id", metavar="ID")
def watch(job_id: str) -> None:
    """Show the progress of the job ID until it ends. Exit code 1: it ended without a result."""
    with _record() as record:
        job = _get(record, job_id)
        with click.progressbar(length=1000, label=f"{job.endpoint} {job.id}") as bar:
            shown = 0
            while True:
                share = round(job.progress * 1000)
                bar.update(max(0, share - shown))
                shown = max(shown, share)
                if not job.is_active:
                    break
                time.sleep(_POLL_SECONDS)
                job = _get(record, job_id)
    click.echo(job.status if job.problem is None else f"{job.status}: {job.problem['detail']}")
    if job.status is not Status.SUCCEEDED:
        raise SystemExit(1)


def _row(job: Job) -> dict[str, Any]:
    return {
        **job.described(),
        "tenant": job.tenant,
        "run": job.run,
        "faults": job.faults,
        "worker": job.worker,
    }
