"""The pepper: the key of the secrets' hashes, kept apart from the store of the hashes."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

from filelock import FileLock, Timeout

from abintel.discovery import CannotStart
from abintel.settings import Settings
from stores.database import START_SECONDS

_MIN_LENGTH = 16
log = logging.getLogger(__name__)


def load_pepper(settings: Settings) -> bytes:
    """``ABINTEL_PEPPER``, else the file ``<home>/pepper``, which the first start fills with 32 random bytes.

    The development credential is derived from the pepper. No stored hash can be checked without it, so a new
    pepper invalidates every credential.

    Raises:
        CannotStart: the file cannot be read or created, or is empty.
    """
    if settings.pepper is not None:
        if len(settings.pepper) < _MIN_LENGTH:
            log.warning("ABINTEL_PEPPER is shorter than %d characters; use 32 random bytes", _MIN_LENGTH)
        return settings.pepper.encode("utf-8", "surrogateescape")
    path = settings.home / "pepper"
    try:
        pepper = _read_or_create(path)
    except (OSError, Timeout) as error:
        raise CannotStart(f"the pepper {path} cannot be used: {error}; or set ABINTEL_PEPPER") from error
    if not pepper:
        raise CannotStart(
            f"the pepper {path} is empty: restore it from a backup, or delete it and make new credentials"
        )
    return pepper


def _read_or_create(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock", timeout=START_SECONDS, mode=0o600):
        if not path.exists():
            # Written to a draft and renamed, so that a killed process does not leave half a pepper.
            draft = path.with_name(path.name + ".new")
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        return path.read_bytes().strip()
