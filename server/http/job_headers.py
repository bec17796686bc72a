"""Request headers that have to do with jobs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from abintel.problem import bad_parameter

MAX_WAIT_SECONDS = 60
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,9})\"?", re.IGNORECASE)


def idempotency_key(headers: Mapping[str, str]) -> str | None:
    """The ``Idempotency-Key``, None without one.

    Raises:
        Problem: 400 for what is no key.
    """
    key = headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise bad_parameter("Idempotency-Key", "wanted are 1 to 255 printable ASCII characters, no spaces.")
    return key


def wait_of(headers: Mapping[str, str]) -> int | None:
    """Seconds of ``Prefer: wait`` (RFC 7240, section 4.3), at most 60; None if the caller would not wait."""
    for preference in re.split(r"[,;]", headers.get("prefer", "")):
        found = _WAIT.fullmatch(preference.strip())
        if found is not None:
            return min(int(found[1]), MAX_WAIT_SECONDS)
    return None
