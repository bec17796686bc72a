"""Messages between a worker and its child process: length-prefixed JSON objects over pipes."""

from __future__ import annotations

import struct
from typing import IO, Any

import orjson

_LENGTH = struct.Struct("!I")


def send(pipe: IO[bytes], message: dict[str, Any]) -> None:
    """Sends a message.

    Raises:
        BrokenPipeError: the other process has ended.
    """
    content = orjson.dumps(message)
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> dict[str, Any] | None:
    """Receives the next message; None if the other process has ended."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = pipe.read(length)
    return None if len(content) < length else dict(orjson.loads(content))
