"""What every route has in common, as a caller sees it: credentials, limits, problems, encodings, pages."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import psutil
import pytest

from abintel.endpoint import Endpoint
from plugins.customer import PLUGIN
from server.compression import GZIP_FROM
from server.credentials import open_store
from server.http.runtime import utc_now
from tests.serving import ROOT, Server

NPS, FEATURES = (
    next(endpoint for endpoint in PLUGIN.endpoints if endpoint.name == name)
    for name in ("nps", "customer_features")
)
JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"
MADE_ID = re.compile(r"[0-9a-f]{32}")
LIBRARIES = re.compile(
    rf"bento|starlette|uvicorn|pydantic|msgspec|orjson|traceback|site-packages|{re.escape(str(ROOT))}|\.py\b",
    re.IGNORECASE,
)


def raw(server: Server, head: str, body: bytes = b"", closed: bool = False) -> tuple[str, str]:
    """Sends bytes as they are, and gives the head and the body of what comes first."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        if closed:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536) or b"\r\n\r\n"
        top, _, rest = answer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", top)
        while length is not None and len(rest) < int(length[1]):
            rest += connection.recv(65536)
    return top.decode("latin-1"), rest.decode()


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem document of an answer, checked for what each has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["cache-control"] == "no-store"
    document = dict(answer.json())
    assert document["type"] == f"urn:abintel:problem:{slug}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


def many_customers(count: int = 60) -> dict[str, Any]:
    [customer, _] = FEATURES.example["customers"]
    return {
        "today": "2025-04-24",
        "customers": [{**customer, "customer_id": f"C-{index}"} for index in range(count)],
    }


# Credentials


@pytest.fixture(scope="module")
def wrong_headers(served: Server) -> dict[str, dict[str, str]]:
    """Headers of callers that nobody knows, by what is wrong with them."""
    good, revoked = served.credential("acme"), served.credential("acme")
    store = open_store(served.settings)
    store.revoke(revoked.customer_api_id, utc_now())
    store.close()
    unknown = "00000000-0000-4000-8000-000000000000"
    return {
        "none": {},
        "no secret": {"X-Customer-Api-Id": good.customer_api_id},
        "no id": {"X-Secret": good.secret},
        "unknown": {"X-Customer-Api-Id": unknown, "X-Secret": good.secret},
        "wrong": {"X-Customer-Api-Id": good.customer_api_id, "X-Secret": revoked.secret},
        "revoked": {"X-Customer-Api-Id": revoked.customer_api_id, "X-Secret": revoked.secret},
        "empty": {"X-Customer-Api-Id": "", "X-Secret": ""},
    }


def test_whatever_is_wrong_with_a_credential_the_answer_is_the_same(
    served: Server, wrong_headers: dict[str, dict[str, str]]
) -> None:
    answers = set()
    for headers in wrong_headers.values():
        answer = httpx.post(
            served.url + NPS.route, json=NPS.example, headers={**headers, "X-Request-Id": "same"}
        )
        problem(answer, 401, "unauthorized")
        answer.headers.pop("date")
        answers.add((answer.text, str(sorted(answer.headers.items()))))
    [(text, _)] = answers
    assert "The headers X-Customer-Api-Id and X-Secret are missing or do not fit." in text


@pytest.mark.parametrize("more", ["", "\nExpect: 100-continue"])
@pytest.mark.parametrize("size", ["\nContent-Length: 1000", "\nTransfer-Encoding: chunked"])
def test_a_credential_is_refused_before_the_body_is_sent(served: Server, size: str, more: str) -> None:
    head = f"POST {NPS.route} HTTP/1.1\nHost: x\nContent-Type: application/json{size}{more}"
    top, body = raw(served, head)
    assert top.startswith("HTTP/1.1 401 ")
    assert json.loads(body)["type"] == "urn:abintel:problem:unauthorized"


def test_a_body_is_asked_for_only_when_it_may_come(served: Server) -> None:
    good = served.credential("acme")
    head = (
        f"POST {NPS.route} HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 2\n"
        f"X-Customer-Api-Id: {good.customer_api_id}\nX-Secret: {good.secret}\nExpect: 100-continue"
    )
    assert raw(served, head)[0].startswith("HTTP/1.1 100 ")


def test_a_route_does_not_tell_a_stranger_what_is_wrong_with_the_request(served: Server) -> None:
    answer = httpx.post(served.url + NPS.route, content=b"{", headers={"Content-Type": "text/csv"})
    problem(answer, 401, "unauthorized")


