"""A route that is itself a job, done in parts by two workers."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from jobs.store.record import Record
from jobs.store.tables import jobs as table
from tests.jobs.bench import ODD, PARTS, Workers, described, ended, odd_server, submit, until
from tests.jobs.oddjobs import PLUGIN
from tests.plugins.calls import NOW, answered
from tests.server.http.test_http import problem
from tests.serving import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with odd_server(tmp_path_factory.mktemp("odd"), ABINTEL_JOB_MEMORY_MB="400") as server:
        yield server
        assert server.stop() == 0


@pytest.fixture(scope="module")
def workers(server: Server) -> Iterator[Workers]:
    with Workers(server, concurrency=2) as workers:
        yield workers
        assert workers.stop() == 0


@pytest.fixture
def client(server: Server, workers: Workers) -> Iterator[httpx.Client]:
    with server.client(server.credential("acme")) as client:
        yield client


@pytest.fixture
def record(server: Server) -> Iterator[Record]:
    with closing(Record(server.settings.jobs_url)) as record:
        yield record


def acts(*parts: str, **more: Any) -> dict[str, Any]:
    return {"acts": [{"act": act} for act in parts], **more}


def sleeps(count: int, seconds: float, **more: Any) -> dict[str, Any]:
    return {"acts": [{"act": "sleep", "seconds": seconds}] * count, **more}


def remarks(*messages: str) -> list[dict[str, str]]:
    return [{"code": "odd", "message": message} for message in messages]


def parts_of(record: Record, job: str) -> list[str]:
    query = table.select().where(table.c.parent == job.rpartition("/")[2])
    with record.engine.connect() as connection:
        return [row.id for row in connection.execute(query)]


def stored(server: Server, job: str) -> list[str]:
    return sorted(path.name for path in (server.home / "jobs" / job.rpartition("/")[2]).glob("*"))


@pytest.mark.slow
def test_the_route_itself_answers_with_a_job(client: httpx.Client) -> None:
    answer = client.post(PARTS, json=acts("say", "warn", "warn"))
    assert answer.status_code == 202
    assert answer.headers["retry-after"] == "2"
    assert set(answer.json()) == {"job_id", "status", "submitted_at"}
    job = answer.headers["location"]
    [page] = ended(client, [job])
    assert (page["status"], page["progress"], page["endpoint"]) == ("succeeded", 1.0, "odd_parts")
    result = client.get(f"{job}/result").json()
    assert result["told"] == [{"said": "say 0"}, {"said": "warn 0"}, {"said": "warn 0"}]
    assert result["place"].startswith("acme en ")
    assert result["warnings"] == remarks(
        "It was divided.", "A part was odd.", "Part 1 was odd.", "Part 2 was odd.", "It was joined."
    )


def test_there_is_no_async_beside_it(client: httpx.Client) -> None:
    problem(client.post(f"{PARTS}_async", json=acts("say")), 404, "no-such-route")
    paths = client.get("/docs.json").json()["paths"]
    assert f"{PARTS}_async" not in paths
    operation = paths[PARTS]["post"]
    assert operation["operationId"] == "odd_parts"
    assert {"200", "202", "400", "409"} <= set(operation["responses"])
    named = {one["name"] for one in operation["parameters"]}
    assert {"Idempotency-Key", "Prefer"} <= named
    assert "callback_url" not in named  # no host may be called back here
    assert "application/x-ndjson" in operation["requestBody"]["content"]
    assert "examples" in operation["requestBody"]["content"]["application/json"]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_answer_is_that_of_one_process_byte_for_byte(client: httpx.Client, count: int) -> None:
    body = acts(*["warn", "say"] * 4)
    body["acts"] = body["acts"][:count]
    answer = client.post(f"{PARTS}?lang=es", json=body, headers={"Prefer": "wait=60"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (200, "wait=60")
    page = described(client, answer.headers["location"])
    told = answer.json()["place"].split()[-1]
    [endpoint] = [endpoint for endpoint in PLUGIN.endpoints if endpoint.parts is not None]
    alone = answered(endpoint, body, lang="es")
    assert told.startswith(page["submitted_at"][:-1])
    alone["place"] = alone["place"].replace(NOW.isoformat(), told)
    assert answer.content == json.dumps(alone, separators=(",", ":")).encode()


def test_a_bad_body_is_refused_at_once(client: httpx.Client) -> None:
    answer = client.post(PARTS, json={"acts": [{"act": 3}, {}]})
    assert [fault["pointer"] for fault in problem(answer, 400, "invalid-body")["errors"]] == [
        "/acts/0/act",
        "/acts/1/act",
    ]


def test_rows_are_taken_and_given_in_other_forms(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/x-ndjson", "Accept": "text/csv", "Prefer": "wait=60"}
    rows = b'{"act":"say"}\n{"act":"say","seconds":2}\n'
    answer = client.post(f"{PARTS}?join_seconds=0.01", content=rows, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.content == b"said\r\nsay 0\r\nsay 2\r\n"


def test_the_same_key_and_body_packed_or_by_the_short_path_is_one_job(client: httpx.Client) -> None:
    body = json.dumps(acts("say", "say")).encode()
    headers = {"Idempotency-Key": "parts", "Content-Type": "application/json"}
    first = client.post(PARTS, content=body, headers=headers)
    second = client.post(
        "/api/odd_parts", content=gzip.compress(body), headers={**headers, "Content-Encoding": "gzip"}
    )
    assert first.json()["job_id"] == second.json()["job_id"]
    ended(client, [first.headers["location"]])
    assert client.post(PARTS, content=body, headers=headers).json()["status"] == "succeeded"
    problem(client.post(PARTS, json=acts("say"), headers=headers), 409, "key-taken")


def test_two_workers_share_a_job_and_another_job_gets_its_turn(
    client: httpx.Client, record: Record, workers: Workers
) -> None:
    until(lambda: "workers: 2" in client.get("/readyz").text)
    job = submit(client, PARTS, sleeps(6, 0.7))
    until(lambda: record.parts(record.list()[0]).get("running") == 2)
    page = described(client, job)
    assert page["status"] == "running"
    text = client.get("/metrics").text
    assert "abintel_jobs_running 1.0" in text
    assert "abintel_job_parts_queued 4.0" in text
    [page] = ended(client, [job])
    assert page["status"] == "succeeded"
    with record.engine.connect() as connection:
        done = connection.execute(table.select().where(table.c.parent == page["job_id"])).all()
    assert len({row.worker for row in done}) == 2


def test_progress_moves_with_the_parts_and_never_falls(client: httpx.Client) -> None:
    job = submit(client, PARTS, sleeps(4, 1.0))
    seen = []

    def shown() -> bool:
        page = described(client, job)
        seen.append(page["progress"])
        assert page["progress"] < 1.0 or page["status"] == "succeeded"
        return page["status"] == "succeeded"

    until(shown)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len({share for share in seen if 0.05 < share < 0.9}) >= 3


def test_parts_are_found_by_nobody(
    server: Server, client: httpx.Client, record: Record, tmp_path: Path
) -> None:
    job = submit(client, PARTS, sleeps(4, 0.5))
    parts = until(lambda: parts_of(record, job))
    with server.client(server.credential("other")) as other:
        for caller in (client, other):
            for path in (f"/api/v1/jobs/{part}" for part in parts):
                for answer in (caller.get(path), caller.delete(path), caller.get(f"{path}/result")):
                    problem(answer, 404, "no-such-job")
            listed = caller.get("/api/v1/jobs?limit=200").text
            assert not any(part in listed for part in parts)
        for answer in (other.get(job), other.delete(job), other.get(f"{job}/result")):
            problem(answer, 404, "no-such-job")
    [page] = ended(client, [job])
    assert page["status"] == "succeeded"


def children_of(workers: Workers) -> list[psutil.Process]:
    return [process for process in workers.processes() if "jobs.workers.child" in process.cmdline()]


def test_cancelling_ends_every_process_that_does_a_part(
    server: Server, client: httpx.Client, record: Record, workers: Workers
) -> None:
    until(lambda: "workers: 2" in client.get("/readyz").text)
    job = submit(client, PARTS, sleeps(5, 300.0))
    until(lambda: record.parts(record.list()[0]).get("running") == 2)
    doing = children_of(workers)
    began = time.monotonic()
    assert client.delete(job).json()["status"] == "cancelled"
    for child in doing:
        child.wait(30)
    print(f"{len(doing)} processes ended {time.monotonic() - began:.2f} s after DELETE")
    assert len(doing) == 2
    problem(client.get(f"{job}/result"), 409, "job-cancelled")
    assert record.parts(record.list()[0]) == {"cancelled": 5}
    until(lambda: stored(server, job) == [])


def test_a_part_that_fails_fails_the_job_once_and_stops_the_others(
    server: Server, client: httpx.Client, record: Record
) -> None:
    body = sleeps(3, 300.0)
    body["acts"][1] = {"act": "fail"}
    job = submit(client, PARTS, body)
    [page] = ended(client, [job])
    answer = client.get(f"{job}/result")
    assert (answer.status_code, answer.json()) == (500, page["problem"])
    assert page["problem"]["request_id"] == page["job_id"]
    assert "canary" not in answer.text
    counts = record.parts(record.list()[0])
    assert (counts["failed"], counts["cancelled"]) == (1, 2)
    until(lambda: stored(server, job) == [])
    text = client.get("/metrics").text
    assert 'abintel_jobs_finished_total{endpoint="odd_parts",outcome="failed"} 1.0' in text


@pytest.mark.slow
def test_a_part_that_needs_too_much_memory_fails_its_job_and_no_other(client: httpx.Client) -> None:
    grows, says = submit(client, PARTS, acts("say", "grow")), submit(client, ODD, {"act": "say"})
    grown, said = ended(client, [grows, says])
    assert grown["problem"]["type"] == "urn:abintel:problem:job-out-of-memory"
    assert said["status"] == "succeeded"


def test_what_may_pass_is_tried_again_in_its_part_alone(client: httpx.Client, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    body = acts("say", "die", "refuse", mark=str(mark))
    for row in body["acts"]:
        row["mark"] = str(mark)
    [page] = ended(client, [submit(client, PARTS, body)])
    assert page["status"] == "succeeded"
    lines = sorted(mark.read_text().split("\n")[:-1])
    assert lines == ["die 1", "die 1", "join", "refuse 2", "refuse 2", "say 0", "split"]


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["split", "join"])
def test_the_process_that_divides_or_joins_may_die(client: httpx.Client, tmp_path: Path, stage: str) -> None:
    mark = tmp_path / "mark"
    body = acts("say", "say", mark=str(mark), **{stage: "die"})
    [page] = ended(client, [submit(client, PARTS, body)])
    assert page["status"] == "succeeded"
    lines = mark.read_text().split("\n")[:-1]
    assert sorted(lines) == sorted(["split", "join", stage])


def test_payload_pieces_and_their_results_go_when_the_job_ends(server: Server, client: httpx.Client) -> None:
    job = submit(client, PARTS, acts("say", "say"))
    ended(client, [job])
    until(lambda: stored(server, job) == ["result-2"])


@pytest.mark.slow
def test_one_worker_does_many_divided_jobs(client: httpx.Client) -> None:
    paths: list[str] = []
    threads = [
        threading.Thread(target=lambda: paths.append(submit(client, PARTS, acts("say", "say", "say"))))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {page["status"] for page in ended(client, paths)} == {"succeeded"}
