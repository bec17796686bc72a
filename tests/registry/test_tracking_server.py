"""The registry over a real MLflow tracking server, which holds artifacts too, and goes away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from abintel.problem import Problem
from abintel.settings import Settings
from registry.administration import Administration
from registry.names import model_name
from registry.registry import Registry
from tests.registry.conftest import Asker
from tests.registry.mean_endpoint import Trainings
from tests.serving import free_port

NAME = model_name("acme", "mean_of_labels", {"campaign_id": "Spring Promo"})


class MlflowServer:
    """``mlflow server`` on loopback."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = (folder / "mlflow.log").open("wb")
        self._process = subprocess.Popen(
            [
                *(str(Path(sys.executable).with_name("mlflow")), "server", "--workers", "1"),
                *("--host", "127.0.0.1", "--port", str(self.port)),
                *("--backend-store-uri", f"sqlite:///{database}"),
                *("--artifacts-destination", str(folder / "artifacts")),
            ],
            cwd=folder,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> None:
        give_up = time.monotonic() + 90
        while time.monotonic() < give_up:
            try:
                if httpx.get(f"{self.url}/health", timeout=1).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError("MLflow's server did not start")

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)
        self._log.close()


@pytest.fixture
def server(tmp_path: Path, migrated: Path) -> Iterator[MlflowServer]:
    database = tmp_path / "server.db"
    database.write_bytes(migrated.read_bytes())
    server = MlflowServer(tmp_path, database)
    server.wait()
    yield server
    server.stop()


@pytest.fixture
def calls(server: MlflowServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that MLflow's server gets from now on, except uploads and downloads of files."""
    # A busy machine must not make the client repeat a call.
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    made: list[str] = []
    send = requests.Session.send

    def counted(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        path = str(request.url).removeprefix(server.url)
        if "/mlflow-artifacts/" not in path:
            made.append(f"{request.method} {path}")
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", counted)
    return made


@pytest.mark.slow
def test_a_training_makes_few_calls(server: MlflowServer, tmp_path: Path, calls: list[str]) -> None:
    settings = Settings.from_environment(
        {"ABINTEL_HOME": str(tmp_path / "home"), "MLFLOW_TRACKING_URI": server.url}
    )
    first, second = Asker(Registry(settings)), Asker(Registry(settings))
    made = {}
    for title, ask, labels, quality in (
        ("a tenant's first of a route", first, [1.0, 2.0], 0.8),
        ("another", first, [1.0, 3.0], 0.8),
        ("that is no champion", first, [1.0, 4.0], 0.1),
        ("a process's first", second, [1.0, 5.0], 0.8),
        ("the same labels", second, [1.0, 5.0], 0.8),
        ("no labels", second, [], 0.8),
        ("no labels again", second, [], 0.8),
    ):
        calls.clear()
        assert "registry" not in ask(labels, quality=quality).info
        made[title] = len([call for call in calls if "server-info" not in call])
    limits = {
        # An experiment and a registered model are created.
        "a tenant's first of a route": 13,
        "another": 11,
        "that is no champion": 9,
        # The experiment, the champion and its run, for its files, are read.
        "a process's first": 14,
        "the same labels": 1,
        "no labels": 2,
        "no labels again": 0,
    }
    assert all(made[title] <= limits[title] for title in limits), made


@pytest.mark.slow
def test_train_score_and_delete_over_a_server_that_then_goes_away(
    server: MlflowServer, tmp_path: Path
) -> None:
    settings = Settings.from_environment(
        {"ABINTEL_HOME": str(tmp_path / "home"), "MLFLOW_TRACKING_URI": server.url}
    )
    Trainings.count = 0
    ask = Asker(Registry(settings))
    ask.registry.open()
    cold = ask([1.0, 2.0, 6.0])
    assert (cold.model, cold.info["cached"]) == (3.0, False)
    worker = Asker(Registry(settings))
    assert worker().model == 3.0
    assert worker([6.0, 2.0, 1.0]).info["cached"] is True
    assert Trainings.count == 1
    assert list((tmp_path / "artifacts").rglob("mean.json"))
    assert ask([5.0, 5.0], tenant="other").model == 5.0
    assert Administration(settings).delete_tenant("other") == 1
    assert len(list((tmp_path / "artifacts").rglob("mean.json"))) == 1
    server.stop()
    assert worker().info.get("registry") in (None, "unavailable")
    late = worker(day=5 / 1440)
    assert (late.model, late.info["registry"]) == (3.0, "unavailable")
    with pytest.raises(Problem, match="does not answer"):
        Asker(Registry(settings))()
    labelled = Asker(Registry(settings))([7.0, 9.0])
    assert (labelled.model, labelled.info["registry"]) == (8.0, "unavailable")