# Routes and methods


@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1/ai/no_such_route", "/api/no_such_route", "/api/v1/ai/", "/api/", "/api/v1/nps"),
        *(NPS.route + "/", NPS.route + "%0A", NPS.route + "/submit", "/api/v1/ai/NPS", "/api/v2/ai/nps"),
    ],
)
def test_an_unknown_route_is_a_404(acme: httpx.Client, path: str) -> None:
    document = problem(acme.post(path, json=NPS.example), 404, "no-such-route")
    assert document["detail"] == "There is no route here; routes are under /api/v1/ai/."


@pytest.mark.parametrize("path", ["/nope", "/docs", "/static_content/nope.js", "//api/v1/ai/nps"])
def test_an_unknown_page_is_a_404(acme: httpx.Client, path: str) -> None:
    problem(acme.get(path), 404, "no-such-route")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", [NPS.route, "/api/nps"])
def test_a_route_takes_post_only(acme: httpx.Client, method: str, path: str) -> None:
    answer = acme.request(method, path)
    assert problem(answer, 405, "method-not-allowed")["detail"] == "This route takes POST only."
    assert answer.headers["allow"] == "POST"


def test_head_of_a_route_has_the_headers_of_a_405_and_no_body(acme: httpx.Client) -> None:
    answer = acme.head(NPS.route)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/docs.json", "/"])
def test_a_page_takes_get_and_head(acme: httpx.Client, path: str) -> None:
    answer = acme.post(path)
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    head = acme.head(path)
    assert (head.status_code, head.content) == (200, b"")


# Sizes


def test_a_body_that_says_it_is_too_large_is_refused_unread(served: Server) -> None:
    good = served.credential("acme")
    head = (
        f"POST {FEATURES.route} HTTP/1.1\nHost: x\nContent-Type: application/json\n"
        f"X-Customer-Api-Id: {good.customer_api_id}\nX-Secret: {good.secret}\n"
        f"Content-Length: {20 * 2**20 + 1}"
    )
    top, body = raw(served, head)
    assert top.startswith("HTTP/1.1 413 ")
    assert json.loads(body)["detail"] == (
        "The body is larger than 20,971,520 bytes (inflated, if it is compressed); send it in parts."
    )


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 2**16):
        yield b" " * 2**16
    yield b" " * (size % 2**16)


def test_a_chunked_body_is_counted_and_refused(acme: httpx.Client) -> None:
    answer = acme.post(FEATURES.route, content=pieces(20 * 2**20 + 1), headers=JSON)
    problem(answer, 413, "body-too-large")


def test_a_body_of_exactly_the_limit_is_read(acme: httpx.Client) -> None:
    body = json.dumps(FEATURES.example).encode()
    sent = body + b" " * (20 * 2**20 - len(body))
    assert acme.post(FEATURES.route, content=sent, headers=JSON).status_code == 200


@pytest.mark.parametrize("size", [20 * 2**20 + 1, 2**28])
def test_a_gzip_bomb_is_a_413(acme: httpx.Client, size: int) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(piece) for piece in pieces(size)) + packer.flush()
    answer = acme.post(FEATURES.route, content=bomb, headers={**JSON, "Content-Encoding": "gzip"})
    problem(answer, 413, "body-too-large")


def test_a_bomb_of_many_gzip_members_is_a_413(acme: httpx.Client) -> None:
    bomb = gzip.compress(b" " * 2**20) * 21
    answer = acme.post(FEATURES.route, content=bomb, headers={**JSON, "Content-Encoding": "gzip"})
    problem(answer, 413, "body-too-large")


def nps_rows(count: int) -> dict[str, Any]:
    return {"data": [{"customer_id": "C", "answer": 9}] * count}


def test_nps_has_a_limit_of_its_own_of_five_megabytes(acme: httpx.Client) -> None:
    body = json.dumps(NPS.example).encode()
    fits = body + b" " * (5 * 2**20 - len(body))
    assert acme.post(NPS.route, content=fits, headers=JSON).status_code == 200
    for headers, sent in (
        (JSON, fits + b" "),
        ({**JSON, "Content-Encoding": "gzip"}, gzip.compress(fits + b" ")),
    ):
        document = problem(acme.post(NPS.route, content=sent, headers=headers), 413, "body-too-large")
        assert "larger than 5,242,880 bytes" in document["detail"]


