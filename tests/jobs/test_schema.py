"""The jobs' database: made by the first start, shared with other stores, refused if it is of newer code."""

from __future__ import annotations

from contextlib import closing

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, insert, inspect, text

from abintel.discovery import CannotStart
from abintel.settings import SettingError, Settings
from jobs.job import new_id
from jobs.store import schema
from jobs.store.record import Record
from jobs.store.schema import JOBS
from jobs.store.tables import VERSION_TABLE, jobs, metadata
from server.credentials import schema as credentials
from stores import migrations
from stores.migrations import State
from tests.jobs.test_record import NOW


def test_an_empty_store_gets_the_tables_that_the_code_uses(settings: Settings) -> None:
    migrations.ensure(settings.jobs_url, JOBS)
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


ROW = {
    "id": "0" * 31 + "1",
    "tenant": "acme",
    "endpoint": "nps",
    "query": {},
    "headers": {},
    "form": "application/json",
    "answer_form": "application/json",
    "digest": "0" * 64,
    "status": "queued",
    "run": 1,
    "faults": 0,
    "progress": 0.0,
    "submitted_at": NOW,
    "payload_kept": True,
}


def test_a_store_of_before_there_were_parts_is_upgraded_with_the_jobs_in_it(settings: Settings) -> None:
    engine = create_engine(settings.jobs_url)
    config = Config()
    config.set_main_option("script_location", JOBS.location)
    config.attributes["version_table"] = VERSION_TABLE
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    assert "parent" not in {column["name"] for column in inspect(engine).get_columns("abintel_jobs")}
    with engine.begin() as connection:
        connection.execute(insert(jobs).values(ROW))
    engine.dispose()
    with pytest.raises(
        CannotStart, match="the store of jobs is older than this code: run `abintel db upgrade`"
    ):
        schema.ensure(settings)
    assert schema.upgrade(settings) is State.OLDER
    schema.ensure(settings)
    with closing(Record(settings.jobs_url)) as record:
        [job] = record.list()
        assert (job.id, job.status, job.submitted_at) == (ROW["id"], "queued", NOW)
        assert (job.parent, job.part, job.parts) == (None, None, None)
        assert record.claim(job.id, 1, "w1", NOW) is not None
        parts = [new_id(), new_id()]
        assert record.divide(job.id, 1, parts) is not None


def test_one_database_may_hold_credentials_and_jobs(settings: Settings) -> None:
    credentials.ensure(settings.jobs_url)
    schema.ensure(settings)
    credentials.ensure(settings.jobs_url)
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
