"""kill -9 during a training: the next start is clean, and nothing half written is ever served."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest

from registry.administration import Administration
from tests.campaign import ROUTE, campaign, unlabelled
from tests.serving import Server


def train_in_background(server: Server, client: httpx.Client, body: dict[str, object]) -> threading.Thread:
    def call() -> None:
        with contextlib.suppress(httpx.TransportError):
            client.post(ROUTE, json=body)

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def assert_whole(server: Server) -> int:
    """Every version has its run, its files and its tags; no run is left open. Gives how many there are."""
    administration = Administration(server.settings)
    client = administration.store.client
    versions = [version for model in administration.models() for version in model.versions]
    for version in versions:
        assert client.get_run(version.run_id).info.status == "FINISHED"
        with administration.store.files(version) as folder:
            assert (folder / "MLmodel").is_file()
    for experiment in client.search_experiments():
        assert not client.search_runs([experiment.experiment_id], "attributes.status = 'RUNNING'")
    return len(versions)


def wait_until_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not alive


@pytest.mark.slow
def test_a_start_after_kill_9_of_everything_is_clean(tmp_path: Path) -> None:
    body = campaign("killed", rows=4000, labelled=4000, features=8)
    with (
        Server(tmp_path / "home", ABINTEL_PLUGINS="propensity") as server,
        server.client(server.credential("acme")) as client,
    ):
        thread = train_in_background(server, client, body)
        time.sleep(1.5)
        server.stop(signal.SIGKILL)
        thread.join()
        server.start()
        assert assert_whole(server) == 0
        answer = client.post(ROUTE, json=unlabelled(body)).json()
        assert answer["predictions"][0]["probability"] is None
        small = campaign("killed")
        assert client.post(ROUTE, json=small).json()["model_info"]["model_version"] == "1"


def test_nothing_outlives_the_command(tmp_path: Path) -> None:
    with Server(tmp_path / "home", ABINTEL_PLUGINS="customer", ABINTEL_WORKERS="2") as server:
        assert server.process is not None
        family = psutil.Process(server.process.pid).children(recursive=True)
        assert len(family) >= 3, "BentoML's arbiter and two workers"
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        wait_until_gone(family)


def kill_the_worker(server: Server) -> None:
    """kill -9 of the one process that serves; returns when another does."""
    assert server.process is not None
    family = psutil.Process(server.process.pid).children(recursive=True)
    worker = next(process for process in family if "_bentoml_impl.worker.service" in process.cmdline())
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(20)
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{server.url}/readyz", timeout=2).status_code == 200:
                return
        time.sleep(0.2)
    raise AssertionError("no worker took the place of the one that was killed")


@pytest.mark.slow
def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    with Server(tmp_path / "home", ABINTEL_PLUGINS="customer") as server:
        kill_the_worker(server)
        assert httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200
        assert server.stop() == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kill_9_at_any_moment_of_a_training_leaves_only_whole_versions(tmp_path: Path) -> None:
    chance = random.Random(9)
    with Server(tmp_path / "home", ABINTEL_PLUGINS="propensity") as server:
        credential = server.credential("acme")
        for round_ in range(4):
            body = campaign(f"round {round_}", rows=120, labelled=120, seed=round_)
            with server.client(credential) as client:
                thread = train_in_background(server, client, body)
                time.sleep(chance.uniform(0.2, 4.0))
                server.stop(signal.SIGKILL)
                thread.join()
                server.start()
                assert_whole(server)
                cold = client.post(ROUTE, json=body).json()
                warm = client.post(ROUTE, json=unlabelled(body)).json()
                assert warm["predictions"] == cold["predictions"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kill_9_of_the_worker_at_any_moment_of_a_training_leaves_only_whole_versions(tmp_path: Path) -> None:
    with Server(tmp_path / "home", ABINTEL_PLUGINS="propensity") as server:
        credential = server.credential("acme")
        for round_ in range(3):
            body = campaign(f"round {round_}", rows=120, labelled=120, seed=round_)
            with server.client(credential) as client:
                thread = train_in_background(server, client, body)
                time.sleep(0.4 + 1.2 * round_)
                kill_the_worker(server)
                thread.join()
                assert_whole(server)
                cold = client.post(ROUTE, json=body).json()
                warm = client.post(ROUTE, json=unlabelled(body)).json()
                assert warm["predictions"] == cold["predictions"]
        assert server.stop() == 0
