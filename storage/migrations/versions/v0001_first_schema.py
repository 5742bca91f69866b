"""The first schema: posts and their history, duplicates, vectors, runs, events, digests, drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import UTC_TIME_GLOB, RowNumber, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, and the triggers that keep events as they were recorded."""
    _create_posts()
    _create_judgements()
    _create_runs()
    _create_books()
    _guard_events()


def _create(name: str, *parts: sa.schema.SchemaItem) -> None:
    """Create a table; on SQLite, which takes any text for a time, each time column checks its form."""
    forms = []
    if op.get_bind().dialect.name == "sqlite":
        times = [
            part.name for part in parts if isinstance(part, sa.Column) and isinstance(part.type, UtcTime)
        ]
        forms = [
            sa.CheckConstraint(f"{time} GLOB '{UTC_TIME_GLOB}'", name=f"{name}_{time}_form") for time in times
        ]
    op.create_table(name, *parts, *forms)


def _create_posts() -> None:
    _create(
        "posts",
        sa.Column("post_id", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("skills", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("contract_type", sa.Text),
        sa.Column("pay_unit", sa.Text),
        sa.Column("pay_currency", sa.Text),
        sa.Column("pay_low", sa.BigInteger),
        sa.Column("pay_high", sa.BigInteger),
        sa.Column("pay_raw", sa.Text),
        sa.Column("date_posted", UtcTime),
        sa.Column("valid_through", UtcTime),
        sa.Column("experience_level", sa.Text),
        sa.Column("duration", sa.Text),
        sa.Column("workload", sa.Text),
        sa.Column("location", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("proposals_min", sa.BigInteger),
        sa.Column("proposals_max", sa.BigInteger),
        sa.Column("interviewing", sa.BigInteger),
        sa.Column("hires", sa.BigInteger),
        sa.Column("connects", sa.BigInteger),
        sa.Column("client_id", sa.Text),
        sa.Column("client_name", sa.Text),
        sa.Column("client_country", sa.Text),
        sa.Column("client_payment_verified", sa.Boolean),
        sa.Column("client_total_spent_usd", sa.BigInteger),
        sa.Column("client_hires", sa.BigInteger),
        sa.Column("client_hire_rate", sa.Text),
        sa.Column("client_rating", sa.Text),
        sa.Column("client_reviews", sa.BigInteger),
        sa.Column("client_member_since", UtcTime),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("extra", sa.Text, nullable=False),
        sa.Column("first_seen", UtcTime, nullable=False),
        sa.Column("last_seen", UtcTime, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),  # title, skills and description, case folded
        sa.Column("text_expired_at", UtcTime),
        sa.CheckConstraint("pay_low <= pay_high", name="posts_pay_order"),
    )
    op.create_index("posts_by_source", "posts", ["source", "last_seen"])
    op.create_index("posts_by_first_seen", "posts", ["first_seen", "post_id"])
    _create(
        "post_history",
        sa.Column("row_number", RowNumber, primary_key=True),
        sa.Column("post_id", sa.Text, sa.ForeignKey("posts.post_id"), nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("pay_unit", sa.Text),
        sa.Column("pay_currency", sa.Text),
        sa.Column("pay_low", sa.BigInteger),
        sa.Column("pay_high", sa.BigInteger),
        sa.Column("pay_raw", sa.Text),
        sa.Column("proposals_min", sa.BigInteger),
        sa.Column("proposals_max", sa.BigInteger),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
    )
    op.create_index("post_history_by_post", "post_history", ["post_id", "row_number"])


def _create_judgements() -> None:
    _create(
        "duplicates",
        # The pair in alphabetical order, so that it is one pair whichever way round it is marked.
        sa.Column("pair_first", sa.Text, sa.ForeignKey("posts.post_id"), primary_key=True),
        sa.Column("pair_second", sa.Text, sa.ForeignKey("posts.post_id"), primary_key=True),
        sa.Column("post_id", sa.Text, sa.ForeignKey("posts.post_id"), nullable=False),
        sa.Column("of_post_id", sa.Text, sa.ForeignKey("posts.post_id"), nullable=False),
        sa.Column("score", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("marked_at", UtcTime, nullable=False),
        sa.Column("verdict", sa.Text),
        sa.Column("judged_at", UtcTime),
        sa.CheckConstraint("verdict IN ('yes', 'no')", name="duplicates_verdict"),
    )
    _create(
        "vectors",
        sa.Column("model_id", sa.Text, primary_key=True),
        sa.Column("text_hash", sa.Text, primary_key=True),
        sa.Column("dimensions", sa.Integer, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )


def _create_runs() -> None:
    _create(
        "runs",
        sa.Column("row_number", RowNumber, primary_key=True),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("finished_at", UtcTime),
        sa.Column("status", sa.Text),
        sa.Column("summary", sa.Text, nullable=False),
        sa.UniqueConstraint("run_id", name="runs_run_id"),
    )
    _create(
        "source_runs",
        sa.Column("row_number", RowNumber, primary_key=True),
        sa.Column("run_id", sa.Text, sa.ForeignKey("runs.run_id"), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("finished_at", UtcTime, nullable=False),
        sa.Column("posts_read", sa.Integer, nullable=False),
        sa.Column("posts_new", sa.Integer, nullable=False),
        sa.Column("posts_updated", sa.Integer, nullable=False),
        sa.Column("issues", sa.Integer, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.UniqueConstraint("run_id", "source", name="source_runs_run_source"),
    )
    op.create_index("source_runs_by_source", "source_runs", ["source", "row_number"])


def _create_books() -> None:
    _create(
        "events",
        sa.Column("row_number", RowNumber, primary_key=True),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("recorded_at", UtcTime, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("corrects", sa.Text),
        sa.UniqueConstraint("event_id", name="events_event_id"),
    )
    op.create_index("events_by_subject", "events", ["subject", "row_number"])
    _create(
        "digests",
        sa.Column("profile_key", sa.Text, primary_key=True),
        sa.Column("local_date", sa.Date, primary_key=True),
        sa.Column("inputs_hash", sa.Text, nullable=False),
        sa.Column("payload_json", sa.Text, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
    )
    _create(
        "drafts",
        sa.Column("row_number", RowNumber, primary_key=True),
        sa.Column("post_id", sa.Text, sa.ForeignKey("posts.post_id"), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("generated_hash", sa.Text, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.UniqueConstraint("post_id", "path", name="drafts_post_path"),
    )


_REFUSAL = "events are never changed or deleted"


def _guard_events() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{deed.lower()} BEFORE {deed} ON events "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_to_change_events() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    for deeds, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER events_no_{deeds.split()[0].lower()} BEFORE {deeds} ON events "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_to_change_events()"
        )
