"""The tables of the store; a change here needs a revision in ``migrations/versions``.

Names begin with ``abintel_``, the version table's too, so that the database may be MLflow's as well.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, Dialect, LargeBinary, MetaData, String, Table
from sqlalchemy.types import TypeDecorator

VERSION_TABLE = "abintel_schema_version"
metadata = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: time zones in, UTC out. SQLite keeps no zone, so there the column holds UTC without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, refusing a moment without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; pass datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """With the zone that SQLite forgot."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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

# With SQLite the limiter keeps this table in a file of its own; see abintel/rate_limit.py.
rate_limits = Table(
    "abintel_rate_limits",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("arrival_ns", BigInteger, nullable=False),  # GCRA's theoretical arrival time, Unix nanoseconds
)
