"""What is cleared away, and when."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

import pytest

from abintel.settings import Settings
from jobs.job import Job, created_at, new_id
from jobs.store import sweep
from jobs.store.blobs import Blobs, payload_key, result_key
from jobs.store.record import Record
from tests.jobs.test_record import NOW, PROBLEM, running, submitted

DAY = timedelta(hours=24)


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    return Blobs(settings.job_root)


def stored(settings: Settings, job: Job) -> Sequence[str]:
    return sorted(path.name for path in (settings.home / "jobs" / job.id).glob("*"))


def test_payloads_that_a_dying_worker_left_go(settings: Settings, record: Record, blobs: Blobs) -> None:
    done, failed, works = running(record), running(record), running(record)
    for job in (done, failed, works):
        blobs.write(payload_key(job.id), b"{}")
        blobs.write(result_key(job.id, 1), b"{}")
    blobs.write(result_key(done.id, 2), b"{}")
    record.succeed(done.id, 1, NOW, result_key(done.id, 1), 2, "application/json")
    record.fail(failed.id, 1, NOW, PROBLEM)
    sweep.sweep(record, blobs, DAY, NOW)
    assert stored(settings, done) == ["result-1"]
    assert stored(settings, failed) == []
    assert stored(settings, works) == ["payload", "result-1"]


def test_a_job_goes_with_its_result_after_its_retention(
    settings: Settings, record: Record, blobs: Blobs
) -> None:
    done, waits = running(record), submitted(record)
    blobs.write(result_key(done.id, 1), b"{}")
    record.succeed(done.id, 1, NOW, result_key(done.id, 1), 2, "application/json")
    sweep.sweep(record, blobs, DAY, NOW + DAY)
    assert record.get(done.id) is not None
    sweep.sweep(record, blobs, DAY, NOW + DAY + timedelta(seconds=1))
    assert record.list() == [waits]
    assert stored(settings, done) == []


def test_blobs_of_nobody_go_once_no_upload_can_still_be_theirs(
    settings: Settings, record: Record, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submitted(record)
    orphan = new_id()
    for job_id in (job.id, orphan):
        blobs.write(payload_key(job_id), b"{}")
    (settings.home / "jobs" / "not a job").mkdir()
    sweep.sweep_orphans(record, blobs)
    assert set(blobs.jobs()) == {job.id, orphan, "not a job"}
    later = time.time() + 90_000
    monkeypatch.setattr(sweep.time, "time", lambda: later)
    sweep.sweep_orphans(record, blobs)
    assert set(blobs.jobs()) == {job.id, "not a job"}


@pytest.mark.parametrize("keep", [None, "result-1"])
def test_what_another_takes_while_a_job_is_cleared_hinders_nobody(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch, keep: str | None
) -> None:
    job_id = new_id()
    for name in ("part-1", "part-2", "result-1"):
        blobs.write(f"{job_id}/{name}", b"{}")
    real, others = blobs._files.ls, Blobs(blobs._root)

    def overtaken(*args: object, **options: object) -> Sequence[str]:
        found = sorted(real(*args, **options))
        others._files.rm(found[0])
        monkeypatch.undo()
        return found

    monkeypatch.setattr(blobs._files, "ls", overtaken)
    blobs.remove(job_id, keep and f"{job_id}/{keep}")
    left = [path.rpartition("/")[2] for path in real(f"{blobs._root}/{job_id}", detail=False)] if keep else []
    assert left == ([keep] if keep else [])
    assert (job_id in blobs.jobs()) is (keep is not None)


def test_an_id_tells_when_it_was_made() -> None:
    first, second = new_id(), new_id()
    assert first[:12] <= second[:12]
    assert abs(created_at(first) - time.time()) < 5
    for text in ("", "x" * 32, first[:-1]):
        with pytest.raises(ValueError, match="no id of a job"):
            created_at(text)
