"""The list of a tenant's models, over HTTP, against real MLflow."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from abintel.endpoint import Endpoint
from abintel.settings import Settings
from registry.administration import Administration
from server.credentials import open_store
from server.openapi.document import describe
from tests.registry.mean_endpoint import ENDPOINT
from tests.server.http.kettle import Kitchen, kitchen
from tests.serving import free_port

START = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
MODELS = "/api/v1/models"
NO_LIMIT = "limit: wanted is a whole number from 1 to 200."
NO_PAGE = "page: wanted is `next` of the page before."
BAD = [
    *((f"limit={limit}", NO_LIMIT) for limit in ("", "0", "201", "x", "-1", "1.5", "²")),
    # Words, nothing, base64 of `[]`, `{}` and an offset that is no number, a zero byte.
    *((f"page={page}", NO_PAGE) for page in ("nonsense", "", "W10=", "e30=", "eyJvZmZzZXQiOiAieCJ9", "%00")),
]


@pytest.fixture
def home(settings: Settings) -> Path:
    """A data folder with an empty MLflow store."""
    return settings.home


def within(
    home: Path,
    story: Callable[[Kitchen], Awaitable[None]],
    days: float = 0,
    endpoint: Endpoint = ENDPOINT,
    **environment: str,
) -> None:
    """Runs a story against a server whose routes learn, some days after the start."""
    now = START + datetime.timedelta(days=days)

    async def tell() -> None:
        async with kitchen(home, lambda: now, [endpoint], **environment) as place:
            await story(place)

    asyncio.run(tell())


async def train(place: Kitchen, campaign: str, labels: list[float], quality: float = 0.8) -> None:
    body = {"campaign_id": campaign, "labels": labels, "quality": quality}
    answer = await place.client.post(ENDPOINT.route, json=body)
    assert answer.status_code == 200, answer.text


async def models(place: Kitchen, query: str = "") -> dict[str, Any]:
    answer = await place.client.get(MODELS + query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    document = describe(place.service.runtime.roster)
    schema = {"$ref": "#/components/schemas/ModelListing", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer.json())
    return dict(answer.json())


def test_a_model_is_listed_with_all_that_a_reviewer_asks_for(home: Path) -> None:
    async def story(place: Kitchen) -> None:
        assert await models(place) == {"models": [], "next": None}
        await train(place, "Spring Promo", [1.0, 2.0, 6.0])
        listing = await models(place)
        assert listing["next"] is None
        [row] = listing["models"]
        assert row.pop("name").startswith("acme.mean_of_labels.spring-promo.")
        assert row == {
            "endpoint": "mean_of_labels",
            "scope": {"campaign_id": "Spring Promo"},
            "version": "1",
            "role": "champion",
            "algorithm": "Mean",
            "quality": {"name": "roc_auc", "value": 0.8},
            "rows": 3,
            "trained_at": "2026-03-01T12:00:00Z",
            "expires_at": "2026-03-31T12:00:00Z",
            "expired": False,
            "rejected": False,
            "pinned": False,
            "url": None,
        }

    within(home, story)


def test_where_newer_models_replace_older_ones_no_figure_is_said_to_decide(home: Path) -> None:
    async def story(place: Kitchen) -> None:
        await train(place, "a", [1.0, 2.0, 6.0])
        [row] = (await models(place))["models"]
        assert row["quality"] is None

    assert ENDPOINT.trainable is not None
    trainable = dataclasses.replace(ENDPOINT.trainable, measure=None)
    within(home, story, endpoint=dataclasses.replace(ENDPOINT, trainable=trainable))


def test_the_listing_follows_the_reviewers_and_the_clock(home: Path) -> None:
    async def reviewed(place: Kitchen) -> None:
        await train(place, "a", [1.0, 2.0, 3.0])
        await train(place, "a", [4.0, 5.0, 6.0], quality=0.1)
        rows = (await models(place))["models"]
        assert [(row["version"], row["role"], row["quality"]["value"]) for row in rows] == [
            ("1", "champion", 0.8),
            ("2", "challenger", 0.1),
        ]
        review = Administration(place.service.runtime.settings)
        name = rows[0]["name"]
        review.reject(name, "1")
        review.pin(name, True)
        rows = (await models(place))["models"]
        assert [(row["rejected"], row["pinned"]) for row in rows] == [(True, True), (False, True)]

    async def a_month_later(place: Kitchen) -> None:
        assert [row["expired"] for row in (await models(place))["models"]] == [True, True]

    within(home, reviewed)
    within(home, a_month_later, days=30)


def test_another_tenant_sees_nothing_and_a_stranger_a_401(home: Path) -> None:
    async def story(place: Kitchen) -> None:
        await train(place, "a", [1.0, 2.0, 3.0])
        store = open_store(place.service.runtime.settings)
        other = store.create("acme-2", START)
        store.close()
        headers = {"X-Customer-Api-Id": other.customer_api_id, "X-Secret": other.secret}
        answer = await place.client.get(MODELS, headers=headers)
        assert answer.json() == {"models": [], "next": None}
        assert (await place.client.get(MODELS, headers={"X-Secret": "wrong"})).status_code == 401
        assert (await place.client.post(MODELS)).headers["allow"] == "GET"

    within(home, story)


def test_pages_follow_each_other_and_hold_every_model_once(home: Path) -> None:
    async def story(place: Kitchen) -> None:
        for campaign in "abcde":
            await train(place, campaign, [1.0, 2.0, 3.0])
        seen, query = [], "?limit=2"
        for _ in range(3):
            listing = await models(place, query)
            seen.append([row["scope"]["campaign_id"] for row in listing["models"]])
            query = f"?limit=2&page={listing['next']}"
        assert [len(page) for page in seen] == [2, 2, 1]
        assert sorted(campaign for page in seen for campaign in page) == list("abcde")
        assert listing["next"] is None

    within(home, story)


def test_a_bad_parameter_is_a_400_that_names_it(home: Path) -> None:
    async def story(place: Kitchen) -> None:
        for query, said in BAD:
            answer = await place.client.get(f"{MODELS}?{query}")
            assert (answer.status_code, answer.json()["detail"]) == (400, said)

    within(home, story)


def test_a_registry_that_is_down_is_a_503(home: Path) -> None:
    async def story(place: Kitchen) -> None:
        answer = await place.client.get(MODELS)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert answer.json()["type"] == "urn:abintel:problem:registry-unavailable"
        assert answer.json()["detail"] == "The model registry does not answer; try again."
        ready = await place.client.get("/readyz")
        assert (ready.status_code, ready.text.splitlines()[-1]) == (
            200,
            "the model registry does not answer, 0 s ago",
        )

    within(home, story, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{free_port()}")


def test_a_model_leads_to_its_page_in_mlflow(home: Path) -> None:
    async def story(place: Kitchen) -> None:
        await train(place, "a", [1.0, 2.0, 3.0])
        [row] = (await models(place))["models"]
        assert row["url"] == f"https://mlflow.example.org/ui/#/models/{row['name']}/versions/1"

    within(home, story, ABINTEL_MLFLOW_URL="https://mlflow.example.org/ui/")


def test_a_server_whose_routes_learn_nothing_has_no_models(home: Path) -> None:
    async def tell() -> None:
        async with kitchen(home) as place:
            assert (await place.client.get(MODELS)).json() == {"models": [], "next": None}

    asyncio.run(tell())
