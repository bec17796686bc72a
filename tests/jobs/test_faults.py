"""What goes wrong with a job while it is done, and what becomes of the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.jobs.bench import ODD, Workers, described, ended, odd_server, submit, until
from tests.serving import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with odd_server(tmp_path_factory.mktemp("odd"), ABINTEL_JOB_MEMORY_MB="400") as server:
        yield server
        assert server.stop() == 0


@pytest.fixture(scope="module")
def workers(server: Server) -> Iterator[Workers]:
    with Workers(server) as workers:
        yield workers
        assert workers.stop() == 0


@pytest.fixture
def client(server: Server, workers: Workers) -> Iterator[httpx.Client]:
    with server.client(server.credential("acme")) as client:
        yield client


def child_of(workers: Workers) -> psutil.Process:
    return until(lambda: next((p for p in workers.processes() if "jobs.workers.child" in p.cmdline()), None))


@pytest.mark.slow
def test_progress_moves_with_the_work(client: httpx.Client) -> None:
    job = submit(client, ODD, {"act": "sleep", "seconds": 2})
    seen = set()

    def shown() -> bool:
        page = described(client, job)
        seen.add(page["progress"])
        return page["status"] == "succeeded"

    until(shown)
    between = sorted(share for share in seen if 0 < share < 1)
    assert len(between) >= 2
    assert max(seen) == 1.0


def test_cancelling_ends_the_process_that_does_the_job(client: httpx.Client, workers: Workers) -> None:
    job = submit(client, ODD, {"act": "sleep", "seconds": 300})
    until(lambda: described(client, job)["progress"] > 0)
    child = child_of(workers)
    began = time.monotonic()
    assert client.delete(job).json()["status"] == "cancelled"
    child.wait(30)
    print(f"ended {time.monotonic() - began:.2f} s after DELETE")
    assert described(client, job)["status"] == "cancelled"
    assert client.get(f"{job}/result").status_code == 409
    assert client.delete(job).json()["status"] == "cancelled", "saying it again changes nothing"


def test_a_process_that_dies_is_replaced_and_the_job_tried_again(
    client: httpx.Client, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    job = submit(client, ODD, {"act": "die", "mark": str(mark)})
    [page] = ended(client, [job])
    assert page["status"] == "succeeded"
    assert mark.read_text() == "die\n" * 2
    assert client.get(f"{job}/result").json() == {"said": "die 0"}


def test_what_is_unavailable_is_tried_again(client: httpx.Client, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    [page] = ended(client, [submit(client, ODD, {"act": "refuse", "mark": str(mark)})])
    assert page["status"] == "succeeded"
    assert mark.read_text() == "refuse\n" * 2


def test_too_much_memory_fails_that_job_alone(client: httpx.Client) -> None:
    grows = submit(client, ODD, {"act": "grow"})
    says = submit(client, ODD, {"act": "say"})
    grown, said = ended(client, [grows, says])
    assert grown["problem"]["type"] == "urn:abintel:problem:job-out-of-memory"
    assert grown["problem"]["detail"] == (
        "The job needed more than 400 MiB of memory; send it in parts. "
        "The limit is the operator's, ABINTEL_JOB_MEMORY_MB."
    )
    assert said["status"] == "succeeded"


def test_a_defect_fails_the_job_at_once_and_tells_nothing_of_itself(client: httpx.Client) -> None:
    job = submit(client, ODD, {"act": "fail"})
    [page] = ended(client, [job])
    answer = client.get(f"{job}/result")
    assert answer.status_code == 500
    assert answer.json() == page["problem"]
    assert answer.json()["request_id"] == page["job_id"]
    assert "canary" not in answer.text


@pytest.mark.slow
def test_what_always_dies_is_given_up_after_three_tries(client: httpx.Client) -> None:
    job = submit(client, ODD, {"act": "die"})
    [page] = ended(client, [job])
    assert page["problem"]["type"] == "urn:abintel:problem:job-process-died"


def test_payloads_go_when_the_job_ends_and_results_stay(client: httpx.Client, server: Server) -> None:
    done = submit(client, ODD, {"act": "say"})
    failed = submit(client, ODD, {"act": "fail"})
    ended(client, [done, failed])

    def stored() -> bool:
        folder = server.home / "jobs"
        found = {
            job: sorted(path.name for path in (folder / job.rpartition("/")[2]).glob("*"))
            for job in (done, failed)
        }
        return found == {done: ["result-1"], failed: []}

    until(stored)


@pytest.mark.slow
def test_a_worker_that_is_told_to_end_puts_its_job_back(server: Server, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with Workers(server) as leaving, server.client(server.credential("patient")) as client:
        jobs = [submit(client, ODD, {"act": "sleep", "seconds": 4, "mark": str(mark)}) for _ in range(6)]
        until(lambda: "workers: 2" in client.get("/readyz").text)
        until(lambda: sum(described(client, job)["status"] == "running" for job in jobs) == 2)
        assert leaving.stop() == 0
        pages = ended(client, jobs)
    assert {page["status"] for page in pages} == {"succeeded"}
    assert mark.read_text().count("sleep") in (6, 7)
