"""One model per tenant, over HTTP and against real MLflow."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import mlflow
import pytest

from abintel.discovery import discover
from abintel.settings import Settings
from plugins.clv.endpoints.customer_clv_forecast import ENDPOINT
from registry.administration import Administration
from registry.names import model_name
from server.credentials import open_store
from server.http.bento import build
from tests.serving import Server

ROUTE = ENDPOINT.route


def body(extra: float, count: int = 80) -> dict[str, Any]:
    """Customers of a test's own."""
    sent = json.loads(json.dumps(dict(ENDPOINT.examples["train_and_forecast"])))
    sent["customers"][0]["transactions"][0]["amount"] += extra
    return {**sent, "customers": sent["customers"][:count]}


def post(client: httpx.Client, sent: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(ROUTE, json=sent)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def without_info(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "model_info"}


@pytest.fixture
def tenant(served: Server, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """Calls as a tenant of the test's own: there is but one model of each."""
    with served.client(served.credential(NAMES[request.node.name])) as client:
        yield client


NAMES = {
    "test_the_same_customers_in_another_order_get_the_stored_model": "clv-order",
    "test_too_few_customers_are_scored_with_the_champion": "clv-champion",
    "test_a_reviewer_finds_figures_pictures_and_a_model_to_try": "clv-review",
}


def test_the_same_customers_in_another_order_get_the_stored_model(tenant: httpx.Client) -> None:
    sent = body(1.0)
    cold = post(tenant, sent)
    turned = [
        {**one, "customer_id": f"new-{i}", "transactions": one["transactions"][::-1]}
        for i, one in enumerate(sent["customers"][::-1])
    ]
    warm, other = post(tenant, sent), post(tenant, {**sent, "customers": turned})
    assert [one["model_info"]["cached"] for one in (cold, warm, other)] == [False, True, True]
    assert without_info(cold) == without_info(warm)
    assert {one["model_info"]["model_version"] for one in (cold, warm, other)} == {"1"}
    values = [row["predicted_clv"] for row in cold["customers"]]
    assert [row["predicted_clv"] for row in other["customers"]] == values[::-1]
    forced = post(tenant, {**sent, "algorithms": ["GradientBoosting"]})
    assert forced["model_info"]["cached"] is True
    assert forced["best_algorithm"] == "GradientBoosting"


def test_too_few_customers_are_scored_with_the_champion(tenant: httpx.Client, other: httpx.Client) -> None:
    trained = post(tenant, body(2.0))
    few = body(2.0, count=3)
    scored = post(tenant, few)
    assert scored["model_info"]["cached"] is True
    assert scored["model_info"]["model_version"] == trained["model_info"]["model_version"]
    assert scored["evaluation_mae"] == trained["evaluation_mae"]
    mine = [row["predicted_clv"] for row in trained["customers"][:3]]
    assert [row["predicted_clv"] for row in scored["customers"]] == pytest.approx(mine)
    # Another horizon and a forced algorithm ask the same model.
    assert post(tenant, {**few, "horizon_months": 3})["model_info"]["cached"] is True
    # A quarter of the customers makes a challenger, which answers only its own request.
    smaller = post(tenant, body(2.5, count=30))
    assert smaller["model_info"]["model_version"] == "2"
    assert post(tenant, few)["model_info"]["model_version"] == "1"


def test_another_tenant_gets_the_baseline(acme: httpx.Client, served: Server) -> None:
    post(acme, body(3.0))
    with served.client(served.credential("clv-stranger")) as stranger:
        answer = post(stranger, body(3.0, count=3))
    assert answer["model_info"] == {"cached": False}
    assert "baseline" in {warning["code"] for warning in answer["warnings"]}


def test_a_reviewer_finds_figures_pictures_and_a_model_to_try(
    tenant: httpx.Client, served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = post(tenant, body(4.0))
    name = model_name("clv-review", "customer_clv_forecast", {})
    monkeypatch.setenv("MLFLOW_TRACKING_URI", served.settings.tracking_uri)
    client = mlflow.MlflowClient(served.settings.tracking_uri)
    version = client.get_model_version_by_alias(name, "champion")
    run = client.get_run(str(version.run_id))
    assert float(run.data.params["bg_nbd_r"]) == made["model_info"]["bg_nbd"]["r"]
    assert {"BG_NBD_GG/mae", "GradientBoosting/mae", "Naive/mae", "held_out_auc"} <= set(run.data.metrics)
    folder = Path(client.download_artifacts(str(version.run_id), "review", str(tmp_path)))
    assert {"deciles.svg", "frequency.svg", "total.svg", "model-card.md"} <= {
        path.name for path in folder.iterdir()
    }
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"C-3001" not in stored
    mlflow.set_tracking_uri(served.settings.tracking_uri)
    model = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    import pandas as pd

    frame = pd.DataFrame([{"frequency": 4.0, "recency": 300.0, "T": 310.0, "monetary_value": 30.0}])
    assert model.predict(frame)[0] > 0
    Administration(served.settings).reject(name, "1")
    answer = post(tenant, body(4.0, count=3))
    assert answer["model_info"]["note"] == "the stored model was rejected in review"


@contextmanager
def on(day: datetime.datetime, home: Path) -> Iterator[Any]:
    """Calls a server, in this process, whose clock stands at a day."""
    settings = Settings.from_environment({"ABINTEL_HOME": str(home)})
    store = open_store(settings)
    credential = store.create("acme", day)
    store.close()
    headers = {"X-Customer-Api-Id": credential.customer_api_id, "X-Secret": credential.secret}
    app = build(settings, discover(["clv"]), clock=lambda: day).to_asgi()

    async def exchange(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client,
        ):
            return [(await client.post(ROUTE, json=body, timeout=100)).json() for body in bodies]

    yield lambda *bodies: asyncio.run(exchange(list(bodies)))


@pytest.mark.slow
def test_after_thirty_days_a_model_is_not_served_over_http(tmp_path: Path) -> None:
    start = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
    whole, few = body(5.0), body(5.0, count=3)
    with on(start, tmp_path) as ask:
        [cold] = ask(whole)
    with on(start + datetime.timedelta(days=29, hours=23), tmp_path) as ask:
        [scored] = ask(few)
    assert scored["model_info"]["model_version"] == "1"
    with on(start + datetime.timedelta(days=30), tmp_path) as ask:
        expired, again = ask(few, whole)
    assert expired["model_info"]["note"] == "the stored model expired at 2026-05-31T00:00:00Z"
    assert "model_expired" in {warning["code"] for warning in expired["warnings"]}
    assert expired["interval_method"] == "poisson"
    assert again["model_info"]["model_version"] == "2"
    assert without_info(again) == without_info(cold)
