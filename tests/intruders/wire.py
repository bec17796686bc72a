"""Bytes to a server as they are, and the answers that come back, each by itself."""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from server.credentials.store import Credential
from tests.serving import Server


@dataclass(frozen=True)
class Answer:
    """One answer of a connection."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, None without it."""
        return next((value for known, value in self.headers if known == name.lower()), None)


class Wire:
    """A connection on which a test says what it likes."""

    def __init__(self, server: Server, seconds: float = 30.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=seconds)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Sends bytes; the other side may have hung up."""
        self._socket.sendall(data)

    def until_closed(self) -> bytes:
        """All that comes, until the server closes the connection."""
        parts = []
        try:
            while part := self._socket.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
        return b"".join(parts)

    def answers(self, wanted: int = 1, quiet: float = 0.4) -> list[Answer]:
        """The answers that come until the server closes the connection, or nothing follows those wanted."""
        received = b""
        found: list[Answer] = []
        try:
            while part := self._socket.recv(65536):
                received += part
                found = parsed(received) or []
                if len(found) >= wanted:
                    self._socket.settimeout(quiet)
        except (TimeoutError, ConnectionResetError):
            pass
        whole = parsed(received)
        assert whole is not None, received[:500]
        return whole

    def has_answer(self) -> bool:
        """Whether anything came that was not read yet."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def closed_after(self, seconds: float) -> float | None:
        """How long until the server closed the connection, None if it did not."""
        began = time.monotonic()
        self._socket.settimeout(seconds)
        try:
            while self._socket.recv(65536):
                pass
        except TimeoutError:
            return None
        except ConnectionResetError:
            pass
        return time.monotonic() - began


def parsed(received: bytes) -> list[Answer] | None:
    """Answers one after the other, None if the last is not whole."""
    found = []
    while received:
        head, end, rest = received.partition(b"\r\n\r\n")
        if not end:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", first)[1])
        headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
        length = next((int(value) for name, value in headers if name == "content-length"), 0)
        if len(rest) < length:
            return None
        found.append(Answer(status, headers, rest[:length]))
        received = rest[length:]
    return found


def head(
    path: str, credential: Credential | None, *lines: str, method: str = "POST", keep: bool = False
) -> bytes:
    """A request's line and headers; with its credential, if it has one.

    Args:
        path: as it is sent.
        credential: None to send none.
        lines: further headers.
        method: as it is sent.
        keep: the connection is not to be closed after the answer.
    """
    own = ["Host: x"] if keep else ["Host: x", "Connection: close"]
    if credential is not None:
        own += [f"X-Customer-Api-Id: {credential.customer_api_id}", f"X-Secret: {credential.secret}"]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *own, *lines, "", ""]).encode("latin-1")
