"""Jobs that are divided, and their parts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Jobs that are there were not divided."""
    op.add_column("abintel_jobs", sa.Column("parent", sa.String(32)))
    op.add_column("abintel_jobs", sa.Column("part", sa.Integer))
    op.add_column("abintel_jobs", sa.Column("parts", sa.Integer))
    op.create_index("ix_abintel_jobs_parent", "abintel_jobs", ["parent", "part"], unique=True)
