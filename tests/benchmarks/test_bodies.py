"""The benchmark's bodies: what it measures is what the routes take, and another seed is another body."""

import datetime

import orjson
import pytest

from abintel.decode import Decoder
from abintel.discovery import discover
from abintel.endpoint import Call
from benchmarks.work import Work
from benchmarks.works import WORKS

SIZE = 240
ENDPOINTS = {endpoint.name: endpoint for endpoint in discover().endpoints}


@pytest.mark.parametrize("work", WORKS, ids=lambda work: f"{work.route}-{work.name}-{work.again}")
def test_a_body_is_without_fault_and_another_seed_is_another_body(work: Work) -> None:
    body, endpoint = orjson.dumps(work.body(SIZE, 1)), ENDPOINTS[work.route]
    call = Call(tenant="bench", now=datetime.datetime.now(datetime.UTC))
    assert list(endpoint.check(Decoder(endpoint.request).decode(body), call)) == []
    assert body == orjson.dumps(work.body(SIZE, 1))
    assert body != orjson.dumps(work.body(SIZE, 2))
