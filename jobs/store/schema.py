"""The schema of the jobs' database: our tables and those of DBOS."""

from __future__ import annotations

import click
from dbos import run_dbos_database_migrations

from abintel.discovery import CannotStart
from abintel.settings import Settings
from jobs.store.database import parse_url
from jobs.store.tables import VERSION_TABLE
from stores import migrations
from stores.migrations import Migrations, State

JOBS = Migrations("jobs.store:migrations", VERSION_TABLE, "jobs", "ABINTEL_JOBS_URL")


def ensure(settings: Settings) -> None:
    """Migrates an empty store, and rejects any other that is not at the code's revision.

    Raises:
        SettingError: ``ABINTEL_JOBS_URL`` names no database that can be used.
        CannotStart: the store cannot be opened, or its schema is older or newer than the code's.
    """
    migrations.ensure(settings.jobs_url, JOBS)
    _ensure_engine(settings)


def upgrade(settings: Settings) -> State:
    """Migrates a store to the code's revision; returns its state before.

    Raises:
        SettingError: ``ABINTEL_JOBS_URL`` names no database that can be used.
        CannotStart: the store cannot be opened, or its schema is newer than the code's.
    """
    before = migrations.upgrade(settings.jobs_url, JOBS)
    _ensure_engine(settings)
    return before


def _ensure_engine(settings: Settings) -> None:
    """Creates or migrates DBOS's tables. DBOS locks against processes that migrate at the same time."""
    url = parse_url(settings.jobs_url).render_as_string(hide_password=False)
    try:
        run_dbos_database_migrations(url)
    except click.exceptions.Exit:
        # DBOS has printed the reason.
        raise CannotStart("the tables of DBOS could not be made in the jobs' database") from None
