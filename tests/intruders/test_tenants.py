"""Two tenants, every route, job, model and picture: what one trained, submitted or asked is not the other's.

The matrix is made of the endpoints that are served, so that a new route is in it by itself.
"""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from abintel.endpoint import Endpoint
from server.credentials import open_store
from server.http.runtime import utc_now
from tests.canaries import ids_in
from tests.contract.test_endpoints import ENDPOINTS
from tests.server.http.kettle import KETTLE, Kitchen, as_before, cook
from tests.server.http.test_http import problem
from tests.serving import Server

__all__ = ["as_before"]
LEARNERS = [endpoint for endpoint in ENDPOINTS if endpoint.trainable is not None]
LABEL = re.compile(r"label_\w+|churned|treatment|outcome")
MADE_UP = "0" * 32
RUN = uuid.uuid4().hex[:8]
"""Of the tenants' names: what an earlier run trained on the same server is not theirs."""
OURS = ("model_version", "trained_at", "expires_at")


def named(endpoint: Endpoint) -> str:
    return endpoint.name


@pytest.fixture(scope="module")
def owner(served: Server) -> Iterator[httpx.Client]:
    """The tenant that trains, submits and asks."""
    with served.client(served.credential(f"owner-of-it-{RUN}")) as client:
        yield client


@pytest.fixture(scope="module")
def stranger(served: Server) -> Iterator[httpx.Client]:
    """The tenant that tries to have of it."""
    with served.client(served.credential(f"stranger-to-it-{RUN}")) as client:
        yield client


def unlabelled(value: Any) -> Any:
    """A body whose rows say nothing of their labels."""
    if isinstance(value, dict):
        return {
            key: None if LABEL.fullmatch(key) and not isinstance(item, dict | list) else unlabelled(item)
            for key, item in value.items()
        }
    return [unlabelled(item) for item in value] if isinstance(value, list) else value


def enough(example: Mapping[str, Any]) -> dict[str, Any]:
    """An example; with as many interactions as a recommender learns from, where it has any."""
    if "interactions" not in example:
        return dict(example)
    items = [*example["items"], *({**example["items"][0], "item_id": f"SKU-{place}"} for place in range(60))]
    users = sorted({one["user_id"] for one in example["interactions"]} | {example.get("user_id") or "U-1"})
    first = dict(example["interactions"][0])
    more = [
        {**first, "user_id": user, "item_id": items[(7 * row + 3 * place) % len(items)]["item_id"]}
        for row, user in enumerate([*users, *(f"U-{place}" for place in range(100, 180))])
        for place in range(20)
    ]
    return {**example, "items": items, "interactions": more}


def facts(answer: httpx.Response) -> list[Mapping[str, Any]]:
    """What an answer says of the models that it comes from, wherever it says so."""
    found: list[Mapping[str, Any]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if "cached" in value or "model_version" in value:
                found.append(value)
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)

    look(answer.json())
    return found


