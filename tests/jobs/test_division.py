"""The record of divided jobs, in SQLite and in PostgreSQL: parts end once, and their parent after them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from abintel.settings import Settings
from jobs.job import Job, Status, new_id
from jobs.store import sweep
from jobs.store.blobs import Blobs, part_key, payload_key, piece_key, result_key
from jobs.store.queue import run_id
from jobs.store.record import Record
from jobs.store.statistics import active, finished, queued_parts
from jobs.workers.heartbeat import Heartbeats
from jobs.workers.recovery import Recovery
from tests.jobs.test_record import NOW, PROBLEM, queued, running, submitted
from tests.jobs.test_recovery import HERE

JSON = "application/json"


def divided(record: Record, count: int = 3) -> tuple[Job, Sequence[str]]:
    """A job that waits for its parts, and their ids."""
    job = running(record)
    parts = [new_id() for _ in range(count)]
    found = record.divide(job.id, 1, parts)
    assert found is not None
    return found, parts


def begun(record: Record, part: str, run: int = 1) -> None:
    assert record.claim(part, run, "w1", NOW) is not None


def done(record: Record, job: Job, part: str, run: int = 1) -> Job | None:
    return record.succeed(part, run, NOW, part_key(job.id, part, run), 4, JSON)


def at_once(actions: Sequence[Callable[[], Any]]) -> list[Any]:
    together = threading.Barrier(len(actions))

    def act(action: Callable[[], Any]) -> Any:
        together.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


def test_a_divided_job_runs_without_a_worker_while_its_parts_wait(record: Record) -> None:
    job, parts = divided(record)
    assert (job.status, job.worker, job.run, job.parts) == (Status.RUNNING, None, 2, 3)
    assert queued(record) >= {run_id(part, 1) for part in parts}
    assert run_id(job.id, 2) not in queued(record)
    assert record.claim(job.id, 2, "w1", NOW) is None
    assert record.claimed() == []


def test_parts_are_nobodys_but_the_workers(record: Record) -> None:
    job, parts = divided(record)
    assert [record.get(part) for part in parts] == [None] * 3
    assert [record.find("acme", part) for part in parts] == [None] * 3
    assert record.list() == [job] == record.list("acme", Status.RUNNING)
    assert record.list(status=Status.QUEUED) == []
    assert active(record.engine, NOW) == [("acme", 0, 1, 0.0)]
    assert queued_parts(record.engine) == 3
    assert record.parts(job) == {"queued": 3}


def test_a_part_has_what_its_job_was_submitted_with(record: Record) -> None:
    job, [first, *_] = divided(record)
    part = record.claim(first, 1, "w1", NOW + timedelta(hours=1))
    assert part is not None
    for name in ("tenant", "endpoint", "query", "headers", "submitted_at"):
        assert getattr(part, name) == getattr(job, name)
    assert (part.parent, part.part, part.public_id, part.idempotency_key) == (job.id, 0, job.id, None)


def test_a_run_divides_its_job_once_and_then_ends_nothing(record: Record) -> None:
    job = running(record)
    together = at_once([lambda: record.divide(job.id, 1, [new_id(), new_id()]) for _ in range(2)])
    assert sum(found is not None for found in together) == 1
    assert record.succeed(job.id, 1, NOW, "late", 2, JSON) is None
    assert record.fail(job.id, 1, NOW, PROBLEM) is None
    for run in (1, 2):
        assert record.requeue(job.id, run) is None, "there is no run to put back while it waits"
    assert record.parts(job) == {"queued": 2}


def test_a_job_that_was_given_to_another_worker_is_not_divided(record: Record) -> None:
    job = running(record)
    record.requeue(job.id, 1)
    assert record.divide(job.id, 1, [new_id()]) is None
    assert queued_parts(record.engine) == 0


def test_parts_that_cannot_be_queued_are_not_recorded(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running(record)

    def fails(*_: object) -> None:
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(record.queue, "put", fails)
    with pytest.raises(RuntimeError):
        record.divide(job.id, 1, [new_id(), new_id()])
    assert record.get(job.id) == job
    assert queued_parts(record.engine) == 0


def test_the_last_part_queues_the_job_once_though_all_end_at_once(record: Record) -> None:
    job, parts = divided(record, 8)
    for part in parts:
        begun(record, part)
    outcomes = at_once([partial(done, record, job, part) for part in parts])
    assert all(outcomes)
    found = record.get(job.id)
    assert found is not None
    assert (found.status, found.run, found.progress) == (Status.QUEUED, 2, 0.9)
    assert run_id(job.id, 2) in queued(record)
    assert record.results(found) == [part_key(job.id, part, 1) for part in parts]
    assert finished(record.engine) == []
    joins = record.claim(job.id, 2, "w2", NOW)
    assert joins is not None
    assert joins.parts == 8
    record.succeed(job.id, 2, NOW, result_key(job.id, 2), 2, JSON)
    assert [(total.status, total.jobs) for total in finished(record.engine)] == [("succeeded", 1)]


def test_results_stand_in_the_order_of_the_parts_whichever_ended_first(record: Record) -> None:
    job, parts = divided(record)
    for part in reversed(parts):
        begun(record, part)
        done(record, job, part)
    assert record.results(job) == [part_key(job.id, part, 1) for part in parts]


def test_a_part_that_fails_fails_the_job_with_its_problem_and_ends_the_others(record: Record) -> None:
    job, [first, second, third] = divided(record)
    for part in (first, second):
        begun(record, part)
    failed = at_once([partial(record.fail, part, 1, NOW, PROBLEM) for part in (first, second)])
    assert sum(found is not None for found in failed) == 1
    found = record.get(job.id)
    assert found is not None
    assert (found.status, found.problem, found.ended_at) == (Status.FAILED, PROBLEM, NOW)
    assert record.parts(job) == {"cancelled": 2, "failed": 1}
    assert not any(record.is_wanted(part, 1) for part in (first, second, third))
    assert record.claim(third, 1, "w1", NOW) is None
    assert done(record, job, second) is None
    assert run_id(third, 1) not in queued(record)
    assert [(total.status, total.jobs) for total in finished(record.engine)] == [("failed", 1)]


def test_cancelling_a_job_cancels_its_parts(record: Record) -> None:
    job, [first, second, third] = divided(record)
    for part in (first, second):
        begun(record, part)
    done(record, job, first)
    assert record.cancel(job, NOW).status is Status.CANCELLED
    assert record.parts(job) == {"cancelled": 2, "succeeded": 1}
    assert not record.is_wanted(second, 1)
    assert done(record, job, second) is None
    assert record.requeue(third, 1) is None
    assert queued(record).isdisjoint({run_id(part, 1) for part in (second, third)} | {run_id(job.id, 2)})
    assert [(total.status, total.jobs) for total in finished(record.engine)] == [("cancelled", 1)]


def test_who_ends_parts_and_who_ends_their_job_do_not_block_each_other(record: Record) -> None:
    for _ in range(5):
        job, [last, *parts] = divided(record, 6)
        for part in (last, *parts):
            begun(record, part)
        ends = [partial(done, record, job, part) for part in parts]
        at_once([*ends, partial(record.fail, last, 1, NOW, PROBLEM), partial(record.cancel, job, NOW)])
        found = record.get(job.id)
        assert found is not None
        assert found.status in (Status.FAILED, Status.CANCELLED)
        assert "running" not in record.parts(job)


def test_progress_is_the_mean_of_the_parts_and_never_falls(record: Record) -> None:
    job, [first, second] = divided(record, 2)
    seen = [job.progress]

    def now() -> float:
        found = record.get(job.id)
        assert found is not None
        seen.append(found.progress)
        return found.progress

    assert now() == 0.05
    begun(record, first)
    record.set_progress(first, 1, 0.8)
    assert now() == pytest.approx(0.05 + 0.85 * 0.4)
    record.requeue(first, 1)
    begun(record, first, 2)
    record.set_progress(first, 2, 0.1)
    assert now() == pytest.approx(0.05 + 0.85 * 0.4)
    done(record, job, first, 2)
    assert now() == pytest.approx(0.05 + 0.85 * 0.5)
    begun(record, second)
    done(record, job, second)
    assert now() == 0.9
    record.claim(job.id, 2, "w1", NOW)
    record.requeue(job.id, 2)
    assert now() == 0.9, "a join that is begun anew does not undo the parts"
    assert seen == sorted(seen)


def test_a_part_has_its_own_tries(record: Record) -> None:
    job, [first, second] = divided(record, 2)
    begun(record, first)
    again = record.requeue(first, 1, fault=True, delay_seconds=60)
    assert again is not None
    assert (again.faults, again.run, again.parent) == (1, 2, job.id)
    found = record.get(job.id)
    assert found is not None
    assert found.faults == 0
    assert record.claim(second, 1, "w1", NOW) is not None


def test_a_dead_workers_part_is_queued_anew_and_a_job_that_waits_is_left_alone(record: Record) -> None:
    heartbeats = Heartbeats(record.engine)
    heartbeats.beat(HERE, NOW)
    job, [first, second, third] = divided(record)
    record.claim(first, 1, "nobody", NOW)
    record.claim(second, 1, "here", NOW)
    assert Recovery(record, heartbeats).recover() == 1
    assert record.get(job.id) == job
    assert {run_id(first, 2), run_id(third, 1)} <= queued(record)
    assert record.is_wanted(second, 1)


def test_beginning_anew_means_the_parts_that_have_not_ended(record: Record) -> None:
    job, [first, second, third] = divided(record)
    for part in (first, second):
        begun(record, part)
    done(record, job, first)
    assert record.restart(job)
    assert {run_id(second, 2), run_id(third, 2)} <= queued(record)
    assert run_id(third, 1) not in queued(record)
    assert record.parts(job) == {"queued": 2, "succeeded": 1}
    cancelled = record.cancel(job, NOW)
    assert not record.restart(cancelled)


def test_what_is_removed_is_gone_with_its_parts(record: Record) -> None:
    job, parts = divided(record)
    begun(record, parts[0])
    record.requeue(parts[0], 1)
    record.remove(record.cancel(job, NOW))
    assert record.list() == []
    assert queued_parts(record.engine) == 0
    assert record.parts(job) == {}
    assert record.queue._client.list_workflows() == []


def test_pieces_and_results_of_parts_go_when_the_job_ends(settings: Settings, record: Record) -> None:
    blobs = Blobs(settings.job_root)
    job, parts = divided(record)
    given_up = new_id()
    kept = result_key(job.id, 2)
    keys = [payload_key(job.id), kept, *(piece_key(job.id, part) for part in (*parts, given_up))]
    for key in [*keys, part_key(job.id, parts[0], 1)]:
        blobs.write(key, b"{}")
    sweep.sweep(record, blobs, timedelta(hours=24), NOW)
    assert len(list((settings.home / "jobs" / job.id).iterdir())) == 7
    for part in parts:
        begun(record, part)
        done(record, job, part)
    record.claim(job.id, 2, "w1", NOW)
    record.succeed(job.id, 2, NOW, kept, 2, JSON)
    sweep.sweep(record, blobs, timedelta(hours=24), NOW)
    assert [path.name for path in (settings.home / "jobs" / job.id).iterdir()] == ["result-2"]
    sweep.sweep(record, blobs, timedelta(hours=24), NOW + timedelta(hours=25))
    assert blobs.jobs() == []
    assert queued_parts(record.engine) == 0


def test_deleting_a_tenant_removes_its_divided_jobs(settings: Settings, record: Record) -> None:
    job, _ = divided(record)
    kept = submitted(record, tenant="other")
    assert sweep.delete_tenant(settings, "acme", NOW) == 1
    assert record.list() == [kept]
    assert record.parts(job) == {}
