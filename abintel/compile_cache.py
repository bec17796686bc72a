"""The cache of compiled plugin code (numba): kept on disk, filled before the server is ready."""

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


def set_compile_cache(home: Path) -> None:
    """Keeps numba's compiled code under a data folder, unless the environment names another folder.

    Call it before any plugin is imported.
    """
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home.absolute() / "compiled" / _source_digest()))


@functools.cache
def _source_digest() -> str:
    """A digest of the plugins' source.

    numba checks only the file of a compiled function. After a change in another file it would reuse code that
    was inlined from the old version.
    """
    spec = importlib.util.find_spec("plugins")
    digest = hashlib.sha256()
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for path in sorted(Path(folder).rglob("*.py")):
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def warm_up(roster: Roster, home: Path) -> None:
    """Makes every plugin compile or load what its first request would otherwise wait for.

    Processes that share a cache share the work: each first takes the plugins that no other process is
    compiling, and then loads what the others have compiled.

    Args:
        roster: the plugins.
        home: the data folder.
    """
    locks = _lock_folder(home)
    locked = []
    for plugin in roster.plugins:
        try:
            with FileLock(locks / f"{plugin.name}.lock", blocking=False):
                _warm(plugin)
        except Timeout:
            locked.append(plugin)
    for plugin in locked:
        with FileLock(locks / f"{plugin.name}.lock"):
            _warm(plugin)


def _lock_folder(home: Path) -> Path:
    """The cache folder; the data folder if the cache is read-only, as in a container image."""
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
