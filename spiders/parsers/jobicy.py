"""Jobicy's API (https://github.com/Jobicy/remote-jobs-api, "Response Fields")."""

from __future__ import annotations

from domain.posts import RawPosting
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import jobs_of, read_items, stated_amount
from spiders.parsers.periods import stated_period
from spiders.parsers.result import ParseResult

_NO_LEVEL = "Any"  # what it writes where no level is asked for


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every job of ``body``; raise :class:`ChangedShapeError` if it has no list of jobs."""
    return read_items(jobs_of(body, where), _post, source=source, where=where, audit=Audit())


def _post(job: Fields, source: str, where: str, audit: Audit) -> RawPosting:
    job.drop(["companyLogo", "jobSlug"])
    low, high = stated_amount(job.take("salaryMin")), stated_amount(job.take("salaryMax"))
    period, currency = stated_period(job.text("salaryPeriod"), where, audit), job.text("salaryCurrency")
    # Until 2025 its salaries were a year's, under names that said so; saved answers still have them.
    yearly = stated_amount(job.take("annualSalaryMin")), stated_amount(job.take("annualSalaryMax"))
    if not (low or high) and any(yearly):
        (low, high), period = yearly, "year"
    stated = bool(low or high)
    excerpt, level = job.text("jobExcerpt"), job.text("jobLevel")
    return RawPosting(
        source=source,
        where=where,
        title=job.text("jobTitle") or "",
        source_id=job.text("id"),
        url=job.text("url"),
        description=job.text("jobDescription") or excerpt,
        category=", ".join(job.texts("jobIndustry")) or None,
        contract_type=", ".join(job.texts("jobType")) or None,
        budget_min=low,
        budget_max=high,
        currency=currency if stated else None,
        period=period if stated else None,
        date_posted=job.text("pubDate"),
        experience_level=None if level == _NO_LEVEL else level,
        location=job.text("jobGeo"),
        company=job.text("companyName"),
        extra=job.extra(),
    )
