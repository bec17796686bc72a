"""A tracking server with MLflow's basic authentication: an account that is no administrator, one that lacks
permissions, and a wrong password."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from abintel.problem import Problem
from abintel.settings import Settings
from registry.administration import Administration
from registry.registry import Registry
from tests.campaign import ROUTE, campaign, unlabelled
from tests.faults.away import Tracking
from tests.registry.conftest import Asker
from tests.serving import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ADMINISTRATOR = ("admin", "password-of-the-administrator")
PASSWORD = "password-of-an-account"
CONFIGURATION = """
[mlflow]
default_permission = READ
database_uri = sqlite:///{folder}/accounts.db
admin_username = {administrator[0]}
admin_password = {administrator[1]}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
auth_cache_ttl_seconds = 60
"""


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Tracking]:
    folder = tmp_path_factory.mktemp("authenticated")
    configuration = folder / "auth.ini"
    configuration.write_text(CONFIGURATION.format(folder=folder, administrator=ADMINISTRATOR))
    tracking = Tracking(
        folder,
        migrated,
        *("--app-name", "basic-auth"),
        MLFLOW_AUTH_CONFIG_PATH=str(configuration),
        MLFLOW_FLASK_SERVER_SECRET_KEY="only for this test",
    )
    tracking.start()
    for name in ("abintel", "another"):
        httpx.post(
            f"{tracking.url}/api/2.0/mlflow/users/create",
            json={"username": name, "password": PASSWORD},
            auth=ADMINISTRATOR,
            timeout=30,
        ).raise_for_status()
    yield tracking
    tracking.kill()


@pytest.fixture
def settings(tracking: Tracking, tmp_path: Path) -> Settings:
    return Settings.from_environment({"ABINTEL_HOME": str(tmp_path), "MLFLOW_TRACKING_URI": tracking.url})


class Account:
    """Signs in to MLflow, as the environment of a server does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, name: str, password: str = PASSWORD) -> None:
        self._monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", name)
        self._monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", password)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    return Account(monkeypatch)


def test_an_account_without_special_permissions_trains_scores_lists_and_deletes(
    account: Account, settings: Settings
) -> None:
    account("abintel")
    ask = Asker(Registry(settings))
    ask.registry.open()
    assert ask(tenant="plain").model is None
    assert ask([1.0, 2.0, 6.0], tenant="plain").info["model_version"] == "1"
    assert Asker(Registry(settings))(tenant="plain").model == 3.0
    assert ask([1.0, 2.0, 9.0], tenant="plain").info["model_version"] == "2"
    assert [model.champion for model in Administration(settings).models("plain")] == ["2"]
    assert Administration(settings).delete_tenant("plain") == 1
    assert ask.registry.store.failure() is None


def test_a_missing_permission_is_named_and_nobody_waits(
    account: Account, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    account("abintel")
    assert Asker(Registry(settings))([1.0, 2.0, 6.0], tenant="denied").info["model_version"] == "1"
    account("another")
    ask = Asker(Registry(settings))
    assert ask(tenant="denied").model == 3.0, "the default permission is to read"
    with caplog.at_level(logging.ERROR):
        served = ask([1.0, 2.0, 9.0], tenant="denied")
    assert (served.model, served.info["registry"]) == (4.0, "unavailable")
    assert "the model registry denies this server a permission (403): MlflowException: " in caplog.text
    assert Asker(ask.registry)(tenant="denied", day=1).model == 3.0, "the circuit is closed"
    failure = ask.registry.store.failure()
    assert failure is not None
    assert failure.startswith("the model registry denies this server a permission (403), ")


def test_a_wrong_password_is_no_outage(
    account: Account, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    account("abintel", "wrong")
    ask = Asker(Registry(settings))
    with caplog.at_level(logging.ERROR), pytest.raises(Problem) as caught:
        ask()
    problem = caught.value
    assert (problem.status, problem.slug, problem.headers) == (503, "registry-refused", {})
    assert problem.detail == (
        "The model registry does not accept this server's credentials (401), and this request brings no "
        "labels to train with; the operator of this server must correct this first."
    )
    assert "does not accept this server's credentials (401): MlflowException: " in caplog.text
    served = ask([1.0, 2.0, 6.0])
    assert (served.model, served.info["registry"]) == (3.0, "unavailable")
    assert str(ask.registry.store.failure()).startswith("the model registry does not accept")
    account("abintel")
    assert ask().model is None, "the circuit is closed"
    assert ask.registry.store.failure() is None


def test_a_server_with_a_wrong_password_says_so_everywhere(tracking: Tracking, tmp_path: Path) -> None:
    server = Server(
        tmp_path / "home",
        ABINTEL_PLUGINS="propensity",
        MLFLOW_TRACKING_URI=tracking.url,
        MLFLOW_TRACKING_USERNAME="abintel",
        MLFLOW_TRACKING_PASSWORD="wrong",
        MLFLOW_HTTP_REQUEST_TIMEOUT="20",
    )
    with server, server.client(server.credential("acme")) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert "the model registry does not accept this server's credentials (401), " in ready.text
        for answer in (
            client.get("/api/v1/models"),
            client.post(ROUTE, json=unlabelled(campaign("wrong password"))),
        ):
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:abintel:problem:registry-refused"
            assert "(401)" in answer.json()["detail"]
            assert "retry-after" not in answer.headers
    assert "(401); serving only what needs no stored model" in server.log.read_text()
