"""The record of jobs, for the commands that show it."""

from __future__ import annotations

from tests import postgres
from tests.jobs import conftest as jobs

postgres_url = postgres.postgres_url
settings = jobs.settings
record = jobs.record
