"""Checks the credential of every request, in memory and in constant time."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import threading
from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from server.credentials.store import CredentialStore, Live
from stores.outages import Outage

REFRESH_SECONDS = 1.0
"""How often the credentials are read anew from PostgreSQL: the longest that a revoked one goes on."""
# Longer than any id or secret: what a caller sends beyond it cannot make the check slower.
_LONGEST = 64
# sqlite3 waits on the event loop, so only for a checkpoint's moment, not for a writer's.
_SQLITE_BUSY_SECONDS = 0.05


class Verifier:
    """Answers who a credential belongs to, from a snapshot of the live ones.

    With SQLite the snapshot is read anew as soon as another connection has committed, which
    ``PRAGMA data_version`` tells without reading a page (https://sqlite.org/pragma.html#pragma_data_version):
    a credential counts from the next request on, and so does its end. With PostgreSQL a thread reads it
    every :data:`REFRESH_SECONDS`, off the event loop. If the database goes away, the last snapshot stays.

    Open it in the process that serves: neither its connection nor its thread survives a fork.
    """

    def __init__(self, store: CredentialStore) -> None:
        self._store = store
        self._live: Mapping[str, Live] = {}
        self._outage = Outage("the store of credentials does not answer; those last read stay in force")
        self._lock = threading.Lock()
        self._watch: sqlite3.Connection | None = None
        self._seen: int | None = None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        # Compared where there is no digest, so that every check compares two; no secret hashes to it.
        self._dummy = secrets.token_bytes(32)
        self._nobody = Live("", self._dummy, self._dummy)

    def open(self) -> None:
        """Reads the credentials for the first time and starts to watch for changes.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not answer, or has no tables.
            sqlite3.Error: likewise.
        """
        path = self._store.sqlite_path
        if path is not None:
            self._watch = sqlite3.connect(
                f"{path.as_uri()}?mode=ro",
                uri=True,
                timeout=_SQLITE_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            self._read_if_changed(self._watch)
            return
        self._live = self._store.live()
        self._closed.clear()
        self._thread = threading.Thread(target=self._keep_reading, name="credentials", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops watching; the last snapshot stays."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._lock:
            if self._watch is not None:
                self._watch.close()
                self._watch = None

    def verify(self, customer_api_id: str | None, secret: str | None) -> str | None:
        """The tenant of a credential, None for one that is missing, unknown, revoked or wrong.

        All of these cost the same: one hash and two comparisons of 32 bytes, whatever is known of the id.
        Takes any text, and never raises.
        """
        with self._lock:
            if self._watch is not None:
                try:
                    self._read_if_changed(self._watch)
                except (sqlite3.Error, SQLAlchemyError) as error:
                    self._outage.report(error)
        known = self._live.get((customer_api_id or "")[:_LONGEST], self._nobody)
        digest = self._store.digest((secret or "")[:_LONGEST])
        newest = hmac.compare_digest(digest, known.digest)
        older = hmac.compare_digest(digest, known.previous_digest or self._dummy)
        return known.tenant or None if newest | older else None

    def _read_if_changed(self, watch: sqlite3.Connection) -> None:
        # Asked before the rows are read: a commit between the two is then found at the next request.
        version = watch.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen:
            self._live = self._store.live()
            self._seen = version

    def _keep_reading(self) -> None:
        while not self._closed.wait(REFRESH_SECONDS):
            try:
                self._live = self._store.live()
            except SQLAlchemyError as error:
                self._outage.report(error)
