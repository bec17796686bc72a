"""Named locks across processes and machines, such as one training at a time per model."""

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
    """The lock was not released in time."""


class LocksUnavailable(Exception):
    """The lock service (file system or database) does not work."""


class Locks(Protocol):
    """Named locks that are released when their holder dies."""

    def hold(self, name: str, timeout: float) -> contextlib.AbstractContextManager[None]:
        """Holds the lock.

        Raises:
            LockTimeout: another process held it for ``timeout`` seconds.
            LocksUnavailable: locking is impossible.
        """
        ...


class FileLocks:
    """Locks between the processes of one machine: one locked file each, which the kernel releases on
    death."""

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
            # The disk is full or read-only, or the file system has no locks.
            raise LocksUnavailable(f"{type(error).__name__}: {error}") from error
        try:
            yield
        finally:
            lock.release()


class AdvisoryLocks:
    """Locks between all machines that share a PostgreSQL database: session-level advisory locks."""

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
            # A failure here is harmless: the end of the session releases its locks.
            with contextlib.suppress(SQLAlchemyError):
                connection.scalar(sqlalchemy.select(sqlalchemy.func.pg_advisory_unlock_all()))
            with contextlib.suppress(SQLAlchemyError):
                connection.close()

    def _acquire(self, connection: sqlalchemy.Connection, key: int, name: str, deadline: float) -> None:
        try:
            while not connection.scalar(sqlalchemy.select(sqlalchemy.func.pg_try_advisory_lock(key))):
                if time.monotonic() > deadline:
                    raise LockTimeout(name)
                time.sleep(0.05)
        except SQLAlchemyError as error:
            raise LocksUnavailable(first_line(error)) from error


def locks_for(database_url: str, home: Path) -> Locks:
    """Advisory locks if the database is PostgreSQL, else file locks in the data folder."""
    if database_url.startswith("postgresql"):
        return AdvisoryLocks(database_url)
    return FileLocks(home / "locks")
