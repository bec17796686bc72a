"""Another program holds a SQLite database exclusively: answered, or a 503 that says so, in time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from abintel.problem import Problem
from abintel.settings import Settings
from plugins.customer import PLUGIN
from registry.registry import CONFIRM_AFTER, Registry
from tests.campaign import ROUTE, campaign, unlabelled
from tests.registry.conftest import Asker
from tests.serving import Server

RFM = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == "customer_rfm")
ROWS = [1.0, 2.0, 3.0, 4.0]
LATER = 1.1 * CONFIRM_AFTER.total_seconds() / 86_400


@contextmanager
def locked(database: Path) -> Iterator[None]:
    connection = sqlite3.connect(database, isolation_level=None, timeout=60)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@pytest.mark.slow
def test_a_locked_registry_is_done_without(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    assert ask().model == 2.5
    with locked(settings.home / "mlflow.db"):
        began = time.monotonic()
        scored = ask(day=LATER)
        print(f"from memory after {time.monotonic() - began:.1f} s")
        assert (scored.model, scored.info["registry"]) == (2.5, "unavailable")
        labelled = ask([5.0, 7.0], campaign="new")
        assert (labelled.model, labelled.info["registry"]) == (6.0, "unavailable")
        with pytest.raises(Problem) as caught:
            Asker(Registry(settings))()
        assert (caught.value.status, caught.value.slug) == (503, "registry-unavailable")
        assert "Retry-After" in caught.value.headers
    after = Asker(Registry(settings))
    assert after().model == 2.5
    assert after([5.0, 7.0], campaign="new").info["model_version"] == "1"


def test_a_registry_that_is_locked_for_a_moment_is_waited_for(ask: Asker, settings: Settings) -> None:
    ask(ROWS)
    worker = Asker(Registry(settings))
    with ThreadPoolExecutor(1) as pool:
        with locked(settings.home / "mlflow.db"):
            scored = pool.submit(worker)
            time.sleep(0.5)
        assert scored.result().model == 2.5
        assert "registry" not in scored.result().info


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("locked") / "home"
    with Server(home, ABINTEL_PLUGINS="propensity,customer", ABINTEL_RATE_LIMIT="1000/s") as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.credential("acme")) as client:
        yield client


def seconds(answer: httpx.Response) -> float:
    return answer.elapsed.total_seconds()


@pytest.mark.slow
def test_locked_credentials_and_limits_hold_up_no_request(server: Server, client: httpx.Client) -> None:
    assert client.post(RFM.route, json=RFM.example).status_code == 200
    for name in ("abintel.db", "rate_limits.db"):
        with locked(server.home / name):
            answers = [client.post(RFM.route, json=RFM.example) for _ in range(10)]
            refused = httpx.post(f"{server.url}{RFM.route}", json=RFM.example)
        assert {answer.status_code for answer in answers} == {200}
        assert refused.status_code == 401
        print(f"{name}: slowest {max(map(seconds, answers)):.2f} s")
        assert max(map(seconds, answers)) < 5


@pytest.mark.slow
def test_locked_jobs_are_a_503_and_hold_up_nothing_else(server: Server, client: httpx.Client) -> None:
    job = client.post(f"{RFM.route}_async", json=RFM.example)
    assert job.status_code == 202
    with locked(server.home / "jobs.db"), ThreadPoolExecutor(8) as pool:
        began = time.monotonic()

        def submit(_: int) -> httpx.Response:
            return client.post(f"{RFM.route}_async", json=RFM.example)

        submitted = [pool.submit(submit, number) for number in range(8)]
        cancelled = pool.submit(client.delete, job.headers["location"])
        time.sleep(1)
        with server.client(server.credential("acme")) as other:
            beside = [other.post(RFM.route, json=RFM.example) for _ in range(10)]
            looked = other.get(job.headers["location"])
        ready = httpx.get(f"{server.url}/readyz", timeout=10)
        alive = httpx.get(f"{server.url}/livez", timeout=10)
        answers = [future.result() for future in [*submitted, cancelled]]
        took = time.monotonic() - began
    for answer in answers:
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:abintel:problem:jobs-unavailable"
        assert "Retry-After" in answer.headers
    assert {answer.status_code for answer in [*beside, looked, ready, alive]} == {200}
    print(
        f"9 refused within {took:.1f} s; beside {max(map(seconds, beside)):.2f} s, "
        f"a look {seconds(looked):.2f} s, /readyz {seconds(ready):.2f} s, /livez {seconds(alive):.3f} s"
    )
    assert max(map(seconds, [*beside, looked, ready, alive])) < 5
    assert took < 60
    assert client.post(f"{RFM.route}_async", json=RFM.example).status_code == 202
    assert client.delete(job.headers["location"]).json()["status"] == "cancelled"


@pytest.mark.slow
def test_a_locked_registry_over_http(server: Server, client: httpx.Client) -> None:
    body = campaign("locked")
    cold = client.post(ROUTE, json=body).json()
    assert client.post(ROUTE, json=unlabelled(body)).json()["predictions"] == cold["predictions"]
    with locked(server.home / "mlflow.db"):
        time.sleep(CONFIRM_AFTER.total_seconds() + 1)
        warm = client.post(ROUTE, json=unlabelled(body))
        new = client.post(ROUTE, json=campaign("locked too", seed=3))
        unknown = client.post(ROUTE, json=unlabelled(campaign("locked, and unknown")))
        listed = client.get("/api/v1/models")
        beside = client.post(RFM.route, json=RFM.example)
    assert warm.json()["predictions"] == cold["predictions"]
    assert warm.json()["model_info"]["registry"] == new.json()["model_info"]["registry"] == "unavailable"
    for answer in (unknown, listed):
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:abintel:problem:registry-unavailable"
        assert "Retry-After" in answer.headers
    print(*(f"{seconds(answer):.1f} s" for answer in (warm, new, unknown, listed, beside)))
    assert max(map(seconds, (warm, unknown, listed, beside))) < 30
    time.sleep(6)
    again = client.post(ROUTE, json=campaign("locked too", seed=3))
    assert again.json()["predictions"] == new.json()["predictions"]
    assert again.json()["model_info"]["model_version"] == "1"
