"""kill -9 in the middle of jobs: each ends once, with the result that an undisturbed run gives."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import httpx
import psutil
import pytest

from registry.administration import Administration
from tests import postgres
from tests.campaign import ROUTE, campaign
from tests.jobs.bench import ODD, Workers, described, ended, odd_server, submit, until
from tests.serving import Server

postgres_url = postgres.postgres_url
COUNT = 20


def odd_jobs(client: httpx.Client, folder: Path) -> dict[str, Path]:
    """Twenty jobs; each leaves a mark in a file of its own, each time that it is begun."""
    folder.mkdir(exist_ok=True)
    marks = [folder / f"mark-{number}" for number in range(COUNT)]
    return {
        submit(client, ODD, {"act": "sleep", "seconds": 0.3 + number / 1000, "mark": str(mark)}): mark
        for number, mark in enumerate(marks)
    }


def until_in_the_middle(client: httpx.Client, jobs: dict[str, Path], least: int = 4) -> None:
    """Returns when some have ended, one is being done and some wait."""

    def in_the_middle() -> bool:
        states = [described(client, job)["status"] for job in jobs]
        return states.count("succeeded") >= least and "running" in states

    until(in_the_middle)


def assert_each_ended_once(
    client: httpx.Client, jobs: dict[str, Path], kills: int, total: int = COUNT
) -> None:
    for page in ended(client, jobs):
        assert page["status"] == "succeeded"
    for number, job in enumerate(jobs):
        assert client.get(f"{job}/result").json() == {"said": f"sleep {0.3 + number / 1000:g}"}
    begun = [mark.read_text().count("sleep") for mark in jobs.values()]
    assert COUNT <= sum(begun) <= COUNT + kills, "only what was under way is done again"
    text = httpx.get(str(client.base_url) + "/metrics").text
    assert f'abintel_jobs_finished_total{{endpoint="odd_job",outcome="succeeded"}} {total}.0' in text


@pytest.mark.slow
def test_jobs_survive_the_death_of_their_worker(tmp_path: Path) -> None:
    with odd_server(tmp_path) as server, server.client(server.credential("acme")) as client:
        with Workers(server) as doomed:
            jobs = odd_jobs(client, tmp_path)
            until_in_the_middle(client, jobs)
            doomed.kill()
        assert "running" in {described(client, job)["status"] for job in jobs}
        with Workers(server):
            assert_each_ended_once(client, jobs, kills=1)


@pytest.mark.slow
def test_jobs_survive_the_death_of_the_server_and_of_both(tmp_path: Path) -> None:
    with odd_server(tmp_path) as server, server.client(server.credential("acme")) as client:
        with Workers(server) as doomed:
            jobs = odd_jobs(client, tmp_path / "first")
            until_in_the_middle(client, jobs)
            server.stop(signal.SIGKILL)
            server.start()
            assert_each_ended_once(client, jobs, kills=0)
            jobs = odd_jobs(client, tmp_path / "second")
            until_in_the_middle(client, jobs)
            server.stop(signal.SIGKILL)
            doomed.kill()
        with Workers(server):
            server.start()
            assert_each_ended_once(client, jobs, kills=1, total=2 * COUNT)


@pytest.mark.slow
def test_a_worker_beside_the_server_is_started_again(tmp_path: Path) -> None:
    with (
        odd_server(tmp_path, ABINTEL_JOB_WORKERS="1") as server,
        server.client(server.credential("acme")) as client,
    ):
        jobs = odd_jobs(client, tmp_path)
        until_in_the_middle(client, jobs)
        workers_of(server)[0].kill()
        assert_each_ended_once(client, jobs, kills=1)
        assert server.stop() == 0


def workers_of(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    family = psutil.Process(server.process.pid).children(recursive=True)
    return [process for process in family if "jobs.workers.worker" in process.cmdline()]


@pytest.mark.slow
def test_two_workers_on_postgresql_lose_nothing_when_one_dies(postgres_url: str, tmp_path: Path) -> None:
    with (
        odd_server(tmp_path, ABINTEL_JOBS_URL=postgres_url, ABINTEL_DATABASE_URL=postgres_url) as server,
        server.client(server.credential("acme")) as client,
        Workers(server) as first,
        Workers(server),
    ):
        until(lambda: "workers: 2" in client.get("/readyz").text)
        jobs = odd_jobs(client, tmp_path)
        until_in_the_middle(client, jobs)
        first.kill()
        assert_each_ended_once(client, jobs, kills=1)
        assert not (tmp_path / "home" / "jobs.db").exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_training_that_is_cancelled_registers_nothing_and_one_that_is_killed_one_model(
    tmp_path: Path,
) -> None:
    long = campaign("long", rows=20_000, labelled=20_000, features=20)
    short = campaign("short", rows=1500, labelled=1500)
    with (
        Server(tmp_path / "home", ABINTEL_PLUGINS="propensity", ABINTEL_MAX_BODY_MB="60") as server,
        server.client(server.credential("acme")) as client,
        Workers(server) as doomed,
    ):
        job = submit(client, ROUTE, long)
        until(lambda: described(client, job)["status"] == "running")
        time.sleep(4)
        began = time.monotonic()
        client.delete(job)
        [child] = [process for process in doomed.processes() if "jobs.workers.child" in process.cmdline()]
        child.wait(30)
        print(f"a training stopped {time.monotonic() - began:.2f} s after DELETE")
        assert client.get(f"{job}/result").status_code == 409
        assert list(Administration(server.settings).models()) == []
        killed = submit(client, ROUTE, short)
        until(lambda: described(client, killed)["progress"] > 0)
        doomed.kill()
        with Workers(server):
            ended(client, [killed], seconds=300)
            result = client.get(f"{killed}/result").json()
            [model] = Administration(server.settings).models()
            assert len(model.versions) == 1
            assert result["predictions"] == client.post(ROUTE, json=short).json()["predictions"]
