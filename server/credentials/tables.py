"""The tables of the store. A change here needs a revision in ``migrations/versions``.

All names begin with ``abintel_``, so that the database may also be MLflow's.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
)

from stores.columns import UtcDateTime

VERSION_TABLE = "abintel_schema_version"
metadata = MetaData()

credentials = Table(
    "abintel_credentials",
    metadata,
    Column("customer_api_id", String(36), primary_key=True),
    Column("tenant", String(63), nullable=False, index=True),
    Column("digest", LargeBinary(32), nullable=False),  # HMAC-SHA-256 of the newest secret
    Column("previous_digest", LargeBinary(32)),  # of the previous secret, while both are valid
    Column("created_at", UtcDateTime, nullable=False),
    Column("rotated_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("routes", String(1000), nullable=False, server_default=""),  # patterns, separated by spaces
    Column("read_only", Boolean, nullable=False, server_default=false()),
    Column("reviewer", Boolean, nullable=False, server_default=false()),
    Column("expires_at", UtcDateTime),
)

# A trigger refuses every change of an entry.
audit = Table(
    "abintel_audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("origin", String(100), nullable=False),
    Column("action", String(40), nullable=False),
    Column("tenant", String(63), index=True),
    Column("subject", String(300), nullable=False),
    Column("details", Text, nullable=False),  # JSON
)

# With SQLite the rate limiter keeps this table in a separate file; see server/load/rate_limit.py.
rate_limits = Table(
    "abintel_rate_limits",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("arrival_ns", BigInteger, nullable=False),  # GCRA's theoretical arrival time, Unix nanoseconds
)
