"""kill -9 in the middle of divided jobs: each ends once, with the result that an undisturbed run gives."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import or_, select

from jobs.job import Status
from jobs.store.record import Record
from jobs.store.tables import jobs as table
from jobs.workers.heartbeat import Heartbeats
from tests import postgres
from tests.jobs.bench import PARTS, UNDER_WAY, Workers, described, ended, odd_server, submit, until
from tests.serving import Server

postgres_url = postgres.postgres_url
COUNT = 4


def body(mark: Path) -> dict[str, Any]:
    """A job whose every stage takes its time and leaves its mark."""
    acts = [{"act": "sleep", "seconds": 0.4 + place / 1000, "mark": str(mark)} for place in range(COUNT)]
    return {"acts": acts, "split_seconds": 0.8, "join_seconds": 0.8, "mark": str(mark)}


def lines(mark: Path) -> list[str]:
    return mark.read_text().split("\n")[:-1] if mark.exists() else []


def holders(record: Record, job: str | None = None) -> list[int]:
    """Processes of the workers that have a job, or a part of it; of all that have any, without a job."""
    query = select(table.c.worker).where(table.c.status == Status.RUNNING.value)
    if job is not None:
        job_id = job.rpartition("/")[2]
        query = query.where(or_(table.c.id == job_id, table.c.parent == job_id))
    with record.engine.connect() as connection:
        found = set(connection.execute(query).scalars())
    return [worker.pid for worker in Heartbeats(record.engine).all() if worker.id in found]


def assert_ended_as_undisturbed(client: httpx.Client, job: str) -> None:
    [page] = ended(client, [job])
    assert page["status"] == "succeeded", page
    result = client.get(f"{job}/result").json()
    assert result["told"] == [{"said": f"sleep {0.4 + place / 1000:g}"} for place in range(COUNT)]
    assert result["warnings"] == [
        {"code": "odd", "message": message} for message in ("It was divided.", "It was joined.")
    ]
    assert result["place"].split()[-1].startswith(page["submitted_at"][:-1])


def assert_counted(client: httpx.Client, count: int) -> None:
    text = client.get("/metrics").text
    assert f'abintel_jobs_finished_total{{endpoint="odd_parts",outcome="succeeded"}} {count}.0' in text


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with odd_server(tmp_path_factory.mktemp("odd")) as server:
        yield server


@pytest.fixture
def record(server: Server) -> Iterator[Record]:
    with closing(Record(server.settings.jobs_url)) as record:
        yield record


@pytest.mark.slow
def test_a_job_survives_the_death_of_its_worker_at_every_stage(
    server: Server, record: Record, tmp_path: Path
) -> None:
    with Workers(server, concurrency=2), server.client(server.credential("acme")) as client:
        until(lambda: "workers: 2" in client.get("/readyz").text)
        for number, stage in enumerate(("split", "sleep 1", "join")):
            mark = tmp_path / stage
            job = submit(client, PARTS, body(mark))
            until(lambda mark=mark, stage=stage: stage in lines(mark))
            doomed = until(lambda job=job: holders(record, job))
            psutil.Process(doomed[0]).kill()
            assert_ended_as_undisturbed(client, job)
            assert len(lines(mark)) <= COUNT + 2 + 1, "only what it had is done again"
            assert_counted(client, number + 1)


@pytest.mark.slow
def test_a_job_survives_the_death_of_all_between_its_last_part_and_its_end(
    server: Server, record: Record, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    with server.client(server.credential("other")) as client:
        with Workers(server) as doomed:
            job = submit(client, PARTS, body(mark))

            def is_to_be_joined() -> bool:
                found = record.get(job.rpartition("/")[2])
                return found is not None and found.parts is not None and found.status is Status.QUEUED

            until(is_to_be_joined)
            doomed.kill()
            server.stop(signal.SIGKILL)
        with Workers(server):
            server.start()
            assert_ended_as_undisturbed(client, job)
        assert COUNT + 2 <= len(lines(mark)) <= COUNT + 3


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_jobs_survive_deaths_at_any_moment(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    settings = {}
    if database == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
        settings = {"ABINTEL_JOBS_URL": url, "ABINTEL_DATABASE_URL": url}
    chance, kills = random.Random(7), 0
    with (
        odd_server(tmp_path, **settings) as server,
        server.client(server.credential("acme")) as client,
        Workers(server, concurrency=3),
        closing(Record(server.settings.jobs_url)) as record,
    ):
        until(lambda: "workers: 3" in client.get("/readyz").text)
        jobs = [submit(client, PARTS, body(tmp_path / f"mark-{number}")) for number in range(6)]
        while any(described(client, job)["status"] in UNDER_WAY for job in jobs):
            time.sleep(chance.uniform(0.0, 2.0))
            busy = holders(record)
            if busy and kills < 20:
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(chance.choice(busy)).kill()
                    kills += 1
                    if kills % 5 == 0:
                        server.stop(signal.SIGKILL)
                        server.start()
        for job in jobs:
            assert_ended_as_undisturbed(client, job)
        assert_counted(client, len(jobs))
        done = sum(len(lines(tmp_path / f"mark-{number}")) for number in range(len(jobs)))
        print(f"{kills} workers killed, {done - len(jobs) * (COUNT + 2)} stages done again")
        assert kills >= 3
        assert done <= len(jobs) * (COUNT + 2) + kills
