"""One model per product, campaign, pair of plans and tenant, for thirty days: over HTTP, against real MLflow,
in a server whose clock the test sets."""

from __future__ import annotations

import asyncio
import copy
import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from abintel.discovery import discover
from abintel.settings import Settings
from plugins.propensity.endpoints import (
    propensity_buy_product,
    propensity_downgrade_plan,
    propensity_engage_any,
    propensity_respond_campaign,
    propensity_upgrade_plan,
)
from plugins.propensity.propensity import NOT_ENOUGH
from registry.administration import Administration
from registry.names import model_name
from server.credentials import open_store
from server.http.bento import build

MODULES = (
    propensity_buy_product,
    propensity_respond_campaign,
    propensity_upgrade_plan,
    propensity_downgrade_plan,
    propensity_engage_any,
)
pytestmark = pytest.mark.slow
START = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
Post = tuple[ModuleType, dict[str, Any]]


def settings(home: Path) -> Settings:
    return Settings.from_environment({"ABINTEL_HOME": str(home)})


@contextmanager
def on(day: float, home: Path) -> Iterator[Any]:
    """Answers to bodies, of a server whose clock stands so many days after the start."""
    now = START + datetime.timedelta(days=day)
    store = open_store(settings(home))
    credential = store.create("acme", now)
    store.close()
    headers = {"X-Customer-Api-Id": credential.customer_api_id, "X-Secret": credential.secret}
    app = build(settings(home), discover(["propensity"]), clock=lambda: now).to_asgi()

    async def exchange(posts: tuple[Post, ...]) -> list[dict[str, Any]]:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
            ) as client,
        ):
            return [
                (await client.post(module.ENDPOINT.route, json=body, timeout=100)).json()
                for module, body in posts
            ]

    yield lambda *posts: asyncio.run(exchange(posts))


def labelled(module: ModuleType) -> dict[str, Any]:
    return copy.deepcopy(dict(module.ENDPOINT.examples["train_and_score"]))


def unlabelled(module: ModuleType, **changes: Any) -> dict[str, Any]:
    body = labelled(module)
    for customer in body["customers"]:
        customer.pop(module.ROUTE.label, None)
    return {**body, **changes}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("propensity")


@pytest.fixture(scope="module")
def cold(home: Path) -> dict[str, dict[str, Any]]:
    """The answers that trained a model of each route, on the first day."""
    with on(0, home) as ask:
        answers = ask(*((module, labelled(module)) for module in MODULES))
    return {module.ENDPOINT.name: answer for module, answer in zip(MODULES, answers, strict=True)}


def test_each_scope_is_answered_by_its_own_model_for_thirty_days(
    home: Path, cold: dict[str, dict[str, Any]]
) -> None:
    scored = [(module, unlabelled(module)) for module in MODULES]
    others = [
        (module, unlabelled(module, **{key: "another"})) for module in MODULES for key in module.ROUTE.scope
    ]
    with on(29.99, home) as ask:
        warm, foreign = ask(*scored), ask(*others)
    for module, answer in zip(MODULES, warm, strict=True):
        trained = cold[module.ENDPOINT.name]
        assert trained["model_info"]["cached"] is False
        assert answer["model_info"]["cached"] is True
        assert answer["predictions"] == trained["predictions"]
        assert answer["model_info"]["expires_at"] == "2026-05-31T00:00:00Z"
    assert len(foreign) == 6
    assert all(answer["model_info"] == {"note": NOT_ENOUGH} for answer in foreign)


def test_unlike_customers_are_warned_of_and_a_lacking_feature_is_a_400(
    home: Path, cold: dict[str, dict[str, Any]]
) -> None:
    module = propensity_buy_product
    name = cold[module.ENDPOINT.name]["model_info"]["feature_importance"][0]
    shifted, lacking = unlabelled(module), unlabelled(module)
    for customer in shifted["customers"]:
        value = customer["features"][name]
        customer["features"][name] = value + "?" if isinstance(value, str) else value + 1000
    for customer in lacking["customers"]:
        del customer["features"][name]
    with on(1, home) as ask:
        drifted, refused = ask((module, shifted), (module, lacking))
    assert "drift" in [warning["code"] for warning in drifted["warnings"]]
    assert next(iter(drifted["model_info"]["drift"])) == name
    assert refused["status"] == 400
    assert refused["errors"] == [
        {
            "pointer": "/customers",
            "message": f"No customer has '{name}', which the model was trained with; send it.",
        }
    ]


def test_a_cold_campaign_is_scored_by_the_tenants_model_of_engage_any(
    home: Path, cold: dict[str, dict[str, Any]]
) -> None:
    customers = unlabelled(propensity_engage_any)["customers"]
    with on(1, home) as ask:
        [answer] = ask((propensity_respond_campaign, {"campaign_id": "New", "customers": customers}))
    general = cold["propensity_engage_any"]
    assert [row["probability"] for row in answer["predictions"]] == [
        row["probability"] for row in general["predictions"]
    ]
    assert answer["model_info"]["note"] == f"{NOT_ENOUGH}; scored by the model of propensity_engage_any"
    assert answer["model_info"]["cached"] is True
    assert "cold_campaign" in [warning["code"] for warning in answer["warnings"]]


def test_what_a_reviewer_does_counts_and_day_thirty_ends_every_model(
    home: Path, cold: dict[str, dict[str, Any]]
) -> None:
    module = propensity_engage_any
    name = model_name("acme", module.ENDPOINT.name, {})
    review = Administration(settings(home))
    second = labelled(module)
    second["customers"][0]["label_engage"] = 1 - second["customers"][0]["label_engage"]
    third = labelled(module)
    third["customers"][1]["label_engage"] = 1 - third["customers"][1]["label_engage"]
    rows = (module, unlabelled(module))
    with on(2, home) as ask:
        [trained] = ask((module, second))
        review.promote(name, "1", START)
        [rolled_back] = ask(rows)
        review.pin(name, True)
        [newest, pinned] = ask((module, third), rows)
        review.reject(name, "1")
        [rejected] = ask(rows)
    versions = [
        answer["model_info"].get("model_version") for answer in (trained, rolled_back, newest, pinned)
    ]
    assert versions == ["2", "1", "3", "1"]
    assert rolled_back["predictions"] == cold[module.ENDPOINT.name]["predictions"]
    assert rejected["model_info"] == {"note": f"{NOT_ENOUGH}; the stored model was rejected in review"}
    with on(30, home) as ask:
        expired = ask(*((other, unlabelled(other)) for other in MODULES[:4]))
    for answer in expired:
        assert answer["model_info"] == {
            "note": f"{NOT_ENOUGH}; the stored model expired at 2026-05-31T00:00:00Z"
        }
        assert [warning["code"] for warning in answer["warnings"]] == ["model_expired"]
        assert {row["probability"] for row in answer["predictions"]} == {None}
