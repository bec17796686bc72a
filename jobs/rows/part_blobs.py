"""The blobs of a part: its input and its result, each with the warnings of the call so far."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import orjson

_LENGTH = struct.Struct("!I")
Warnings = Sequence[dict[str, str]]


def pack(content: bytes, warnings: Warnings = ()) -> bytes:
    """Packs content and warnings into one blob.

    >>> unpack(pack(b"rows", [{"code": "few", "message": "Few rows."}]))
    ([{'code': 'few', 'message': 'Few rows.'}], b'rows')
    """
    head = orjson.dumps(list(warnings))
    return _LENGTH.pack(len(head)) + head + content


def unpack(blob: bytes) -> tuple[list[dict[str, str]], bytes]:
    """Warnings and content of a blob."""
    (length,) = _LENGTH.unpack_from(blob)
    end = _LENGTH.size + length
    return orjson.loads(blob[_LENGTH.size : end]), blob[end:]
