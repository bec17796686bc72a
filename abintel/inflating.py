"""Bodies that come as gzip, and the limit that holds for what they inflate to."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from abintel.problem import Fault, Problem, bad_body

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 16_384


def too_large(limit: int) -> Problem:
    """413, naming the limit."""
    return Problem(
        413,
        "body-too-large",
        f"The body is larger than {limit:,} bytes (inflated, if it is compressed); send it in parts.",
    )


def inflate(body: bytes, limit: int) -> bytes:
    """A gzip body, inflated no further than its limit.

    Raises:
        Problem: 413 past the limit, 400 for bytes that are no whole gzip stream.
    """
    inflating = Inflating(limit)
    parts = list(inflating.feed(body))
    inflating.end()
    return b"".join(parts)


class Inflating:
    """A gzip stream, inflated as it comes (RFC 1952; several members are one after the other).

    Args:
        limit: bytes that it may inflate to.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._began = False
        self._member = zlib.decompressobj(_GZIP)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What more of the stream inflates to.

        Raises:
            Problem: 413 past the limit, 400 for bytes that are no gzip.
        """
        here = 0
        self._began = self._began or bool(data)
        while here < len(data):
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            # In pieces: what follows a member is copied, which for a body of many members would never end.
            piece = data[here : here + _PIECE]
            try:
                part = self._member.decompress(piece, self._limit - self._size + 1)
            except zlib.error:
                raise bad_body(
                    [Fault("", "The body is not gzip, though Content-Encoding says so.")]
                ) from None
            self._size += len(part)
            if self._size > self._limit:
                raise too_large(self._limit)
            here += len(piece) - len(self._member.unused_data)
            yield part

    def end(self) -> None:
        """Says that the stream is over.

        Raises:
            Problem: 400 if it ends in the middle.
        """
        if self._began and not self._member.eof:
            raise bad_body([Fault("", "The gzip body ends in the middle.")])
