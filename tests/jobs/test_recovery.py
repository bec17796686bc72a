"""Who is dead, and what becomes of what the dead had begun."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy

from jobs.job import Status
from jobs.store.queue import run_id
from jobs.store.record import Record
from jobs.workers import heartbeat
from jobs.workers.heartbeat import Heartbeats, LivenessWatch, Worker, this_process
from jobs.workers.recovery import Recovery
from tests.jobs.test_record import NOW, ORDER

HERE = this_process("here")
ELSEWHERE = Worker("elsewhere", "another machine", 1, 0.0, 0)


@contextmanager
def another_process() -> Iterator[Worker]:
    """A worker of this machine that lives until the block ends."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        born = heartbeat.psutil.Process(process.pid).create_time()
        yield Worker("another", HERE.machine, process.pid, born, 0)
        process.kill()


def test_a_process_that_is_gone_is_dead_at_once() -> None:
    watch = LivenessWatch()
    with another_process() as worker:
        assert watch.living([worker, HERE]) == {"another", "here"}
    assert watch.living([worker, HERE]) == {"here"}


def test_a_process_that_has_anothers_number_is_not_it() -> None:
    assert LivenessWatch().living([HERE._replace(born=HERE.born - 60)]) == set()


def test_a_worker_elsewhere_is_dead_once_it_has_been_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    instant = 1000.0
    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: instant)
    watch = LivenessWatch()
    assert watch.living([ELSEWHERE]) == {"elsewhere"}
    instant += heartbeat.DEAD_AFTER_SECONDS - 1
    assert watch.living([ELSEWHERE]) == {"elsewhere"}
    instant += 2
    assert watch.living([ELSEWHERE]) == set()
    assert watch.living([ELSEWHERE._replace(beats=1)]) == {"elsewhere"}, "it is heard of again"


def test_heartbeats_are_counted_and_a_worker_that_was_removed_comes_back(record: Record) -> None:
    heartbeats = Heartbeats(record.engine)
    heartbeats.beat(HERE, NOW)
    heartbeats.beat(HERE, NOW)
    assert heartbeats.all() == [HERE._replace(beats=1)]
    assert heartbeats.count_alive(NOW) == 1
    assert heartbeats.count_alive(NOW + 2 * heartbeat.SEEN_WITHIN) == 0
    heartbeats.leave("here")
    assert heartbeats.all() == []
    heartbeats.beat(HERE, NOW)
    assert heartbeats.all() == [HERE]


def begun(record: Record, worker: str) -> str:
    """A job that DBOS has given to a worker."""
    job, _ = record.submit(ORDER, NOW)
    schema = "" if record.engine.dialect.name == "sqlite" else "dbos."
    with record.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text(
                f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = :worker "
                "WHERE workflow_uuid = :id"
            ),
            {"worker": worker, "id": run_id(job.id, 1)},
        )
    return job.id


def test_what_no_living_worker_has_is_queued_anew(record: Record) -> None:
    heartbeats = Heartbeats(record.engine)
    now = datetime.now(UTC)
    with another_process() as dead:
        heartbeats.beat(dead, now)
    heartbeats.beat(HERE, now)
    claimed, taken, unknown, alive, cancelled = (
        begun(record, worker) for worker in ("another", "another", "nobody", "here", "another")
    )
    record.claim(claimed, 1, "another", now)
    record.claim(alive, 1, "here", now)
    gone = record.get(cancelled)
    assert gone is not None
    record.cancel(gone, now)
    assert Recovery(record, heartbeats).recover() == 3
    found = {job.id: (job.status, job.run) for job in record.list()}
    for job_id in (claimed, taken, unknown):
        assert found[job_id] == (Status.QUEUED, 2)
    assert found[alive] == (Status.RUNNING, 1)
    assert found[cancelled] == (Status.CANCELLED, 1)
    assert [worker.id for worker in heartbeats.all()] == ["here"]
    assert Recovery(record, heartbeats).recover() == 0


def test_what_a_dead_worker_claimed_is_queued_anew_even_if_the_queue_forgot_it(record: Record) -> None:
    heartbeats = Heartbeats(record.engine)
    heartbeats.beat(HERE, datetime.now(UTC))
    lost, kept = (record.submit(ORDER, NOW)[0].id for _ in range(2))
    record.claim(lost, 1, "nobody", NOW)
    record.claim(kept, 1, "here", NOW)
    record.queue.drop([run_id(lost, 1)])
    assert Recovery(record, heartbeats).recover() == 1
    assert {job.id: job.run for job in record.list()} == {lost: 2, kept: 1}


def test_two_that_look_at_once_queue_each_job_once(record: Record) -> None:
    heartbeats = Heartbeats(record.engine)
    job_id = begun(record, "nobody")
    first, second = Recovery(record, heartbeats), Recovery(record, heartbeats)
    assert first.recover() + second.recover() == 1
    job = record.get(job_id)
    assert job is not None
    assert job.run == 2
