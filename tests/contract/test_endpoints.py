"""Every check over every route, over HTTP."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from abintel.discovery import discover
from abintel.endpoint import Document, Endpoint
from abintel.schemas import component_names, members
from tests.contract.roster import ROSTER

ENDPOINTS = discover(list(ROSTER)).endpoints
EXAMPLES = [
    pytest.param(endpoint, dict(body), id=f"{endpoint.name}-{name}")
    for endpoint in ENDPOINTS
    for name, body in endpoint.examples.items()
]
every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
every_example = pytest.mark.parametrize(("endpoint", "body"), EXAMPLES)


@pytest.fixture(scope="module")
def document(acme: httpx.Client) -> dict[str, Any]:
    return dict(acme.get("/docs.json").json())


def validator(document: dict[str, Any], reference: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**reference, "components": document["components"]})


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


VOLATILE = {"cached", "generated_on", "generated_at", "execution_time_seconds", "seconds"}
"""Keys of moments, of run times and of caching."""


def asked(acme: httpx.Client, endpoint: Endpoint, body: Any, path: str = "", **more: Any) -> httpx.Response:
    """The answer to a body; of a route that runs as a job, once the job has ended."""
    headers = {"Prefer": "wait=60"} if endpoint.runs_as_job else {}
    return acme.post(path or endpoint.route, json=body, headers=headers, **more)


def comparable(response: httpx.Response) -> Any:
    """An answer without what it says of caching and of when it was written, which may differ between two."""
    if response.headers["content-type"] != "application/json":
        return response.status_code, len(response.content)
    return without(response.json(), VOLATILE)


def without(value: Any, keys: set[str]) -> Any:
    """A JSON value without some members, wherever they are."""
    if isinstance(value, dict):
        return {key: without(item, keys) for key, item in value.items() if key not in keys}
    return [without(item, keys) for item in value] if isinstance(value, list) else value


def is_document(endpoint: Endpoint) -> bool:
    """Whether a route answers a file."""
    return isinstance(endpoint.response, Document)


@every_example
def test_the_example_fits_the_described_request(
    endpoint: Endpoint, body: dict[str, Any], document: dict[str, Any]
) -> None:
    operation = document["paths"][endpoint.route]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    validator(document, schema).validate(body)


@every_example
def test_the_answer_fits_the_described_response(
    endpoint: Endpoint, body: dict[str, Any], document: dict[str, Any], acme: httpx.Client
) -> None:
    answer = asked(acme, endpoint, body)
    assert answer.status_code == 200, answer.text
    if is_document(endpoint):
        assert answer.headers["content-type"] == endpoint.response.media_type
        return
    schema = document["paths"][endpoint.route]["post"]["responses"]["200"]["content"]["application/json"]
    validator(document, schema["schema"]).validate(answer.json())
    assert all(math.isfinite(number) for number in numbers(answer.json()))


@every_example
def test_every_warning_has_a_documented_code(
    endpoint: Endpoint, body: dict[str, Any], acme: httpx.Client
) -> None:
    answer = asked(acme, endpoint, body)
    warnings = answer.json().get("warnings", []) if endpoint.answers_object else []
    assert {warning["code"] for warning in warnings} <= set(endpoint.warnings)


@every_endpoint
def test_limits_are_in_the_description_as_json_schema_spells_them(
    endpoint: Endpoint, document: dict[str, Any]
) -> None:
    for part in {name for model in members(endpoint.request) for name in component_names(model)}:
        text = json.dumps(document["components"]["schemas"][part])
        assert not re.search(r'"(ge|gt|le|lt)": ', text), part


@every_example
def test_the_same_request_gets_the_same_answer(
    endpoint: Endpoint, body: dict[str, Any], acme: httpx.Client
) -> None:
    first, second = (asked(acme, endpoint, body) for _ in range(2))
    assert comparable(first) == comparable(second)


@every_example
def test_the_short_path_answers_the_same(
    endpoint: Endpoint, body: dict[str, Any], acme: httpx.Client
) -> None:
    short = asked(acme, endpoint, body, f"/api/{endpoint.name}")
    assert comparable(short) == comparable(asked(acme, endpoint, body))


@every_example
def test_another_order_of_keys_and_more_keys_change_nothing(
    endpoint: Endpoint, body: dict[str, Any], acme: httpx.Client
) -> None:
    shuffled = {"an_unknown_key": [1, {"x": None}], **dict(reversed(body.items()))}
    answer = asked(acme, endpoint, shuffled)
    assert comparable(answer) == comparable(asked(acme, endpoint, body))


@every_endpoint
def test_languages_change_words_and_only_words(endpoint: Endpoint, acme: httpx.Client) -> None:
    answers = [
        comparable(asked(acme, endpoint, endpoint.example, params={"lang": lang}))
        for lang in ("en", "es", "pt")
    ]
    assert len({json.dumps(answer) for answer in answers}) == (3 if endpoint.writes_words else 1)
    if not is_document(endpoint):
        assert len({json.dumps(list(numbers(answer))) for answer in answers}) == 1


@every_endpoint
def test_an_unknown_language_is_refused(endpoint: Endpoint, acme: httpx.Client) -> None:
    answer = acme.post(endpoint.route, params={"lang": "xx"}, json=endpoint.example)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "lang: 'xx' is not one of en, es, pt, ja, zh."


@every_endpoint
def test_each_required_field_that_is_missing_is_named(endpoint: Endpoint, acme: httpx.Client) -> None:
    answer = acme.post(endpoint.route, json={})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    wanted = [
        {f"/{name}" for name, info in model.model_fields.items() if info.is_required()}
        for model in members(endpoint.request)
    ]
    assert {fault["pointer"] for fault in answer.json()["errors"]} in wanted


@every_endpoint
def test_every_field_is_described(endpoint: Endpoint, document: dict[str, Any]) -> None:
    for model in (*members(endpoint.request), *endpoint.response_models):
        for name in component_names(model):
            for key, field in document["components"]["schemas"][name].get("properties", {}).items():
                assert field.get("description"), f"{name}.{key} has no description"
