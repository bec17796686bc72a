"""Every check over every route, over HTTP."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from abintel.discovery import discover
from abintel.endpoint import Endpoint
from abintel.schemas import component_names
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


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what it says of caching, which may differ between a cold and a warm model."""
    answer = copy.deepcopy(answer)
    if isinstance(answer.get("model_info"), dict):
        answer["model_info"].pop("cached", None)
    return answer


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
    answer = acme.post(endpoint.route, json=body)
    assert answer.status_code == 200, answer.text
    schema = document["paths"][endpoint.route]["post"]["responses"]["200"]["content"]["application/json"]
    validator(document, schema["schema"]).validate(answer.json())
    assert all(math.isfinite(number) for number in numbers(answer.json()))


@every_example
def test_every_warning_has_a_documented_code(
    endpoint: Endpoint, body: dict[str, Any], acme: httpx.Client
) -> None:
    warnings = acme.post(endpoint.route, json=body).json().get("warnings", [])
    assert {warning["code"] for warning in warnings} <= set(endpoint.warnings)


@every_endpoint
def test_limits_are_in_the_description_as_json_schema_spells_them(
    endpoint: Endpoint, document: dict[str, Any]
) -> None:
    for part in component_names(endpoint.request):
        text = json.dumps(document["components"]["schemas"][part])
        assert not re.search(r'"(ge|gt|le|lt)": ', text), part


@every_example
def test_the_same_request_gets_the_same_answer(
    endpoint: Endpoint, body: dict[str, Any], acme: httpx.Client
) -> None:
    first, second = (acme.post(endpoint.route, json=body) for _ in range(2))
    assert comparable(first.json()) == comparable(second.json())


@every_example
def test_the_short_path_answers_the_same(
    endpoint: Endpoint, body: dict[str, Any], acme: httpx.Client
) -> None:
    short = acme.post(f"/api/{endpoint.name}", json=body)
    assert comparable(short.json()) == comparable(acme.post(endpoint.route, json=body).json())


@every_example
def test_another_order_of_keys_and_more_keys_change_nothing(
    endpoint: Endpoint, body: dict[str, Any], acme: httpx.Client
) -> None:
    shuffled = {"an_unknown_key": [1, {"x": None}], **dict(reversed(body.items()))}
    answer = acme.post(endpoint.route, json=shuffled)
    assert comparable(answer.json()) == comparable(acme.post(endpoint.route, json=body).json())


@every_endpoint
def test_languages_change_words_and_only_words(endpoint: Endpoint, acme: httpx.Client) -> None:
    answers = [
        acme.post(endpoint.route, params={"lang": lang}, json=endpoint.example).text
        for lang in ("en", "es", "pt")
    ]
    assert len(set(answers)) == (3 if endpoint.writes_words else 1)
    assert len({json.dumps(list(numbers(json.loads(answer)))) for answer in answers}) == 1


@every_endpoint
def test_an_unknown_language_is_refused(endpoint: Endpoint, acme: httpx.Client) -> None:
    answer = acme.post(endpoint.route, params={"lang": "xx"}, json=endpoint.example)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "lang: 'xx' is not one of en, es, pt."


@every_endpoint
def test_each_required_field_that_is_missing_is_named(endpoint: Endpoint, acme: httpx.Client) -> None:
    answer = acme.post(endpoint.route, json={})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    required = {name for name, info in endpoint.request.model_fields.items() if info.is_required()}
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {f"/{name}" for name in required}


@every_endpoint
def test_every_field_is_described(endpoint: Endpoint, document: dict[str, Any]) -> None:
    for name in (endpoint.request.__name__, endpoint.response.__name__):
        for key, field in document["components"]["schemas"][name]["properties"].items():
            assert field.get("description"), f"{name}.{key} has no description"
