"""Alembic's entry: migrates over the connection it is given, inside the transaction already begun there."""

from __future__ import annotations

from alembic import context

from storage.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # SQLite can, though Alembic assumes it cannot
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
