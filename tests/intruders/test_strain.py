"""Callers who take their time, and bodies that are small until they are read: nobody else notices."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest

from plugins.customer import PLUGIN
from server.credentials.store import Credential
from server.http.connections import HEAD_SECONDS, IDLE_SECONDS
from server.http.runtime import QUEUE, THREADS
from tests.intruders.wire import Wire, head
from tests.server.http.test_http import problem
from tests.serving import Server

NPS, RFM = (
    next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == name)
    for name in ("nps", "customer_rfm")
)
BODY = json.dumps(NPS.example).encode()
PATHS = [
    NPS.route,
    pytest.param(RFM.route, marks=pytest.mark.slow),
    pytest.param(f"{NPS.route}_async", marks=pytest.mark.slow),
]
JSON = {"Content-Type": "application/json"}
LARGEST = 20 * 2**20
MOST_SECONDS = 20.0
"""That any of these may take on a busy machine."""


@pytest.fixture(scope="module")
def hostile(served: Server) -> Credential:
    return served.credential("hostile")


@contextlib.contextmanager
def livez_is_quick(served: Server) -> Iterator[None]:
    """Looks at the server all the while: it lives, and says so at once."""
    seconds: list[float] = []
    done = False

    def look() -> None:
        while not done:
            began = time.monotonic()
            assert httpx.get(f"{served.url}/livez", timeout=30).status_code == 200
            seconds.append(time.monotonic() - began)
            time.sleep(0.1)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            yield
        finally:
            done = True
            looking.result(60)
    assert sorted(seconds)[len(seconds) // 2] < 1.0, seconds


def memory(served: Server) -> int:
    """Bytes of all the server's processes."""
    assert served.process is not None
    command = psutil.Process(served.process.pid)
    total = 0
    for process in [command, *command.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


# Slow callers


@pytest.mark.slow
def test_a_head_that_trickles_is_cut_off(served: Server) -> None:
    def trickle(start: bytes) -> float:
        with Wire(served, 60) as wire:
            began = time.monotonic()
            with contextlib.suppress(OSError):
                wire.send(start)
                while time.monotonic() - began < 3 * HEAD_SECONDS:
                    wire.send(b"X")
                    if wire.closed_after(0.5) is not None:
                        break
            return time.monotonic() - began

    starts = [b"", b"G", b"GET /livez HTTP/1.1\r\n", b"GET /livez HTTP/1.1\r\nHost: x\r\nX: ", b"\r\n"]
    with livez_is_quick(served), ThreadPoolExecutor(len(starts)) as pool:
        for seconds in pool.map(trickle, starts):
            assert seconds < 2 * HEAD_SECONDS


@pytest.mark.slow
def test_a_connection_that_says_nothing_is_closed(served: Server) -> None:
    with Wire(served) as silent:
        assert silent.closed_after(2 * HEAD_SECONDS) is not None
    with Wire(served) as wire:
        wire.send(head("/livez", None, method="GET", keep=True))
        assert len(wire.answers()) == 1
        # A proxy that keeps its connections for 60 s never sends into one that is just closed.
        assert wire.closed_after(60) is None
        assert wire.closed_after(IDLE_SECONDS) is not None


@pytest.mark.slow
def test_what_is_left_of_a_refused_body_is_not_waited_for(served: Server) -> None:
    with Wire(served) as wire:
        wire.send(head(NPS.route, None, "Content-Type: application/json", "Content-Length: 99999", keep=True))
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 3 * HEAD_SECONDS:
                wire.send(b" ")
                if wire.closed_after(0.5) is not None:
                    break
        assert time.monotonic() - began < 2 * HEAD_SECONDS


def test_who_holds_all_his_places_with_slow_bodies_holds_nobody_elses(
    served: Server, hostile: Credential, acme: httpx.Client
) -> None:
    with contextlib.ExitStack() as stack, livez_is_quick(served):
        for path in (NPS.route, f"{NPS.route}_async"):
            for _ in range(THREADS + QUEUE):
                wire = stack.enter_context(Wire(served))
                wire.send(
                    head(path, hostile, "Content-Type: application/json", "Content-Length: 1000") + b"{"
                )
        for _ in range(20):
            assert acme.post(NPS.route, json=NPS.example).status_code == 200
        job = acme.post(f"{NPS.route}_async", json=NPS.example)
        assert job.status_code == 202
        acme.delete(job.headers["location"])


def test_what_is_slow_of_one_tenant_is_limited_and_forgotten(served: Server) -> None:
    hostile = served.credential("holder")
    # By each of the two workers.
    count = 2 * (THREADS + QUEUE) + 40
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(served)) for _ in range(count)]
        for wire in wires:
            wire.send(
                head(NPS.route, hostile, "Content-Type: application/json", "Content-Length: 1000") + b"{"
            )
        time.sleep(1)
        assert sum(wire.has_answer() for wire in wires) >= 40
    with served.client(hostile) as client:
        for _ in range(50):
            answer = client.post(NPS.route, json=NPS.example)
            if answer.status_code == 200:
                break
            assert problem(answer, 503, "saturated")
            time.sleep(0.2)
        assert answer.status_code == 200


