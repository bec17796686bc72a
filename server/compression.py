"""Compresses answers with gzip for callers that accept it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

GZIP_FROM = 1024
"""Answers are compressed from this size in bytes."""
GZIP_LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS


def takes_gzip(accepted: str) -> bool:
    """Whether an ``Accept-Encoding`` allows gzip (RFC 9110, section 12.5.3).

    >>> takes_gzip("br, gzip;q=0.5"), takes_gzip("gzip;q=0"), takes_gzip("")
    (True, False, False)
    """
    return _weight(accepted.lower().split(","), ("gzip", "x-gzip", "*")) > 0


def _weight(offers: Iterable[str], names: tuple[str, ...]) -> float:
    weights: dict[str, float] = {}
    for offer in offers:
        name, _, parameters = offer.strip().partition(";")
        _, _, text = parameters.partition("q=")
        try:
            weights[name.strip()] = float(text or 1)
        except ValueError:
            weights[name.strip()] = 0.0
    return next((weights[name] for name in names if name in weights), 0.0)


def packed(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Compresses pieces into one gzip stream."""
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        yield compressor.compress(piece)
    yield compressor.flush()
