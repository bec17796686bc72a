"""A disk that is full, or that can only be read: a clear 503, or an answer; nothing registered is lost."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from abintel.problem import of_exception
from abintel.settings import Settings
from plugins.customer import PLUGIN
from registry import artifact
from registry.administration import Administration
from registry.registry import Registry
from tests.campaign import ROUTE, campaign, unlabelled
from tests.faults.away import Disk
from tests.jobs.bench import ODD, Workers, described, ended, odd_server, submit, until
from tests.registry.conftest import Asker
from tests.serving import Server

RFM = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == "customer_rfm")
ROWS = [1.0, 2.0, 3.0, 4.0]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "disk", 8)
    yield disk
    disk.remove()


def runs(settings: Settings) -> list[str]:
    """Status of every run that is there."""
    client = Administration(settings).store.client
    ids = [experiment.experiment_id for experiment in client.search_experiments()]
    return [run.info.status for run in client.search_runs(ids)]


class TestArtifacts:
    """The artifact store is on a disk of its own; MLflow's database is not."""

    @pytest.fixture
    def settings(self, settings: Settings, disk: Disk) -> Settings:
        return Settings.from_environment(
            {"ABINTEL_HOME": str(settings.home), "ABINTEL_BLOB_URL": str(disk.place)}
        )

    def test_a_full_disk_leaves_no_half_version_and_no_rubbish(self, settings: Settings, disk: Disk) -> None:
        ask = Asker(Registry(settings))
        ask(ROWS)
        before = sorted(disk.place.rglob("*"))
        disk.fill()
        for labels in ([5.0, 7.0], [*ROWS, 9.0]):
            served = Asker(Registry(settings))(labels)
            assert served.model == sum(labels) / len(labels)
            assert (served.info["registry"], served.info["cached"]) == ("unavailable", False)
        assert Asker(Registry(settings))().info["model_version"] == "1", "what is there is served"
        assert runs(settings) == ["FINISHED"]
        disk.clear()
        assert [path for path in sorted(disk.place.rglob("*")) if path.is_file()] == [
            path for path in before if path.is_file()
        ]
        again = Asker(Registry(settings))([5.0, 7.0])
        assert (again.model, again.info["model_version"]) == (6.0, "2")

    def test_a_disk_that_can_only_be_read_serves_what_is_there(self, settings: Settings, disk: Disk) -> None:
        Asker(Registry(settings))(ROWS)
        disk.write_protect()
        try:
            assert Asker(Registry(settings))().model == 2.5
            served = Asker(Registry(settings))([5.0, 7.0])
            assert (served.model, served.info["registry"]) == (6.0, "unavailable")
        finally:
            disk.unprotect()
        assert Asker(Registry(settings))([5.0, 7.0]).info["model_version"] == "2"


