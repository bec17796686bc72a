"""Callbacks: where they may go, and that they arrive, signed, when a job has ended."""

from __future__ import annotations

import hmac
import json
import queue
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from abintel.problem import Problem
from jobs.workers.callback import NotDelivered, check_url, deliver, is_public, signature, signing_key
from server.cli import main
from tests.jobs.bench import ODD, Workers, odd_server, submit
from tests.server.http.test_http import problem

ANY = ("*",)


class Hook:
    """A caller's server on loopback: answers as it is told, keeps what it gets."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.got: queue.Queue[tuple[str, dict[str, str], bytes]] = queue.Queue()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.got.put((self.path, dict(self.headers), body))
                status, headers = hook.answers.pop(0) if hook.answers else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.server.shutdown()


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://hooks.example.org/x", ANY),
        ("http://Hooks.Example.org:8080", ("hooks.example.org",)),
        ("https://[2606:2800:220:1::1]/", ANY),
    ],
)
def test_a_callback_may_go_where_the_operator_allows(url: str, hosts: tuple[str, ...]) -> None:
    check_url(url, hosts)


@pytest.mark.parametrize(
    ("url", "hosts", "detail"),
    [
        ("https://a.example", (), "callbacks are switched off here; ask for the job instead."),
        (
            "https://a.example",
            ("b.example",),
            "the operator does not allow this host (ABINTEL_CALLBACK_HOSTS).",
        ),
        (
            "https://a.b.example",
            ("b.example",),
            "the operator does not allow this host (ABINTEL_CALLBACK_HOSTS).",
        ),
        ("ftp://a.example", ANY, "wanted is an http or https URL of at most 2000 characters."),
        ("file:///etc/passwd", ANY, "wanted is an http or https URL of at most 2000 characters."),
        ("https://", ANY, "wanted is an http or https URL of at most 2000 characters."),
        ("https://a.example:99999", ANY, "wanted is an http or https URL."),
        ("https://[::1", ANY, "wanted is an http or https URL."),
        ("https://me:pw@a.example", ANY, "a URL with a user name or a password is not called."),
        ("https://a.example/\r\nX: y", ANY, "wanted is a URL in ASCII; encode what is not."),
    ],
)
def test_a_callback_may_not_go_elsewhere(url: str, hosts: tuple[str, ...], detail: str) -> None:
    with pytest.raises(Problem) as raised:
        check_url(url, hosts)
    assert raised.value.detail == f"callback_url: {detail}"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
    ],
)
def test_an_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


def test_a_host_that_was_not_named_is_refused_if_it_is_a_private_address(hook: Hook) -> None:
    with pytest.raises(NotDelivered, match=r"127\.0\.0\.1 is an address of a private network"):
        deliver(hook.url, b"{}", "t=1", ANY)
    with pytest.raises(NotDelivered, match="localhost is an address of a private network"):
        deliver(hook.url.replace("127.0.0.1", "localhost"), b"{}", "t=1", ANY)
    with pytest.raises(NotDelivered, match="is no longer allowed"):
        deliver(hook.url, b"{}", "t=1", ("other.example",))
    assert hook.got.empty()
    deliver(hook.url, b"{}", "t=1", ("127.0.0.1",))
    assert hook.got.get(timeout=10)[0] == "/hook?x=1"


def test_a_name_is_looked_up_once(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    port, looked = hook.server.server_port, []

    def first_here_then_nowhere(host: str, *_: Any, **__: Any) -> Any:
        looked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **options: (
            first_here_then_nowhere(host) if host == "hook.example" else real(host, *more, **options)
        ),
    )
    deliver(f"http://hook.example:{port}/", b"{}", "t=1", ("hook.example",))
    assert looked == ["hook.example"]
    assert hook.got.get(timeout=10)[1]["Host"] == f"hook.example:{port}"


def test_no_redirection_is_followed(hook: Hook) -> None:
    hook.answers = [(302, {"Location": hook.url})]
    with pytest.raises(NotDelivered, match="answered 302"):
        deliver(hook.url, b"{}", "t=1", ("127.0.0.1",))
    assert hook.got.qsize() == 1


def test_a_key_is_of_a_tenant_and_of_a_pepper() -> None:
    keys = {signing_key(pepper, tenant) for pepper in (b"a", b"b") for tenant in ("acme", "other")}
    assert len(keys) == 4
    assert signature("k", 1, b"{}") != signature("k", 2, b"{}")


@pytest.mark.slow
def test_a_caller_is_told_of_the_end_and_can_tell_who_told_it(tmp_path: Path, hook: Hook) -> None:
    hook.answers = [(500, {})]
    with (
        odd_server(tmp_path, ABINTEL_CALLBACK_HOSTS="127.0.0.1") as server,
        Workers(server),
        server.client(server.credential("acme"), params={"callback_url": hook.url}) as client,
    ):
        refused = client.post(f"{ODD}_async", json={"act": "say"}, params={"callback_url": "http://10.0.0.1"})
        problem(refused, 400, "invalid-parameter")
        job = submit(client, ODD, {"act": "say"})
        printed = CliRunner().invoke(main, ["credentials", "signing-key", "acme"], env=server.env)
        hook.got.get(timeout=120)
        _, headers, body = hook.got.get(timeout=60)
        assert json.loads(body) == {
            "job_id": job.rpartition("/")[2],
            "status": "succeeded",
            "links": {"job": job, "result": f"{job}/result"},
        }
        moment, sent = (part[2:].lstrip("=") for part in headers["X-Abintel-Signature"].split(","))
        key = printed.stdout.strip().encode()
        assert sent == hmac.new(key, f"{moment}.".encode() + body, "sha256").hexdigest()
        assert httpx.get(f"{server.url}{job}/result").status_code == 401
        cancelled = submit(client, ODD, {"act": "sleep", "seconds": 60})
        client.delete(cancelled)
        assert json.loads(hook.got.get(timeout=60)[2])["status"] == "cancelled"
