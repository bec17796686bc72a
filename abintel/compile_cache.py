"""The cache of compiled plugin code (numba): kept on disk, filled before the server is ready."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from abintel.discovery import Roster
from abintel.endpoint import Plugin

log = logging.getLogger(__name__)


def set_compile_cache(home: Path) -> None:
    """Keeps numba's compiled code under a data folder, unless the environment names another folder.

    If that folder can only be read, as that of a container whose root is read-only, its code is copied under
    the data folder: numba refuses a folder that it cannot write. Call it before any plugin is imported.
    """
    named = os.environ.get("NUMBA_CACHE_DIR")
    kept = home.absolute() / "compiled" / _source_digest()
    if named is None:
        os.environ["NUMBA_CACHE_DIR"] = str(kept)
    elif Path(named).is_dir() and not os.access(named, os.W_OK):
        _copy(Path(named), kept)
        os.environ["NUMBA_CACHE_DIR"] = str(kept)


def _copy(compiled: Path, kept: Path) -> None:
    """Copies a folder of compiled code once; of several processes the first that is done wins."""
    if kept.exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as parent:
        copy = Path(parent) / kept.name
        # Without the permissions of the source, which may not be written.
        shutil.copytree(compiled, copy, copy_function=shutil.copyfile)
        for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        try:
            copy.rename(kept)
        except OSError:
            if not kept.exists():
                raise


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
    _tell_of_another_processor(locks)
    is_first = not any(Path(os.environ.get("NUMBA_CACHE_DIR", home)).rglob("*.nbi"))
    locked = []
    for number, plugin in enumerate(roster.plugins, 1):
        try:
            with FileLock(locks / f"{plugin.name}.lock", blocking=False):
                if is_first:
                    log.info("first start: compiling %d of %d: %s", number, len(roster.plugins), plugin.name)
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


def _tell_of_another_processor(folder: Path) -> None:
    """Says in the log if the folder's code was compiled for another processor: then it is compiled again."""
    llvm = sys.modules.get("llvmlite.binding")
    if llvm is None:
        return
    here = f"{llvm.get_host_cpu_name()}\n{llvm.get_host_cpu_features().flatten()}\n"
    note = folder / "processor.txt"
    there = note.read_text() if note.exists() else here
    if there != here:
        log.warning(
            "the compiled code is for the processor %s, and this one is %s or has other instructions: "
            "compiling again, which takes about a minute",
            there.partition("\n")[0],
            here.partition("\n")[0],
        )
    note.write_text(here)


def _warm(plugin: Plugin) -> None:
    began = time.monotonic()
    plugin.warm()
    log.info("plugin %s warm after %.1f s", plugin.name, time.monotonic() - began)
