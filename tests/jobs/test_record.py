"""The record of jobs, in SQLite and in PostgreSQL: a job ends once, whoever works on it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jobs.job import Job, Order, Status
from jobs.store.queue import run_id
from jobs.store.record import KeyTaken, Record
from jobs.store.statistics import active, finished

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
ORDER = Order("acme", "nps", {"lang": "es"}, {}, "application/json", "application/json", "0" * 64)
PROBLEM = {"type": "urn:abintel:problem:invalid-body", "status": 400, "detail": "No."}


def queued(record: Record) -> set[str]:
    """Workflows that DBOS would give to a worker, now or later."""
    found = record.queue._client.list_workflows(status=["ENQUEUED", "DELAYED"])
    return {status.workflow_id for status in found}


def submitted(record: Record, **order: str) -> Job:
    job, is_new = record.submit(replace(ORDER, **order), NOW)
    assert is_new
    return job


def running(record: Record) -> Job:
    job = submitted(record)
    claimed = record.claim(job.id, 1, "w1", NOW)
    assert claimed is not None
    return claimed


def test_a_job_is_recorded_and_queued_together(record: Record) -> None:
    job = submitted(record)
    assert record.get(job.id) == job
    assert (job.status, job.run, job.submitted_at, job.query) == (Status.QUEUED, 1, NOW, {"lang": "es"})
    assert queued(record) == {run_id(job.id, 1)}


def test_a_job_that_cannot_be_queued_is_not_recorded(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(record.queue, "put", fails)
    with pytest.raises(RuntimeError):
        record.submit(ORDER, NOW)
    assert record.list() == []


def test_sixteen_clients_with_one_key_make_one_job(record: Record) -> None:
    together = threading.Barrier(16)

    def submit(_: int) -> tuple[str, bool]:
        together.wait()
        job, is_new = record.submit(replace(ORDER, idempotency_key="one"), NOW)
        return job.id, is_new

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(submit, range(16)))
    assert len({job_id for job_id, _ in answers}) == 1
    assert sum(is_new for _, is_new in answers) == 1
    assert len(queued(record)) == 1


def test_a_key_belongs_to_a_tenant_and_to_one_body(record: Record) -> None:
    job = submitted(record, idempotency_key="one")
    with pytest.raises(KeyTaken):
        record.submit(replace(ORDER, idempotency_key="one", digest="1" * 64), NOW)
    other = submitted(record, idempotency_key="one", tenant="other", digest="1" * 64)
    assert other.id != job.id


def test_another_tenants_job_is_not_there(record: Record) -> None:
    job = submitted(record)
    assert record.find("acme", job.id) == job
    assert record.find("other", job.id) is None
    assert record.list("other") == []


def test_a_run_is_claimed_by_one_worker(record: Record) -> None:
    job = submitted(record)
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: record.claim(job.id, 1, f"w{n}", NOW), range(8)))
    assert sum(claim is not None for claim in claims) == 1
    assert record.is_wanted(job.id, 1)


def test_a_job_ends_once(record: Record) -> None:
    job = running(record)
    ends = [
        lambda: record.succeed(job.id, 1, NOW, "key", 2, "application/json"),
        lambda: record.fail(job.id, 1, NOW, PROBLEM),
        lambda: record.succeed(job.id, 1, NOW, "other", 2, "application/json"),
    ]
    with ThreadPoolExecutor(3) as pool:
        outcomes = [end for end in pool.map(lambda end: end(), ends) if end is not None]
    assert len(outcomes) == 1
    assert record.get(job.id) == outcomes[0]
    assert record.requeue(job.id, 1) is None
    assert sum(total.jobs for total in finished(record.engine)) == 1


def test_a_worker_that_was_thought_dead_changes_nothing(record: Record) -> None:
    job = running(record)
    again = record.requeue(job.id, 1)
    assert again is not None
    assert (again.status, again.run, again.faults, again.worker) == (Status.QUEUED, 2, 0, None)
    assert not record.is_wanted(job.id, 1)
    assert record.succeed(job.id, 1, NOW, "late", 2, "application/json") is None
    assert record.fail(job.id, 1, NOW, PROBLEM) is None
    assert record.requeue(job.id, 1) is None
    record.set_progress(job.id, 1, 0.9)
    assert record.get(job.id) == again
    assert run_id(job.id, 2) in queued(record)


def test_a_fault_that_may_pass_is_counted_and_waits(record: Record) -> None:
    job = running(record)
    again = record.requeue(job.id, 1, fault=True, delay_seconds=60)
    assert again is not None
    assert again.faults == 1
    [delayed] = record.queue._client.list_workflows(status="DELAYED")
    assert delayed.workflow_id == run_id(job.id, 2)


def test_cancelling_takes_a_job_from_the_queue_and_from_its_worker(record: Record) -> None:
    waits, works = submitted(record), running(record)
    for job in (waits, works):
        cancelled = record.cancel(job, NOW)
        assert cancelled.status is Status.CANCELLED
        assert record.cancel(job, NOW + timedelta(hours=1)) == cancelled
    assert queued(record) == set()
    assert not record.is_wanted(works.id, 1)
    assert record.succeed(works.id, 1, NOW, "key", 2, "application/json") is None


def test_cancelling_what_has_ended_leaves_it_as_it_is(record: Record) -> None:
    job = running(record)
    done = record.succeed(job.id, 1, NOW, "key", 2, "application/json")
    assert record.cancel(job, NOW) == done


def test_jobs_are_listed_newest_first_in_pages(record: Record) -> None:
    made = [submitted(record) for _ in range(5)]
    made[0] = record.cancel(made[0], NOW)
    listed = record.list("acme", limit=3)
    assert [job.id for job in listed] == sorted((job.id for job in made), reverse=True)[:3]
    assert len(record.list("acme", before=listed[-1].id)) == 2
    assert record.list("acme", Status.CANCELLED) == [made[0]]


def test_what_is_removed_is_gone_from_the_queues_tables_too(record: Record) -> None:
    job = running(record)
    record.requeue(job.id, 1)
    cancelled = record.cancel(job, NOW)
    record.remove(cancelled)
    assert record.get(job.id) is None
    assert record.queue._client.list_workflows(workflow_id_prefix=job.id) == []


def test_figures_tell_what_waits_what_runs_and_what_has_ended(record: Record) -> None:
    submitted(record)
    submitted(record, tenant="other")
    job = running(record)
    record.succeed(running(record).id, 1, NOW + timedelta(seconds=3), "key", 2, "application/json")
    later = NOW + timedelta(seconds=90)
    assert active(record.engine, later) == [("acme", 1, 1, 90.0), ("other", 1, 0, 90.0)]
    assert finished(record.engine) == [("nps", "succeeded", 1, 3.0)]
    record.fail(job.id, 1, NOW + timedelta(seconds=1), PROBLEM)
    assert finished(record.engine) == [("nps", "failed", 1, 1.0), ("nps", "succeeded", 1, 3.0)]
