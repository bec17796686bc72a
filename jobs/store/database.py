"""Connects to the jobs' database: ``ABINTEL_JOBS_URL``."""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import URL, Engine, event

from stores import database

BUSY_SECONDS = 30.0
"""How long a writer waits for another's transaction in SQLite: workers have the time."""


def parse_url(jobs_url: str) -> URL:
    """The URL of the jobs' database, checked.

    Raises:
        SettingError: no URL, or a database that cannot be used.
    """
    return database.parse_url(jobs_url, "ABINTEL_JOBS_URL")


def connect(jobs_url: str, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for the jobs' database, for our statements and for DBOS's alike."""
    url = parse_url(jobs_url)
    if database.sqlite_path(url) is None:
        return database.connect(url, pool_pre_ping=True)
    engine = database.connect(url)
    event.listen(engine, "connect", functools.partial(_writers_take_turns, round(busy_seconds * 1000)))
    return engine


def _writers_take_turns(milliseconds: int, connection: Any, _: Any) -> None:
    """A transaction takes SQLite's write lock at its first write, and waits for it; it never has to give up
    because another wrote after it had read."""
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={milliseconds}")
    connection.execute("PRAGMA foreign_keys=ON")
