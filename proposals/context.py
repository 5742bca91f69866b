"""What a template may see: frozen plain data, made only from the profile, the post and the price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from domain.clock import local_date
from domain.money import Money
from domain.posts import JobPosting, StoredPost
from domain.profile import Evidence, Profile, Skill
from proposals.asks import Ask, Asks
from proposals.brief import Brief, read_brief
from proposals.evidence import closest_answer, matched_skills
from proposals.foreign import foreign_line, foreign_literal, foreign_text
from proposals.words import as_sentence, clip, one_line
from proposals.zones import client_zones, clock_line, place

Value: TypeAlias = "str | int | Decimal | date | tuple[Value, ...] | dict[str, Value]"
"""Everything a template can reach; nothing here has a method that does more than read."""

_MONTHS = (  # in English, whatever the locale
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BidFacts:
    """What was sent before, for a second message: the local day of it."""

    day: date


def build_context(
    stored: StoredPost,
    profile: Profile,
    asks: Asks,
    evidence: tuple[Evidence, ...],
    price: PriceFacts | None,
    *,
    bid: BidFacts | None = None,
) -> dict[str, Value]:
    """Return the data of one draft; an absent fact is an empty text, tuple or dict, never a guess."""
    post = stored.post
    brief = read_brief(post.title, post.description)
    skills = matched_skills(post, profile)
    return {
        "post": _post(post, brief),
        "me": _person(profile, stored),
        "skills": tuple(_skill(skill) for skill in skills),
        "evidence": tuple(_evidence(item) for item in evidence),
        "asks": _asks(asks, profile, evidence, price),
        "price": _price(price, brief.tasks),
        "bid": {"day": f"{bid.day.day} {_MONTHS[bid.day.month - 1]}" if bid else ""},
    }


def amount_text(amount: Decimal, currency: str) -> str:
    """Return an amount as written to a client: ``$70``, ``€1,250.50``, ``900 PLN``."""
    digits = (
        f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{Money.of(amount, currency).amount:,}"
    )
    sign = _SIGNS.get(currency)
    return f"{sign}{digits}" if sign else f"{digits} {currency}"


def _post(post: JobPosting, brief: Brief) -> dict[str, Value]:
    return {
        "title": foreign_line(post.title),
        "subject": foreign_line(brief.subject),
        "goal": foreign_line(brief.goal),
        "tasks": tuple(foreign_line(task) for task in brief.tasks),
        "description": foreign_text(post.description),
        "skills": tuple(foreign_line(name) for name in post.skills),
        "contract_type": str(post.contract_type or ""),
        "channel": post.channel,
        "url": post.url or "",
        "duration": foreign_line(post.duration or ""),
        "workload": foreign_line(post.workload or ""),
        "client_country": post.client.country or "",
    }


def _person(profile: Profile, stored: StoredPost) -> dict[str, Value]:
    day = local_date(stored.post.date_posted or stored.first_seen, profile.time_zone)
    zones = client_zones(stored.post)
    return {
        "name": profile.name,
        "headline": profile.headline,
        "summary": as_sentence(profile.summary),
        "country": profile.country or "",
        "time_zone": profile.time_zone,
        "place": place(profile.time_zone),
        "clock": clock_line(profile.time_zone, profile.working_hours, zones, day),
        "availability": as_sentence(closest_answer("your availability", profile)),
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


def _price(price: PriceFacts | None, tasks: tuple[str, ...] = ()) -> dict[str, Value]:
    if price is None:
        return {}
    fixed = price.unit == "fixed"
    text = amount_text(price.amount, price.currency)
    parts = Money.of(price.amount, price.currency).allocate(price.shares) if fixed else []
    work = _shared_out(tasks, len(parts))
    return {
        "amount": price.amount,
        "currency": price.currency,
        "unit": price.unit,
        "text": text if fixed else f"{text} {_UNITS.get(price.unit, 'per ' + price.unit)}",
        "milestones": tuple(
            {"amount": amount_text(part.amount, part.currency), "work": foreign_line(what)}
            for part, what in zip(parts, work, strict=True)
        ),
    }


def _shared_out(tasks: tuple[str, ...], parts: int) -> list[str]:
    """Return the tasks over so many milestones, in order; none of them if there are not enough tasks."""
    if not parts or len(tasks) < max(parts, 2):
        return [""] * parts
    bounds = [place * len(tasks) // parts for place in range(parts + 1)]
    return ["; ".join(tasks[begin:end]) for begin, end in pairwise(bounds)]


def _asks(
    asks: Asks, profile: Profile, evidence: tuple[Evidence, ...], price: PriceFacts | None
) -> dict[str, Value]:
    """Return the asks with what the facts answer; an empty answer is a gap for the person."""
    return {
        "opener": foreign_literal(asks.opener.what) if asks.opener else "",
        "include": tuple(foreign_literal(ask.what) for ask in asks.include),
        "questions": tuple(
            {"question": foreign_line(clip(ask.what, 160)), "answer": closest_answer(ask.what, profile)}
            for ask in asks.questions
        ),
        "attachments": tuple(_attachment(ask, profile, evidence, price) for ask in asks.attachments),
    }


def _attachment(
    ask: Ask, profile: Profile, evidence: tuple[Evidence, ...], price: PriceFacts | None
) -> dict[str, Value]:
    return {
        "kind": ask.what,
        "label": one_line(ask.what).capitalize(),
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
