"""The pepper: the key under which secrets are hashed, kept apart from the store that holds the hashes."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

from filelock import FileLock, Timeout

from abintel.discovery import CannotStart
from abintel.settings import Settings
from stores.database import START_SECONDS

_SHORT = 16
log = logging.getLogger(__name__)


def load_pepper(settings: Settings) -> bytes:
    """``ABINTEL_PEPPER``, else the file ``<home>/pepper``, made with 32 random bytes at the first start.

    Whoever holds the pepper can compute the development credential, and without it no stored hash can be
    checked: a new pepper ends every credential.

    Raises:
        CannotStart: the file cannot be read or made, or is empty.
    """
    if settings.pepper is not None:
        if len(settings.pepper) < _SHORT:
            log.warning("ABINTEL_PEPPER is shorter than %d characters; use 32 random bytes", _SHORT)
        return settings.pepper.encode("utf-8", "surrogateescape")
    path = settings.home / "pepper"
    try:
        pepper = _read_or_make(path)
    except (OSError, Timeout) as error:
        raise CannotStart(f"the pepper {path} cannot be used: {error}; or set ABINTEL_PEPPER") from error
    if not pepper:
        raise CannotStart(
            f"the pepper {path} is empty: restore it from a backup, or delete it and make new credentials"
        )
    return pepper


def _read_or_make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock", timeout=START_SECONDS, mode=0o600):
        if not path.exists():
            # Written aside and renamed: a process that is killed here leaves no half a pepper.
            draft = path.with_name(path.name + ".new")
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        return path.read_bytes().strip()