def test_nps_takes_fifty_thousand_rows_and_not_one_more(acme: httpx.Client) -> None:
    assert acme.post(NPS.route, json=nps_rows(50_000)).status_code == 200
    document = problem(acme.post(NPS.route, json=nps_rows(50_001)), 413, "too-many-rows")
    assert document["detail"] == "/data has 50,001 items; one request takes 50,000. Send it in parts."
    assert document["errors"] == [{"pointer": "/data", "message": "At most 50,000 items; got 50,001."}]


# Media types and encodings


@pytest.mark.parametrize(
    "kind",
    [
        *("text/csv", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
        *("application/vnd.bentoml+pickle", "application/jsonx", "", "application/json; charset=latin-1"),
        "application/json;charset=utf-16",
    ],
)
def test_anything_but_json_in_utf_8_is_a_415(acme: httpx.Client, kind: str) -> None:
    answer = acme.post(NPS.route, content=json.dumps(NPS.example), headers={"Content-Type": kind})
    document = problem(answer, 415, "unsupported-media-type")
    assert document["detail"] == "Send JSON in UTF-8, with Content-Type: application/json."


@pytest.mark.parametrize(
    "kind",
    ["application/json", "Application/JSON", 'application/json; charset="UTF-8"', "application/json ;x=y"],
)
def test_json_is_json_however_it_is_written(acme: httpx.Client, kind: str) -> None:
    answer = acme.post(NPS.route, content=json.dumps(NPS.example), headers={"Content-Type": kind})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x-gzip"])
def test_a_body_packed_otherwise_than_with_gzip_is_a_415(acme: httpx.Client, encoding: str) -> None:
    answer = acme.post(
        NPS.route, content=json.dumps(NPS.example), headers={**JSON, "Content-Encoding": encoding}
    )
    problem(answer, 415, "unsupported-encoding")
    assert answer.headers["accept-encoding"] == "gzip, identity"


@pytest.mark.parametrize("encoding", ["gzip", "GZIP"])
def test_a_gzip_body_is_read(acme: httpx.Client, encoding: str) -> None:
    body = json.dumps(NPS.example).encode()
    half = len(body) // 2
    for packed in (gzip.compress(body), gzip.compress(body[:half]) + gzip.compress(body[half:])):
        answer = acme.post(NPS.route, content=packed, headers={**JSON, "Content-Encoding": encoding})
        assert answer.json() == acme.post(NPS.route, json=NPS.example).json()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "The body is not gzip, though Content-Encoding says so."),
        (gzip.compress(b"{}" * 1000)[:-9], "The gzip body ends in the middle."),
        (gzip.compress(b"{}") + b"junk", "The body is not gzip, though Content-Encoding says so."),
        (b"", "The body is empty; send a JSON object."),
    ],
    ids=["no gzip", "cut", "followed by junk", "empty"],
)
def test_a_body_that_is_not_gzip_is_a_400(acme: httpx.Client, body: bytes, message: str) -> None:
    answer = acme.post(NPS.route, content=body, headers={**JSON, "Content-Encoding": "gzip"})
    document = problem(answer, 400, "invalid-body")
    assert document["errors"] == [{"pointer": "", "message": message}]


def answered(client: httpx.Client, endpoint: Endpoint, body: Any, accepted: str) -> tuple[str | None, bytes]:
    """Content-Encoding and bytes of an answer, as they were sent."""
    with client.stream("POST", endpoint.route, json=body, headers={"Accept-Encoding": accepted}) as answer:
        assert answer.status_code == 200
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        assert answer.headers["cache-control"] == "no-store"
        return answer.headers.get("content-encoding"), b"".join(answer.iter_raw())


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "*", "x-gzip"])
def test_a_long_answer_is_packed_for_whom_takes_gzip(acme: httpx.Client, accepted: str) -> None:
    encoding, packed = answered(acme, FEATURES, many_customers(), accepted)
    none, plain = answered(acme, FEATURES, many_customers(), "identity")
    assert (encoding, none) == ("gzip", None)
    assert len(plain) >= GZIP_FROM
    assert gzip.decompress(packed) == plain
    assert answered(acme, FEATURES, many_customers(), accepted)[1] == packed


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "*;q=0", "gzip;q=x", ""])
def test_an_answer_is_plain_for_whom_does_not(acme: httpx.Client, accepted: str) -> None:
    assert answered(acme, FEATURES, many_customers(), accepted)[0] is None


def test_a_short_answer_is_not_packed(acme: httpx.Client) -> None:
    encoding, plain = answered(acme, NPS, NPS.example, "gzip")
    assert encoding is None
    assert len(plain) < GZIP_FROM


