"""Schema versions of our stores. An empty store is migrated; an older one needs ``abintel db upgrade``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from abintel.discovery import CannotStart
from stores.database import connect, parse_url, sqlite_path, sqlite_setup
from stores.outages import first_line

# Any number that no other program locks in the same database: "abintel" in ASCII.
_ADVISORY_LOCK = int.from_bytes(b"abintel", "big")


class State(Enum):
    """The schema of a store compared with the code."""

    EMPTY = "empty"
    OLDER = "older than the code"
    CURRENT = "up to date"
    NEWER = "newer than the code"


@dataclass(frozen=True)
class Migrations:
    """A set of Alembic revisions.

    Attributes:
        location: the folder of ``env.py`` as ``package:folder``, which also works in a wheel.
        version_table: the table that holds the current revision of a store.
        store: what the store holds, for messages.
        variable: the environment variable with the address of the store.
    """

    location: str
    version_table: str
    store: str
    variable: str

    def state(self, connection: Connection) -> State:
        """Compares a store with the revisions. Newer code wrote an unknown revision."""
        context = MigrationContext.configure(connection, opts={"version_table": self.version_table})
        revision = context.get_current_revision()
        if revision is None:
            return State.EMPTY
        scripts = ScriptDirectory.from_config(self._config())
        if revision == scripts.get_current_head():
            return State.CURRENT
        known = {script.revision for script in scripts.walk_revisions()}
        return State.OLDER if revision in known else State.NEWER

    def upgrade(self, connection: Connection) -> None:
        """Migrates to the newest revision, inside the connection's transaction."""
        config = self._config()
        config.attributes["connection"] = connection
        config.attributes["version_table"] = self.version_table
        command.upgrade(config, "head")

    def _config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", self.location)
        return config


def ensure(database_url: str, migrations: Migrations) -> None:
    """Migrates an empty store, and rejects any other that is not at the code's revision.

    Processes that start at the same time wait for each other: the first one migrates.

    Args:
        database_url: SQLAlchemy URL.
        migrations: the revisions of this kind of store.

    Raises:
        SettingError: the URL does not name a usable database.
        CannotStart: the store cannot be opened, or its schema is older or newer than the code's.
    """
    with _exclusive(database_url, migrations) as connection:
        state = migrations.state(connection)
        _refuse_newer(state, migrations)
        if state is State.OLDER:
            raise CannotStart(
                f"the store of {migrations.store} is older than this code: run `abintel db upgrade`"
            )
        if state is State.EMPTY:
            migrations.upgrade(connection)


def upgrade(database_url: str, migrations: Migrations) -> State:
    """Migrates a store to the code's revision; returns its state before.

    Args:
        database_url: SQLAlchemy URL.
        migrations: the revisions of this kind of store.

    Raises:
        SettingError: the URL does not name a usable database.
        CannotStart: the store cannot be opened, or its schema is newer than the code's.
    """
    with _exclusive(database_url, migrations) as connection:
        state = migrations.state(connection)
        _refuse_newer(state, migrations)
        if state is not State.CURRENT:
            migrations.upgrade(connection)
    return state


def _refuse_newer(state: State, migrations: Migrations) -> None:
    if state is State.NEWER:
        raise CannotStart(
            f"the store of {migrations.store} is newer than this code: install the version of abintel "
            "that wrote it, or restore the store from before its upgrade"
        )


@contextmanager
def _exclusive(database_url: str, migrations: Migrations) -> Iterator[Connection]:
    """An exclusive transaction on a store, so that a migration happens once and completely, or not at all."""
    url = parse_url(database_url, migrations.variable)
    path = sqlite_path(url)
    engine = connect(url)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        try:
            if path is not None:
                stack.enter_context(sqlite_setup(path))
            connection = stack.enter_context(engine.connect())
            if path is not None:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                # sqlite3 would start a transaction only at the first INSERT, after the CREATE TABLE.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
            connection.commit()
        except (SQLAlchemyError, sqlite3.Error, OSError, Timeout) as error:
            raise CannotStart(
                f"cannot open the store of {migrations.store} {url!r}: {first_line(error)}; "
                f"see {migrations.variable}"
            ) from error
