"""A stored post as a row and back: money in minor units, times UTC, lists and mappings as JSON text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Row

from domain.errors import MoneyError, StorageError
from domain.money import from_minor, to_minor
from domain.pay import Pay, PayUnit
from domain.posts import Client, ContractType, JobPosting, StoredPost

_TWO_DECIMALS = "USD"
"""Stands in where a post states no currency: two decimals, as most currencies have."""

PLAIN = (
    "source", "channel", "source_id", "url", "title", "description", "category", "date_posted",
    "valid_through", "experience_level", "duration", "workload", "location", "language", "proposals_min",
    "proposals_max", "interviewing", "hires", "connects",
)  # fmt: skip
"""Fields of a job post that stand in a column of the same name as they are."""

CLIENT_PLAIN = ("id", "name", "country", "payment_verified", "hires", "reviews", "member_since")


def dump(value: Mapping[str, str | int] | list[str]) -> str:
    """Return ``value`` as JSON text that a person can read."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fold(text: str) -> str:
    """Return ``text`` for searching: compatibility forms and case made equal, in every script."""
    return unicodedata.normalize("NFKC", text).casefold()


def search_text(title: str, skills: tuple[str, ...], description: str) -> str:
    """Return what a search looks through."""
    return fold("\n".join((title, " ".join(skills), description)))


def row_of(stored: StoredPost) -> dict[str, Any]:
    """Return the row of ``stored``; raise StorageError naming the post if an amount cannot be kept."""
    post, client = stored.post, stored.post.client
    try:
        money = {**_pay_row(post.pay), "client_total_spent_usd": _minor(client.total_spent, "USD")}
    except MoneyError as error:
        raise StorageError(error.what, where=f"post {stored.post_id}", remedy=error.remedy) from error
    return {
        "post_id": stored.post_id,
        **{name: getattr(post, name) for name in PLAIN},
        "skills": dump(list(post.skills)),
        "contract_type": post.contract_type and post.contract_type.value,
        **money,
        **{f"client_{name}": getattr(client, name) for name in CLIENT_PLAIN},
        "client_hire_rate": None if client.hire_rate is None else str(client.hire_rate),
        "client_rating": None if client.rating is None else str(client.rating),
        "raw": dump(dict(post.raw)),
        "extra": dump(dict(post.extra)),
        "first_seen": stored.first_seen,
        "last_seen": stored.last_seen,
        "content_hash": stored.content_hash,
        "text_hash": stored.text_hash,
        "search_text": search_text(post.title, post.skills, post.description),
        "text_expired_at": None,
    }


def _pay_row(pay: Pay | None) -> dict[str, Any]:
    if pay is None:
        return dict.fromkeys(("pay_unit", "pay_currency", "pay_low", "pay_high", "pay_raw"))
    return {
        "pay_unit": pay.unit.value,
        "pay_currency": pay.currency,
        "pay_low": _minor(pay.low, pay.currency),
        "pay_high": _minor(pay.high, pay.currency),
        "pay_raw": pay.raw,
    }


def _minor(amount: Decimal | None, currency: str | None) -> int | None:
    return None if amount is None else to_minor(amount, currency or _TWO_DECIMALS)


def _amount(minor: int | None, currency: str | None) -> Decimal | None:
    return None if minor is None else from_minor(minor, currency or _TWO_DECIMALS)


def pay_of(row: Row[Any]) -> Pay | None:
    """Return the pay in the ``pay_*`` columns of ``row``, ``None`` where the post stated none."""
    if row.pay_unit is None:
        return None
    return Pay(
        unit=PayUnit(row.pay_unit),
        currency=row.pay_currency,
        low=_amount(row.pay_low, row.pay_currency),
        high=_amount(row.pay_high, row.pay_currency),
        raw=row.pay_raw,
    )


def stored_of(row: Row[Any], cluster: str) -> StoredPost:
    """Return the stored post in ``row``; raise StorageError if the row makes no sense to this program."""
    try:
        return StoredPost(
            post_id=row.post_id,
            post=_post_of(row),
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            content_hash=row.content_hash,
            text_hash=row.text_hash,
            cluster=cluster,
        )
    except (ValueError, InvalidOperation, MoneyError) as error:
        raise StorageError(f"the stored row cannot be read: {error}", where=f"post {row.post_id}") from error


def _post_of(row: Row[Any]) -> JobPosting:
    values = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return JobPosting(
        **{name: values[name] for name in PLAIN},
        skills=tuple(json.loads(row.skills)),
        contract_type=None if row.contract_type is None else ContractType(row.contract_type),
        pay=pay_of(row),
        client=_client_of(row),
        raw=json.loads(row.raw),
        extra=json.loads(row.extra),
    )


def _client_of(row: Row[Any]) -> Client:
    values = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return Client(
        **{name: values[f"client_{name}"] for name in CLIENT_PLAIN},
        total_spent=_amount(row.client_total_spent_usd, "USD"),
        hire_rate=None if row.client_hire_rate is None else Decimal(row.client_hire_rate),
        rating=None if row.client_rating is None else Decimal(row.client_rating),
    )
