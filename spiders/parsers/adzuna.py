"""Adzuna's job search (https://developer.adzuna.com/docs/search): salaries stated by ads or estimated."""

from __future__ import annotations

import tomllib
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

from domain.posts import RawPosting
from spiders.addresses import endpoint
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import list_at, read_items, stated_amount
from spiders.parsers.jsontext import as_text
from spiders.parsers.result import ParseResult

_CLASS = "__CLASS__"


@cache
def _tables() -> dict[str, dict[str, Any]]:
    text = files("spiders").joinpath("parsers", "adzuna.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every job of ``body``; raise :class:`ChangedShapeError` if it has no list "results"."""
    return read_items(list_at(body, where, "results"), _post, source=source, where=where, audit=Audit())


def _post(job: Fields, source: str, where: str, audit: Audit) -> RawPosting:
    company, place, category = job.inner("company"), job.inner("location"), job.inner("category")
    for fields in (job, company, place, category):
        fields.drop([_CLASS])
    job.drop(["adref", "latitude", "longitude"])
    company.drop(["canonical_name", "count"])
    category.drop(["tag"])
    kind, hours, url = job.text("contract_type"), job.text("contract_time"), job.text("redirect_url")
    low, high, aside = _salary(job, where, audit)
    stated = bool(low or high)
    areas = place.texts("area")
    return RawPosting(
        source=source,
        where=where,
        title=job.text("title") or "",
        source_id=job.text("id"),
        url=url,
        description=job.text("description"),
        category=category.text("label"),
        contract_type=kind or hours,
        budget_min=low,
        budget_max=high,
        currency=_currency(url, where, audit) if stated else None,
        period="year" if stated else None,
        date_posted=job.text("created"),
        workload=hours,
        location=place.text("display_name") or ", ".join(reversed(areas)) or None,
        company=company.text("display_name"),
        extra=job.extra() | aside,
    )


def _salary(job: Fields, where: str, audit: Audit) -> tuple[str | None, str | None, dict[str, str]]:
    """Return the salary the ad states, and what is kept aside: an estimate is Adzuna's, not the ad's."""
    bounds = {key: stated_amount(job.take(key)) for key in ("salary_min", "salary_max")}
    estimated = as_text(job.take("salary_is_predicted")) in ("1", "true")
    stated = {key: text for key, text in bounds.items() if text is not None}
    if not stated:
        return None, None, {}
    if estimated:
        return None, None, stated | {"salary_is_predicted": "1"}
    if not all(_is_yearly(text) for text in stated.values()):
        audit.warn(where, "a salary too small for a year's; kept in extra")
        return None, None, stated
    return bounds["salary_min"], bounds["salary_max"], {}


def _is_yearly(text: str) -> bool:
    try:
        return Decimal(text) >= Decimal(_tables()["salary"]["yearly_from"])
    except InvalidOperation:
        return False


def _currency(url: str | None, where: str, audit: Audit) -> str | None:
    place = endpoint(url) if url else None
    host = place[0].removeprefix("www.") if place else ""
    currency = _tables()["currency"].get(host)
    if currency is None:
        audit.warn(where, f"the currency of {host[:60]!r} is not known")
    return None if currency is None else str(currency)
