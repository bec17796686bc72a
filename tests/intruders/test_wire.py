"""Odd heads, odd paths, smuggling shapes: each ends in a clear refusal, none is answered for another."""

from __future__ import annotations

import json

import httpx
import pytest

from plugins.customer import PLUGIN
from server.credentials.store import Credential
from tests.intruders.wire import Answer, Wire, head
from tests.server.http.test_http import LIBRARIES, problem
from tests.serving import Server

NPS = next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == "nps")
BODY = json.dumps(NPS.example).encode()
JSON = "Content-Type: application/json"
SMUGGLED = b"GET /api/v1/jobs/smuggled HTTP/1.1\r\nHost: x\r\nX-Request-Id: smuggled\r\n\r\n"


@pytest.fixture(scope="module")
def known(served: Server) -> Credential:
    return served.credential("wire")


def exchange(served: Server, sent: bytes, wanted: int = 1) -> list[Answer]:
    with Wire(served) as wire:
        wire.send(sent)
        return wire.answers(wanted)


def whole(credential: Credential, *lines: str, path: str = NPS.route, keep: bool = False) -> bytes:
    return head(path, credential, JSON, f"Content-Length: {len(BODY)}", *lines, keep=keep) + BODY


def is_sound(answer: Answer) -> None:
    """A refusal that says what it is and tells nothing else."""
    assert 400 <= answer.status < 500, answer
    text = answer.body.decode()
    assert not LIBRARIES.search(text + str(answer.headers)), text
    if answer.body:
        assert answer.header("content-type") == "application/problem+json", answer
        assert json.loads(text)["status"] == answer.status
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("cache-control") == "no-store"


SHAPES = {
    "two lengths": ["Content-Length: 5", "Content-Length: 44"],
    "two lengths in one": ["Content-Length: 5, 44"],
    "the same length twice": ["Content-Length: 5", "Content-Length: 5"],
    "a length and chunks": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "chunks and a length": ["Transfer-Encoding: chunked", "Content-Length: 5"],
    "a length with a plus": ["Content-Length: +5"],
    "a length below zero": ["Content-Length: -5"],
    "a length in hexadecimal": ["Content-Length: 0x5"],
    "a length of letters": ["Content-Length: five"],
    "a length without end": ["Content-Length: " + "9" * 60],
    "an unknown coding": ["Transfer-Encoding: xchunked"],
    "chunked, then another": ["Transfer-Encoding: chunked, identity"],
    "chunked twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "a coding after a tab": ["Transfer-Encoding:\tchunked", "Content-Length: 5"],
    "a coding with a space before the colon": ["Transfer-Encoding : chunked", "Content-Length: 5"],
    "a coding on a line that goes on": ["Transfer-Encoding:", " chunked", "Content-Length: 5"],
    "a coding after a bare line feed": ["X: y\nTransfer-Encoding: chunked", "Content-Length: 5"],
    "a coding after a bare return": ["X: y\rTransfer-Encoding: chunked", "Content-Length: 5"],
    "a coding after a NUL": ["X: y\0Transfer-Encoding: chunked", "Content-Length: 5"],
    "a coding in quotes": ['Transfer-Encoding: "chunked"', "Content-Length: 5"],
    "a header without a colon": ["Content-Length 5"],
    "a header that begins with a space": [" X-Secret: y", "Content-Length: 5"],
    "a header's name with a space": ["X Y: z", "Content-Length: 5"],
    "an empty name": [": z", "Content-Length: 5"],
}


@pytest.mark.parametrize("lines", SHAPES.values(), ids=SHAPES.keys())
def test_a_head_that_can_be_read_in_two_ways_is_refused_and_what_follows_is_not_answered(
    served: Server, known: Credential, lines: list[str]
) -> None:
    chunks = b"0\r\n\r\n"
    found = exchange(served, head(NPS.route, known, JSON, *lines, keep=True) + chunks + SMUGGLED)
    assert len(found) == 1, found
    is_sound(found[0])
    assert b"smuggled" not in found[0].body
    assert found[0].header("connection") == "close"


