"""Himalayas' API (https://himalayas.app/jobs/api)."""

from __future__ import annotations

from typing import Any

from domain.posts import RawPosting
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import jobs_of, read_items, stated_amount
from spiders.parsers.jsontext import as_text
from spiders.parsers.periods import stated_period
from spiders.parsers.result import ParseResult

_PLACEHOLDER = "name"  # what the API gives as the name of many companies


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every job of ``body``; raise :class:`ChangedShapeError` if it has no list of jobs."""
    return read_items(jobs_of(body, where), _post, source=source, where=where, audit=Audit())


def _post(job: Fields, source: str, where: str, audit: Audit) -> RawPosting:
    low, high = stated_amount(job.take("minSalary")), stated_amount(job.take("maxSalary"))
    period, currency = stated_period(job.text("salaryPeriod"), where, audit), job.text("currency")
    excerpt, guid, link = job.text("excerpt"), job.text("guid"), job.text("applicationLink")
    parents = job.texts("parentCategories")
    categories = job.texts("categories")
    company = job.text("companyName")
    job.drop(["companyLogo"])
    job.keep("companySlug", "timezoneRestrictions")
    stated = bool(low or high)
    return RawPosting(
        source=source,
        where=where,
        title=job.text("title") or "",
        source_id=guid,
        url=link or guid,
        description=job.text("description") or excerpt,
        # Their categories are roles ("Django-Developer"), not skills.
        category=", ".join(dict.fromkeys((*parents, *categories))) or None,
        contract_type=job.text("employmentType"),
        budget_min=low,
        budget_max=high,
        currency=currency if stated else None,
        period=period if stated else None,
        date_posted=job.text("pubDate"),
        valid_through=job.text("expiryDate"),
        experience_level=", ".join(job.texts("seniority")) or None,
        location=", ".join(_countries(job.take("locationRestrictions"))) or None,
        company=None if company == _PLACEHOLDER else company,
        extra=job.extra(),
    )


def _countries(value: Any) -> list[str]:
    """Return the names in a list of countries; the API has given them as texts and as objects."""
    items = value if isinstance(value, list) else []
    return [as_text(item.get("name") if isinstance(item, dict) else item) for item in items]
