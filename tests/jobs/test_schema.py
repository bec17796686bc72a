"""The jobs' database: made by the first start, shared with other stores, refused if it is of newer code."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

import abintel.credentials.schema as stores
from abintel.credentials.schema import State
from abintel.discovery import CannotStart
from abintel.settings import SettingError, Settings
from jobs import schema
from jobs.schema import JOBS
from jobs.tables import VERSION_TABLE, metadata


def test_an_empty_store_gets_the_tables_that_the_code_uses(settings: Settings) -> None:
    stores.ensure(settings.jobs_url, JOBS)
    engine = create_engine(settings.jobs_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_second_start_changes_nothing_and_the_queue_s_tables_are_there(settings: Settings) -> None:
    schema.ensure(settings)
    schema.ensure(settings)
    assert schema.upgrade(settings) is State.CURRENT
    engine = create_engine(settings.jobs_url)
    of_the_queue = "dbos" if engine.dialect.name == "postgresql" else None
    assert inspect(engine).has_table("workflow_status", schema=of_the_queue)
    engine.dispose()


def test_one_database_may_hold_credentials_and_jobs(settings: Settings) -> None:
    stores.ensure(settings.jobs_url)
    schema.ensure(settings)
    stores.ensure(settings.jobs_url)
    assert schema.upgrade(settings) is State.CURRENT


def test_a_store_of_newer_code_is_refused(settings: Settings) -> None:
    schema.ensure(settings)
    engine = create_engine(settings.jobs_url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = 'from the future'"))
    engine.dispose()
    for refused in (schema.ensure, schema.upgrade):
        with pytest.raises(CannotStart, match="the store of jobs is newer than this code"):
            refused(settings)


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/x", "sqlite://"])
def test_a_url_that_cannot_be_used_names_its_variable(url: str) -> None:
    with pytest.raises(SettingError, match=r"^ABINTEL_JOBS_URL"):
        schema.ensure(Settings.from_environment({"ABINTEL_JOBS_URL": url}))
