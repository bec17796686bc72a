"""Run by Alembic: migrates over the connection, and inside the transaction, of ``schema.Migrations``."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
)
with context.begin_transaction():
    context.run_migrations()
