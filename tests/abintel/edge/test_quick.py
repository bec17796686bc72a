"""What is answered on the spot: small requests of endpoints that were seen to be quick, and do not wait."""

from __future__ import annotations

import gzip
import threading
import time
from pathlib import Path
from typing import Any

import orjson

from abintel.edge.quick import KNOWN, LARGEST, Quick
from abintel.endpoint import Endpoint
from abintel.problem import Problem
from plugins.customer import PLUGIN
from plugins.propensity import PLUGIN as LEARNING
from tests.abintel.edge.kettle import KETTLE, Kettle, Kitchen, as_before, cook

__all__ = ["as_before"]
COMPUTES = PLUGIN.endpoints[0]
LEARNS = next(endpoint for endpoint in LEARNING.endpoints if endpoint.trainable is not None)


def after(endpoint: Endpoint, seconds: float = 0.0, *, computing: float = 0.0, size: int = 10) -> Quick:
    """What is known after a few requests that waited, and computed, for so long."""
    quick = Quick(endpoint)
    for _ in range(KNOWN):
        with quick.observed(size, on_the_spot=False):
            time.sleep(seconds)
            _compute(computing)
    return quick


def _compute(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_an_endpoint_has_to_be_known_first() -> None:
    quick = Quick(COMPUTES)
    for _ in range(KNOWN):
        assert not quick.takes(10)
        with quick.observed(10, on_the_spot=False):
            pass
    assert quick.takes(10)
    assert quick.takes(LARGEST)
    assert not quick.takes(LARGEST + 1)


def test_what_computes_for_long_or_waits_or_learns_has_a_thread() -> None:
    assert not after(COMPUTES, computing=0.01).takes(10)
    assert not after(COMPUTES, seconds=0.01).takes(10)
    assert not after(LEARNS).takes(10)


def test_large_bodies_say_nothing_of_small_ones() -> None:
    assert not after(COMPUTES, size=LARGEST + 1).takes(10)
    quick = after(COMPUTES)
    with quick.observed(LARGEST + 1, on_the_spot=False):
        _compute(0.02)
    assert quick.takes(10)


def test_one_that_held_the_loop_up_sends_those_after_it_to_threads_for_a_while() -> None:
    quick = after(COMPUTES)
    with quick.observed(10, on_the_spot=True):
        time.sleep(0.02)
    assert not quick.takes(10)
    for _ in range(40):
        with quick.observed(10, on_the_spot=False):
            pass
    assert quick.takes(10)


def test_failures_count_as_well() -> None:
    quick = after(COMPUTES)
    try:
        with quick.observed(10, on_the_spot=True):
            _compute(0.02)
            raise Problem(400, "bad", "Bad.")
    except Problem:
        assert not quick.takes(10)


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
    endpoint = placed.roster.endpoints[0]

    async def scene(kitchen: Kitchen) -> None:
        sent = [await kitchen.client.post(KETTLE, json={"act": "headers"}) for _ in range(KNOWN + 3)]
        assert len({(answer.status_code, answer.content) for answer in sent}) == 1
        assert [name.startswith("request") for name in placed.threads] == [True] * KNOWN + [False] * 3
        for act, status in (("problem", 409), ("raise", 500), ("break", 500), ("warn", 200)):
            assert (await kitchen.client.post(KETTLE, json={"act": act})).status_code == status
        assert not any(name.startswith("request") for name in placed.threads[KNOWN:])
        # Packed, a small body may be a large one.
        packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        body = gzip.compress(orjson.dumps({"act": "boil"}))
        assert (await kitchen.client.post(KETTLE, content=body, headers=packed)).status_code == 200
        assert placed.threads[-1].startswith("request")
        assert kitchen.service.runtime.under_way == 0

    cook(tmp_path, scene, endpoints=[endpoint])
