"""The tables as the newest migration leaves them; a test holds the two against each other.

Money is integer minor units beside an ISO currency; figures that are not money (ratings, shares) are decimal
text; times are :class:`storage.columns.UtcTime`; lists and mappings are JSON text on both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from storage.columns import Minor, RowNumber, UtcTime

HEAD = "0004"
"""The revision these tables belong to."""

VERSION_TABLE = "bidwright_schema"
"""Where the revision is kept: a name of our own, since other programs use Alembic's in the same database."""

metadata = MetaData()


def _post_id() -> Column[str]:
    return Column("post_id", Text, ForeignKey("posts.post_id"), nullable=False)


posts = Table(
    "posts",
    metadata,
    Column("post_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("source_id", Text),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("skills", Text, nullable=False),
    Column("category", Text),
    Column("contract_type", Text),
    Column("pay_unit", Text),
    Column("pay_currency", Text),
    Column("pay_low", Minor),
    Column("pay_high", Minor),
    Column("pay_raw", Text),
    Column("date_posted", UtcTime),
    Column("valid_through", UtcTime),
    Column("experience_level", Text),
    Column("duration", Text),
    Column("workload", Text),
    Column("location", Text),
    Column("language", Text),
    Column("proposals_min", BigInteger),
    Column("proposals_max", BigInteger),
    Column("interviewing", BigInteger),
    Column("hires", BigInteger),
    Column("connects", BigInteger),
    Column("client_id", Text),
    Column("client_name", Text),
    Column("client_country", Text),
    Column("client_payment_verified", Boolean),
    Column("client_total_spent_usd", Minor),
    Column("client_hires", BigInteger),
    Column("client_hire_rate", Text),
    Column("client_rating", Text),
    Column("client_reviews", BigInteger),
    Column("client_member_since", UtcTime),
    Column("raw", Text, nullable=False),
    Column("extra", Text, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("search_text", Text, nullable=False),  # title, skills and description, case folded
    Column("text_expired_at", UtcTime),
    Index("posts_by_source", "source", "last_seen"),
    Index("posts_by_first_seen", "first_seen", "post_id"),  # so that reading all in order need not sort
)

post_history = Table(
    "post_history",
    metadata,
    Column("row_number", RowNumber, primary_key=True),
    _post_id(),
    Column("changed_at", UtcTime, nullable=False),
    Column("title", Text, nullable=False),
    Column("pay_unit", Text),
    Column("pay_currency", Text),
    Column("pay_low", Minor),
    Column("pay_high", Minor),
    Column("pay_raw", Text),
    Column("proposals_min", BigInteger),
    Column("proposals_max", BigInteger),
    Column("text_hash", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Index("post_history_by_post", "post_id", "row_number"),
)

duplicates = Table(
    "duplicates",
    metadata,
    # The pair in alphabetical order, so that it is one pair whichever way round it is marked.
    Column("pair_first", Text, ForeignKey("posts.post_id"), primary_key=True),
    Column("pair_second", Text, ForeignKey("posts.post_id"), primary_key=True),
    _post_id(),
    Column("of_post_id", Text, ForeignKey("posts.post_id"), nullable=False),
    Column("score", Text),
    Column("reason", Text, nullable=False),
    Column("marked_at", UtcTime, nullable=False),
    Column("verdict", Text),
    Column("judged_at", UtcTime),
)

vectors = Table(
    "vectors",
    metadata,
    Column("model_id", Text, primary_key=True),
    Column("text_hash", Text, primary_key=True),
    Column("dimensions", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("row_number", RowNumber, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("status", Text),
    Column("summary", Text, nullable=False),
    UniqueConstraint("run_id", name="runs_run_id"),
)

source_runs = Table(
    "source_runs",
    metadata,
    Column("row_number", RowNumber, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.run_id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime, nullable=False),
    Column("posts_read", Integer, nullable=False),
    Column("posts_new", Integer, nullable=False),
    Column("posts_updated", Integer, nullable=False),
    Column("issues", Integer, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("url", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("coverage", Text, nullable=False, server_default="{}"),
    Column("findings", Text, nullable=False, server_default="[]"),
    Column("retry_at", UtcTime),
    Column("failing_since", UtcTime),
    Column("wait_until", UtcTime),
    UniqueConstraint("run_id", "source", name="source_runs_run_source"),
    Index("source_runs_by_source", "source", "row_number"),
)

events = Table(
    "events",
    metadata,
    Column("row_number", RowNumber, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("corrects", Text),
    UniqueConstraint("event_id", name="events_event_id"),
    Index("events_by_subject", "subject", "row_number"),
)

digests = Table(
    "digests",
    metadata,
    Column("profile_key", Text, primary_key=True),
    Column("local_date", Date, primary_key=True),
    Column("inputs_hash", Text, nullable=False),
    Column("payload_json", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("row_number", RowNumber, primary_key=True),
    _post_id(),
    Column("path", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("generated_hash", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("post_id", "path", name="drafts_post_path"),
)

draft_versions = Table(
    "draft_versions",
    metadata,
    Column("row_number", RowNumber, primary_key=True),
    _post_id(),
    Column("number", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("template", Text),
    Column("opener", Text),
    Column("words", Integer, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column(
        "body", LargeBinary, nullable=False
    ),  # bytes: a person's file may hold what no database takes as text
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("post_id", "number", name="draft_versions_post_number"),
)

draft_notes = Table(
    "draft_notes",
    metadata,
    Column("row_number", RowNumber, primary_key=True),
    _post_id(),
    Column("text", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("draft_notes_by_post", "post_id", "row_number"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("row_number", RowNumber, primary_key=True),
    _post_id(),
    Column("opinion", Text),  # none: the opinions before were taken back
    Column("because", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("preferences_by_post", "post_id", "row_number"),
)
