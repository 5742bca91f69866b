"""Job posts that a page describes for search engines: schema.org JobPosting in JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from domain.posts import RawPosting
from spiders.parsers.jsontext import as_text, loads
from spiders.parsers.values import skills_of

_PERIODS = {"HOUR": "hour", "DAY": "day", "WEEK": "week", "MONTH": "month", "YEAR": "year"}
_MOST = 5_000


def read(tree: LexborHTMLParser, *, source: str, where: str) -> list[RawPosting]:
    """Return the posts in the page's ``application/ld+json`` scripts; one that is no JSON is passed over."""
    posts = []
    for script in tree.css("script[type='application/ld+json']"):
        try:
            document = loads(script.text())
        except (ValueError, RecursionError):
            continue
        posts += [_post(item, source, where) for item in _jobs(document)]
    return [post for post in posts if post.title.strip()]


def _jobs(document: Any) -> Iterator[dict[str, Any]]:
    waiting = [document]
    for _ in range(_MOST):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, dict) and node.get("@type") in ("JobPosting", ["JobPosting"]):
            yield node
        elif isinstance(node, (dict, list)):
            inner = list(node.values()) if isinstance(node, dict) else node
            waiting += reversed([value for value in inner if isinstance(value, (dict, list))])


def _post(job: dict[str, Any], source: str, where: str) -> RawPosting:
    salary = _object(job.get("baseSalary"))
    amount = _object(salary.get("value"))
    single = salary.get("value") if not amount else amount.get("value")
    low, high = _text(amount.get("minValue")) or _text(single), _text(amount.get("maxValue")) or _text(single)
    unit = _text(amount.get("unitText")) or _text(salary.get("unitText")) or ""
    stated = bool(low or high)
    place = _object(_object(job.get("jobLocation")).get("address"))
    return RawPosting(
        source=source,
        where=where,
        title=_text(job.get("title")) or "",
        source_id=_text(_object(job.get("identifier")).get("value")),
        url=_text(job.get("url")),
        description=_text(job.get("description")),
        skills=skills_of(job.get("skills")) if isinstance(job.get("skills"), (str, list)) else (),
        category=_text(job.get("occupationalCategory")) or _text(job.get("industry")),
        contract_type=_text(job.get("employmentType")),
        budget_min=low,
        budget_max=high,
        currency=(_text(salary.get("currency")) or _text(amount.get("currency"))) if stated else None,
        period=_PERIODS.get(unit.upper(), unit or None) if stated else None,
        date_posted=_text(job.get("datePosted")),
        valid_through=_text(job.get("validThrough")),
        location=_text(place.get("addressLocality")) or _text(place.get("addressCountry")),
        company=_text(_object(job.get("hiringOrganization")).get("name")),
    )


def _object(value: Any) -> dict[str, Any]:
    """Return ``value`` if it is an object, its first member if it is a list of them, else an empty one."""
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), None)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    text = "" if isinstance(value, dict) else as_text(value).strip()
    return text or None
