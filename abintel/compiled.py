"""What plugins compile when they are first used: kept on disk, made before the server is ready."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import logging
import os
import time
from pathlib import Path

from filelock import FileLock, Timeout

from abintel.discovery import Roster
from abintel.endpoint import Plugin

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


def warm(roster: Roster, home: Path) -> None:
    """Has every plugin compile or load what its first request would otherwise wait for.

    Processes that share a folder of compiled code share the work: each takes a plugin that no other is at,
    and in the end reads what the others have compiled.

    Args:
        roster: the plugins.
        home: the data folder.
    """
    locks = _locks(home)
    taken = []
    for plugin in roster.plugins:
        try:
            with FileLock(locks / f"{plugin.name}.lock", blocking=False):
                _warm(plugin)
        except Timeout:
            taken.append(plugin)
    for plugin in taken:
        with FileLock(locks / f"{plugin.name}.lock"):
            _warm(plugin)


def _locks(home: Path) -> Path:
    """The folder of compiled code; the data folder if that one is only to be read, as an image's may be."""
    folder = Path(os.environ.get("NUMBA_CACHE_DIR", home))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return home
    return folder if os.access(folder, os.W_OK) else home


def _warm(plugin: Plugin) -> None:
    began = time.monotonic()
    plugin.warm()
    log.info("plugin %s warm after %.1f s", plugin.name, time.monotonic() - began)
