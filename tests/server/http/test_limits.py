"""Limits that settings set, what happens beyond them, and a handler's failure as seen from outside."""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from plugins.customer import PLUGIN
from server.http import dispatch, runtime
from tests.server.http.kettle import KETTLE, Kitchen, as_before, cook
from tests.serving import Server

__all__ = ["as_before"]
NPS = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == "nps")


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with every limit set."""
    server = Server(
        tmp_path_factory.mktemp("limited") / "home",
        ABINTEL_PLUGINS="customer",
        ABINTEL_RATE_LIMIT="3/h",
        ABINTEL_METRICS_TOKEN="open sésame",
        ABINTEL_MAX_BODY_MB="0.01",
    )
    server.start()
    yield server
    server.stop()


def test_a_tenant_that_used_up_its_requests_is_told_when_to_come_back(limited: Server) -> None:
    with (
        limited.client(limited.credential("eager")) as first,
        limited.client(limited.credential("calm")) as calm,
        limited.client(limited.credential("eager")) as second,
    ):
        answers = [client.post(NPS.route, json=NPS.example) for client in (first, second, first, second)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        refused = answers[-1]
        assert refused.json()["type"] == "urn:abintel:problem:rate-limited"
        assert refused.json()["detail"] == "This tenant has used up its requests for now; try again."
        assert 1 <= int(refused.headers["retry-after"]) <= 1200
        assert calm.post(NPS.route, json=NPS.example).status_code == 200
        assert first.get("/livez").status_code == 200


def test_the_size_of_a_body_is_limited_as_set(limited: Server) -> None:
    with limited.client(limited.credential("large")) as client:
        body = json.dumps(NPS.example).encode()
        headers = {"Content-Type": "application/json"}
        fits = body + b" " * (10_485 - len(body))
        assert client.post(NPS.route, content=fits, headers=headers).status_code == 200
        answer = client.post(NPS.route, content=fits + b" ", headers=headers)
        assert answer.status_code == 413
        assert "larger than 10,485 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer wrong", "open sésame", "Basic open sésame"])
def test_metrics_need_the_token(limited: Server, sent: str | None) -> None:
    headers = {} if sent is None else {b"Authorization": sent.encode()}
    answer = httpx.get(f"{limited.url}/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["detail"] == "Metrics need the token."


def test_metrics_behind_a_token_carry_the_tenant(limited: Server) -> None:
    with limited.client(limited.credential("counted")) as client:
        client.post(NPS.route, json=NPS.example)
    httpx.post(limited.url + NPS.route, json=NPS.example)
    headers = {b"Authorization": "Bearer open sésame".encode()}
    give_up = time.monotonic() + 20
    text = ""
    while "counted" not in text and time.monotonic() < give_up:
        text = httpx.get(f"{limited.url}/metrics", headers=headers).text
    assert 'abintel_tenant_requests_total{route="/api/v1/ai/nps",tenant="counted"} 1.0' in text
    assert 'tenant=""' not in text


def test_a_saturated_server_sends_away_and_takes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "THREADS", 2)
    monkeypatch.setattr(runtime, "QUEUE", 1)

    async def scene(kitchen: Kitchen) -> None:
        waiting = [kitchen.start("wait") for _ in range(2)]
        for _ in waiting:
            await kitchen.until_boiling()
        queued = kitchen.start("boil")
        await kitchen.until(lambda: kitchen.service.runtime.under_way == 3)
        refused = await kitchen.client.post(KETTLE, json={"act": "boil"})
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "2"
        assert refused.json()["type"] == "urn:abintel:problem:saturated"
        assert refused.json()["detail"] == ("The server is answering as many requests as it can; try again.")
        assert (await kitchen.client.get("/readyz")).status_code == 200
        kitchen.kettle.taken_off.set()
        assert [(await task).status_code for task in (*waiting, queued)] == [200, 200, 200]
        assert (await kitchen.client.post(KETTLE, json={"act": "boil"})).status_code == 200
        assert kitchen.service.runtime.under_way == 0

    cook(tmp_path, scene)


def test_a_request_that_takes_too_long_is_told_of_jobs_and_keeps_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "REQUEST_SECONDS", 0.05)

    async def scene(kitchen: Kitchen) -> None:
        answer = await kitchen.client.post(KETTLE, json={"act": "wait"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert answer.json()["type"] == "urn:abintel:problem:took-too-long"
        assert answer.json()["detail"].endswith("; run it as a job: /api/v1/ai/kettle_async.")
        assert kitchen.service.runtime.overrun == 1
        kitchen.kettle.taken_off.set()
        await kitchen.until(lambda: kitchen.service.runtime.overrun == 0)

    cook(tmp_path, scene)


def test_a_body_that_never_ends_does_not_hold_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "REQUEST_SECONDS", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b'{"act": '
        await asyncio.sleep(60)

    async def scene(kitchen: Kitchen) -> None:
        headers = {"Content-Type": "application/json"}
        answer = await kitchen.client.post(KETTLE, content=endless(), headers=headers)
        assert answer.status_code == 503
        assert kitchen.service.runtime.under_way == kitchen.service.runtime.overrun == 0

    cook(tmp_path, scene)


def test_a_broken_promise_is_a_500_and_logged_by_its_place(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def scene(kitchen: Kitchen) -> httpx.Response:
        return await kitchen.client.post(KETTLE, json={"act": "break"}, headers={"X-Request-Id": "r-1"})

    answer = cook(tmp_path, scene)
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "urn:abintel:problem:failed",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "The server failed on this request; the fault is ours, and was logged.",
        "request_id": "r-1",
    }
    log = capfd.readouterr().err
    assert "kettle broke its own schema: KettleAnswer: ValidationError: Expected `str`" in log
    assert "canary-value" not in log


def test_a_failing_handler_is_a_500_without_its_message(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def scene(kitchen: Kitchen) -> httpx.Response:
        return await kitchen.client.post(KETTLE, json={"act": "raise"}, headers={"X-Request-Id": "r-2"})

    answer = cook(tmp_path, scene)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    log = capfd.readouterr().err
    assert "canary-text" not in answer.text + log
    [line] = [json.loads(line) for line in log.splitlines() if '"exception"' in line]
    assert (line["level"], line["request_id"], line["exception"]) == ("error", "r-2", "ValueError")
    assert line["at"][-1].endswith(" handle")


def test_what_a_handler_says_reaches_the_caller(tmp_path: Path) -> None:
    now = datetime.datetime(2025, 4, 28, 12, tzinfo=datetime.UTC)

    async def scene(kitchen: Kitchen) -> dict[str, Any]:
        client = kitchen.client
        problem = await client.post(KETTLE, json={"act": "problem"})
        assert (problem.status_code, problem.headers["retry-after"]) == (409, "7")
        assert problem.json()["detail"] == "There is no water."
        assert problem.json()["request_id"] == problem.headers["x-request-id"]
        warned = await client.post(KETTLE, json={"act": "warn"})
        assert warned.json()["warnings"] == [{"code": "lime", "message": "There is lime in it."}]
        known = await client.post(KETTLE, json={"act": "headers"}, headers={"Cookie": "a=b", "X-Lid": "on"})
        names = set(known.json()["said"].split(","))
        assert "x-lid" in names
        assert not names & {"x-secret", "authorization", "cookie"}
        cups = await client.post("/api/prepare", json={"cups": 2.0})
        assert cups.status_code == 200
        spoken = await client.post(f"{KETTLE}?lang=pt&currency=R$", json={"act": "boil"})
        return dict(spoken.json())

    assert cook(tmp_path, scene, clock=lambda: now) == {"said": "acme 2025-04-28T12:00:00+00:00 pt R$"}


def test_the_rate_is_counted_by_the_clock_that_was_given(tmp_path: Path) -> None:
    now = datetime.datetime(2025, 4, 28, 12, tzinfo=datetime.UTC)
    elapsed = [0.0]

    def clock() -> datetime.datetime:
        return now + datetime.timedelta(seconds=elapsed[0])

    async def scene(kitchen: Kitchen) -> None:
        async def status() -> tuple[int, str | None]:
            answer = await kitchen.client.post(KETTLE, json={"act": "boil"})
            return answer.status_code, answer.headers.get("retry-after")

        assert [await status() for _ in range(3)] == [(200, None), (200, None), (429, "30")]
        elapsed[0] = 29.5
        assert await status() == (429, "1")
        elapsed[0] = 30
        assert [await status() for _ in range(2)] == [(200, None), (429, "30")]

    cook(tmp_path, scene, clock=clock, ABINTEL_RATE_LIMIT="2/min")
