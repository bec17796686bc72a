"""Credentials, and the rate limits of PostgreSQL installations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From an empty store."""
    op.create_table(
        "abintel_credentials",
        sa.Column("customer_api_id", sa.String(36), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("previous_digest", sa.LargeBinary(32)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_abintel_credentials_tenant", "abintel_credentials", ["tenant"])
    op.create_table(
        "abintel_rate_limits",
        sa.Column("tenant", sa.String(63), primary_key=True),
        sa.Column("arrival_ns", sa.BigInteger, nullable=False),
    )
