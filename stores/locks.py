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
from sqlalchemy.exc import SQLAlchemyError

from stores.database import connect, parse_url
from stores.outages import first_line


class LockTimeout(Exception):
    """The lock was not free in time."""


class LocksUnavailable(Exception):
    """The place of the locks does not answer."""


class Locks(Protocol):
    """Named locks that their holder's death releases."""

    def hold(self, name: str, timeout: float) -> contextlib.AbstractContextManager[None]:
        """Holds the lock.

        Raises:
            LockTimeout: another held it for ``timeout`` seconds.
            LocksUnavailable: nothing can be locked.
        """
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
        except (OSError, NotImplementedError) as error:
            # A disk that is full or cannot be written, or a file system without locks.
            raise LocksUnavailable(f"{type(error).__name__}: {error}") from error
        try:
            yield
        finally:
            lock.release()


class AdvisoryLocks:
    """Locks of all machines that share a PostgreSQL database: session-level advisory locks."""

    def __init__(self, database_url: str) -> None:
        self._engine = connect(
            parse_url(database_url), poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT"
        )

    @contextlib.contextmanager
    def hold(self, name: str, timeout: float) -> Iterator[None]:
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        try:
            connection = self._engine.connect()
        except SQLAlchemyError as error:
            raise LocksUnavailable(first_line(error)) from error
        try:
            self._acquire(connection, key, name, time.monotonic() + timeout)
            yield
        finally:
            # The end of a session releases its locks, and so does the end of PostgreSQL.
            with contextlib.suppress(SQLAlchemyError):
                connection.scalar(sqlalchemy.select(sqlalchemy.func.pg_advisory_unlock_all()))
            with contextlib.suppress(SQLAlchemyError):
                connection.close()

    def _acquire(self, connection: sqlalchemy.Connection, key: int, name: str, give_up: float) -> None:
        try:
            while not connection.scalar(sqlalchemy.select(sqlalchemy.func.pg_try_advisory_lock(key))):
                if time.monotonic() > give_up:
                    raise LockTimeout(name)
                time.sleep(0.05)
        except SQLAlchemyError as error:
            raise LocksUnavailable(first_line(error)) from error


def locks_for(database_url: str, home: Path) -> Locks:
    """Advisory locks where the database is PostgreSQL, else file locks in the data folder."""
    if database_url.startswith("postgresql"):
        return AdvisoryLocks(database_url)
    return FileLocks(home / "locks")
