"""What a worker and its child say to each other: JSON objects over pipes, each after its length."""

from __future__ import annotations

import struct
from typing import IO, Any

import orjson

_LENGTH = struct.Struct("!I")


def send(pipe: IO[bytes], message: dict[str, Any]) -> None:
    """Writes a message.

    Raises:
        BrokenPipeError: the other side has ended.
    """
    content = orjson.dumps(message)
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> dict[str, Any] | None:
    """The next message; None if the other side has ended."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = pipe.read(length)
    return None if len(content) < length else dict(orjson.loads(content))
