"""The SHA-256 of a stored file, checked before a library parses it.

The registry compares every model that it serves with its own digest. This one covers what the registry does
not see: a folder that a reviewer loads with ``mlflow.pyfunc.load_model``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check(path: Path, expected: object) -> None:
    """Compares a file with the digest that was stored when it was written.

    Raises:
        ValueError: the file is missing, or its digest is another.
    """
    try:
        actual = digest(path)
    except OSError:
        raise ValueError(f"{path.name} is missing or damaged") from None
    if actual != expected:
        raise ValueError(f"{path.name} is damaged: its SHA-256 is another")
