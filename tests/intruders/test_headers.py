"""What every answer carries so that no browser makes more of it, on every path, errors too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from abintel.discovery import discover
from server.openapi.document import describe
from tests.contract.roster import ROSTER
from tests.serving import Server

DOCUMENT = describe(discover(list(ROSTER)))
MADE_UP = "0" * 32
OPERATIONS = [
    (method.upper(), path.replace("{job}", MADE_UP))
    for path, operations in DOCUMENT["paths"].items()
    for method in operations
]
PAGES = [
    *("/", "/docs.json", "/livez", "/readyz", "/metrics", "/console/", "/console/app.js", "/console"),
    *("/static_content/swagger-ui.css", "/nope", "/api/nope", "/console/nope", "/api/v1/ai/nps/"),
]
EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}


def is_safe(answer: httpx.Response) -> None:
    for name, value in EXPECTED.items():
        assert answer.headers.get_list(name) == [value], (answer.request.url, name)
    [policy] = answer.headers.get_list("content-security-policy")
    rules = [rule.split() for rule in policy.split(";")]
    assert ["default-src", "'none'"] in rules
    if answer.headers.get("content-type") != "image/svg+xml":
        assert ["frame-ancestors", "'none'"] in rules
    scripts = next((rule[1:] for rule in rules if rule[0] == "script-src"), [])
    assert set(scripts) <= {"'self'"}
    for name in answer.headers:
        assert not name.startswith("access-control-"), name
        assert name not in ("server", "x-powered-by", "set-cookie", "via")


def bodies(method: str) -> Mapping[str, Any]:
    return {"json": {}} if method == "POST" else {}


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: str(part))
def test_every_operation_answers_safely_known_or_unknown(
    method: str, path: str, acme: httpx.Client, served: Server
) -> None:
    ours = path.startswith("/api/")
    with httpx.Client(base_url=served.url, headers={"Origin": "https://evil.example"}) as nobody:
        for client in (acme, nobody):
            for used in (method, "OPTIONS", "HEAD"):
                answer = client.request(used, path, **bodies(used))
                assert answer.status_code < 500
                is_safe(answer)
                if ours:
                    assert answer.headers["cache-control"] == "no-store", path
        assert not ours or nobody.request(method, path, **bodies(method)).status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_safely(path: str, acme: httpx.Client) -> None:
    is_safe(acme.get(path, headers={"Origin": "null"}))
    is_safe(acme.get(path, headers={"If-None-Match": "*"}))


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "file://"])
def test_no_other_origin_is_let_in(origin: str, acme: httpx.Client) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-secret, x-customer-api-id, content-type",
        "Access-Control-Request-Private-Network": "true",
    }
    answer = acme.options("/api/v1/ai/nps", headers=asked)
    assert answer.status_code == 405
    is_safe(answer)


def test_a_picture_that_is_opened_as_a_page_runs_nothing(acme: httpx.Client) -> None:
    endpoint = next(one for one in discover(["customer"]).endpoints if one.name == "nps")
    rows = [{"customer_id": "C", "answer": 9, "group": "<script>alert(1)</script>"}]
    body = {**endpoint.example, "data": rows}
    answer = acme.post(endpoint.route, json=body, headers={"Accept": "image/svg+xml"})
    assert answer.status_code == 200, answer.text
    is_safe(answer)
    assert "<script" not in answer.text
