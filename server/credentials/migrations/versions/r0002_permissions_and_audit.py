"""Permissions and expiry of credentials, and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_REFUSAL = "the audit trail is append-only"


def upgrade() -> None:
    """Adds columns that the code of revision 0001 does not read, and a table that nothing may change."""
    for column in (
        sa.Column("routes", sa.String(1000), nullable=False, server_default=""),
        sa.Column("read_only", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("reviewer", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("abintel_credentials", column)
    op.create_table(
        "abintel_audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(100), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("tenant", sa.String(63)),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index("ix_abintel_audit_tenant", "abintel_audit", ["tenant"])
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER abintel_audit_no_{event.lower()} BEFORE {event} ON abintel_audit "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION abintel_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER abintel_audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON abintel_audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION abintel_audit_refuse()"
    )
