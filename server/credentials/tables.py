"""The tables of the store; a change here needs a revision in ``migrations/versions``.

Names begin with ``abintel_``, the version table's too, so that the database may be MLflow's as well.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table

from stores.columns import UtcDateTime

VERSION_TABLE = "abintel_schema_version"
metadata = MetaData()

credentials = Table(
    "abintel_credentials",
    metadata,
    Column("customer_api_id", String(36), primary_key=True),
    Column("tenant", String(63), nullable=False, index=True),
    Column("digest", LargeBinary(32), nullable=False),  # HMAC-SHA-256 of the newest secret
    Column("previous_digest", LargeBinary(32)),  # of the one before it, while both are live
    Column("created_at", UtcDateTime, nullable=False),
    Column("rotated_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

# With SQLite the limiter keeps this table in a file of its own; see server/load/rate_limit.py.
rate_limits = Table(
    "abintel_rate_limits",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("arrival_ns", BigInteger, nullable=False),  # GCRA's theoretical arrival time, Unix nanoseconds
)
