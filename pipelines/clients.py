"""What a post says about its client, field by field."""

from __future__ import annotations

from datetime import datetime

from domain.issues import Issue, info, warning
from domain.posts import Client, RawPosting
from pipelines.countries import country_code
from pipelines.dates import parse_date
from pipelines.fields import count, dollars, one_line, rating, read_field, share, truth

CLIENT_KEYS = frozenset(
    {
        "id",
        "name",
        "country",
        "payment_verified",
        "total_spent",
        "hires",
        "hire_rate",
        "rating",
        "reviews",
        "member_since",
    }
)
"""Keys of a post's ``client`` that are read; any other is kept beside the post's extra values."""


def read_client(raw: RawPosting, *, now: datetime, issues: list[Issue]) -> Client:
    """Return the client of ``raw``; what is not understood is left out with an issue in ``issues``."""
    given, where = raw.client, f"{raw.where}: client"
    reviews = read_field(given.get("reviews"), count, f"{where}.reviews", issues)
    stars = read_field(given.get("rating"), rating, f"{where}.rating", issues)
    if stars is not None and not stars and not reviews:
        stars = None  # marketplaces print 0 stars for a client whom nobody has reviewed yet
    return Client(
        id=one_line(given.get("id")),
        name=one_line(given.get("name")) or one_line(raw.company),
        country=_country(given.get("country"), f"{where}.country", issues),
        payment_verified=read_field(
            given.get("payment_verified"), truth, f"{where}.payment_verified", issues
        ),
        total_spent=read_field(given.get("total_spent"), dollars, f"{where}.total_spent", issues),
        hires=read_field(given.get("hires"), count, f"{where}.hires", issues),
        hire_rate=read_field(given.get("hire_rate"), share, f"{where}.hire_rate", issues),
        rating=stars,
        reviews=reviews,
        member_since=_since(given.get("member_since"), now, f"{where}.member_since", issues),
    )


def unread_client_values(raw: RawPosting, issues: list[Issue]) -> dict[str, str]:
    """Return what ``raw`` says about the client beyond the known keys, named for the post's extra values."""
    unread = {key: value for key, value in raw.client.items() if key not in CLIENT_KEYS}
    if unread:
        issues.append(
            info(f"{raw.where}: client", f"unknown keys are kept as extra: {', '.join(sorted(unread))}")
        )
    return {f"client.{key}": value for key, value in unread.items()}


def _country(text: str | None, where: str, issues: list[Issue]) -> str | None:
    name = one_line(text)
    code = country_code(name) if name else None
    if name and code is None:
        issues.append(warning(where, f"{name[:40]!r} is not a country that is known; left out"))
    return code


def _since(text: str | None, now: datetime, where: str, issues: list[Issue]) -> datetime | None:
    moment, found = parse_date(text, now=now, where=where) if text else (None, [])
    issues.extend(found)
    return moment
