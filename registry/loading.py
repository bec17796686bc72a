"""Loads models from memory or from their files, and refuses files that differ from the registered ones."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from abintel.endpoint import Trainable
from registry import artifact
from registry.artifact import DamagedArtifact
from registry.cache import Cache, Loaded
from registry.rules import Version
from registry.store import Store

REFUSED_SECONDS = 20.0
"""How long a refusal is remembered. Then the files are checked again: somebody may have restored them."""
_MAX_REFUSED = 1000
log = logging.getLogger(__name__)


class Loader:
    """Loads versions into the memory of a process. Each load hashes the files once.

    Args:
        cache: keeps the loaded models.
        observe: called with ``damaged`` and the endpoint's name.
    """

    def __init__(self, cache: Cache, observe: Callable[[str, str], None]) -> None:
        self._cache = cache
        self._observe = observe
        self._refused: dict[tuple[str, str, str], tuple[float, DamagedArtifact]] = {}

    def load(self, store: Store, version: Version, trainable: Trainable, endpoint: str) -> Loaded:
        """A version's model.

        Raises:
            DamagedArtifact: its files have changed or cannot be read. This was logged.
            RegistryUnavailable: MLflow does not answer.
        """
        loaded = self._cache.loaded(version)
        if loaded is None:
            self._raise_if_refused(version)
            try:
                with store.files(version) as model:
                    loaded = Loaded(*artifact.read(model, trainable, version.data_digest))
            except DamagedArtifact as error:
                self._refuse(version, endpoint, error)
                raise
            self._cache.keep(version, loaded)
        return loaded

    def is_sound(self, store: Store, version: Version, endpoint: str) -> bool:
        """Whether a version's files are still those that were registered. A damaged champion can be replaced.

        Raises:
            RegistryUnavailable: MLflow does not answer.
        """
        if self._cache.loaded(version) is not None:
            return True
        try:
            self._raise_if_refused(version)
            with store.files(version) as model:
                artifact.verify(model, version.data_digest)
        except DamagedArtifact as error:
            self._refuse(version, endpoint, error)
            return False
        return True

    def _raise_if_refused(self, version: Version) -> None:
        at, known = self._refused.get(_key(version), (float("-inf"), None))
        if known is not None and time.monotonic() - at < REFUSED_SECONDS:
            raise DamagedArtifact(known.reason, known.detail)

    def _refuse(self, version: Version, endpoint: str, error: DamagedArtifact) -> None:
        """Logs a damaged version, once per check of its files."""
        at, known = self._refused.get(_key(version), (float("-inf"), None))
        if known is not None and time.monotonic() - at < REFUSED_SECONDS:
            return
        if len(self._refused) >= _MAX_REFUSED:
            self._refused.clear()
        self._refused[_key(version)] = (time.monotonic(), error)
        log.critical(
            "version %s of %s is damaged and not served: %s",
            version.number,
            version.name,
            error.detail,
            extra={
                "event": "model_refused",
                "reason": error.reason,
                "model": version.name,
                "version": version.number,
            },
        )
        self._observe("damaged", endpoint)


def _key(version: Version) -> tuple[str, str, str]:
    return version.name, version.number, version.data_digest