CHUNKS = {
    "no size": b"\r\nhello\r\n0\r\n\r\n",
    "letters": b"zz\r\nhello\r\n0\r\n\r\n",
    "a sign": b"-5\r\nhello\r\n0\r\n\r\n",
    "a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "too large": b"ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "too short": b"2\r\nhello\r\n0\r\n\r\n",
    "a bare line feed": b"5\nhello\r\n0\r\n\r\n",
    "a space": b"5 \r\nhello\r\n0\r\n\r\n",
    "no line after the data": b"5\r\nhello0\r\n\r\n",
}


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS.keys())
def test_chunks_that_are_none_end_the_connection(served: Server, known: Credential, chunks: bytes) -> None:
    sent = head(NPS.route, known, JSON, "Transfer-Encoding: chunked", keep=True) + chunks + SMUGGLED
    found = exchange(served, sent)
    assert len(found) == 1, found
    is_sound(found[0])
    assert b"smuggled" not in found[0].body


def chunked(body: bytes, *trailers: str) -> bytes:
    end = "".join(f"{line}\r\n" for line in trailers).encode()
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n" + end + b"\r\n"


def test_a_trailer_is_no_header(served: Server, known: Credential) -> None:
    trailers = (f"X-Customer-Api-Id: {known.customer_api_id}", f"X-Secret: {known.secret}")
    sent = head(NPS.route, None, JSON, "Transfer-Encoding: chunked") + chunked(BODY, *trailers)
    [answer] = exchange(served, sent)
    assert answer.status == 401
    sent = head(NPS.route, known, JSON, "Transfer-Encoding: chunked") + chunked(
        BODY, "X-Secret: wrong", "Content-Encoding: gzip", "X-Request-Id: trailed"
    )
    [answer] = exchange(served, sent)
    assert answer.status == 200
    assert answer.header("x-request-id") != "trailed"


def test_requests_one_after_the_other_are_answered_in_their_order(served: Server, known: Credential) -> None:
    ids = [f"order-{place}" for place in range(12)]
    sent = b"".join(whole(known, f"X-Request-Id: {one}", keep=True) for one in ids)
    assert [answer.header("x-request-id") for answer in exchange(served, sent, len(ids))] == ids


def test_a_broken_request_behind_one_that_is_worked_on_does_not_answer_for_it(
    served: Server, known: Credential
) -> None:
    for junk in (b"NONSENSE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02", b"\0" * 100):
        found = exchange(served, whole(known, "X-Request-Id: first", keep=True) + junk)
        assert [(answer.status, answer.header("x-request-id")) for answer in found][:1] == [(200, "first")]
        assert len(found) == 1, junk


def test_a_body_of_a_page_that_takes_none_is_no_request(served: Server) -> None:
    sent = head("/livez", None, f"Content-Length: {len(SMUGGLED)}", method="GET", keep=True) + SMUGGLED
    assert [answer.status for answer in exchange(served, sent)] == [200]
    refused = head(NPS.route, None, JSON, f"Content-Length: {len(SMUGGLED)}", keep=True) + SMUGGLED
    assert [answer.status for answer in exchange(served, refused)] == [401]


REPEATED = {
    "id": ("X-Customer-Api-Id: {id}", 401),
    "secret": ("X-Secret: {secret}", 401),
    "another secret": ("X-Secret: wrong", 401),
    "another id": ("X-Customer-Api-Id: 00000000-0000-4000-8000-000000000000", 401),
    "media type": ("Content-Type: text/csv", 400),
    "host": ("Host: y", 400),
    "authorization": ("Authorization: a\r\nAuthorization: b", 400),
    "encoding": ("Content-Encoding: identity\r\nContent-Encoding: gzip", 400),
    "key": ("Idempotency-Key: a\r\nIdempotency-Key: b", 400),
}


@pytest.mark.parametrize(("line", "status"), REPEATED.values(), ids=REPEATED.keys())
@pytest.mark.parametrize("path", [NPS.route, NPS.route + "_async"])
def test_a_header_that_there_is_once_is_refused_twice(
    served: Server, known: Credential, line: str, status: int, path: str
) -> None:
    line = line.format(id=known.customer_api_id, secret=known.secret)
    [answer] = exchange(served, whole(known, line, path=path))
    assert answer.status == status, answer.body
    is_sound(answer)


def test_headers_that_may_be_repeated_may_be(served: Server, known: Credential) -> None:
    [answer] = exchange(served, whole(known, "Accept: application/json", "Accept: */*", "X: 1", "X: 2"))
    assert answer.status == 200


