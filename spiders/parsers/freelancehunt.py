"""Freelancehunt's API 2.0 (https://apidocs.freelancehunt.com, "Projects"): JSON:API resources."""

from __future__ import annotations

from domain.posts import RawPosting
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import list_at, read_items, stated_amount
from spiders.parsers.jsontext import as_text
from spiders.parsers.result import ParseResult


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every project of ``body``; raise :class:`ChangedShapeError` if it has no list "data"."""
    return read_items(list_at(body, where, "data"), _post, source=source, where=where, audit=Audit())


def _post(item: Fields, source: str, where: str, _audit: Audit) -> RawPosting:
    job, links = item.inner("attributes"), item.inner("links")
    item.drop(["type"])
    links.drop(["comments", "bids"])
    web = links.inner("self")
    web.drop(["api"])
    job.drop(["freelancer", "updates"])
    job.keep("status", "is_remote_job", "is_premium", "is_only_for_plus", "is_personal", "safe_type", "tags")
    budget, employer = job.inner("budget"), job.inner("employer")
    amount = stated_amount(budget.take("amount"))
    currency, count = budget.text("currency"), job.text("bid_count")
    markup, plain = job.text("description_html"), job.text("description")
    client = {"id": employer.text("id"), "name": employer.text("login")}
    employer.drop(["type", "first_name", "last_name", "avatar", "self"])
    skills = job.take("skills")
    names = [as_text(skill.get("name")).strip() for skill in _objects(skills)]
    return RawPosting(
        source=source,
        where=where,
        title=job.text("name") or "",
        source_id=item.text("id"),
        url=web.text("web"),
        description=markup or plain,
        skills=tuple(dict.fromkeys(name for name in names if name)),
        budget_min=amount,
        budget_max=amount,
        currency=currency if amount else None,
        period="fixed" if amount else None,
        date_posted=job.text("published_at"),
        valid_through=job.text("expired_at"),
        location=_place(job),
        proposals_min=count,
        proposals_max=count,
        client={key: text for key, text in client.items() if text is not None},
        extra=item.extra(),
    )


def _objects(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _place(job: Fields) -> str | None:
    """Return where the work is; a place is an object with the names of its city and country, or a text."""
    value = job.take("location")
    if not isinstance(value, dict):
        return as_text(value).strip() or None
    parts = [value.get(key) for key in ("city", "country")]
    names = [as_text(part.get("name") if isinstance(part, dict) else part) for part in parts]
    return ", ".join(name for name in names if name) or None