# Request ids, languages, aliases


@pytest.mark.parametrize("sent", ["a", "0b53e0b6-6a7c-4b3c", "trace_1.2", "x" * 128])
def test_a_request_id_is_echoed(acme: httpx.Client, sent: str) -> None:
    for path, body in ((NPS.route, NPS.example), (NPS.route, {}), ("/api/nope", {}), ("/livez", {})):
        answer = acme.post(path, json=body, headers={"X-Request-Id": sent})
        assert answer.headers.get_list("x-request-id") == [sent]
        if answer.status_code != 200:
            assert answer.json()["request_id"] == sent


@pytest.mark.parametrize("sent", [b"", b"a b", b"x" * 129, b"\xe9", b"<script>", b"a,b", b"{}", b"a\tb"])
def test_an_odd_request_id_is_replaced(acme: httpx.Client, sent: bytes) -> None:
    made = acme.post(NPS.route, json=NPS.example, headers={b"X-Request-Id": sent}).headers["x-request-id"]
    assert MADE_ID.fullmatch(made)


def test_a_request_without_an_id_gets_one_of_its_own(acme: httpx.Client) -> None:
    made = {acme.post(NPS.route, json=NPS.example).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
    assert all(MADE_ID.fullmatch(one) for one in made)


def test_the_short_path_is_the_same_route(acme: httpx.Client) -> None:
    bodies: list[Any] = [NPS.example, {"data": []}]
    for body in bodies:
        long, short = acme.post(NPS.route, json=body), acme.post("/api/nps", json=body)
        assert long.status_code == short.status_code
        ours = long.json() | {"request_id": ""} if long.status_code == 400 else long.json()
        theirs = short.json() | {"request_id": ""} if long.status_code == 400 else short.json()
        assert ours == theirs


def test_a_language_changes_the_words(acme: httpx.Client) -> None:
    words = {
        lang: acme.post(f"{NPS.route}?lang={lang}", json=NPS.example).json()["overall"]["interpretation"]
        for lang in ("en", "es", "pt")
    }
    assert words == {"en": "Good", "es": "Buena", "pt": "Boa"}
    assert acme.post(NPS.route, json=NPS.example).json()["overall"]["interpretation"] == "Good"


@pytest.mark.parametrize("query", ["lang=xx", "lang=", "lang=en&lang=xx"])
def test_an_unknown_language_is_a_400(acme: httpx.Client, query: str) -> None:
    document = problem(acme.post(f"{NPS.route}?{query}", json=NPS.example), 400, "invalid-parameter")
    assert document["detail"].startswith("lang: '")


def test_a_bad_currency_is_a_400(acme: httpx.Client) -> None:
    answer = acme.post(f"{NPS.route}?currency=%3Cb%3E", json=NPS.example)
    assert problem(answer, 400, "invalid-parameter")["detail"].startswith("currency: a sign or a code")


def test_a_bad_body_lists_every_fault(acme: httpx.Client) -> None:
    body = {"data": [{"answer": 11}, {"customer_id": "", "answer": True}], "group_by": 5}
    document = problem(acme.post(NPS.route, json=body), 400, "invalid-body")
    assert {fault["pointer"] for fault in document["errors"]} == {
        *("/data/0/customer_id", "/data/0/answer", "/data/1/customer_id", "/data/1/answer", "/group_by"),
    }


@pytest.mark.parametrize(
    "text", ['{"data": [{"customer_id": "C", "answer": 9, "z": NaN}]}', '{"data": 1e400}']
)
def test_a_number_that_is_not_finite_is_a_400(acme: httpx.Client, text: str) -> None:
    problem(acme.post(NPS.route, content=text, headers=JSON), 400, "invalid-body")


# Workers


def test_both_workers_give_the_same_bytes(served: Server) -> None:
    assert served.process is not None
    workers = psutil.Process(served.process.pid).children(recursive=True)
    credential = served.credential("acme")
    bodies: dict[int, set[bytes]] = {}
    give_up = time.monotonic() + 60  # the second may still be starting
    while len(bodies) < 2 and time.monotonic() < give_up:
        with (
            served.client(credential) as client,
            client.stream("POST", FEATURES.route, json=many_customers()) as answer,
        ):
            port = answer.extensions["network_stream"].get_extra_info("client_addr")[1]
            [pid] = [
                worker.pid
                for worker in workers
                for connection in worker.net_connections("tcp")
                if connection.raddr and connection.raddr.port == port
            ]
            bodies.setdefault(pid, set()).add(b"".join(answer.iter_raw()))
    assert len(bodies) == 2, "only one worker answered"
    assert len(set.union(*bodies.values())) == 1


# Pages


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_probe_needs_no_credential(served: Server, path: str) -> None:
    answer = httpx.get(served.url + path)
    assert answer.status_code == 200
    assert MADE_ID.fullmatch(answer.headers["x-request-id"])


def samples(text: str, name: str) -> Mapping[str, float]:
    """Label text to value of one metric of a Prometheus exposition."""
    found = re.findall(rf"^{name}(\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def test_metrics_count_requests_by_route_and_status(acme: httpx.Client) -> None:
    label = '{route="/api/v1/ai/nps",status="200"}'

    def counted() -> float:
        return samples(acme.get("/metrics").text, "abintel_requests_total").get(label, 0)

    time.sleep(0.1)  # a request is counted when its answer has gone
    before = counted()
    acme.post(NPS.route, json=NPS.example)
    acme.post("/api/nps", json=NPS.example)
    give_up = time.monotonic() + 20
    while counted() < before + 2 and time.monotonic() < give_up:
        time.sleep(0.02)
    assert counted() == before + 2
    answer = acme.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'abintel_request_seconds_bucket{le="+Inf",route="/api/v1/ai/nps"}' in answer.text


def test_no_path_of_a_callers_becomes_a_label(acme: httpx.Client) -> None:
    for path in ("/canary1", "/api/canary2", "/api/v1/ai/canary3", "/metrics/canary4"):
        acme.get(path)
    text = acme.get("/metrics").text
    assert "canary" not in text.lower()
    routes = set(re.findall(r'route="([^"]*)"', text))
    assert all(route == "other" or route.startswith("/api/v1/") for route in routes)
    assert "tenant=" not in text


def test_the_page_and_what_it_loads_come_from_this_server(acme: httpx.Client) -> None:
    page = acme.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 4
    for path in loaded:
        assert path.startswith("./")
        assert acme.get(path[1:]).status_code == 200
    assert "//" not in page.text
    assert 'url: "./docs.json"' in acme.get("/static_content/swagger-initializer.js").text


def test_the_description_has_the_routes(acme: httpx.Client) -> None:
    document = acme.get("/docs.json").json()
    assert {endpoint.route for endpoint in PLUGIN.endpoints} <= set(document["paths"])


def test_no_answer_tells_what_it_is_made_of(served: Server, acme: httpx.Client) -> None:
    odd = [
        acme.post(NPS.route, content=content, headers={**JSON, **headers})
        for content, headers in (
            (b"", {}),
            (b"{", {}),
            (b"[" * 100_000, {}),
            (b'{"data": "\xff"}', {}),
            (b'{"data": [{"answer": {}}], "bands": {"a": "b"}}', {}),
            (json.dumps(nps_rows(50_001)).encode(), {}),
            (b"{}", {"Content-Encoding": "gzip"}),
            (b"{}", {"Content-Encoding": "br"}),
            (b"{}", {"Content-Type": "application/vnd.bentoml+pickle"}),
            (b"{}", {"Args-Sent": "x", "Traceparent": "00-x"}),
        )
    ]
    odd += [acme.get(path) for path in ("/", "/livez", "/readyz", "/metrics", "/docs.json", "/schema.json")]
    odd += [acme.get(path) for path in ("/nope", "/api/nope", "/static_content/../../x", "/%00", "/livez/")]
    odd += [acme.post(f"{NPS.route}?lang=xx", json={}), acme.put("/metrics"), acme.options("/")]
    odd += [httpx.post(served.url + NPS.route), acme.post(NPS.route, json=NPS.example)]
    for answer in odd:
        assert not LIBRARIES.search(answer.text), (answer.request.url, answer.text[:300])
        assert not LIBRARIES.search(str(answer.headers.items())), (answer.request.url, answer.headers)
        assert answer.status_code < 500
    for head in ("NONSENSE", "GET / HTTP/9.9", f"POST {NPS.route} HTTP/1.1\nContent-Length: x"):
        top, body = raw(served, head, closed=True)
        assert not LIBRARIES.search(top + body)


def test_every_answer_forbids_guessing_its_type(acme: httpx.Client) -> None:
    for path in ("/", "/livez", "/nope", "/api/nope"):
        assert acme.get(path).headers.get_list("x-content-type-options") == ["nosniff"]
