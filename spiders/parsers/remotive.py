"""Remotive's public API (https://remotive.com/api/remote-jobs)."""

from __future__ import annotations

from domain.posts import RawPosting
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import jobs_of, read_items
from spiders.parsers.result import ParseResult


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every job of ``body``; raise :class:`ChangedShapeError` if it has no list of jobs."""
    return read_items(jobs_of(body, where), _post, source=source, where=where, audit=Audit())


def _post(job: Fields, source: str, where: str, _audit: Audit) -> RawPosting:
    job.drop(["company_logo", "company_logo_url"])
    return RawPosting(
        source=source,
        where=where,
        title=job.text("title") or "",
        source_id=job.text("id"),
        url=job.text("url"),
        description=job.text("description"),
        skills=job.texts("tags"),
        category=job.text("category"),
        contract_type=job.text("job_type"),
        budget_raw=job.text("salary"),
        date_posted=job.text("publication_date"),
        location=job.text("candidate_required_location"),
        company=job.text("company_name"),
        extra=job.extra(),
    )
