"""Every text a draft has had, and the person's notes on it; nothing of either is ever changed or removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import UTC_TIME_GLOB, RowNumber, UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; on SQLite, which takes any text for a time, their time columns check its form."""
    sqlite = op.get_bind().dialect.name == "sqlite"

    def form(table: str) -> list[sa.CheckConstraint]:
        return [sa.CheckConstraint(f"at GLOB '{UTC_TIME_GLOB}'", name=f"{table}_at_form")] if sqlite else []

    op.create_table(
        "draft_versions",
        sa.Column("row_number", RowNumber, primary_key=True),
        sa.Column("post_id", sa.Text, sa.ForeignKey("posts.post_id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("template", sa.Text),
        sa.Column("opener", sa.Text),
        sa.Column("words", sa.Integer, nullable=False),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.UniqueConstraint("post_id", "number", name="draft_versions_post_number"),
        sa.CheckConstraint(
            "origin IN ('generated', 'edited', 'polished', 'sent')", name="draft_versions_origin"
        ),
        *form("draft_versions"),
    )
    op.create_table(
        "draft_notes",
        sa.Column("row_number", RowNumber, primary_key=True),
        sa.Column("post_id", sa.Text, sa.ForeignKey("posts.post_id"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        *form("draft_notes"),
    )
    op.create_index("draft_notes_by_post", "draft_notes", ["post_id", "row_number"])
