"""Whether the time of a refusal tells whether an id is known: it must not."""

from __future__ import annotations

import gc
import secrets
import socket
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from abintel.settings import Settings
from server.credentials import open_store
from server.credentials.verifier import Verifier
from server.http.runtime import utc_now
from tests.intruders.wire import head
from tests.serving import Server

TRIES = 2000
KINDS = ("unknown id", "wrong secret", "revoked", "no secret of that length")


@pytest.fixture
def verifier(tmp_path: Path) -> Iterator[tuple[Verifier, list[str], str]]:
    """A verifier of many credentials; the ids of those that live, and of one that is revoked."""
    store = open_store(Settings.from_environment({"ABINTEL_HOME": str(tmp_path)}))
    ids = [store.create(f"tenant-{place}", utc_now()).customer_api_id for place in range(200)]
    revoked = store.create("gone", utc_now()).customer_api_id
    store.revoke(revoked, utc_now())
    verifier = Verifier(store)
    verifier.open()
    yield verifier, ids, revoked
    verifier.close()
    store.close()


def medians(tries: Callable[[str, int], None]) -> dict[str, float]:
    """Median seconds of each kind of try; the kinds take turns, and who is first takes turns, too."""
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    gc.collect()
    gc.disable()
    try:
        for turn in range(TRIES):
            for place in range(len(KINDS)):
                kind = KINDS[(turn + place) % len(KINDS)]
                began = time.perf_counter()
                tries(kind, turn)
                seconds[kind].append(time.perf_counter() - began)
    finally:
        gc.enable()
    return {kind: statistics.median(found) for kind, found in seconds.items()}


def spread(found: dict[str, float]) -> float:
    """How far the slowest median is from the fastest, as a share."""
    return max(found.values()) / min(found.values()) - 1


def sent(kind: str, known: str, revoked: str) -> tuple[str, str]:
    """An id and a secret that do not fit."""
    identifier = {"unknown id": str(uuid.uuid4()), "revoked": revoked}.get(kind, known)
    return identifier, "x" if kind == "no secret of that length" else secrets.token_urlsafe(32)


@pytest.mark.slow
@pytest.mark.alone
def test_the_verifier_takes_as_long_for_an_unknown_id_as_for_a_wrong_secret(
    verifier: tuple[Verifier, list[str], str],
) -> None:
    checks, ids, revoked = verifier
    made = {kind: [sent(kind, ids[turn % len(ids)], revoked) for turn in range(TRIES)] for kind in KINDS}

    def check(kind: str, turn: int) -> None:
        assert checks.verify(*made[kind][turn]) is None

    # The best of three: what a neighbour on the machine does is in every one, a leak is in all.
    tried = [medians(check) for _ in range(3)]
    assert min(map(spread, tried)) < 0.05, tried


@pytest.mark.slow
@pytest.mark.alone
def test_a_refusal_takes_as_long_over_http(served: Server) -> None:
    known = served.credential("timed").customer_api_id
    gone = served.credential("timed")
    store = open_store(served.settings)
    store.revoke(gone.customer_api_id, utc_now())
    store.close()
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def check(kind: str, _: int) -> None:
            identifier, secret = sent(kind, known, gone.customer_api_id)
            lines = [f"X-Customer-Api-Id: {identifier}", f"X-Secret: {secret}"]
            connection.sendall(head("/api/v1/jobs", None, *lines, method="GET", keep=True))
            answer = connection.recv(65536)
            while not answer.endswith(b"}"):
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 401 ")

        tried = [medians(check) for _ in range(3)]
    assert min(map(spread, tried)) < 0.05, tried