@pytest.mark.parametrize(
    "line",
    [
        *(
            "X-Secret:",
            "X-Secret: ",
            "X-Secret: \t",
            "X-Customer-Api-Id:",
            "X-Secret: é",
            "X-Secret: \xff\xfe",
        ),
        *("X-Secret: " + "x" * 60_000, "X-Customer-Api-Id: " + "x" * 60_000, "X-Secret: a,b"),
    ],
    ids=lambda line: ascii(line[:30]),
)
def test_an_odd_credential_is_a_401(served: Server, line: str) -> None:
    other = "X-Customer-Api-Id: a" if line.startswith("X-Secret") else "X-Secret: a"
    [answer] = exchange(served, head(NPS.route, None, JSON, line, other, "Content-Length: 0"))
    assert answer.status == 401
    is_sound(answer)


@pytest.mark.parametrize(
    "lines",
    [
        ["X: " + "y" * 70_000],
        [f"X-{place}: y" for place in range(300)],
        ["X" * 70_000 + ": y"],
        ["X: " + "y" * 500_000],
    ],
    ids=["a long value", "many headers", "a long name", "a very long value"],
)
def test_a_head_that_is_too_long_is_a_431(served: Server, known: Credential, lines: list[str]) -> None:
    [answer] = exchange(served, head(NPS.route, known, JSON, *lines))
    assert answer.status == 431
    is_sound(answer)
    assert json.loads(answer.body)["type"] == "urn:abintel:problem:head-too-large"


def test_a_path_that_is_too_long_is_a_431_too(served: Server) -> None:
    [answer] = exchange(served, head("/" + "x" * 70_000, None, method="GET"))
    assert answer.status == 431


def test_a_head_without_an_end_is_not_kept(served: Server) -> None:
    with Wire(served) as wire:
        try:
            wire.send(b"GET /livez HTTP/1.1\r\nX: ")
            for _ in range(64):
                wire.send(b"y" * 65536)
        except OSError:
            return  # hung up while we were still sending
        assert [answer.status for answer in wire.answers()] == [431]


PATHS = {
    "/api/v1/ai//nps": 404,
    "//api/v1/ai/nps": 404,
    "/api/v1/ai/nps/": 404,
    "/api/v1/ai/./nps": 404,
    "/api/v1/ai/x/../nps": 404,
    "/api/v1/ai/%2e%2e/ai/nps": 404,
    "/api/v1/ai%2fnps": 404,
    "/api/v1%2Fai/nps": 404,
    "/api/v1/ai/nps%00": 404,
    "/api/v1/ai/nps%0d%0aX-Secret:%20y": 404,
    "/api/v1/ai/nps;x=y": 404,
    "/api/v1/ai/nps%3Flang=es": 404,
    "/api/v1/ai/n%25ps": 404,
    "/api/v1/ai/ｎｐｓ": 400,
    "/api/v1/ai/%ef%bd%8eps": 404,
    "/api/v1/ai/%ff": 404,
    "/API/V1/AI/NPS": 405,
    "\\api\\v1\\ai\\nps": 400,
    "api/v1/ai/nps": 400,
    "": 400,
    "*": 404,
    "/../../../../etc/passwd": 405,
    "/console/..%2f..%2fbento.py": 404,
    "/static_content/%2e%2e/%2e%2e/bento.py": 405,
}


@pytest.mark.parametrize(("path", "status"), PATHS.items(), ids=map(ascii, PATHS))
def test_a_path_that_is_not_quite_a_routes_is_none(
    served: Server, known: Credential, path: str, status: int
) -> None:
    sent = head("PATH", known, JSON, f"Content-Length: {len(BODY)}").replace(b"PATH", path.encode()) + BODY
    [answer] = exchange(served, sent)
    assert answer.status in (status, 404 if status == 405 else status), answer.body
    is_sound(answer)


def test_the_absolute_form_is_the_same_route(served: Server, known: Credential) -> None:
    [answer] = exchange(served, whole(known, path=f"http://elsewhere.example{NPS.route}"))
    assert answer.status == 200
    [answer] = exchange(served, whole(known, path="http://elsewhere.example"))
    is_sound(answer)


METHODS = {
    "TRACE": 405,
    "CONNECT": 405,
    "OPTIONS": 405,
    "PATCH": 405,
    "PROPFIND": 405,
    "QUERY": 405,
    "post": 400,
    "P\0ST": 400,
    "": 400,
    "X" * 9000: 400,
}


