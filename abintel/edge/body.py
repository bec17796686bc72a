"""Reads a request's body within its limits."""

from __future__ import annotations

import zlib

from starlette.requests import Request

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


async def read_body(request: Request, limit: int) -> bytes:
    """The bytes of a body as they came, read no further than its limit.

    Raises:
        Problem: 413 as soon as more than ``limit`` bytes have come.
    """
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def inflate(body: bytes, limit: int) -> bytes:
    """A gzip body, inflated no further than its limit (RFC 1952; several members are one after the other).

    Raises:
        Problem: 413 past the limit, 400 for bytes that are no whole gzip stream.
    """
    parts, size, here = [], 0, 0
    member = zlib.decompressobj(_GZIP)
    while here < len(body):
        if member.eof:
            member = zlib.decompressobj(_GZIP)
        # In pieces: what follows a member is copied, which for a body of many members would never end.
        piece = body[here : here + _PIECE]
        try:
            part = member.decompress(piece, limit - size + 1)
        except zlib.error:
            raise bad_body([Fault("", "The body is not gzip, though Content-Encoding says so.")]) from None
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
        here += len(piece) - len(member.unused_data)
    if body and not member.eof:
        raise bad_body([Fault("", "The gzip body ends in the middle.")])
    return b"".join(parts)
