"""Connects to the jobs' database (``ABINTEL_JOBS_URL``)."""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import URL, Engine, event

from stores import database

BUSY_SECONDS = 30.0
"""How long a writer waits for another transaction in SQLite. Workers can afford to wait."""


def parse_url(jobs_url: str) -> URL:
    """The URL of the jobs' database, checked.

    Raises:
        SettingError: the text is not a URL, or names an unsupported database.
    """
    return database.parse_url(jobs_url, "ABINTEL_JOBS_URL")


def connect(jobs_url: str, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for the jobs' database, which both our statements and DBOS use."""
    url = parse_url(jobs_url)
    if database.sqlite_path(url) is None:
        return database.connect(url, pool_pre_ping=True)
    engine = database.connect(url)
    event.listen(engine, "connect", functools.partial(_serialize_writers, round(busy_seconds * 1000)))
    return engine


def _serialize_writers(milliseconds: int, connection: Any, _: Any) -> None:
    """Makes transactions wait for SQLite's write lock.

    A transaction that reads first and writes later could otherwise fail because another one wrote in between.
    """
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={milliseconds}")
    connection.execute("PRAGMA foreign_keys=ON")
