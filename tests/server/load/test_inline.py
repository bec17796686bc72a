"""What is answered on the spot: small requests of endpoints that may be, and were seen to be policy."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import threading
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from abintel.discovery import discover
from abintel.problem import Problem
from plugins.customer import PLUGIN
from plugins.propensity import PLUGIN as LEARNING
from server.load import inline as module
from server.load.inline import MAX_BODY_BYTES, MIN_OBSERVED, InlinePolicy
from stores.load_shedding import OverloadDetector, Overloaded
from tests.server.http.kettle import KETTLE, Kettle, Kitchen, as_before, cook

__all__ = ["as_before"]
COMPUTES = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.on_the_spot)


@pytest.fixture(autouse=True)
def on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a test does at once takes as long as what it does for long."""
    monkeypatch.setattr(module, "MAX_SECONDS", 0.05)


def after(computing: float = 0.0, *, size: int = 10) -> InlinePolicy:
    """What is known after a few requests that computed for so long."""
    policy = InlinePolicy(COMPUTES)
    for _ in range(MIN_OBSERVED):
        with policy.observe(size):
            _compute(computing)
    return policy


def _compute(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def _fail(policy: InlinePolicy, seconds: float) -> None:
    with contextlib.suppress(Problem), policy.observe(10):
        _compute(seconds)
        raise Problem(400, "bad", "Bad.")


def test_an_endpoint_has_to_be_known_first() -> None:
    policy = InlinePolicy(COMPUTES)
    for _ in range(MIN_OBSERVED):
        assert not policy.allows(10)
        with policy.observe(10):
            pass
    assert policy.allows(10)
    assert policy.allows(MAX_BODY_BYTES)
    assert not policy.allows(MAX_BODY_BYTES + 1)


def test_what_computes_for_long_has_a_thread_until_that_is_long_ago() -> None:
    policy = after()
    with policy.observe(10):
        _compute(0.1)
    assert not policy.allows(10)
    for _ in range(10):
        with policy.observe(10):
            pass
    assert policy.allows(10)


def test_what_does_not_say_that_it_may_be_on_the_spot_never_is() -> None:
    policy = InlinePolicy(dataclasses.replace(COMPUTES, on_the_spot=False))
    for _ in range(3 * MIN_OBSERVED):
        with policy.observe(10):
            pass
    assert not policy.allows(10)


def test_no_endpoint_that_learns_says_so() -> None:
    learns = next(endpoint for endpoint in LEARNING.endpoints if endpoint.trainable is not None)
    with pytest.raises(ValueError, match="cannot be on the spot"):
        dataclasses.replace(learns, on_the_spot=True)
    assert any(endpoint.on_the_spot for endpoint in discover().endpoints)


def test_large_bodies_say_nothing_of_small_ones() -> None:
    assert not after(size=MAX_BODY_BYTES + 1).allows(10)
    policy = after()
    with policy.observe(MAX_BODY_BYTES + 1):
        _compute(0.1)
    assert policy.allows(10)


def test_failures_make_nobody_quick_and_slow_ones_count() -> None:
    policy = InlinePolicy(COMPUTES)
    for _ in range(3 * MIN_OBSERVED):
        _fail(policy, 0.0)
    assert not policy.allows(10)
    policy = after()
    _fail(policy, 0.1)
    assert not policy.allows(10)
    for _ in range(30):
        _fail(policy, 0.0)
    assert not policy.allows(10)


class Placed(Kettle):
    """Notes which thread handles each request."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[str] = []

    def handle(self, request: Any, call: Any) -> dict[str, Any]:
        """Answers as ever."""
        self.threads.append(threading.current_thread().name)
        return super().handle(request, call)


def test_the_service_answers_quick_requests_on_the_spot_and_all_alike(tmp_path: Path) -> None:
    placed = Placed()
    endpoint = dataclasses.replace(placed.roster.endpoints[0], on_the_spot=True)

    async def scene(kitchen: Kitchen) -> None:
        sent = [await kitchen.client.post(KETTLE, json={"act": "headers"}) for _ in range(MIN_OBSERVED + 3)]
        assert len({(answer.status_code, answer.content) for answer in sent}) == 1
        assert [name.startswith("request") for name in placed.threads] == [True] * MIN_OBSERVED + [False] * 3
        for act, status in (("problem", 409), ("raise", 500), ("break", 500), ("warn", 200)):
            assert (await kitchen.client.post(KETTLE, json={"act": act})).status_code == status
        assert not any(name.startswith("request") for name in placed.threads[MIN_OBSERVED:])
        # Packed, a small body may be a large one.
        packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        body = gzip.compress(orjson.dumps({"act": "boil"}))
        assert (await kitchen.client.post(KETTLE, content=body, headers=packed)).status_code == 200
        assert placed.threads[-1].startswith("request")
        assert kitchen.service.runtime.under_way == 0

    cook(tmp_path, scene, endpoints=[endpoint])


def test_during_an_overload_those_are_sent_away_who_waited_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = Placed()
    endpoint = dataclasses.replace(placed.roster.endpoints[0], on_the_spot=True)

    def too_late(*_: object) -> None:
        raise Overloaded

    async def scene(kitchen: Kitchen) -> None:
        for seen in range(MIN_OBSERVED + 1):
            served = len(placed.threads)
            with monkeypatch.context() as patched:
                patched.setattr(OverloadDetector, "record_wait", too_late)
                refused = await kitchen.client.post(KETTLE, json={"act": "boil"})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "2"), seen
            assert refused.json()["type"] == "urn:abintel:problem:saturated"
            assert len(placed.threads) == served, "it is not computed"
            assert (await kitchen.client.post(KETTLE, json={"act": "boil"})).status_code == 200
        assert not placed.threads[-1].startswith("request"), "both ways were gone"
        assert kitchen.service.runtime.under_way == 0

    cook(tmp_path, scene, endpoints=[endpoint])
