"""Reads a request's body within its limits."""

from __future__ import annotations

import zlib

from starlette.requests import Request

from abintel.problem import Fault, Problem, bad_body

_GZIP = 16 + zlib.MAX_WBITS


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
    parts, size = [], 0
    while body:
        member = zlib.decompressobj(_GZIP)
        try:
            part = member.decompress(body, limit - size + 1)
        except zlib.error:
            raise bad_body([Fault("", "The body is not gzip, though Content-Encoding says so.")]) from None
        size += len(part)
        if size > limit:
            raise too_large(limit)
        if not member.eof:
            raise bad_body([Fault("", "The gzip body ends in the middle.")])
        parts.append(part)
        body = member.unused_data
    return b"".join(parts)
