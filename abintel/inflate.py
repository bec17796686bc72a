"""Decompresses gzip bodies up to a limit of the decompressed size."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from abintel.problem import Fault, Problem, bad_body

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 16_384


def too_large(limit: int) -> Problem:
    """413 with the limit."""
    return Problem(
        413,
        "body-too-large",
        f"The body is larger than {limit:,} bytes (inflated, if it is compressed); send it in parts.",
    )


def inflate(body: bytes, limit: int) -> bytes:
    """Decompresses a gzip body.

    Raises:
        Problem: 413 over the limit, 400 if the bytes are not a complete gzip stream.
    """
    inflater = Inflater(limit)
    parts = list(inflater.feed(body))
    inflater.end()
    return b"".join(parts)


class Inflater:
    """Decompresses a gzip stream incrementally (RFC 1952; a stream may have several members).

    Args:
        limit: the most bytes that it may decompress to.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._began = False
        self._member = zlib.decompressobj(_GZIP)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decompresses more of the stream.

        Raises:
            Problem: 413 over the limit, 400 if the bytes are not gzip.
        """
        position = 0
        self._began = self._began or bool(data)
        while position < len(data):
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            # In pieces: zlib copies everything after a member, which is quadratic for a body of many members.
            piece = data[position : position + _PIECE]
            try:
                part = self._member.decompress(piece, self._limit - self._size + 1)
            except zlib.error:
                raise bad_body(
                    [Fault("", "The body is not gzip, though Content-Encoding says so.")]
                ) from None
            self._size += len(part)
            if self._size > self._limit:
                raise too_large(self._limit)
            position += len(piece) - len(self._member.unused_data)
            yield part

    def end(self) -> None:
        """Ends the stream.

        Raises:
            Problem: 400 if the stream is incomplete.
        """
        if self._began and not self._member.eof:
            raise bad_body([Fault("", "The gzip body ends in the middle.")])
