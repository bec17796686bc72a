"""Reads a request's body within its limits."""

from __future__ import annotations

from starlette.requests import Request

from abintel.inflating import too_large


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
