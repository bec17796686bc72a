"""Callbacks that would have the server call its own network: by address, name, redirection or scheme."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from abintel.problem import Problem
from jobs.workers import callback
from jobs.workers.callback import NotDelivered, check_url, deliver, is_public
from tests.jobs.test_callback import ANY, Hook

# One address, written in many ways that a resolver takes; and those that no caller has to do with.
PRIVATE = [
    "127.0.0.1",
    "127.1",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0",
    "0.0.0.0",  # noqa: S104
    "127.0.0.1.",
    "127.127.127.127",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[ff02::1]",
    "[fec0::1]",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::a9fe:a9fe]",
    "2852039166",
    "0xa9fea9fe",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
]


def check_and_deliver(url: str) -> None:
    check_url(url, ANY)
    deliver(url, b"{}", "t=1", ANY)


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_of_a_private_address_is_called(host: str, scheme: str, monkeypatch: Any) -> None:
    connected: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda address, *_: connected.append(address))
    with pytest.raises((Problem, NotDelivered)):
        check_and_deliver(f"{scheme}://{host}/")
    assert connected == []


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:///etc/passwd",
            "gopher://a.example/_x",
            "dict://a.example:11211/",
            "ftp://a.example",
            "data:,x",
        ),
        *(
            "javascript:alert(1)",
            "ldap://a.example",
            "jar:http://a.example!/",
            "unix:/var/run/x",
            "//a.example",
        ),
        *("http:a.example", "http:/a.example", "http:///a.example", "http://", "", " http://a.example"),
        *("http://a.example@127.0.0.1/", "http://127.0.0.1#@a.example/", "http://a:b@a.example/"),
        *("http://a.example:0/", "http://a.example:-1/", "http://a.example:65536/", "http://a.example:x/"),
        *(
            "http://a.example\\@127.0.0.1/",
            "http://a.example\t/",
            "http://a.example/\n",
            "http://ａ.example/",
        ),
        *("http://[::1", "http://[::1%25lo]/", "http://a.example/" + "x" * 2000),
    ],
)
def test_a_url_that_is_no_plain_one_of_the_listed_host_is_refused(url: str) -> None:
    with pytest.raises(Problem) as raised:
        check_url(url, ("a.example",))
    assert (raised.value.status, raised.value.slug) == (400, "invalid-parameter")


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Has the name ``hook.example`` mean addresses, one after the other or all at once; gives who asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def found(host: str, port: Any, *more: Any, **options: Any) -> Any:
        if host != "hook.example":
            return real(host, port, *more, **options)
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["10.0.0.1", "93.184.216.34"], ["::ffff:7f00:1"]],
)
def test_a_name_with_a_private_address_among_its_own_is_not_called(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = named(monkeypatch, *addresses)
    with pytest.raises(NotDelivered, match="address of a private network"):
        deliver("http://hook.example/", b"{}", "t=1", ANY)
    assert asked == ["hook.example"]


def test_a_name_that_means_another_address_the_next_time_is_called_at_the_one_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = named(monkeypatch, "93.184.216.34")
    connected: list[Any] = []

    def refuse(address: Any, *_: Any) -> Any:
        # By now the name means loopback; the connection is to the number.
        named(monkeypatch, "127.0.0.1")
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(NotDelivered, match="ConnectionRefusedError"):
        deliver("http://hook.example:8080/", b"{}", "t=1", ANY)
    assert connected == [("93.184.216.34", 8080)]
    assert asked == ["hook.example"]


@pytest.fixture
def hooks() -> Iterator[tuple[Hook, Hook]]:
    both = Hook(), Hook()
    yield both
    for hook in both:
        hook.server.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["{url}", "//127.0.0.1:{port}/", "file:///etc/passwd", "/elsewhere"])
def test_no_redirection_is_followed_wherever_it_leads(
    hooks: tuple[Hook, Hook], status: int, where: str
) -> None:
    first, second = hooks
    location = where.format(url=second.url, port=second.server.server_port)
    first.answers = [(status, {"Location": location, "Refresh": f"0; url={second.url}"})]
    with pytest.raises(NotDelivered, match=f"answered {status}"):
        deliver(first.url, b"{}", "t=1", ("127.0.0.1",))
    assert (first.got.qsize(), second.got.qsize()) == (1, 0)


def test_what_a_host_answers_is_neither_read_nor_told(hooks: tuple[Hook, Hook]) -> None:
    first, _ = hooks
    first.answers = [(500, {"X-Canary": "canary", "Content-Length": "999999999"})]
    with pytest.raises(NotDelivered) as raised:
        deliver(first.url, b"{}", "t=1", ("127.0.0.1",))
    assert str(raised.value) == "127.0.0.1 answered 500"


def test_a_host_that_takes_its_time_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback, "_MAX_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                for _ in range(600):
                    connection.sendall(b"y")
                    time.sleep(0.05)

        talking = pool.submit(trickle)
        began = time.monotonic()
        # It said 200 before it trickled: whether that counts is not the point.
        with contextlib.suppress(NotDelivered):
            deliver(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", "t=1", ("127.0.0.1",))
        assert time.monotonic() - began < 20
        talking.result(60)


def test_an_address_of_the_internet_is_public_in_either_spelling() -> None:
    assert is_public("93.184.216.34")
    assert is_public("::ffff:93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
