"""Connects to the stores of credentials and of jobs: SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from abintel.settings import SettingError

BUSY_SECONDS = 5.0
"""How long a SQLite connection waits for another writer."""
START_SECONDS = 60.0
"""How long a start waits for another process that is migrating the store."""
# A server that disappears must not block a request for the minutes of TCP's own timeouts.
_POSTGRES_DEFAULTS = {"connect_timeout": 3, "tcp_user_timeout": 3000}


def parse_url(database_url: str, variable: str = "ABINTEL_DATABASE_URL") -> URL:
    """Parses and checks the URL of a store. PostgreSQL always uses psycopg 3.

    Args:
        database_url: SQLAlchemy URL.
        variable: the environment variable of the setting.

    Raises:
        SettingError: the text is not a URL, the database is not supported, or SQLite is in memory.
    """
    try:
        url = make_url(database_url)
    except ArgumentError:
        # The message does not repeat the text, because it may contain a password.
        raise SettingError(
            f"{variable} is no database URL; wanted is sqlite:///path or postgresql://user@host/name"
        ) from None
    backend = url.get_backend_name()
    if backend == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise SettingError(
                f"{variable}={url}: SQLite needs a file that all processes share, sqlite:///path"
            )
        return url
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise SettingError(
        f"{variable} begins with {backend}: wanted is sqlite:///path or postgresql://user@host/name"
    )


def sqlite_path(url: URL) -> Path | None:
    """The file of a SQLite URL, None for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database).absolute()


def connect(url: URL, **options: Any) -> Engine:
    """An engine for a checked URL. It connects at the first use."""
    if sqlite_path(url) is not None:
        return create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **options)
    unset = {key: value for key, value in _POSTGRES_DEFAULTS.items() if key not in url.query}
    return create_engine(url, connect_args=unset, **options)


@contextmanager
def sqlite_setup(path: Path) -> Iterator[None]:
    """Creates a database file that only this user can read, and locks out other processes during the set-up.

    SQLite gives its ``-wal`` and ``-shm`` files the mode of the database. Two processes that switch a new
    file to WAL at the same time would get ``database is locked`` despite the busy timeout. The lock prevents
    that.

    Raises:
        OSError: the folder or the file cannot be created.
        filelock.Timeout: another process held the lock for :data:`START_SECONDS`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock", timeout=START_SECONDS, mode=0o600):
        path.touch(mode=0o600)
        yield
