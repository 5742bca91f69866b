"""Working Nomads' public feed (https://www.workingnomads.com/api/exposed_jobs/): a list of jobs."""

from __future__ import annotations

from domain.posts import RawPosting
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import list_at, read_items
from spiders.parsers.result import ParseResult


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every job of ``body``; raise :class:`ChangedShapeError` if it is not a list."""
    return read_items(list_at(body, where), _post, source=source, where=where, audit=Audit())


def _post(job: Fields, source: str, where: str, _audit: Audit) -> RawPosting:
    skills = (tag.strip() for tag in (job.text("tags") or "").split(","))
    return RawPosting(
        source=source,
        where=where,
        title=job.text("title") or "",
        url=job.text("url"),
        description=job.text("description"),
        skills=tuple(dict.fromkeys(skill for skill in skills if skill)),
        category=job.text("category_name"),
        date_posted=job.text("pub_date"),
        location=job.text("location"),
        company=job.text("company_name"),
        extra=job.extra(),
    )