def test_answers_that_nobody_reads_keep_nobody_waiting(
    served: Server, hostile: Credential, acme: httpx.Client
) -> None:
    [customer, *_] = RFM.example["customers"]
    body = json.dumps(
        {**RFM.example, "customers": [{**customer, "customer_id": f"C-{place}"} for place in range(20_000)]}
    ).encode()
    request = (
        head(RFM.route, hostile, "Content-Type: application/json", f"Content-Length: {len(body)}") + body
    )
    with contextlib.ExitStack() as stack, livez_is_quick(served):
        for _ in range(6):
            deaf = socket.socket()
            stack.enter_context(deaf)
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", served.port))
            deaf.settimeout(30)
            deaf.sendall(request)
        for _ in range(20):
            assert acme.post(NPS.route, json=NPS.example).status_code == 200


# Bombs


def bomb(size: int, filler: bytes = b" ") -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    piece = filler * 2**16
    return b"".join(packer.compress(piece) for _ in range(size // 2**16)) + packer.flush()


@pytest.mark.parametrize("path", PATHS)
def test_bombs_inside_bombs_and_of_many_members_cost_next_to_nothing(
    path: str, served: Server, acme: httpx.Client
) -> None:
    within = bomb(2**28)
    bombs = {
        "a quarter of a gigabyte": (within, 413),
        "nested": (gzip.compress(within), 400),
        "nested twice": (gzip.compress(gzip.compress(within)), 400),
        "many members": (gzip.compress(b" " * 2**16) * 4000, 413),
        "empty members": (gzip.compress(b"") * 50_000, 400),
        "a member and junk": (gzip.compress(BODY) + b"\x1f\x8b" * 100_000, 400),
        "a long name": (b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"x" * 2**20, 400),
    }
    before = memory(served)
    began = time.monotonic()
    with livez_is_quick(served):
        for name, (content, status) in bombs.items():
            answer = acme.post(path, content=content, headers={**JSON, "Content-Encoding": "gzip"})
            assert answer.status_code == status, (name, answer.text[:300])
    assert time.monotonic() - began < 3 * MOST_SECONDS
    assert memory(served) - before < 600 * 2**20


def wide(count: int) -> bytes:
    return b'{"data": [], ' + b",".join(b'"k%d": 0' % place for place in range(count)) + b"}"


BODIES = {
    "a million keys": wide(10**6),
    "a million times the same key": b"{" + b",".join([b'"data": []'] * 10**6) + b"}",
    "a million keys in a row": b'{"data": [' + wide(10**6) + b"]}",
    "a million empty objects": b'{"data": [' + b",".join([b"{}"] * 10**6) + b"]}",
    "a hundred thousand deep": b'{"data": ' * 10**5 + b"1" + b"}" * 10**5,
    "arrays a hundred thousand deep": b'{"x": ' + b"[" * 10**5 + b"]" * 10**5 + b"}",
    "a number of 10,000 digits": b'{"data": [{"customer_id": "C", "answer": ' + b"9" * 10**4 + b"}]}",
    "a number of a million digits": b'{"data": [{"customer_id": "C", "answer": ' + b"9" * 10**6 + b"}]}",
    "a number of many places": b'{"data": [{"customer_id": "C", "answer": 0.' + b"1" * 10**6 + b"}]}",
    "1e400": b'{"data": [{"customer_id": "C", "answer": 1e400}]}',
    "1e-999999999": b'{"data": [{"customer_id": "C", "answer": 1e-999999999}, {"answer": 1e999999999}]}',
    "a text of 15 MB": b'{"data": [{"customer_id": "' + b"x" * 15 * 2**20 + b'", "answer": 9}]}',
    "escapes": b'{"data": [{"customer_id": "' + b"\\u0041" * 2 * 10**6 + b'", "answer": 9}]}',
    "half a pair": b'{"data": [{"customer_id": "\\udc00\\ud800", "answer": 9}]}',
    "half a pair in a key": b'{"data": [{"customer_id": "C", "answer": 9}], "group_by": "\\ud800"}',
    "NaN": b'{"data": [{"customer_id": "C", "answer": NaN}]}',
    "-Infinity": b'{"data": [{"customer_id": "C", "answer": -Infinity}]}',
    "a byte order mark": b"\xef\xbb\xbf" + BODY,
    "UTF-16": b"\xff\xfe" + BODY.decode().encode("utf-16-le"),
    "UTF-32": BODY.decode().encode("utf-32"),
    "an overlong slash": b'{"data": [{"customer_id": "\xc0\xaf", "answer": 9}]}',
    "a comment": b"/* */" + BODY,
    "a comma too many": BODY[:-1] + b",}",
    "quotes of another kind": BODY.replace(b'"', b"'"),
    "a NUL after the end": BODY + b"\0",
    "two documents": BODY + BODY,
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", PATHS)
def test_json_that_is_a_bomb_is_a_clear_refusal(
    name: str, path: str, served: Server, acme: httpx.Client
) -> None:
    body = BODIES[name]
    before = memory(served)
    began = time.monotonic()
    with livez_is_quick(served):
        answer = acme.post(path, content=body, headers=JSON)
    assert answer.status_code in (400, 413), answer.text[:300]
    assert answer.json()["detail"]
    assert len(answer.content) < 2 * 2**20
    assert time.monotonic() - began < MOST_SECONDS
    assert memory(served) - before < 1500 * 2**20


# Ids that look alike


ALIKE = [
    *("C-1", "С-1", "C‐1", "C-1\u200b", "\u200bC-1", "C-1\u00ad", "C-1 ", " C-1", "c-1", "Ｃ-1"),
    *("C-1\u0301", "é", "e\u0301", "C-1\u202e", "C-1\0", "C\0-1", "C-1\ufeff", "C-01", "C-1\n", "\U0001f600"),
    *("C-1\t", "__proto__", "constructor", "null", "NaN", "'; DROP TABLE abintel_jobs; --", "../C-1", "%00"),
    *("{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>", "=1+1", "\u2028", "\uffff", "x" * 256),
]


def test_ids_that_look_alike_stay_as_many_as_they_are(acme: httpx.Client) -> None:
    [customer, *_] = RFM.example["customers"]
    body = {**RFM.example, "customers": [{**customer, "customer_id": one} for one in ALIKE]}
    answer = acme.post(RFM.route, json=body)
    assert answer.status_code == 200, answer.text
    [rows] = [
        value for value in answer.json().values() if isinstance(value, list) and len(value) == len(ALIKE)
    ]
    assert [row["customer_id"] for row in rows] == ALIKE


def test_a_key_that_is_there_twice_is_read_in_one_way(acme: httpx.Client) -> None:
    one, other = ({"data": [{"customer_id": "C", "answer": answer}]} for answer in (0, 10))
    text = json.dumps(one)[:-1] + "," + json.dumps(other)[1:]
    answers: list[Any] = [
        acme.post(NPS.route, content=text, headers=JSON).json(),
        acme.post(
            NPS.route, content=gzip.compress(text.encode()), headers={**JSON, "Content-Encoding": "gzip"}
        ).json(),
    ]
    last = acme.post(NPS.route, json=other).json()
    assert answers == [last, last]
