"""The tenant's churn model, over HTTP and against real MLflow."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import mlflow
import pytest

from plugins.propensity.endpoints.churn_risk import ENDPOINT
from registry.administration import Administration
from registry.names import model_name
from tests.serving import Server

ROUTE = ENDPOINT.route
TENANTS = itertools.count(1)


def body(shift: int = 0) -> dict[str, Any]:
    """Customers with enough outcomes; a shift of their tenure makes other training data."""
    sent = copy.deepcopy(dict(ENDPOINT.examples["train_and_score"]))
    for row in sent["data"]:
        row["tenure"] += shift
    return sent


def unlabelled() -> dict[str, Any]:
    return {"data": [{key: row[key] for key in row if key != "churned"} for row in body()["data"]]}


def post(client: httpx.Client, sent: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = client.post(ROUTE, json=sent, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def without_info(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "model_info"}


@pytest.fixture
def tenant(served: Server) -> Iterator[tuple[str, httpx.Client]]:
    """A tenant of the test's own, as there is one model per tenant: its name and its client."""
    name = f"churn-{next(TENANTS)}"
    with served.client(served.credential(name)) as client:
        yield name, client


def test_the_tenants_model_is_trained_once_and_answers_without_labels(tenant: Any) -> None:
    _, client = tenant
    cold, warm, later = post(client, body()), post(client, body()), post(client, unlabelled())
    assert [one["model_info"]["cached"] for one in (cold, warm, later)] == [False, True, True]
    assert without_info(cold) == without_info(warm) == without_info(later)
    assert later["model_info"]["model_version"] == "1"
    assert later["model_info"]["expires_at"] > later["model_info"]["trained_at"]


def test_a_few_labels_answer_their_own_request_and_are_not_registered(tenant: Any, served: Server) -> None:
    name, client = tenant
    few = dict(ENDPOINT.example)
    first, second = post(client, few), post(client, few)
    assert first == second
    assert first["results"][1]["churn_probability"] >= 0.6
    assert "model_version" not in first["model_info"]
    assert not list(Administration(served.settings).models(name))
    assert post(client, unlabelled())["results"][0]["churn_probability"] is None


def test_a_few_labels_leave_the_champion_where_it_is(tenant: Any) -> None:
    _, client = tenant
    trained = post(client, body())
    post(client, dict(ENDPOINT.example))
    later = post(client, unlabelled())
    assert without_info(later) == without_info(trained)
    assert later["model_info"]["model_version"] == "1"


def test_a_rejected_model_is_not_served_and_new_labels_bring_another(tenant: Any, served: Server) -> None:
    name, client = tenant
    post(client, body())
    Administration(served.settings).reject(model_name(name, "churn_risk", {}), "1")
    answer = post(client, unlabelled())
    assert answer["model_info"]["note"] == (
        "not enough labelled rows to train (need ≥2 & both classes); the stored model was rejected in review"
    )
    assert {row["churn_probability"] for row in answer["results"]} == {None}
    again = post(client, body(shift=7))
    assert (again["model_info"]["model_version"], again["model_info"]["cached"]) == ("2", False)


def test_the_same_training_asked_for_by_many_at_once_is_done_once(tenant: Any, served: Server) -> None:
    name, _ = tenant
    credential = served.credential(name)
    clients = [served.client(credential) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: post(client, body()), clients))
    assert [answer["model_info"]["cached"] for answer in answers].count(False) == 1
    assert all(without_info(answer) == without_info(answers[0]) for answer in answers)
    known = Administration(served.settings).model(model_name(name, "churn_risk", {}))
    assert len(known.versions) == 1


def test_a_tenant_does_not_see_the_model_of_another(tenant: Any, served: Server) -> None:
    _, client = tenant
    post(client, body())
    with served.client(served.credential("churn-nobody")) as stranger:
        answer = post(stranger, unlabelled())
    assert answer["best_algorithm"] is None


def test_the_header_over_http(tenant: Any) -> None:
    _, client = tenant
    refused = client.post(ROUTE, json=unlabelled(), headers={"X-Explain-Features": "maybe"})
    assert refused.status_code == 400
    assert refused.json()["detail"] == "X-Explain-Features: 'maybe' is not one of true, false."


def test_a_reviewer_finds_a_model_to_try_and_no_customer(
    tenant: Any, served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, client = tenant
    made = post(client, body())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", served.settings.tracking_uri)
    reviewer = mlflow.MlflowClient(served.settings.tracking_uri)
    version = reviewer.get_model_version_by_alias(model_name(name, "churn_risk", {}), "champion")
    folder = Path(reviewer.download_artifacts(str(version.run_id), "review", str(tmp_path)))
    assert {"roc.svg", "importance.svg", "model-card.md"} <= {path.name for path in folder.iterdir()}
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not any(row["customer_id"].encode() in stored for row in made["results"])
