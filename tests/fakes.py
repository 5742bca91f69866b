"""Programmable stand-ins and builders shared by the tests. No patching: these are passed in."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from domain.identity import content_hash, post_id, text_hash
from domain.pay import Pay, PayUnit
from domain.posts import ContractType, JobPosting, StoredPost
from domain.profile import Answer, Evidence, Profile, Rates, Skill, SkillLevel

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class FakeEmbedder:
    """A deterministic bag-of-words embedder: texts that share words are near; counts what it embeds."""

    model_id = "fake-bag-of-words"
    dimensions = 64

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: list[str]) -> np.ndarray:
        self.encoded.extend(texts)
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                place = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
                row[place % self.dimensions] += 1.0
            norm = math.sqrt(float(row @ row))
            if norm:
                row /= norm
            else:
                row[0] = 1.0
        return rows


def hourly(low: str, high: str, currency: str = "USD") -> Pay:
    return Pay(
        unit=PayUnit.HOUR,
        currency=currency,
        low=Decimal(low),
        high=Decimal(high),
        raw=f"{low}-{high} {currency}/hour",
    )


def fixed(amount: str, currency: str = "USD") -> Pay:
    value = Decimal(amount)
    return Pay(unit=PayUnit.FIXED, currency=currency, low=value, high=value, raw=f"{amount} {currency}")


def make_post(title: str = "Django developer for a booking API", **fields: object) -> JobPosting:
    base = JobPosting(
        source="test",
        channel="board",
        title=title,
        source_id=hashlib.sha256(title.encode()).hexdigest()[:8],
        url="https://jobs.example/" + hashlib.sha256(title.encode()).hexdigest()[:8],
        description="Build a REST API with Django and PostgreSQL. Tests required. About 40 hours.",
        skills=("Django", "PostgreSQL"),
        contract_type=ContractType.HOURLY,
        pay=hourly("50", "80"),
        date_posted=NOW - timedelta(hours=6),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def stored(post: JobPosting, *, seen: datetime = NOW, cluster: str | None = None) -> StoredPost:
    return StoredPost(
        post_id=post_id(post),
        post=post,
        first_seen=seen,
        last_seen=seen,
        content_hash=content_hash(post),
        text_hash=text_hash(post),
        cluster=cluster or post_id(post),
    )


def make_profile(**fields: object) -> Profile:
    base = Profile(
        name="Ana Prado",
        headline="Python and Django back ends that stay up",
        summary="Eight years of web back ends for small companies.",
        country="PT",
        time_zone="Europe/Lisbon",
        languages=("en", "pt"),
        hours_per_week=30,
        rates=Rates(currency="USD", floor=Decimal(45), target=Decimal(70), fixed_minimum=Decimal(300)),
        skills=(
            Skill(name="Django", level=SkillLevel.EXPERT, years=6, aliases=("DRF",)),
            Skill(name="Python", level=SkillLevel.EXPERT, years=8),
            Skill(name="PostgreSQL", level=SkillLevel.GOOD, years=6),
        ),
        evidence=(
            Evidence(
                title="Booking API for a hotel chain",
                summary="REST API with Django and PostgreSQL for 40 hotels",
                result="Response time fell from 900 ms to 120 ms",
                skills=("Django", "PostgreSQL"),
            ),
        ),
        answers=(Answer(question="What is your availability?", answer="30 hours a week, from Monday."),),
    )
    return replace(base, **fields)  # type: ignore[arg-type]
