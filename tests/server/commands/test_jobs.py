"""``abintel jobs``, over a record that the test writes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from abintel.settings import Settings
from jobs.job import Status, new_id
from jobs.store.record import Record
from jobs.store.sweep import delete_tenant
from server.cli import main
from tests.jobs.test_record import NOW, PROBLEM, running, submitted

Shell = Callable[..., Result]


@pytest.fixture
def shell(settings: Settings, record: Record) -> Shell:
    """Runs a command against the record."""
    environment = {"ABINTEL_HOME": str(settings.home), "ABINTEL_JOBS_URL": settings.jobs_url}
    return lambda *words: CliRunner().invoke(main, ["jobs", *words], env=environment)


def test_jobs_are_listed_by_tenant_and_status(record: Record, shell: Shell) -> None:
    assert shell("list").stdout == "no jobs\n"
    waits, works = submitted(record), running(record)
    other = submitted(record, tenant="other")
    assert len(shell("list").stdout.splitlines()) == 3
    assert shell("list", "other").stdout == f"{other.id}  queued       0%  other  nps\n"
    [row] = json.loads(shell("list", "--status", "running", "--json").stdout)
    assert (row["job_id"], row["tenant"], row["worker"]) == (works.id, "acme", "w1")
    assert waits.id in shell("list", "acme").stdout


def test_a_job_is_shown_with_its_problem(record: Record, shell: Shell) -> None:
    job = running(record)
    record.fail(job.id, 1, NOW, PROBLEM)
    lines = dict(line.split(None, 1) for line in shell("show", job.id).stdout.splitlines())
    assert lines["status"] == "failed"
    assert json.loads(lines["problem"]) == PROBLEM
    assert json.loads(shell("show", job.id, "--json").stdout)["endpoint"] == "nps"


def test_a_job_is_cancelled_once(record: Record, shell: Shell) -> None:
    job = submitted(record)
    assert shell("cancel", job.id).stdout == f"{job.id} is cancelled\n"
    done = running(record)
    record.succeed(done.id, 1, NOW, "key", 2, "application/json")
    refused = shell("cancel", done.id)
    assert refused.exit_code == 2
    assert refused.stderr == f"abintel: the job {done.id} had already succeeded\n"


def test_a_job_that_hangs_is_begun_anew(record: Record, shell: Shell) -> None:
    job = running(record)
    assert shell("retry", job.id).stdout == f"{job.id} is queued again\n"
    again = record.get(job.id)
    assert again is not None
    assert (again.status, again.run) == (Status.QUEUED, 2)
    record.cancel(again, NOW)
    refused = shell("retry", job.id)
    assert (
        refused.stderr == f"abintel: the job {job.id} has ended, and its payload is gone: submit it again\n"
    )


def test_watching_ends_with_the_job(record: Record, shell: Shell) -> None:
    job = running(record)
    record.succeed(job.id, 1, NOW, "key", 2, "application/json")
    watched = shell("watch", job.id)
    assert watched.exit_code == 0
    assert watched.stdout.endswith("succeeded\n")
    failed = running(record)
    record.fail(failed.id, 1, NOW, PROBLEM)
    watched = shell("watch", failed.id)
    assert watched.exit_code == 1
    assert watched.stdout.endswith("failed: No.\n")


def test_an_id_that_nothing_has_is_told(shell: Shell) -> None:
    for command in ("show", "cancel", "retry", "watch"):
        refused = shell(command, "0" * 32)
        assert refused.exit_code == 2
        assert refused.stderr.startswith(
            f"abintel: no job has the id '{'0' * 32}'; `abintel jobs list` shows"
        )


def test_deleting_a_tenant_removes_its_jobs(settings: Settings, record: Record) -> None:
    submitted(record)
    running(record)
    kept = submitted(record, tenant="other")
    assert delete_tenant(settings, "acme", NOW) == 2
    assert record.list() == [kept]
    assert delete_tenant(settings, "acme", NOW) == 0


def test_a_job_in_parts_is_shown_with_how_they_stand_and_they_are_not(record: Record, shell: Shell) -> None:
    job = running(record)
    parts = [new_id(), new_id()]
    assert record.divide(job.id, 1, parts) is not None
    shown = json.loads(shell("show", job.id, "--json").stdout)
    assert (shown["status"], shown["parts"]) == ("running", {"queued": 2})
    assert len(shell("list").stdout.splitlines()) == 1
    for command in ("show", "cancel", "retry", "watch"):
        assert shell(command, parts[0]).stderr.startswith("abintel: no job has the id")
    assert shell("retry", job.id).stdout == f"{job.id} is queued again\n"
