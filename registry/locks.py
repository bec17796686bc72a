"""One training at a time per model, over all workers and machines."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import filelock
import sqlalchemy


class LockTimeout(Exception):
    """The lock was not free in time."""


class Locks(Protocol):
    """Named locks that their holder's death releases."""

    def hold(self, name: str, timeout: float) -> contextlib.AbstractContextManager[None]:
        """Holds the lock; raises :class:`LockTimeout` after ``timeout`` seconds."""
        ...


class FileLocks:
    """Locks of the processes of one machine: a locked file each (released by the kernel on death)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def hold(self, name: str, timeout: float) -> Iterator[None]:
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        lock = filelock.FileLock(self._folder / f"{digest}.lock", thread_local=False)
        try:
            lock.acquire(timeout=timeout, poll_interval=0.02)
        except filelock.Timeout as error:
            raise LockTimeout(name) from error
        try:
            yield
        finally:
            lock.release()


class AdvisoryLocks:
    """Locks of all machines that share a PostgreSQL database: session-level advisory locks."""

    def __init__(self, database_url: str) -> None:
        self._engine = sqlalchemy.create_engine(
            database_url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT"
        )

    @contextlib.contextmanager
    def hold(self, name: str, timeout: float) -> Iterator[None]:
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        give_up = time.monotonic() + timeout
        with self._engine.connect() as connection:
            while not connection.scalar(sqlalchemy.select(sqlalchemy.func.pg_try_advisory_lock(key))):
                if time.monotonic() > give_up:
                    raise LockTimeout(name)
                time.sleep(0.05)
            try:
                yield
            finally:
                connection.scalar(sqlalchemy.select(sqlalchemy.func.pg_advisory_unlock(key)))


def locks_for(database_url: str, home: Path) -> Locks:
    """Advisory locks where the database is PostgreSQL, else file locks in the data folder."""
    if database_url.startswith("postgresql"):
        return AdvisoryLocks(database_url)
    return FileLocks(home / "locks")
