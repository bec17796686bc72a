"""Rate limits per tenant, counted across all processes: ``ABINTEL_RATE_LIMIT``.

The generic cell rate algorithm (ITU-T I.371, annex A, virtual scheduling) keeps one number per tenant, the
theoretical arrival time of its next request. A limit of 600/min admits 600 requests at once, then one every
0.1 s. Times are whole nanoseconds, so the count is exact.

With SQLite the numbers are in ``<home>/rate_limits.db``, which the processes of a machine share. In the
credentials' file each request would look like a change of credentials. With PostgreSQL they are in the
credentials' database, which all machines share. Their clocks should differ by much less than the period.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from filelock import Timeout
from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError

from abintel.discovery import CannotStart
from abintel.settings import Settings
from stores.database import connect, parse_url, sqlite_path, sqlite_setup
from stores.outages import Outage, first_line

# The event loop waits for this lock, so no longer than a statement of another process takes.
_SQLITE_BUSY_SECONDS = 0.05

_CREATE = (
    "CREATE TABLE IF NOT EXISTS abintel_rate_limits (tenant TEXT PRIMARY KEY, arrival_ns INTEGER NOT NULL)"
)
# One statement is one transaction, in SQLite and in PostgreSQL. For a request over the limit it changes no
# row. (With RETURNING, SQLite would hold its lock until the row is fetched.) An arrival time more than a
# period ahead was written under another limit or by a clock that was ahead. It is ignored.
_ADMIT = """
INSERT INTO abintel_rate_limits AS stored (tenant, arrival_ns) VALUES (:tenant, :fresh)
ON CONFLICT (tenant) DO UPDATE SET arrival_ns =
    CASE WHEN stored.arrival_ns BETWEEN :now AND :horizon THEN stored.arrival_ns + :interval ELSE :fresh END
WHERE stored.arrival_ns <= :latest OR stored.arrival_ns > :horizon
"""
_ARRIVAL = "SELECT arrival_ns FROM abintel_rate_limits WHERE tenant = :tenant"
_FORGET = "DELETE FROM abintel_rate_limits WHERE tenant = :tenant"


class RateLimiter:
    """Limits the requests of every tenant. Create it in the serving process: it connects at once.

    If its store fails, requests pass and a warning is logged once a minute. A limit protects the service and
    must not stop it.

    Args:
        settings: ``rate_limit`` (None admits everything) and the address of the store.

    Raises:
        SettingError: ``ABINTEL_DATABASE_URL`` names no database that can be used.
        CannotStart: the file cannot be made.
    """

    def __init__(self, settings: Settings) -> None:
        url = parse_url(settings.database_url)
        self._rows: _Rows = (
            _PostgresRows(url) if sqlite_path(url) is None else _SqliteRows(settings.home / "rate_limits.db")
        )
        self._limit = settings.rate_limit
        self._outage = Outage("the store of rate limits does not answer; requests pass unlimited")
        self._retry_at = float("-inf")
        if self._limit is not None:
            period = round(self._limit.seconds * 1e9)
            self._interval = max(1, period // self._limit.requests)
            self._period = self._interval * self._limit.requests

    @property
    def is_remote(self) -> bool:
        """Whether the store is a network away, so that a query needs a thread."""
        return isinstance(self._rows, _PostgresRows)

    def close(self) -> None:
        """Closes the store."""
        self._rows.close()

    def check(self, tenant: str, now: float) -> float:
        """Counts a request.

        Args:
            tenant: who sent the request.
            now: Unix time in seconds.

        Returns:
            0.0 if the request may pass, else the seconds until the next one may (``Retry-After``). A rejected
            request is not counted.
        """
        if self._limit is None or time.monotonic() < self._retry_at:
            return 0.0
        instant = round(now * 1e9)
        latest = instant + self._period - self._interval
        values = {
            "tenant": tenant,
            "now": instant,
            "interval": self._interval,
            "fresh": instant + self._interval,
            "latest": latest,
            "horizon": instant + self._period,
        }
        try:
            if self._rows.change(_ADMIT, values):
                return 0.0
            arrival = self._rows.first(_ARRIVAL, {"tenant": tenant})
        except (sqlite3.Error, SQLAlchemyError) as error:
            self._outage.report(error)
            self._retry_at = time.monotonic() + self._rows.pause
            return 0.0
        # None or in the past: another process deleted or renewed the row between the two statements.
        return max(1, (arrival or 0) - latest) / 1e9

    def forget(self, tenant: str) -> None:
        """Removes a tenant's row, whether or not a limit is set now.

        Raises:
            sqlite3.Error, sqlalchemy.exc.SQLAlchemyError: the store does not answer.
        """
        self._rows.change(_FORGET, {"tenant": tenant})


class _Rows(Protocol):
    """A database that holds the table ``abintel_rate_limits``.

    Attributes:
        pause: seconds for which it is not used after a failure, so that not every request waits for a
            timeout.
    """

    pause: float

    def close(self) -> None: ...

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        """Runs a statement in its own transaction and returns the number of changed rows."""
        ...

    def first(self, statement: str, values: Mapping[str, Any]) -> int | None:
        """The first number that a query returns, if any."""
        ...


class _SqliteRows:
    """A SQLite file. It may be lost, so it is not synchronised to the disk."""

    pause = 1.0

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            with sqlite_setup(path):
                self._connection = self._usable()
        except (sqlite3.Error, OSError, Timeout) as error:
            raise CannotStart(f"cannot open {path}: {first_line(error)}") from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    def first(self, statement: str, values: Mapping[str, Any]) -> int | None:
        with self._lock:
            rows = self._connection.execute(statement, values).fetchall()
        return rows[0][0] if rows else None

    def _usable(self) -> sqlite3.Connection:
        """A connection to an intact file. A file that a power cut damaged is replaced."""
        try:
            return self._connected()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._path.touch(mode=0o600)
            return self._connected()

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_SQLITE_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(_CREATE)
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


class _PostgresRows:
    """The credentials' database. Its migrations create the table."""

    # An attempt takes up to the connection timeout, 3 s.
    pause = 30.0

    def __init__(self, url: URL) -> None:
        # In autocommit a statement takes one round trip instead of three.
        self._engine = connect(url).execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        self._engine.dispose()

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        with self._engine.connect() as connection:
            return connection.execute(text(statement), values).rowcount

    def first(self, statement: str, values: Mapping[str, Any]) -> int | None:
        with self._engine.connect() as connection:
            return connection.execute(text(statement), values).scalar()
