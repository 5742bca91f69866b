"""What a source's outcome means for the next: its address, when to come back, failures, fields, findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import UTC_TIME_GLOB, UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; runs recorded before know nothing of them."""
    op.add_column("source_runs", sa.Column("url", sa.Text))
    op.add_column("source_runs", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("source_runs", sa.Column("coverage", sa.Text, nullable=False, server_default="{}"))
    op.add_column("source_runs", sa.Column("findings", sa.Text, nullable=False, server_default="[]"))
    for name in ("retry_at", "failing_since", "wait_until"):
        _add_time("source_runs", name)


def _add_time(table: str, name: str) -> None:
    """Add a time column; on SQLite, which takes any text for a time, it checks its form."""
    if op.get_bind().dialect.name != "sqlite":
        op.add_column(table, sa.Column(name, UtcTime))
        return
    op.execute(f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR(27) CHECK ({name} GLOB '{UTC_TIME_GLOB}')")
