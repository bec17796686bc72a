"""The API description is valid OpenAPI 3.1 and says what the routes do."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from abintel.discovery import Roster, discover
from abintel.endpoint import Endpoint
from server.openapi.document import describe
from tests.server.http.kettle import Kettle

KETTLES = Kettle().roster
ROSTERS = {"kettles": KETTLES, "customer": discover(["customer"])}
ENDPOINTS = [
    pytest.param(roster, endpoint, id=endpoint.name)
    for roster in ROSTERS.values()
    for endpoint in roster.endpoints
]
every_endpoint = pytest.mark.parametrize(("roster", "endpoint"), ENDPOINTS)


def operation(roster: Roster, endpoint: Endpoint) -> dict[str, Any]:
    return dict(describe(roster)["paths"][endpoint.route]["post"])


def test_what_is_served_is_valid_openapi(acme: httpx.Client) -> None:
    answer = acme.get("/docs.json")
    assert answer.headers["content-type"] == "application/json"
    OpenAPIV31SpecValidator(answer.json()).validate()
    assert answer.json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("roster", ROSTERS.values(), ids=ROSTERS.keys())
def test_a_description_is_valid_openapi_and_plain_json(roster: Roster) -> None:
    document = describe(roster)
    OpenAPIV31SpecValidator(document).validate()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_every_route_and_page_is_described() -> None:
    assert set(describe(KETTLES)["paths"]) == {
        *("/api/v1/ai/kettle", "/api/v1/ai/prepare", "/api/v1/ai/label"),
        *("/api/v1/ai/kettle_async", "/api/v1/ai/prepare_async", "/api/v1/ai/label_async"),
        *("/api/v1/jobs", "/api/v1/jobs/{job}", "/api/v1/jobs/{job}/result"),
        *(f"/api/v1/models/{{name}}/{action}" for action in ("promote", "reject", "pin")),
        *("/api/v1/models", "/livez", "/readyz", "/metrics", "/docs.json"),
    }


@every_endpoint
def test_a_route_lists_every_status_code(roster: Roster, endpoint: Endpoint) -> None:
    responses = operation(roster, endpoint)["responses"]
    assert set(responses) == {
        *("200", "400", "401", "403", "404", "405", "406", "413", "415", "429", "500", "503")
    }
    components = describe(roster)["components"]["responses"]
    for status, response in responses.items():
        if status != "200":
            named = components[response["$ref"].rpartition("/")[2]]
            assert set(named["content"]) == {"application/problem+json"}
            assert ("Retry-After" in named.get("headers", {})) == (status in ("429", "503"))


@every_endpoint
def test_a_route_needs_both_headers(roster: Roster, endpoint: Endpoint) -> None:
    assert operation(roster, endpoint)["security"] == [{"customerApiId": [], "secret": []}]
    assert describe(roster)["components"]["securitySchemes"] == {
        "customerApiId": {"type": "apiKey", "in": "header", "name": "X-Customer-Api-Id"},
        "secret": {"type": "apiKey", "in": "header", "name": "X-Secret"},
    }


@every_endpoint
def test_every_example_fits_its_schema(roster: Roster, endpoint: Endpoint) -> None:
    content = operation(roster, endpoint)["requestBody"]["content"]["application/json"]
    schema = {**content["schema"], "components": describe(roster)["components"]}
    assert set(content["examples"]) == set(endpoint.examples)
    for example in content["examples"].values():
        jsonschema.Draft202012Validator(schema).validate(example["value"])


@every_endpoint
def test_every_schema_is_a_schema(roster: Roster, endpoint: Endpoint) -> None:
    for schema in describe(roster)["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_a_body_of_two_kinds_is_either() -> None:
    prepare = operation(KETTLES, KETTLES.endpoints[1])
    assert prepare["requestBody"]["content"]["application/json"]["schema"] == {
        "anyOf": [
            {"$ref": "#/components/schemas/KettleRequest"},
            {"$ref": "#/components/schemas/KettleByCups"},
        ]
    }
    assert {"KettleRequest", "KettleByCups"} <= set(describe(KETTLES)["components"]["schemas"])


def test_a_document_is_described_by_its_media_type_and_its_query() -> None:
    [_, _, label] = KETTLES.endpoints
    described = operation(KETTLES, label)
    assert described["responses"]["200"]["content"] == {
        "application/pdf": {"schema": {"description": "The label."}}
    }
    assert [(one["name"], one["in"]) for one in described["parameters"]] == [("size", "query")]


def test_headers_languages_and_warnings_are_described_where_they_count() -> None:
    kettle, prepare = (operation(KETTLES, endpoint) for endpoint in KETTLES.endpoints[:2])
    assert [(entry["in"], entry["name"]) for entry in kettle["parameters"]] == [
        ("header", "X-Lid"),
        ("query", "lang"),
        ("query", "currency"),
    ]
    assert prepare["parameters"] == []
    assert "- `lime`: There is lime in it." in kettle["description"]
    assert kettle["tags"] == ["kitchen"]


def test_a_problem_is_described_as_it_is_sent(acme: httpx.Client) -> None:
    document = acme.get("/docs.json").json()
    schema = {
        "$ref": "#/components/schemas/ProblemDocument",
        "components": document["components"],
        "unevaluatedProperties": False,
    }
    for answer in (acme.post("/api/nps", json={"data": [{}, 1]}), acme.get("/api/nope"), acme.get("/nope")):
        jsonschema.Draft202012Validator(schema).validate(answer.json())


def test_it_is_compressed_and_not_sent_again_to_who_has_it(acme: httpx.Client) -> None:
    whole = acme.get("/docs.json", headers={"Accept-Encoding": "identity"})
    packed = acme.get("/docs.json", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in whole.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == whole.json()
    assert int(packed.headers["Content-Length"]) < len(whole.content) / 4
    again = acme.get("/docs.json", headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_may_be_left_out_has_no_default_null(acme: httpx.Client) -> None:
    assert '"default":null' not in acme.get("/docs.json").text
