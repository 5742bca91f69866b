"""What a person likes and dislikes, and why: every word of it in order, the last one of a post in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import UTC_TIME_GLOB, RowNumber, UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; on SQLite, which takes any text for a time, its time column checks its form."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    form = sa.CheckConstraint(f"at GLOB '{UTC_TIME_GLOB}'", name="preferences_at_form")
    op.create_table(
        "preferences",
        sa.Column("row_number", RowNumber, primary_key=True),
        sa.Column("post_id", sa.Text, sa.ForeignKey("posts.post_id"), nullable=False),
        sa.Column("opinion", sa.Text),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.CheckConstraint("opinion IN ('like', 'dislike')", name="preferences_opinion"),
        *((form,) if sqlite else ()),
    )
    op.create_index("preferences_by_post", "preferences", ["post_id", "row_number"])