def asked(client: httpx.Client, endpoint: Endpoint, body: Any) -> httpx.Response:
    headers = {"Prefer": "wait=60"} if endpoint.runs_as_job else {}
    answer = client.post(endpoint.route, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def models(client: httpx.Client) -> list[Mapping[str, Any]]:
    """All of a tenant's models."""
    found: list[Mapping[str, Any]] = []
    page: str | None = ""
    while page is not None:
        answer = client.get("/api/v1/models", params={"limit": 50, **({"page": page} if page else {})}).json()
        found += answer["models"]
        page = answer["next"]
    return found


@pytest.fixture(scope="module")
def trained(owner: httpx.Client) -> Mapping[str, tuple[Any, httpx.Response]]:
    """Of each route that learns, the first example that its owner's models answer, and that answer."""
    found = {}
    for endpoint in LEARNERS:
        for example in endpoint.examples.values():
            body = enough(example)
            asked(owner, endpoint, body)
            again = asked(owner, endpoint, body)
            if any(fact.get("cached") for fact in facts(again)):
                found[endpoint.name] = body, again
                break
    return found


@pytest.mark.slow
def test_the_matrix_has_every_route_that_learns(trained: Mapping[str, Any]) -> None:
    assert set(trained) == {endpoint.name for endpoint in LEARNERS}


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", LEARNERS, ids=named)
def test_no_model_of_anothers_answers(
    endpoint: Endpoint,
    trained: Mapping[str, tuple[Any, httpx.Response]],
    stranger: httpx.Client,
    served: Server,
) -> None:
    body, answer = trained[endpoint.name]
    # A third tenant, who has trained nothing at all, sends the same rows without their labels.
    with served.client(served.credential(f"new-{RUN}-{endpoint.name}")) as newcomer:
        said = newcomer.post(
            endpoint.route,
            json=unlabelled(copy.deepcopy(body)),
            headers={"Prefer": "wait=60"} if endpoint.runs_as_job else {},
        )
        assert said.status_code in (200, 400), said.text
        if said.status_code == 200:
            assert not any(fact.get("cached") for fact in facts(said)), said.text[:500]
    # The same rows with their labels, whose fingerprint is the owner's: trained anew.
    first = asked(stranger, endpoint, body)
    assert not any(fact.get("cached") for fact in facts(first)), first.text[:500]
    owners = {fact.get("trained_at") for fact in facts(answer)} - {None}
    assert not owners & {fact.get("trained_at") for fact in facts(first)}
    assert any(fact.get("cached") for fact in facts(asked(stranger, endpoint, body)))


@pytest.mark.slow
def test_models_are_listed_for_their_owner_only(
    trained: Mapping[str, Any], owner: httpx.Client, stranger: httpx.Client
) -> None:
    mine, theirs = models(owner), models(stranger)
    assert {one["endpoint"] for one in mine} >= set(trained)
    assert not {one["name"] for one in mine} & {one["name"] for one in theirs}
    following = owner.get("/api/v1/models", params={"limit": 1}).json()["next"]
    assert following is not None
    answer = stranger.get("/api/v1/models", params={"limit": 200, "page": following})
    if answer.status_code == 200:
        assert not {one["name"] for one in mine} & {one["name"] for one in answer.json()["models"]}
    else:
        problem(answer, 400, "invalid-parameter")


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.chart], ids=named)
def test_a_picture_is_of_its_callers_request_and_is_kept_by_nobody(
    endpoint: Endpoint, owner: httpx.Client, stranger: httpx.Client
) -> None:
    if endpoint.runs_as_job:
        pytest.skip("its picture is a job's result")
    canary = "Owner’s own label"
    headers = {"Accept": "application/vnd.vegalite.v6+json"}
    first = owner.post(endpoint.route, json=marked(endpoint.example, canary), headers=headers)
    second = stranger.post(endpoint.route, json=dict(endpoint.example), headers=headers)
    assert second.status_code == 200
    assert canary not in second.text
    for answer in (first, second):
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def marked(example: Mapping[str, Any], canary: str) -> Any:
    """An example whose ids are all their owner's."""

    def mark(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: f"{item} {canary}" if key.endswith("_id") and isinstance(item, str) else mark(item)
                for key, item in value.items()
            }
        return [mark(item) for item in value] if isinstance(value, list) else value

    return mark(copy.deepcopy(dict(example)))


def renamed(body: Any, suffix: str) -> Any:
    """A body whose customers have other ids, wherever these are."""
    ids = set(ids_in(body))

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {rename(key): rename(item) for key, item in value.items()}
        if isinstance(value, list):
            return [rename(item) for item in value]
        return f"{value}{suffix}" if isinstance(value, str) and value in ids else value

    return rename(copy.deepcopy(body))


@pytest.mark.slow
def test_no_customer_is_kept_with_a_model(
    trained: Mapping[str, tuple[Any, httpx.Response]], served: Server
) -> None:
    with served.client(served.credential(f"keeps-none-{RUN}")) as client:
        for endpoint in LEARNERS:
            body, _ = trained[endpoint.name]
            asked(client, endpoint, renamed(body, "-0b5e55ed"))
        assert {one["endpoint"] for one in models(client)} == set(trained)
    for path in served.home.rglob("*"):
        if path.is_file() and "compiled" not in path.parts:
            assert b"-0b5e55ed" not in path.read_bytes(), path


# Jobs


@pytest.fixture(scope="module")
def jobs(owner: httpx.Client) -> Iterator[Mapping[str, str]]:
    """Path of a job of each route; most of them wait for the one worker until they are cancelled."""

    def submitted(endpoint: Endpoint) -> str:
        path = endpoint.route if endpoint.runs_as_job else f"{endpoint.route}_async"
        answer = owner.post(path, json=dict(endpoint.example), headers={"Idempotency-Key": endpoint.name})
        assert answer.status_code == 202, answer.text
        return str(answer.headers["location"])

    with ThreadPoolExecutor(4) as pool:
        paths = dict(zip([one.name for one in ENDPOINTS], pool.map(submitted, ENDPOINTS), strict=True))
    yield paths
    for path in paths.values():
        owner.delete(path)


