"""Verifies the credential of every request, in memory and in constant time."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from server.credentials.permissions import Caller
from server.credentials.store import CredentialStore, Live
from stores.outages import Outage

REFRESH_SECONDS = 1.0
"""How often credentials are reloaded from PostgreSQL. A revoked credential is valid for this time at most."""
# Longer than any id or secret. Longer texts are cut, so that they do not slow the check down.
_MAX_LENGTH = 64
# sqlite3 blocks the event loop, so it waits only for a checkpoint, not for a writer.
_SQLITE_BUSY_SECONDS = 0.05


class Verifier:
    """Verifies credentials against a snapshot of the live ones.

    With SQLite the snapshot is reloaded after every commit of another connection, which ``PRAGMA
    data_version`` detects without reading a page (https://sqlite.org/pragma.html#pragma_data_version). A new
    or revoked credential therefore takes effect at the next request. With PostgreSQL a thread reloads it
    every :data:`REFRESH_SECONDS`. If the database is down, the last snapshot stays in use.

    Open it in the serving process: neither its connection nor its thread survives a fork.

    Args:
        store: the credentials.
        clock: gives the current moment; a credential may have expired.
    """

    def __init__(
        self, store: CredentialStore, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._clock = clock
        self._live: Mapping[str, Live] = {}
        self._outage = Outage("the store of credentials does not answer; those last read stay in force")
        self._lock = threading.Lock()
        self._watch: sqlite3.Connection | None = None
        self._seen: int | None = None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        # Replaces a missing digest, so that every check compares two digests. No secret hashes to it.
        self._dummy = secrets.token_bytes(32)
        self._nobody = Live("", self._dummy, self._dummy)

    def open(self) -> None:
        """Loads the credentials and starts watching for changes.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, sqlite3.Error: the database does not answer, or has no tables.
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
        """Stops watching. The last snapshot stays in use."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._lock:
            if self._watch is not None:
                self._watch.close()
                self._watch = None

    def verify(self, customer_api_id: str | None, secret: str | None) -> Caller | None:
        """Who sends a credential; None if the credential is missing, unknown, revoked, expired or wrong.

        Every case takes the same time: one hash and two comparisons of 32 bytes. Accepts any text and never
        raises.
        """
        with self._lock:
            if self._watch is not None:
                try:
                    self._read_if_changed(self._watch)
                except (sqlite3.Error, SQLAlchemyError) as error:
                    self._outage.report(error)
        sent_id = (customer_api_id or "")[:_MAX_LENGTH]
        credential = self._live.get(sent_id, self._nobody)
        digest = self._store.digest((secret or "")[:_MAX_LENGTH])
        newest = hmac.compare_digest(digest, credential.digest)
        older = hmac.compare_digest(digest, credential.previous_digest or self._dummy)
        expired = credential.expires_at is not None and self._clock() >= credential.expires_at
        if not credential.tenant or expired or not newest | older:
            return None
        return Caller(credential.tenant, sent_id, credential.permissions)

    def _read_if_changed(self, watch: sqlite3.Connection) -> None:
        # Read before the rows, so that a commit in between is noticed at the next request.
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
