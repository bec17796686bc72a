"""The tables of jobs. A change here needs a revision in ``migrations/versions``.

All names begin with ``abintel_``, so that the database may hold other stores as well.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from stores.columns import UtcDateTime

VERSION_TABLE = "abintel_jobs_schema_version"
metadata = MetaData()

jobs = Table(
    "abintel_jobs",
    metadata,
    Column("id", String(32), primary_key=True),  # begins with the time of submission, so ids sort by it
    Column("tenant", String(63), nullable=False),
    Column("endpoint", String(63), nullable=False),
    Column("query", JSON, nullable=False),  # query parameters that the route knows
    Column("headers", JSON, nullable=False),  # headers that the route knows; never a credential
    Column("form", String(80), nullable=False),  # media type of the payload
    Column("answer_form", String(80), nullable=False),  # media type of the result
    Column("digest", String(64), nullable=False),  # SHA-256 of everything that determines the answer
    Column("idempotency_key", String(255)),
    Column("callback_url", Text),
    Column("status", String(10), nullable=False),
    Column("run", Integer, nullable=False),  # number of the current run, from 1
    Column("faults", Integer, nullable=False),  # runs that failed with a transient fault
    Column("progress", Float, nullable=False),
    Column("worker", String(32)),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),  # start of the first run
    Column("ended_at", UtcDateTime),
    Column("problem", JSON),
    Column("result", String(80)),  # key of the blob
    Column("result_bytes", BigInteger),
    Column("payload_kept", Boolean, nullable=False),
    Column("parent", String(32)),  # the divided job, for a part
    Column("part", Integer),  # index of a part, from 0
    Column("parts", Integer),  # number of parts of a divided job
    UniqueConstraint("tenant", "idempotency_key", name="uq_abintel_jobs_idempotency_key"),
    Index("ix_abintel_jobs_tenant_id", "tenant", "id"),
    Index("ix_abintel_jobs_status", "status", "ended_at"),
    Index("ix_abintel_jobs_parent", "parent", "part", unique=True),
)

# Totals of ended jobs. The jobs themselves are removed after their retention time.
totals = Table(
    "abintel_job_totals",
    metadata,
    Column("endpoint", String(63), primary_key=True),
    Column("status", String(10), primary_key=True),
    Column("jobs", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),  # from the start of the first run to the end
)

workers = Table(
    "abintel_workers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("machine", String(120), nullable=False),  # see jobs/workers/heartbeat.py
    Column("pid", Integer, nullable=False),
    Column("born", Float, nullable=False),  # start of the process, Unix seconds: process ids are reused
    Column("beats", BigInteger, nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
)
