"""Request headers of jobs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from abintel.problem import bad_parameter

MAX_WAIT_SECONDS = 60
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,9})\"?", re.IGNORECASE)


def idempotency_key(headers: Mapping[str, str]) -> str | None:
    """The ``Idempotency-Key``, None if it is absent.

    Raises:
        Problem: 400 for an invalid key.
    """
    key = headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise bad_parameter("Idempotency-Key", "wanted are 1 to 255 printable ASCII characters, no spaces.")
    return key


def wait_of(headers: Mapping[str, str]) -> int | None:
    """The seconds of ``Prefer: wait`` (RFC 7240, section 4.3), at most 60; None if the header is absent."""
    for preference in re.split(r"[,;]", headers.get("prefer", "")):
        match = _WAIT.fullmatch(preference.strip())
        if match is not None:
            return min(int(match[1]), MAX_WAIT_SECONDS)
    return None
