"""Train with one request, score with the next: the 30-day rules over HTTP, against real MLflow."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from abintel.discovery import discover
from abintel.settings import Settings
from registry.administration import Administration
from registry.names import model_name
from server.credentials import open_store
from server.http.bento import build
from tests.campaign import ROUTE, campaign, unlabelled
from tests.serving import Server

NOTE = "not enough labelled rows to train (need ≥20 & both classes)"


def post(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(ROUTE, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def name_of(campaign_id: str, tenant: str = "acme") -> str:
    return model_name(tenant, "propensity_respond_campaign", {"campaign_id": campaign_id})


def test_a_warm_model_answers_as_the_cold_one_did(acme: httpx.Client) -> None:
    body = campaign("warm-equals-cold")
    cold, warm, scored = post(acme, body), post(acme, body), post(acme, unlabelled(body))
    assert cold["model_info"]["cached"] is False
    assert warm["model_info"]["cached"] is scored["model_info"]["cached"] is True
    assert cold["predictions"] == warm["predictions"] == scored["predictions"]
    for key in ("model_version", "trained_at", "expires_at", "roc_auc", "best_algorithm"):
        assert cold["model_info"][key] == warm["model_info"][key] == scored["model_info"][key]


def test_another_tenant_gets_the_not_enough_labels_answer(acme: httpx.Client, other: httpx.Client) -> None:
    body = campaign("mine-alone")
    post(acme, body)
    answer = post(other, unlabelled(body))
    assert answer["model_info"] == {"note": NOTE}
    assert {row["probability"] for row in answer["predictions"]} == {None}


def test_eight_identical_trainings_at_once_register_one_version(served: Server) -> None:
    body = campaign("eight-at-once", rows=400, labelled=400)
    credential = served.credential("acme")
    # A client each, so that connections spread over both workers.
    clients = [served.client(credential) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda client: post(client, body), clients))
    assert all(answer["predictions"] == answers[0]["predictions"] for answer in answers)
    assert {answer["model_info"]["model_version"] for answer in answers} == {"1"}
    assert [answer["model_info"]["cached"] for answer in answers].count(False) == 1
    assert len(Administration(served.settings).model(name_of("eight-at-once")).versions) == 1


def test_reviewers_are_obeyed(acme: httpx.Client, served: Server) -> None:
    first, second = campaign("reviewed", seed=1), campaign("reviewed", seed=2)
    rows = unlabelled(first)
    one = post(acme, first)["predictions"]
    two = post(acme, second)
    assert two["model_info"]["model_version"] == "2"
    assert post(acme, rows)["model_info"]["model_version"] == "2"
    review = Administration(served.settings)
    review.promote(name_of("reviewed"), "1", datetime.datetime.now(datetime.UTC))
    rolled_back = post(acme, rows)
    assert (rolled_back["model_info"]["model_version"], rolled_back["predictions"]) == ("1", one)
    review.pin(name_of("reviewed"), True)
    post(acme, campaign("reviewed", seed=3))
    assert post(acme, rows)["model_info"]["model_version"] == "1"
    review.reject(name_of("reviewed"), "1")
    assert post(acme, rows)["model_info"]["note"] == f"{NOTE}; the stored model was rejected in review"


@contextmanager
def on(day: datetime.datetime, home: Path) -> Iterator[Any]:
    """Calls a server, in this process, whose clock stands at a day."""
    settings = Settings.from_environment({"ABINTEL_HOME": str(home)})
    store = open_store(settings)
    credential = store.create("acme", day)
    store.close()
    headers = {"X-Customer-Api-Id": credential.customer_api_id, "X-Secret": credential.secret}
    app = build(settings, discover(["propensity"]), clock=lambda: day).to_asgi()

    async def exchange(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client,
        ):
            return [(await client.post(ROUTE, json=body, timeout=100)).json() for body in bodies]

    yield lambda *bodies: asyncio.run(exchange(list(bodies)))


def test_after_thirty_days_a_model_is_not_served_over_http(tmp_path: Path) -> None:
    start = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
    body = campaign("ageing")
    with on(start, tmp_path) as ask:
        [cold] = ask(body)
    with on(start + datetime.timedelta(days=29, hours=23), tmp_path) as ask:
        [scored] = ask(unlabelled(body))
    assert scored["predictions"] == cold["predictions"]
    with on(start + datetime.timedelta(days=30), tmp_path) as ask:
        expired, again = ask(unlabelled(body), body)
    assert expired["model_info"]["note"] == f"{NOTE}; the stored model expired at 2026-05-31T00:00:00Z"
    assert expired["warnings"][0]["code"] == "model_expired"
    assert {row["probability"] for row in expired["predictions"]} == {None}
    assert again["model_info"]["model_version"] == "2"
    assert again["predictions"] == cold["predictions"]


@pytest.mark.parametrize("action", ["absent", "null", "more"])
def test_scoring_rows_may_differ_from_training_rows(acme: httpx.Client, action: str) -> None:
    body = campaign("other-features")
    post(acme, body)
    rows = unlabelled(body)
    features = rows["customers"][0]["features"] = dict(rows["customers"][0]["features"])
    if action == "absent":
        del features["x1"]
    elif action == "null":
        features["x1"] = None
    else:
        features["brand_new"] = "x"
    answer = post(acme, rows)
    assert answer["predictions"][0]["probability"] is not None
    assert answer["model_info"].get("missing_features") == (None if action == "more" else ["x1"])


def test_a_training_feature_that_no_row_has_is_named(acme: httpx.Client) -> None:
    body = campaign("lost-feature")
    post(acme, body)
    rows = unlabelled(body)
    for customer in rows["customers"]:
        customer["features"] = {"x0": 1.0}
    answer = acme.post(ROUTE, json=rows)
    assert answer.status_code == 400
    text = answer.text
    assert "x1" in text
    assert "x2" in text
