"""What a template may see: frozen plain data, made only from the profile, the post and the price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from domain.money import Money
from domain.posts import JobPosting, StoredPost
from domain.profile import Evidence, Profile, Skill
from proposals.asks import Ask, Asks
from proposals.brief import Brief, read_brief
from proposals.evidence import closest_answer, matched_skills
from proposals.words import as_sentence, clip, one_line

Value: TypeAlias = "str | int | Decimal | date | tuple[Value, ...] | dict[str, Value]"
"""Everything a template can reach; nothing here has a method that does more than read."""

GAP = "[[FILL:"
"""How a place that the person must fill begins; it ends with ``]]``."""

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_UNITS = {"hour": "an hour", "day": "a day", "week": "a week", "month": "a month", "year": "a year"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFacts:
    """What to bid, worked out elsewhere: ``amount`` in major units of ``currency`` per ``unit``.

    ``unit`` is ``hour``, ``day`` … or ``fixed``. ``net_low`` to ``net_high`` is what remains after fees, in
    the same currency and unit, and ``basis`` why: both are for the person and never reach a template.
    ``shares`` split a fixed amount over milestones, as weights.
    """

    amount: Decimal
    currency: str
    unit: str
    net_low: Decimal | None = None
    net_high: Decimal | None = None
    basis: str = ""
    shares: tuple[int, ...] = (1, 2, 1)


def build_context(
    stored: StoredPost,
    profile: Profile,
    asks: Asks,
    evidence: tuple[Evidence, ...],
    price: PriceFacts | None,
) -> dict[str, Value]:
    """Return the data of one draft; an absent fact is an empty text, tuple or dict, never a guess."""
    post = stored.post
    skills = matched_skills(post, profile)
    return {
        "post": _post(post, read_brief(post.title, post.description)),
        "me": _person(profile),
        "skills": tuple(_skill(skill) for skill in skills),
        "evidence": tuple(_evidence(item) for item in evidence),
        "asks": _asks(asks, profile, evidence, price),
        "price": _price(price),
    }


def plain(text: str) -> str:
    """Return foreign text that cannot pass for one of our gaps."""
    return text.replace(GAP, "[FILL:")


def amount_text(amount: Decimal, currency: str) -> str:
    """Return an amount as written to a client: ``$70``, ``€1,250.50``, ``900 PLN``."""
    digits = (
        f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{Money.of(amount, currency).amount:,}"
    )
    sign = _SIGNS.get(currency)
    return f"{sign}{digits}" if sign else f"{digits} {currency}"


def _post(post: JobPosting, brief: Brief) -> dict[str, Value]:
    return {
        "title": plain(one_line(post.title)),
        "subject": plain(one_line(brief.subject)),
        "goal": plain(one_line(brief.goal)),
        "tasks": tuple(plain(one_line(task)) for task in brief.tasks),
        "description": plain(post.description),
        "skills": tuple(plain(one_line(name)) for name in post.skills),
        "contract_type": str(post.contract_type or ""),
        "channel": post.channel,
        "url": post.url or "",
        "duration": one_line(post.duration or ""),
        "workload": one_line(post.workload or ""),
        "client_country": post.client.country or "",
    }


def _person(profile: Profile) -> dict[str, Value]:
    return {
        "name": profile.name,
        "headline": profile.headline,
        "summary": as_sentence(profile.summary),
        "country": profile.country or "",
        "time_zone": profile.time_zone,
        "hours_per_week": profile.hours_per_week or 0,
        "languages": profile.languages,
    }


def _skill(skill: Skill) -> dict[str, Value]:
    years = f"{skill.years} year{'s' if skill.years != 1 else ''}" if skill.years else ""
    return {"name": skill.name, "level": str(skill.level), "years": years}


def _evidence(item: Evidence) -> dict[str, Value]:
    return {
        "title": one_line(item.title).rstrip("."),
        "summary": as_sentence(item.summary),
        "result": as_sentence(item.result),
        "url": item.url or "",
        "skills": item.skills,
    }


def _price(price: PriceFacts | None) -> dict[str, Value]:
    if price is None:
        return {}
    fixed = price.unit == "fixed"
    text = amount_text(price.amount, price.currency)
    parts = Money.of(price.amount, price.currency).allocate(price.shares) if fixed else []
    return {
        "amount": price.amount,
        "currency": price.currency,
        "unit": price.unit,
        "text": text if fixed else f"{text} {_UNITS.get(price.unit, 'per ' + price.unit)}",
        "milestones": tuple(amount_text(part.amount, part.currency) for part in parts),
    }


def _asks(
    asks: Asks, profile: Profile, evidence: tuple[Evidence, ...], price: PriceFacts | None
) -> dict[str, Value]:
    """Return the asks with what the facts answer; an empty answer is a gap for the person."""
    return {
        "opener": plain(asks.opener.what) if asks.opener else "",
        "include": tuple(plain(ask.what) for ask in asks.include),
        "questions": tuple(
            {"question": plain(clip(ask.what, 160)), "answer": closest_answer(ask.what, profile)}
            for ask in asks.questions
        ),
        "attachments": tuple(_attachment(ask, profile, evidence, price) for ask in asks.attachments),
    }


def _attachment(
    ask: Ask, profile: Profile, evidence: tuple[Evidence, ...], price: PriceFacts | None
) -> dict[str, Value]:
    return {
        "kind": ask.what,
        "answer": _known(profile, evidence, price).get(ask.what, "") or _stored(ask, profile),
    }


def _stored(ask: Ask, profile: Profile) -> str:
    return closest_answer(f"your {ask.what}", profile)


def _known(profile: Profile, evidence: tuple[Evidence, ...], price: PriceFacts | None) -> Mapping[str, str]:
    """Return what the facts say to each kind of attachment."""
    links = [item.url for item in evidence or profile.evidence if item.url]
    hours = f"{profile.hours_per_week} hours a week" if profile.hours_per_week else ""
    zone = f"{profile.time_zone} time"
    return {
        "portfolio": " ".join(links[:3]),
        "code": " ".join(link for link in links if "git" in link),
        "rate": str(_price(price).get("text", "")),
        "availability": closest_answer("your availability", profile) or hours,
        "time zone": zone,
        "location": f"{profile.country}, {zone}" if profile.country else zone,
    }
