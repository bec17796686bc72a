"""The end of a server under load: nothing hangs, nothing is lost, nothing is left."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import pytest

from tests.campaign import ROUTE, campaign
from tests.plugins.calls import golden
from tests.serving import ROOT, Server

DRAIN = 3.0
CALLERS = 3


class Bento(Server):
    """``bentoml serve``, as the image runs it."""

    def command(self) -> list[str]:
        return [
            *(str(Path(sys.executable).with_name("bentoml")), "serve", "service:svc"),
            *("--working-dir", str(ROOT), "--host", "127.0.0.1", "--port", str(self.port)),
        ]


class Outcome(NamedTuple):
    """What became of a request: seconds since SIGTERM when it was sent, and its status or error."""

    sent: float
    result: int | str


def call_often(send: Callable[[], int], since: list[float], outcomes: list[Outcome]) -> None:
    """Sends a request of a connection of its own every 30 ms until ten seconds after SIGTERM."""
    while not since or time.monotonic() < since[0] + DRAIN + 7:
        now = time.monotonic() - since[0] if since else -1.0
        try:
            result: int | str = send()
        except (OSError, http.client.HTTPException) as error:
            result = type(error).__name__
        outcomes.append(Outcome(now, result))
        time.sleep(0.03)


@pytest.mark.parametrize("kind", [Server, pytest.param(Bento, marks=pytest.mark.slow)])
def test_a_server_drains_under_load(kind: type[Server], tmp_path: Path) -> None:
    with kind(
        tmp_path / "home", ABINTEL_PLUGINS="customer", ABINTEL_DRAIN_SECONDS=str(DRAIN), ABINTEL_WORKERS="2"
    ) as server:
        made = server.credential("acme")
        headers = {
            **{"X-Customer-Api-Id": made.customer_api_id, "X-Secret": made.secret},
            "Content-Type": "application/json",
        }
        body = json.dumps(golden("nps")["request"])

        def send() -> int:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            try:
                connection.request("POST", "/api/v1/ai/nps", body, headers)
                answer = connection.getresponse()
                answer.read()
                return answer.status
            finally:
                connection.close()

        since: list[float] = []
        outcomes: list[Outcome] = []
        callers = [threading.Thread(target=call_often, args=(send, since, outcomes)) for _ in range(CALLERS)]
        for caller in callers:
            caller.start()
        time.sleep(1)
        assert server.process is not None
        processes = psutil.Process(server.process.pid).children(recursive=True)
        started = time.monotonic()
        server.process.terminate()
        since.append(started)
        time.sleep(0.5)
        assert httpx.get(f"{server.url}/readyz", timeout=2).status_code == 503
        assert httpx.get(f"{server.url}/livez", timeout=2).status_code == 200
        server.process.wait(25)
        _, alive = psutil.wait_procs(processes, timeout=25 - (time.monotonic() - started))
        assert alive == []
        for caller in callers:
            caller.join()
    # Each worker ended by itself, not by the watch that ends a process whose threads still work.
    log = server.log.read_text()
    assert log.count('"message":"draining"') == log.count("Service instance cleanup finalized") == 2

    early = [outcome for outcome in outcomes if outcome.sent < DRAIN - 0.5]
    late = [outcome for outcome in outcomes if outcome.sent > DRAIN + 0.5]
    assert len(early) > 10
    assert {outcome.result for outcome in early} == {200}
    assert len(late) > 10
    assert {outcome.result for outcome in late} == {"ConnectionRefusedError"}
    # At the moment when the socket closes, a connection may be refused or reset, but never hang.
    assert "TimeoutError" not in {outcome.result for outcome in outcomes}


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "status"), [(60, 200), (100_000, 503)])
def test_a_training_in_flight_is_answered_or_gets_a_503(rows: int, status: int, tmp_path: Path) -> None:
    body = campaign("spring", rows=rows, labelled=rows, features=8)
    with (
        Server(tmp_path / "home", ABINTEL_PLUGINS="propensity") as server,
        server.client(server.credential("acme")) as client,
        ThreadPoolExecutor() as pool,
    ):
        # The first training also compiles.
        assert client.post(ROUTE, json=campaign("to warm up")).status_code == 200
        answering = pool.submit(client.post, ROUTE, json=body)
        time.sleep(2 if rows > 10_000 else 0.5)
        assert server.process is not None
        processes = psutil.Process(server.process.pid).children(recursive=True)
        started = time.monotonic()
        server.process.terminate()
        answer = answering.result()
        server.process.wait(25)
        _, alive = psutil.wait_procs(processes, timeout=25 - (time.monotonic() - started))
        assert alive == []

    assert answer.status_code == status
    if status == 503:
        assert answer.json()["type"].endswith("shutting-down")
        assert answer.headers["Retry-After"] == "5"
