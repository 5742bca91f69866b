"""Arbeitnow's API (https://www.arbeitnow.com/blog/job-board-api)."""

from __future__ import annotations

from domain.posts import RawPosting
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import list_at, read_items
from spiders.parsers.result import ParseResult


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every job of ``body``; raise :class:`ChangedShapeError` if it has no list "data"."""
    return read_items(list_at(body, where, "data"), _post, source=source, where=where, audit=Audit())


def _post(job: Fields, source: str, where: str, _audit: Audit) -> RawPosting:
    job.keep("remote", "visa_sponsorship")
    return RawPosting(
        source=source,
        where=where,
        title=job.text("title") or "",
        source_id=job.text("slug"),
        url=job.text("url"),
        description=job.text("description"),
        # Its tags are fields of work ("Marketing and Communication"), not skills.
        category=", ".join(job.texts("tags")) or None,
        contract_type=", ".join(job.texts("job_types")) or None,
        date_posted=job.text("created_at"),
        location=job.text("location"),
        company=job.text("company_name"),
        extra=job.extra(),
    )
