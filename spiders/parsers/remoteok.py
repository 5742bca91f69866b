"""Remote OK's API (https://remoteok.com/api): a list that opens with a legal notice.

Every description ends with a request to mention a word and a tag. The tag is the reader's own address in
base64; both follow the reader and are removed. Texts arrive with their UTF-8 read as Latin-1.
"""

from __future__ import annotations

import re

from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.breaks import without_ending_breaks
from spiders.parsers.items import read_items, stated_amount
from spiders.parsers.jsontext import load_document
from spiders.parsers.result import ParseResult

_REQUEST = re.compile(
    r"Please mention the word \*\*[^*]{1,60}\*\*"
    r" and tag (?P<tag>[\w+/=]{4,200}) when applying.{0,100}?\(#(?P=tag)\)\."
    r"(?: This is a beta feature to avoid spam applicants\.)?"
    r"(?: Companies can search these words to find applicants that read this and see they're human\.?)?",
    re.DOTALL,
)
_DOUBLE_ENCODED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]{1,3}")


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every job of ``body``; raise :class:`ChangedShapeError` if it is not a list of jobs."""
    document = load_document(body, where)
    if not isinstance(document, list):
        raise ChangedShapeError("a list of jobs was expected", where=where)
    jobs = [item for item in document if not (isinstance(item, dict) and "legal" in item)]
    return read_items(jobs, _post, source=source, where=where, audit=Audit())


def _post(job: Fields, source: str, where: str, audit: Audit) -> RawPosting:
    job.drop(["slug", "epoch", "company_logo", "logo", "verified", "original"])
    low, high = stated_amount(job.take("salary_min")), stated_amount(job.take("salary_max"))
    stated = bool(low or high)
    description, tag = _without_request(job.text("description"), where, audit)
    url, apply = job.text("url"), job.text("apply_url")
    title, company = job.text("position"), job.text("company")
    extra_link = {"apply_url": apply} if apply and url and apply != url else {}
    return RawPosting(
        source=source,
        where=where,
        title=_repaired(title, where, audit) or "",
        source_id=job.text("id"),
        url=url or apply,
        description=_repaired(description, where, audit),
        skills=tuple(skill for skill in job.texts("tags") if skill.lstrip("#") != tag),
        budget_min=low,
        budget_max=high,
        currency="USD" if stated else None,  # its salaries are in dollars a year
        period="year" if stated else None,
        date_posted=job.text("date"),
        location=_repaired(job.text("location"), where, audit),
        company=_repaired(company, where, audit),
        extra=job.extra() | extra_link,
    )


def _without_request(text: str | None, where: str, audit: Audit) -> tuple[str | None, str | None]:
    """Return ``text`` without the request to mention a word and a tag, and the tag."""
    found = _REQUEST.search(text) if text else None
    if text is None or found is None:
        return text, None
    audit.info(where, "a word and a tag that follow the reader were removed from the description")
    return without_ending_breaks(text[: found.start()]) + text[found.end() :], found["tag"]


def _repaired(text: str | None, where: str, audit: Audit) -> str | None:
    """Return ``text`` with UTF-8 that was read as Latin-1 read again; what is not UTF-8 stays."""
    if text is None:
        return None
    repaired = _DOUBLE_ENCODED.sub(_again, text)
    if repaired != text:
        audit.info(where, "text in a broken encoding was repaired")
    return repaired


def _again(match: re.Match[str]) -> str:
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
