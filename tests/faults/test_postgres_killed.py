"""kill -9 of the PostgreSQL that holds everything: credentials, locks, MLflow's store and the jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from jobs.job import PREFIX
from plugins.customer import PLUGIN
from registry import artifact
from registry.administration import Administration
from tests.campaign import ROUTE, campaign, unlabelled
from tests.faults.away import Postgres, patiently
from tests.serving import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MOMENTS = 7
RFM = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == "customer_rfm")


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    database = Postgres()
    try:
        database.start()
        yield database
    finally:
        database.remove()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, database: Postgres) -> Iterator[Server]:
    url = database.database("abintel")
    settings = {"ABINTEL_DATABASE_URL": url, "MLFLOW_TRACKING_URI": url, "ABINTEL_JOBS_URL": url}
    home = tmp_path_factory.mktemp("postgres") / "home"
    with Server(
        home, ABINTEL_PLUGINS="propensity,customer", ABINTEL_RATE_LIMIT="1000/s", **settings
    ) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.credential("acme")) as client:
        # The credential counts within a second.
        patiently(lambda: client.get(PREFIX).status_code == 200)
        yield client


def versions_are_whole(server: Server) -> None:
    administration = Administration(server.settings)
    for model in administration.models():
        for version in model.versions:
            assert administration.store.client.get_run(version.run_id).info.status == "FINISHED"
            with administration.store.files(version) as folder:
                artifact.verify(folder, version.data_digest)


def test_while_postgresql_is_away_what_needs_it_is_a_503_and_the_rest_is_answered(
    server: Server, client: httpx.Client, database: Postgres
) -> None:
    body = campaign("away")
    cold = client.post(ROUTE, json=body).json()
    assert client.post(ROUTE, json=unlabelled(body)).json()["predictions"] == cold["predictions"]
    job = client.post(f"{RFM.route}_async", json=RFM.example)
    assert job.status_code == 202
    database.kill()
    try:
        assert client.post(RFM.route, json=RFM.example).status_code == 200
        assert httpx.post(f"{server.url}{RFM.route}", json=RFM.example).status_code == 401
        assert httpx.get(f"{server.url}/livez").status_code == 200
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        for answer in (
            client.post(f"{RFM.route}_async", json=RFM.example),
            client.get(job.headers["location"]),
            client.delete(job.headers["location"]),
            client.get(PREFIX),
        ):
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:abintel:problem:jobs-unavailable"
            assert "Retry-After" in answer.headers
        warm = client.post(ROUTE, json=unlabelled(body))
        assert warm.json()["predictions"] == cold["predictions"]
        labelled = client.post(ROUTE, json=campaign("away too", seed=4))
        assert labelled.json()["model_info"]["registry"] == "unavailable"
        unknown = client.post(ROUTE, json=unlabelled(campaign("unknown")))
        assert unknown.status_code == 503
        assert unknown.json()["type"] == "urn:abintel:problem:registry-unavailable"
        took = [answer.elapsed.total_seconds() for answer in (warm, labelled, unknown)]
        print("scored, trained, refused after", *(f"{one:.1f} s" for one in took))
    finally:
        database.start()
    patiently(lambda: client.get(job.headers["location"]).status_code == 200)
    again = client.post(ROUTE, json=campaign("away too", seed=4)).json()
    assert again["predictions"] == labelled.json()["predictions"]
    assert again["model_info"]["model_version"] == "1"
    versions_are_whole(server)


def test_kill_9_of_postgresql_at_any_moment_of_a_training(
    server: Server, client: httpx.Client, database: Postgres
) -> None:
    # The other learners' code is compiled, and a training takes as long as the next.
    client.post(ROUTE, json=campaign("to warm up"))
    began = time.monotonic()
    client.post(ROUTE, json=campaign("undisturbed", seed=90))
    takes = time.monotonic() - began
    number, registered = 0, False
    while not registered:
        body = campaign(f"killed {number}", seed=number)
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(client.post, ROUTE, json=body)
            # Reading and fitting first, then what is written: closer together towards the end.
            time.sleep(takes * (0.5 + number / (2 * MOMENTS)))
            database.kill()
            trained = answer.result()
        database.start()
        assert trained.status_code == 200, trained.text
        patiently(lambda: client.get("/api/v1/models").status_code == 200)
        versions_are_whole(server)
        info = trained.json()["model_info"]
        registered = "registry" not in info
        scored = client.post(ROUTE, json=unlabelled(body)).json()
        if registered or scored["predictions"][0]["probability"] is not None:
            assert scored["predictions"] == trained.json()["predictions"]
        again = client.post(ROUTE, json=body).json()
        assert again["predictions"] == trained.json()["predictions"]
        assert "registry" not in again["model_info"]
        assert client.post(ROUTE, json=unlabelled(body)).json()["predictions"] == again["predictions"]
        number += 1
    print(f"{number} kills, {takes / 2 / MOMENTS:.2f} s apart; one training was registered before")
    assert number > 1
