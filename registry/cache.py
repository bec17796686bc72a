"""Loaded models and confirmed champions, in the memory of one process."""

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
    """A model in memory, with the ``info`` of its training."""

    model: Any
    info: dict[str, Any]


@dataclass(frozen=True)
class Confirmed:
    """A model's champion as the registry last reported it, and when."""

    version: Version | None
    at: datetime.datetime
    epoch: int


class Cache:
    """An LRU cache of loaded models and of champions.

    Args:
        capacity: how many models to keep.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._loaded: OrderedDict[tuple[str, str, str], Loaded] = OrderedDict()
        self._champions: OrderedDict[str, Confirmed] = OrderedDict()

    def loaded(self, version: Version) -> Loaded | None:
        """A version's model, None if it is not in memory."""
        key = (version.name, version.number, version.data_digest)
        with self._lock:
            loaded = self._loaded.get(key)
            if loaded is not None:
                self._loaded.move_to_end(key)
            return loaded

    def keep(self, version: Version, loaded: Loaded) -> None:
        """Adds a version's model."""
        with self._lock:
            self._loaded[(version.name, version.number, version.data_digest)] = loaded
            while len(self._loaded) > self._capacity:
                self._loaded.popitem(last=False)

    def champion(self, name: str) -> Confirmed | None:
        """The last confirmed champion of a model."""
        with self._lock:
            return self._champions.get(name)

    def confirm(self, name: str, confirmed: Confirmed) -> None:
        """Stores what the registry just reported."""
        with self._lock:
            self._champions[name] = confirmed
            self._champions.move_to_end(name)
            while len(self._champions) > 50 * self._capacity:
                self._champions.popitem(last=False)


class Epoch:
    """A change counter for the registry that all processes of this machine share: the mtime of a file.

    A process that changes the registry advances it. The others then ignore their cached champions.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def now(self) -> int:
        """The current epoch; 0 if the file is gone."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0

    def advance(self) -> None:
        """Starts a new epoch. If the file cannot be written, the other processes notice the change within 20
        s."""
        before = self.now()
        try:
            os.utime(self._path)
            if self.now() <= before:
                os.utime(self._path, ns=(before + 1, before + 1))
        except OSError as error:
            log.error("cannot tell the other processes that the registry changed: %s", error)
