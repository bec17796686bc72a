"""Credentials with limits: in the store, and at the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.names import model_name
from server.credentials import schema
from server.credentials.audit import AuditTrail
from server.credentials.permissions import Permissions
from server.credentials.store import CredentialError, CredentialStore
from server.credentials.verifier import Verifier
from tests.campaign import ROUTE, campaign, unlabelled
from tests.plugins.calls import golden
from tests.serving import Server

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CredentialStore]:
    url = f"sqlite:///{tmp_path}/abintel.db"
    schema.ensure(url)
    store = CredentialStore(url, b"pepper")
    yield store
    store.close()


def test_permissions_come_back(store: CredentialStore) -> None:
    limits = Permissions(("churn_*", "nps"), read_only=True, reviewer=True)
    credential = store.create("acme", NOW, limits, NOW + timedelta(days=1))
    [stored] = store.list()
    assert (stored.permissions, stored.expires_at) == (limits, NOW + timedelta(days=1))
    assert store.live()[credential.customer_api_id].permissions == limits


def test_a_credential_is_valid_until_it_expires(store: CredentialStore) -> None:
    credential = store.create("acme", NOW, expires_at=NOW + timedelta(hours=1))
    moment = NOW
    verifier = Verifier(store, lambda: moment)
    verifier.open()
    assert verifier.verify(credential.customer_api_id, credential.secret) is not None
    moment = NOW + timedelta(hours=1)
    assert verifier.verify(credential.customer_api_id, credential.secret) is None
    verifier.close()


@pytest.mark.parametrize("pattern", ["", "Churn", "churn risk", "churn/*", "x" * 101, "[a-z]"])
def test_a_pattern_that_fits_no_route_is_refused(store: CredentialStore, pattern: str) -> None:
    with pytest.raises(CredentialError, match="is no pattern of route names"):
        store.create("acme", NOW, Permissions((pattern,)))
    assert store.list() == []


def test_an_expiry_in_the_past_is_refused(store: CredentialStore) -> None:
    with pytest.raises(CredentialError, match="2026-03-01 is past"):
        store.create("acme", NOW, expires_at=NOW)


@pytest.mark.parametrize(
    ("patterns", "covered"),
    [
        ((), {"churn_risk", "churn_label", "nps"}),
        (("churn_*",), {"churn_risk", "churn_label"}),
        (("np?", "churn_risk"), {"churn_risk", "nps"}),
        (("churn",), set()),
    ],
)
def test_patterns(patterns: tuple[str, ...], covered: set[str]) -> None:
    routes = ("churn_risk", "churn_label", "nps")
    assert {route for route in routes if Permissions(patterns).covers(route)} == covered


# at the server


def refused(answer: httpx.Response, reason: str) -> None:
    """Checks a 403, which names the missing permission."""
    assert answer.status_code == 403, answer.text
    document = answer.json()
    assert document["type"] == "urn:abintel:problem:forbidden"
    assert document["detail"] == f"This credential does not allow that: {reason}."


def test_a_credential_uses_its_routes_only(served: Server, acme: httpx.Client) -> None:
    body: Any = golden("nps")["request"]
    with served.client(served.credential("acme", Permissions(("churn_*",)))) as client:
        reason = "it is limited to the routes churn_*, without nps"
        for path in ("/api/v1/ai/nps", "/api/nps", "/api/v1/ai/nps_async", "/api/v1/tables/nps"):
            refused(client.post(path, json=body), reason)
        job = acme.post("/api/v1/ai/nps_async", json=body).json()["job_id"]
        refused(client.get(f"/api/v1/jobs/{job}"), reason)
        refused(client.get(f"/api/v1/jobs/{job}/result"), reason)
        refused(client.delete(f"/api/v1/jobs/{job}"), reason)
        listed = client.get("/api/v1/jobs", params={"limit": 200}).json()["jobs"]
        assert job not in {row["job_id"] for row in listed}
        row = {"customer_id": "c1", "snapshot_date": "2026-01-31", "subscription_cancelled": True}
        allowed = client.post("/api/v1/ai/churn_label", json={"business_type": "saas", "data": [row]})
        assert allowed.status_code == 200, allowed.text
    assert acme.get(f"/api/v1/jobs/{job}").status_code == 200


def test_a_read_only_credential_scores_and_trains_nothing(served: Server, acme: httpx.Client) -> None:
    body = campaign("read-only")
    with served.client(served.credential("acme", Permissions(read_only=True))) as client:
        refused(client.post(ROUTE, json=body), "it is read-only, so it cannot train models")
        trained = acme.post(ROUTE, json=body).json()
        # The same rows train nothing more.
        assert client.post(ROUTE, json=body).json()["predictions"] == trained["predictions"]
        assert client.post(ROUTE, json=unlabelled(body)).json()["predictions"] == trained["predictions"]
        refused(client.post(f"{ROUTE}_async", json=body), "it is read-only, so it cannot submit jobs")
        job = acme.post("/api/v1/ai/nps_async", json=golden("nps")["request"]).json()["job_id"]
        refused(client.delete(f"/api/v1/jobs/{job}"), "it is read-only, so it cannot cancel jobs")
        assert client.get(f"/api/v1/jobs/{job}").status_code == 200


def test_a_reviewer_moves_models_with_a_reason(
    served: Server, acme: httpx.Client, other: httpx.Client
) -> None:
    first, second = campaign("reviewed over http", seed=1), campaign("reviewed over http", seed=2)
    one = acme.post(ROUTE, json=first).json()["predictions"]
    acme.post(ROUTE, json=second)
    name = model_name("acme", "propensity_respond_campaign", {"campaign_id": "reviewed over http"})
    page = f"/api/v1/models/{name}"
    promotion = {"version": "1", "reason": "better on the orders of May"}
    refused(acme.post(f"{page}/promote", json=promotion), "it lacks the permission `reviewer`")
    limited = served.credential("acme", Permissions(("churn_*",), reviewer=True))
    with served.client(limited) as client:
        reason = "it is limited to the routes churn_*, without propensity_respond_campaign"
        refused(client.post(f"{page}/promote", json=promotion), reason)
    with served.client(served.credential("other", Permissions(reviewer=True))) as client:
        answer = client.post(f"{page}/promote", json=promotion)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:abintel:problem:no-such-model")
    reviewer = served.credential("acme", Permissions(reviewer=True))
    with served.client(reviewer) as client:
        answer = client.post(f"{page}/promote", json=promotion)
        assert answer.json() == {
            **{"name": name, "champion": "1", "challenger": answer.json()["challenger"]},
            **{"pinned": False, "rejected": []},
        }
        assert acme.post(ROUTE, json=unlabelled(first)).json()["predictions"] == one
        pinned = client.post(f"{page}/pin", json={"pinned": True, "reason": "until the audit"})
        assert pinned.json()["pinned"] is True
        rejected = client.post(f"{page}/reject", json={"version": "2", "reason": "leaky feature"})
        assert rejected.json()["rejected"] == ["2"]
        assert client.post(f"{page}/reject", json={"version": "99", "reason": "unknown"}).status_code == 404
        assert (
            client.post("/api/v1/models/none/pin", json={"pinned": True, "reason": "x y"}).status_code == 404
        )
        for body, pointer in (
            ({"version": "1"}, "/reason"),
            ({"version": "1", "reason": "no"}, "/reason"),
            ({"version": "first", "reason": "because"}, "/version"),
        ):
            answer = client.post(f"{page}/promote", json=body)
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    with closing(AuditTrail(served.settings.database_url)) as trail:
        done = [entry for entry in trail.entries("acme") if entry.subject == name]
    actions = [entry.action for entry in done]
    assert actions == ["model promoted", "model pinned or unpinned", "model rejected"]
    assert {entry.actor for entry in done} == {f"credential {reviewer.customer_api_id}"}
    assert {entry.origin for entry in done} == {"127.0.0.1"}
    assert done[0].details == promotion
