"""Stored posts in the shape of the JSON Lines contract, with what was read out of them."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.pay import Pay
from domain.posts import Client, JobPosting, StoredPost
from proposals.asks import Ask, Asks, read_asks


def post_json(stored: StoredPost) -> dict[str, Any]:
    """Return ``stored`` as plain data: the contract's keys, then ``post_id``, ``pay``, ``asks`` and the rest.

    ``None`` stands for "not stated"; amounts are decimal text, times ISO 8601 in UTC.
    """
    post = stored.post
    return {
        "post_id": stored.post_id,
        "source": post.source,
        "source_id": post.source_id,
        "channel": post.channel,
        "url": post.url,
        "title": post.title,
        "description": post.description,
        "skills": list(post.skills),
        "category": post.category,
        "contract_type": post.contract_type.value if post.contract_type else None,
        **_budget(post),
        "date_posted": _plain(post.date_posted),
        "valid_through": _plain(post.valid_through),
        "experience_level": post.experience_level,
        "duration": post.duration,
        "workload": post.workload,
        "location": post.location,
        "language": post.language,
        "proposals_min": post.proposals_min,
        "proposals_max": post.proposals_max,
        "interviewing": post.interviewing,
        "hires": post.hires,
        "connects": post.connects,
        "client": client_json(post.client),
        "extra": dict(post.extra),
        "pay": pay_json(post.pay),
        "asks": asks_json(read_asks(f"{post.title}\n\n{post.description}")),
        "cluster": stored.cluster,
        "first_seen": _plain(stored.first_seen),
        "last_seen": _plain(stored.last_seen),
    }


def _budget(post: JobPosting) -> dict[str, Any]:
    pay = post.pay
    return {
        "budget_min": _plain(pay.low) if pay else None,
        "budget_max": _plain(pay.high) if pay else None,
        "budget_raw": pay.raw if pay else post.raw.get("budget_raw"),
        "currency": pay.currency if pay else None,
        "period": pay.unit.value if pay else None,
    }


def pay_json(pay: Pay | None) -> dict[str, Any] | None:
    """Return ``pay`` as plain data, ``None`` when nothing is stated."""
    if pay is None:
        return None
    return {
        "unit": pay.unit.value,
        "currency": pay.currency,
        "low": _plain(pay.low),
        "high": _plain(pay.high),
        "raw": pay.raw,
    }


def client_json(client: Client) -> dict[str, Any]:
    """Return what is known of a client as plain data."""
    return {item.name: _plain(getattr(client, item.name)) for item in fields(client)}


def asks_json(asks: Asks) -> dict[str, Any]:
    """Return what a post asks, each with the sentence it came from."""
    return {
        "opener": _ask(asks.opener) if asks.opener else None,
        "include": [_ask(ask) for ask in asks.include],
        "forbidden": [_ask(ask) for ask in asks.forbidden],
        "questions": [_ask(ask) for ask in asks.questions],
        "answers": [_ask(ask) for ask in asks.answers],
        "attachments": [_ask(ask) for ask in asks.attachments],
        "prohibitions": [_ask(ask) for ask in asks.prohibitions],
        "formats": [_ask(ask) for ask in asks.formats],
        "for_language_models": [_ask(ask) for ask in asks.for_language_models],
    }


def _ask(ask: Ask) -> dict[str, str]:
    return {"what": ask.what, "sentence": ask.sentence, "place": ask.place.value}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value
