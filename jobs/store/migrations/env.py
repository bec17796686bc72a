"""Run by Alembic over the connection, and inside the transaction, of ``stores.migrations.Migrations``."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
)
with context.begin_transaction():
    context.run_migrations()
