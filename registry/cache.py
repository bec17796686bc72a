"""Loaded models and confirmed champions, in one worker's memory."""

from __future__ import annotations

import datetime
import logging
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.rules import Version

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """A model in memory, with what its training said of itself."""

    model: Any
    info: dict[str, Any]


@dataclass(frozen=True)
class Confirmed:
    """What the registry said of a model's champion, and when."""

    version: Version | None
    at: datetime.datetime
    epoch: int


class Cache:
    """The least recently used models leave first.

    Args:
        capacity: how many models to keep.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._loaded: OrderedDict[tuple[str, str, str], Loaded] = OrderedDict()
        self._champions: OrderedDict[str, Confirmed] = OrderedDict()

    def loaded(self, version: Version) -> Loaded | None:
        """A version's model, if it is in memory."""
        key = (version.name, version.number, version.data_digest)
        with self._lock:
            found = self._loaded.get(key)
            if found is not None:
                self._loaded.move_to_end(key)
            return found

    def keep(self, version: Version, loaded: Loaded) -> None:
        """Keeps a version's model."""
        with self._lock:
            self._loaded[(version.name, version.number, version.data_digest)] = loaded
            while len(self._loaded) > self._capacity:
                self._loaded.popitem(last=False)

    def champion(self, name: str) -> Confirmed | None:
        """What was last confirmed of a model's champion."""
        with self._lock:
            return self._champions.get(name)

    def confirm(self, name: str, confirmed: Confirmed) -> None:
        """Notes what the registry just said."""
        with self._lock:
            self._champions[name] = confirmed
            self._champions.move_to_end(name)
            while len(self._champions) > 50 * self._capacity:
                self._champions.popitem(last=False)


class Epoch:
    """Changes whenever a process of this machine changes the registry, so that the others read it again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def now(self) -> int:
        """The current epoch; always the same where the file is gone."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0

    def turn(self) -> None:
        """Starts another; where it cannot be written, the others ask the registry within 20 s."""
        before = self.now()
        try:
            os.utime(self._path)
            if self.now() <= before:
                os.utime(self._path, ns=(before + 1, before + 1))
        except OSError as error:
            log.error("the other processes are not told of the registry's change: %s", error)
