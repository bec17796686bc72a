"""Broken bodies, 50 or 500 a route: each gets a 400 that names a place that exists, or what lacks."""

from __future__ import annotations

import copy
import datetime
import itertools
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from abintel.decode import Decoder
from abintel.discovery import discover
from abintel.endpoint import Call, Document, Endpoint
from abintel.problem import Problem
from tests.contract.roster import ROSTER

WANTED = (50, pytest.param(500, marks=pytest.mark.slow))
MOST_TRIES = 8_000
BATCH = 50
MOST_GOOD = 2
WRONG: list[Any] = [
    *(None, True, False, 0, -1, 3.5, 1e300, -1e300, 10**30, "", "x", "2025-02-30", "9999-12-31", "\u0000"),
    *([], {}, [None], {"": 1}, [[[]]], "é" * 2000, 0.1 + 0.2, "1", "0x1", {"a": {"b": 1}}),
]
Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of all members of a body."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value[:6]):
            yield from places(item, (*path, index))


def broken(example: dict[str, Any], chance: random.Random) -> Any:
    """The example with one to three members replaced, removed or doubled."""
    body = copy.deepcopy(example)
    for _ in range(chance.randint(1, 3)):
        path = chance.choice(list(places(body)))
        if not path:
            return chance.choice(WRONG)
        parent = resolve(body, path[:-1])
        action = chance.random()
        if action < 0.25:
            del parent[path[-1]]
        elif action < 0.35 and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
        else:
            parent[path[-1]] = copy.deepcopy(chance.choice(WRONG))
        if not isinstance(body, dict):
            break
    return body


def resolve(body: Any, path: Path) -> Any:
    for part in path:
        body = body[part]
    return body


def exists(body: Any, pointer: str) -> bool:
    """Whether a JSON Pointer leads to a member of what was sent, or to one that its parent lacks."""
    if pointer == "":
        return True
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]
    for depth, part in enumerate(parts):
        if isinstance(body, dict) and part in body:
            body = body[part]
        elif isinstance(body, list) and part.isdigit() and int(part) < len(body):
            body = body[int(part)]
        else:
            return isinstance(body, dict) and depth == len(parts) - 1
    return True


def seems_bad(endpoint: Endpoint, body: str) -> bool:
    """Whether a body is refused before its handler sees it."""
    call = Call(tenant="acme", now=datetime.datetime.now(datetime.UTC))
    try:
        request = Decoder(endpoint.request).decode(body.encode())
    except Problem:
        return True
    return any(True for _ in endpoint.check(request, call))


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("endpoint", discover(list(ROSTER)).endpoints, ids=lambda endpoint: endpoint.name)
def test_bad_bodies_get_a_400_that_names_the_place(
    endpoint: Endpoint, wanted: int, acme: httpx.Client
) -> None:
    chance = random.Random(endpoint.name)
    bodies = (broken(dict(endpoint.example), chance) for _ in itertools.count())
    # These take long: what seems good is sent a few times only.
    refused = good = 0
    is_long = (
        isinstance(endpoint.response, Document) or endpoint.runs_as_job or endpoint.trainable is not None
    )
    seen: set[str] = set()

    def call(body: Any) -> tuple[Any, httpx.Response]:
        return body, acme.post(
            endpoint.route, content=json.dumps(body), headers={"Content-Type": "application/json"}
        )

    with ThreadPoolExecutor(8) as pool:
        for _ in range(MOST_TRIES // BATCH):
            batch = []
            for body in itertools.islice(bodies, BATCH):
                text = json.dumps(body)
                if text in seen:
                    continue
                if is_long and not seems_bad(endpoint, text):
                    good += 1
                    if good > MOST_GOOD:
                        continue
                seen.add(text)
                batch.append(body)
            for body, answer in pool.map(call, batch):
                said = f"{answer.status_code} for {json.dumps(body)[:500]}"
                assert answer.status_code in (200, 202, 400), said
                if answer.status_code == 400:
                    refused += 1
                    problem = answer.json()
                    assert problem["errors"], problem
                    for fault in problem["errors"]:
                        assert exists(body, fault["pointer"]), (fault, json.dumps(body)[:500])
                        assert fault["message"]
            if refused >= wanted:
                break
    assert refused >= wanted


BROKEN_BYTES = {
    "empty": b"",
    "not JSON": b"{",
    "two documents": b"{} {}",
    "an array": b"[]",
    "a number": b"5",
    "NaN": b'{"a": NaN}',
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a lone surrogate": b'{"a": "\\ud800"}',
    "nested too deep": b"[" * 100_000,
    "nested too deep in an unknown key": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a huge integer": b'{"a": ' + b"9" * 100_000 + b"}",
}


@pytest.mark.parametrize("body", BROKEN_BYTES.values(), ids=BROKEN_BYTES.keys())
@pytest.mark.parametrize("endpoint", discover(list(ROSTER)).endpoints, ids=lambda endpoint: endpoint.name)
def test_bytes_that_are_no_body_get_a_400(endpoint: Endpoint, body: bytes, acme: httpx.Client) -> None:
    answer = acme.post(endpoint.route, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"]
