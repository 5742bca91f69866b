"""The address a source had in each run: what a server said of one says nothing of another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; runs recorded before know no address."""
    op.add_column("source_runs", sa.Column("url", sa.Text))
