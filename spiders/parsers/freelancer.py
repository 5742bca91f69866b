"""Freelancer.com's projects API (https://developers.freelancer.com, "Active projects").

The keys are those of its own SDK (https://github.com/freelancer/freelancer-sdk-python). Who posted a project
stands apart from it, in ``result.users`` by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.items import list_in, read_items, stated_amount
from spiders.parsers.jsontext import as_text, load_document
from spiders.parsers.result import ParseResult

_PROJECTS = "https://www.freelancer.com/projects/"
_PERIODS = {"fixed": "fixed", "hourly": "hour"}
_KEPT = (
    "status", "sub_status", "frontend_project_status", "bidperiod", "language", "urgent", "featured",
    "local", "hidebids", "hireme", "negotiated", "time_updated", "time_free_bids_expire", "upgrades",
    "qualifications", "deleted", "nonpublic", "pool_ids", "enterprise_ids", "is_escrow_project",
    "is_seller_kyc_required", "is_buyer_kyc_required",
)  # fmt: skip


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every project of ``body``; raise :class:`ChangedShapeError` if it has no list of projects."""
    document = load_document(body, where)
    projects = list_in(document, where, "result", "projects")
    users = document["result"].get("users")
    if not isinstance(users, (dict, type(None))):
        raise ChangedShapeError('"result.users" is not an object', where=where)
    read = partial(_post, users=users or {})
    return read_items(projects, read, source=source, where=where, audit=Audit())


def _post(job: Fields, source: str, where: str, audit: Audit, *, users: Mapping[str, Any]) -> RawPosting:
    job.drop(["submitdate", "description_html", "attachments", "files", "hireme_initial_bid"])
    job.keep(*_KEPT)
    currency, budget, bids = job.inner("currency"), job.inner("budget"), job.inner("bid_stats")
    low, high = stated_amount(budget.take("minimum")), stated_amount(budget.take("maximum"))
    budget.drop(["name", "project_type", "currency_id"])
    code = currency.text("code")
    currency.drop(["id", "sign", "name", "exchange_rate", "country", "is_external", "is_escrowcom_supported"])
    count, kind = bids.text("bid_count"), job.text("type")
    bids.keep("bid_avg")
    preview, path = job.text("preview_description"), job.text("seo_url")
    hours = job.inner("hourly_project_info")
    commitment = hours.inner("commitment")
    stated = bool(low or high)
    return RawPosting(
        source=source,
        where=where,
        title=job.text("title") or "",
        source_id=job.text("id"),
        url=_PROJECTS + path if path else None,
        description=job.text("description") or preview,
        skills=_names(job.take("jobs")),
        contract_type=kind,
        budget_min=low,
        budget_max=high,
        currency=code if stated else None,
        period=_PERIODS.get(kind or "") if stated else None,
        date_posted=job.text("time_submitted"),
        duration=hours.text("duration_enum"),
        workload=_workload(commitment),
        location=_place(job.inner("location")),
        proposals_min=count,
        proposals_max=count,
        client=_client(job.text("owner_id"), users, where, audit),
        extra=job.extra(),
    )


def _names(jobs: Any) -> tuple[str, ...]:
    """Return the names of the skills, which the API calls jobs."""
    items = jobs if isinstance(jobs, list) else []
    names = (as_text(item.get("name")).strip() for item in items if isinstance(item, dict))
    return tuple(dict.fromkeys(name for name in names if name))


def _workload(commitment: Fields) -> str | None:
    hours, interval = commitment.text("hours"), commitment.text("interval")
    return f"{hours} hours a {interval}" if hours and interval else hours


def _place(location: Fields) -> str | None:
    city, country = location.text("city"), location.inner("country")
    name = country.text("name")
    country.drop(["flag_url", "highres_flag_url", "flag_url_cdn", "highres_flag_url_cdn", "code", "iso3"])
    country.drop(["region_id", "phone_code", "demonym", "person", "seo_url", "sanction", "language_code"])
    country.drop(["language_id"])
    location.drop(["latitude", "longitude", "vicinity", "administrative_area", "full_address"])
    return ", ".join(part for part in (city, name) if part) or None


def _client(identity: str | None, users: Mapping[str, Any], where: str, audit: Audit) -> dict[str, str]:
    """Return what is told of the owner; the rest of a user is about the person, not the post: left out."""
    if identity is None:
        return {}
    told = users.get(identity)
    user = Fields(told if isinstance(told, dict) else {}, where, audit, "user.")
    history = user.inner("employer_reputation").inner("entire_history")
    found = {
        "id": identity,
        "country": user.inner("location").inner("country").text("name"),
        "payment_verified": user.inner("status").text("payment_verified"),
        "rating": stated_amount(history.take("overall")),
        "reviews": history.text("reviews"),
        "member_since": user.text("registration_date"),
    }
    return {key: text for key, text in found.items() if text is not None}