@pytest.mark.parametrize(("method", "status"), METHODS.items(), ids=lambda value: ascii(value)[:12])
def test_a_method_that_is_none_of_the_routes_is_refused(
    served: Server, known: Credential, method: str, status: int
) -> None:
    found = exchange(served, head(NPS.route, known, JSON, method=method))
    assert len(found) == 1
    assert found[0].status in (status, 400)
    is_sound(found[0])
    assert b"X-Secret" not in found[0].body


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_no_header_overrides_the_method(acme: httpx.Client, name: str) -> None:
    assert acme.get(NPS.route, headers={name: "POST"}).status_code == 405
    assert acme.post(NPS.route, json=NPS.example, headers={name: "DELETE"}).status_code == 200


@pytest.mark.parametrize(
    "name", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Path"]
)
def test_no_header_overrides_the_path(acme: httpx.Client, name: str) -> None:
    assert acme.get("/livez", headers={name: "/metrics"}).headers["content-type"].startswith("text/plain")
    assert "abintel_requests" not in acme.get("/livez", headers={name: "/metrics"}).text


def test_http_1_0_is_answered_and_ended(served: Server, known: Credential) -> None:
    sent = whole(known).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    with Wire(served) as wire:
        wire.send(sent)
        [answer] = wire.answers()
    assert answer.status == 200
    assert answer.header("transfer-encoding") is None


@pytest.mark.parametrize(
    "version", ["HTTP/0.9", "HTTP/2.0", "HTTP/1.1.1", "HTTP/11", "http/1.1", "ICY/1.1", ""]
)
def test_another_protocol_is_refused(served: Server, version: str) -> None:
    found = exchange(served, f"GET /livez {version}\r\nHost: x\r\n\r\n".encode())
    for answer in found:
        is_sound(answer)
    assert len(found) <= 1


def test_http_2_without_tls_and_tls_itself_are_refused(served: Server) -> None:
    for sent in (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"):
        [answer] = exchange(served, sent)
        is_sound(answer)


@pytest.mark.parametrize("upgrade", ["websocket", "h2c", "TLS/1.2"])
def test_no_other_protocol_is_changed_to(served: Server, known: Credential, upgrade: str) -> None:
    lines = [
        "Connection: Upgrade",
        f"Upgrade: {upgrade}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: eA==",
    ]
    found = exchange(served, head(NPS.route, known, *lines, method="GET", keep=True))
    assert [answer.status for answer in found] == [405]
    found = exchange(served, head("/livez", None, *lines, method="GET", keep=True) + SMUGGLED)
    assert 101 not in [answer.status for answer in found]


@pytest.mark.parametrize("expect", ["100-continue", "200-ok", "100-continue, x", ""])
def test_an_expectation_changes_no_answer(served: Server, known: Credential, expect: str) -> None:
    found = exchange(served, whole(known, f"Expect: {expect}"))
    assert [answer.status for answer in found if answer.status != 100] == [200]


def test_a_range_is_not_cut_out(acme: httpx.Client) -> None:
    answer = acme.post(NPS.route, json=NPS.example, headers={"Range": "bytes=0-0", "If-Range": "x"})
    assert (answer.status_code, "content-range" in answer.headers) == (200, False)
    assert acme.get("/docs.json", headers={"Range": "bytes=0-0,1-1,2-2"}).status_code in (200, 206)


def test_a_host_that_is_not_ours_leads_nowhere(acme: httpx.Client) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "x"}):
        for path in ("/console", "/docs.json", "/api/nope", "/"):
            answer = acme.get(path, headers=headers, follow_redirects=False)
            assert "evil.example" not in answer.text + str(answer.headers)
    job = acme.post(f"{NPS.route}_async", json=NPS.example, headers={"Host": "evil.example"})
    assert job.headers["location"].startswith("/api/v1/jobs/")
    acme.delete(job.headers["location"])


def test_what_a_caller_sends_never_becomes_a_header(acme: httpx.Client) -> None:
    for path in ("/api/v1/ai/nps?lang=%0d%0aX-Evil:%20y", "/console?x=%0d%0aX-Evil:%20y"):
        answer = acme.post(path, json=NPS.example)
        assert "x-evil" not in answer.headers
    answer = acme.get("/api/v1/jobs?before=%0d%0aX-Evil:y")
    problem(answer, 400, "invalid-parameter")
    assert "x-evil" not in answer.headers