def test_no_room_for_temporary_files_is_a_503(
    settings: Settings, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    Asker(Registry(settings))(ROWS)
    monkeypatch.setattr(tempfile, "tempdir", str(disk.place))
    disk.fill()
    for labels in ([], [5.0, 7.0]):
        with pytest.raises(OSError, match="No space left") as caught:
            Asker(Registry(settings))(labels)
        problem = of_exception(caught.value)
        assert (problem.status, problem.slug) == (503, "storage-unavailable")
    disk.clear()
    assert Asker(Registry(settings))().model == 2.5
    assert Asker(Registry(settings))([5.0, 7.0]).info["model_version"] == "2"


def test_a_data_folder_that_can_only_be_read_serves_what_is_there(tmp_path: Path, migrated: Path) -> None:
    disk = Disk(tmp_path / "home", 16)
    try:
        (disk.place / "mlflow.db").write_bytes(migrated.read_bytes())
        settings = Settings.from_environment({"ABINTEL_HOME": str(disk.place)})
        worker = Asker(Registry(settings))
        worker(ROWS)
        disk.write_protect()
        try:
            assert worker().model == 2.5
            served = worker([5.0, 7.0])
            assert (served.model, served.info["registry"]) == (6.0, "unavailable")
        finally:
            disk.unprotect()
        assert Asker(Registry(settings))([5.0, 7.0]).info["model_version"] == "2"
    finally:
        disk.remove()


@pytest.mark.slow
def test_a_start_on_a_data_folder_that_can_only_be_read_says_so(tmp_path: Path, disk: Disk) -> None:
    server = Server(disk.place / "home", ABINTEL_PLUGINS="customer")
    server.credential("acme")
    disk.write_protect()
    try:
        ended = subprocess.run(server.command(), env=server.variables(), capture_output=True, timeout=120)
    finally:
        disk.unprotect()
    said = (ended.stdout + ended.stderr).decode()
    assert ended.returncode != 0
    assert "Traceback" not in said, said
    assert "abintel: " in said
    assert "ead-only" in said, said


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    disk = Disk(tmp_path_factory.mktemp("full") / "disk", 64)
    yield disk
    disk.remove()


@pytest.fixture(scope="module")
def server(home: Disk) -> Iterator[Server]:
    with Server(home.place / "home", ABINTEL_PLUGINS="propensity,customer") as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.credential("acme")) as client:
        yield client


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["full", "read only"])
def test_over_http_a_data_folder_that_is_full_or_can_only_be_read(
    server: Server, client: httpx.Client, home: Disk, fault: str
) -> None:
    body, new = campaign(f"before {fault}"), campaign(f"meanwhile {fault}", seed=5)
    cold = client.post(ROUTE, json=body).json()
    assert client.post(ROUTE, json=unlabelled(body)).json()["predictions"] == cold["predictions"]
    try:
        home.fill() if fault == "full" else home.write_protect()
        for _ in range(5):
            assert client.post(RFM.route, json=RFM.example).status_code == 200
        assert client.post(ROUTE, json=unlabelled(body)).json()["predictions"] == cold["predictions"]
        assert client.post(ROUTE, json=body).json()["predictions"] == cold["predictions"]
        trained = client.post(ROUTE, json=new)
        assert trained.status_code == 200
        assert trained.json()["model_info"]["registry"] == "unavailable"
        job = client.post(f"{RFM.route}_async", json=RFM.example)
        assert job.status_code == 503
        assert job.json()["type"] in (
            "urn:abintel:problem:storage-unavailable",
            "urn:abintel:problem:jobs-unavailable",
        )
        assert "Retry-After" in job.headers
        assert client.get("/livez").status_code == client.get("/readyz").status_code == 200
        assert client.get("/metrics").status_code == 200
    finally:
        home.clear() if fault == "full" else home.unprotect()
    again = client.post(ROUTE, json=new).json()
    assert again["predictions"] == trained.json()["predictions"]
    assert again["model_info"]["model_version"] == "1"
    assert client.post(f"{RFM.route}_async", json=RFM.example).status_code == 202
    administration = Administration(server.settings)
    for model in administration.models():
        for version in model.versions:
            with administration.store.files(version) as folder:
                artifact.verify(folder, version.data_digest)


@pytest.mark.slow
def test_no_room_for_the_blobs_of_jobs(tmp_path: Path, disk: Disk) -> None:
    with (
        odd_server(tmp_path, ABINTEL_BLOB_URL=str(disk.place)) as server,
        server.client(server.credential("acme")) as client,
        Workers(server),
    ):
        until(lambda: "workers: 1" in client.get("/readyz").text)
        job = submit(client, ODD, {"act": "sleep", "seconds": 3})
        until(lambda: described(client, job)["progress"] > 0)
        disk.fill()
        refused = client.post(f"{ODD}_async", json={"act": "say"})
        assert refused.status_code == 503, refused.text
        assert refused.json()["type"] == "urn:abintel:problem:storage-unavailable"
        assert int(refused.headers["retry-after"]) > 0
        until(lambda: described(client, job)["status"] == "queued")
        disk.clear()
        [page] = ended(client, [job])
        assert page["status"] == "succeeded", "its result found room at the next try"
        assert client.get(f"{job}/result").json() == {"said": "sleep 3"}
        assert len(client.get("/api/v1/jobs").json()["jobs"]) == 1