def told(answer: httpx.Response) -> tuple[Any, ...]:
    """An answer without its id and its moment."""
    body = re.sub(r'"request_id":"[^"]*"', "", answer.text)
    headers = {key: value for key, value in answer.headers.items() if key not in ("date", "x-request-id")}
    return answer.status_code, body, sorted(headers.items())


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_job_of_anothers_is_as_one_that_never_was(
    endpoint: Endpoint, jobs: Mapping[str, str], owner: httpx.Client, stranger: httpx.Client
) -> None:
    path = jobs[endpoint.name]
    for method in ("GET", "DELETE", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "TRACE"):
        for end in ("", "/result"):
            theirs = stranger.request(method, path + end)
            assert told(theirs) == told(stranger.request(method, f"/api/v1/jobs/{MADE_UP}{end}"))
            allowed = ("GET", "DELETE") if not end else ("GET",)
            assert theirs.status_code == (404 if method in allowed else 405), (method, end)
    page = owner.get(path)
    assert page.status_code == 200
    assert page.json()["status"] != "cancelled"


def test_jobs_are_listed_for_their_owner_only(
    jobs: Mapping[str, str], owner: httpx.Client, stranger: httpx.Client
) -> None:
    ids = {path.rpartition("/")[2] for path in jobs.values()}
    mine = {job["job_id"] for job in owner.get("/api/v1/jobs?limit=200").json()["jobs"]}
    assert ids <= mine
    for query in ("limit=200", f"limit=200&before={max(ids)}", f"limit=200&before={'f' * 32}"):
        for status in ("", "&status=queued", "&status=running", "&status=succeeded"):
            listed = stranger.get(f"/api/v1/jobs?{query}{status}").json()["jobs"]
            assert not ids & {job["job_id"] for job in listed}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_key_of_anothers_is_free(
    endpoint: Endpoint, jobs: Mapping[str, str], owner: httpx.Client, stranger: httpx.Client
) -> None:
    path = endpoint.route if endpoint.runs_as_job else f"{endpoint.route}_async"
    key = {"Idempotency-Key": endpoint.name}
    same = owner.post(path, json=dict(endpoint.example), headers=key)
    assert same.headers["location"] == jobs[endpoint.name]
    for body in (dict(endpoint.example), {**endpoint.example, "an_unknown_key": 1}):
        theirs = stranger.post(path, json=body, headers={**key, "X-Request-Id": "k"})
        assert theirs.status_code in (202, 409)
        if theirs.status_code == 202:
            assert theirs.headers["location"] != jobs[endpoint.name]
            stranger.delete(theirs.headers["location"])
        else:
            # Of the first of the two, which was the stranger's own.
            problem(theirs, 409, "key-taken")
    assert owner.get(jobs[endpoint.name]).json()["status"] != "cancelled"


# Figures and limits


def test_no_tenant_is_in_the_metrics(
    jobs: Mapping[str, str], owner: httpx.Client, stranger: httpx.Client
) -> None:
    text = owner.get("/metrics").text
    for name in (RUN, "tenant="):
        assert name not in text


def test_who_used_up_his_requests_used_up_no_others(tmp_path: Path) -> None:
    async def scene(kitchen: Kitchen) -> None:
        store = open_store(kitchen.service.runtime.settings)
        credential = store.create("other", utc_now())
        store.close()
        other = {"X-Customer-Api-Id": credential.customer_api_id, "X-Secret": credential.secret}
        calls = [
            ("POST", KETTLE),
            ("POST", f"{KETTLE}_async"),
            ("GET", "/api/v1/jobs"),
            ("GET", f"/api/v1/jobs/{MADE_UP}"),
            ("DELETE", f"/api/v1/jobs/{MADE_UP}"),
            ("GET", f"/api/v1/jobs/{MADE_UP}/result"),
            ("GET", "/api/v1/models"),
        ]
        sent = {"json": {"act": "boil"}}
        for method, path in calls:
            await kitchen.client.request(method, path, **(sent if method == "POST" else {}))
        for method, path in calls:
            body = sent if method == "POST" else {}
            refused = await kitchen.client.request(method, path, **body)
            assert refused.status_code == 429, path
            theirs = await kitchen.client.request(method, path, headers=other, **body)
            assert theirs.status_code != 429, path

    cook(tmp_path, scene, ABINTEL_RATE_LIMIT="7/h")


def test_tenants_whose_names_look_alike_or_are_parts_of_each_other_are_two(served: Server) -> None:
    body = {"act": "x"}
    names = ["look-alike", "look-alik", "look-alike-", "look_alike", "look-alike1"]
    seen: dict[str, set[str]] = {}
    for name in names:
        with served.client(served.credential(f"{RUN}{name}")) as client:
            answer = client.post("/api/v1/ai/nps_async", json={**ENDPOINTS_BY_NAME["nps"].example, **body})
            seen[name] = {answer.headers["location"]}
            listed = {f"/api/v1/jobs/{job['job_id']}" for job in client.get("/api/v1/jobs").json()["jobs"]}
            assert listed == seen[name]
    assert len(set.union(*seen.values())) == len(names)


ENDPOINTS_BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}
