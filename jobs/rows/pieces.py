"""What a part of a job is given, and what it gives: bytes of the endpoint's own, and the remarks so far."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import orjson

_LENGTH = struct.Struct("!I")
Remarks = Sequence[dict[str, str]]


def sealed(content: bytes, remarks: Remarks = ()) -> bytes:
    """Content and remarks as one blob.

    >>> opened(sealed(b"rows", [{"code": "few", "message": "Few rows."}]))
    ([{'code': 'few', 'message': 'Few rows.'}], b'rows')
    """
    head = orjson.dumps(list(remarks))
    return _LENGTH.pack(len(head)) + head + content


def opened(blob: bytes) -> tuple[list[dict[str, str]], bytes]:
    """Remarks and content of a blob."""
    (length,) = _LENGTH.unpack_from(blob)
    end = _LENGTH.size + length
    return orjson.loads(blob[_LENGTH.size : end]), blob[end:]
