"""Schema versions of our stores: an empty one is migrated, an older one waits for ``abintel db upgrade``."""

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

# Any number that no other program locks in the same database; this one is "abintel" in ASCII.
_ADVISORY_LOCK = int.from_bytes(b"abintel", "big")


class State(Enum):
    """A store's schema, compared with the code's."""

    EMPTY = "empty"
    OLDER = "older than the code"
    CURRENT = "up to date"
    NEWER = "newer than the code"


@dataclass(frozen=True)
class Migrations:
    """A set of Alembic revisions.

    Attributes:
        location: the folder of ``env.py``, as ``package:folder``, so that it is found in a wheel too.
        version_table: where a store keeps the revision that it is at.
        store: what the store holds.
        variable: the setting that says where it is.
    """

    location: str
    version_table: str
    store: str
    variable: str

    def state(self, connection: Connection) -> State:
        """How a store stands to the revisions; one that they do not know was written by newer code."""
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
    """Migrates an empty store, and accepts no other that is not at the code's revision.

    Processes that start at once take turns: the first migrates, the others find it done.

    Args:
        database_url: SQLAlchemy URL.
        migrations: the revisions of this kind of store.

    Raises:
        SettingError: the URL names no database that can be used.
        CannotStart: the store cannot be opened, or its schema is older or newer than the code's.
    """
    with _alone(database_url, migrations) as connection:
        state = migrations.state(connection)
        _refuse_newer(state, migrations)
        if state is State.OLDER:
            raise CannotStart(
                f"the store of {migrations.store} is older than this code: run `abintel db upgrade`"
            )
        if state is State.EMPTY:
            migrations.upgrade(connection)


def upgrade(database_url: str, migrations: Migrations) -> State:
    """Migrates a store to the code's revision; gives what it was before.

    Args:
        database_url: SQLAlchemy URL.
        migrations: the revisions of this kind of store.

    Raises:
        SettingError: the URL names no database that can be used.
        CannotStart: the store cannot be opened, or its schema is newer than the code's.
    """
    with _alone(database_url, migrations) as connection:
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
def _alone(database_url: str, migrations: Migrations) -> Iterator[Connection]:
    """One transaction, of which no two run at once on a store: all of a migration is kept, or nothing."""
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
                # sqlite3 itself would begin a transaction at the first INSERT, after the CREATE TABLE.
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
