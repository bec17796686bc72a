"""What plugins compile or import when they are first used: compiled code is kept on disk and made before the
server is ready, imports that take seconds are made right after."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.util
import logging
import os
import threading
import time
from pathlib import Path

from abintel.discovery import Roster

_BEHIND = 10
"""Nice level, which Linux keeps per thread."""
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


def import_late(roster: Roster) -> None:
    """Imports what the plugins' functions would import when they are first called."""
    for name in sorted({name for plugin in roster.plugins for name in plugin.late}):
        try:
            importlib.import_module(name)
        except ImportError as error:
            # The routes that need it will say so; the others are served.
            log.error("%s cannot be imported: %s", name, error)


def begin_to_import(roster: Roster) -> None:
    """Has a thread do that, behind the ones that answer."""

    def work() -> None:
        began = time.monotonic()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BEHIND)
        import_late(roster)
        log.info("libraries imported after %.1f s", time.monotonic() - began)

    threading.Thread(target=work, name="imports", daemon=True).start()
