"""The record of jobs in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from abintel.settings import Settings
from jobs.store import schema
from jobs.store.record import Record
from tests import postgres

postgres_url = postgres.postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty data folder; the jobs are in either database."""
    environment = {"ABINTEL_HOME": str(tmp_path)}
    if request.param == "postgresql":
        environment["ABINTEL_JOBS_URL"] = str(request.getfixturevalue("postgres_url"))
    return Settings.from_environment(environment)


@pytest.fixture
def record(settings: Settings) -> Iterator[Record]:
    """An empty record."""
    schema.ensure(settings)
    record = Record(settings.jobs_url)
    yield record
    record.close()
