"""Jobs, and the workers that do them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From an empty store."""
    op.create_table(
        "abintel_jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("endpoint", sa.String(63), nullable=False),
        sa.Column("query", sa.JSON, nullable=False),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("form", sa.String(80), nullable=False),
        sa.Column("answer_form", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("callback_url", sa.Text),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("faults", sa.Integer, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("worker", sa.String(32)),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("problem", sa.JSON),
        sa.Column("result", sa.String(80)),
        sa.Column("result_bytes", sa.BigInteger),
        sa.Column("payload_kept", sa.Boolean, nullable=False),
        sa.UniqueConstraint("tenant", "idempotency_key", name="uq_abintel_jobs_idempotency_key"),
    )
    op.create_index("ix_abintel_jobs_tenant_id", "abintel_jobs", ["tenant", "id"])
    op.create_index("ix_abintel_jobs_status", "abintel_jobs", ["status", "ended_at"])
    op.create_table(
        "abintel_job_totals",
        sa.Column("endpoint", sa.String(63), primary_key=True),
        sa.Column("status", sa.String(10), primary_key=True),
        sa.Column("jobs", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
    )
    op.create_table(
        "abintel_workers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("machine", sa.String(120), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("born", sa.Float, nullable=False),
        sa.Column("beats", sa.BigInteger, nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
    )
