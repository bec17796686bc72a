"""The schema of the credentials' database."""

from __future__ import annotations

from server.credentials.tables import VERSION_TABLE
from stores import migrations
from stores.migrations import Migrations, State

CREDENTIALS = Migrations(
    "server.credentials:migrations", VERSION_TABLE, "credentials", "ABINTEL_DATABASE_URL"
)


def ensure(database_url: str) -> None:
    """Migrates an empty store, and rejects any other that is not at the code's revision.

    Raises:
        SettingError: the URL does not name a usable database.
        CannotStart: the store cannot be opened, or its schema is older or newer than the code's.
    """
    migrations.ensure(database_url, CREDENTIALS)


def upgrade(database_url: str) -> State:
    """Migrates a store to the code's revision; returns its state before.

    Raises:
        SettingError: the URL does not name a usable database.
        CannotStart: the store cannot be opened, or its schema is newer than the code's.
    """
    return migrations.upgrade(database_url, CREDENTIALS)
