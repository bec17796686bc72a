"""Reads a request's body up to a limit."""

from __future__ import annotations

from starlette.requests import Request

from abintel.inflate import too_large


async def read_body(request: Request, limit: int) -> bytes:
    """The bytes of a body, not decompressed.

    Raises:
        Problem: 413 as soon as more than ``limit`` bytes have arrived.
    """
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
