"""What plugins compile when they are first used: kept on disk, made before the server is ready."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import logging
import os
import time
from pathlib import Path

from abintel.discovery import Roster

log = logging.getLogger(__name__)


def keep_compiled(home: Path) -> None:
    """Has compiled code (numba) kept under a data folder, unless the environment says where.

    Call it before a plugin is imported.
    """
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home.absolute() / "compiled" / _source_digest()))


@functools.cache
def _source_digest() -> str:
    """Of the plugins' source. numba looks only at the file of the function that it compiled: code that was
    inlined from a file that has changed since would stay in use."""
    spec = importlib.util.find_spec("plugins")
    total = hashlib.sha256()
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for path in sorted(Path(folder).rglob("*.py")):
            total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def warm(roster: Roster) -> None:
    """Has every plugin compile or load what its first request would otherwise wait for."""
    for plugin in roster.plugins:
        began = time.monotonic()
        plugin.warm()
        log.info("plugin %s warm after %.1f s", plugin.name, time.monotonic() - began)
