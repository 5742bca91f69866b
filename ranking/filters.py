"""What takes a post off the list: one reason with its words, by the person's limits. Nothing is deleted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from domain.fees import FeeEstimate
from domain.pay import PayUnit
from domain.posts import JobPosting, StoredPost
from domain.profile import Profile
from ranking.chance import proposals_of
from ranking.exchange import Exchange
from ranking.mentions import word_pattern
from ranking.offers import stated_budget
from ranking.results import NetHourly, RiskFlag
from ranking.words import money, money_at_most


def representatives(posts: Sequence[StoredPost], now: datetime) -> dict[str, str]:
    """Return the post that stands for each cluster: the original while it is live, else the newest live one.

    A cluster whose members have all expired is stood for by its original, or its newest where that is gone.
    """

    def rank(stored: StoredPost) -> tuple[bool, bool, datetime, str]:
        posted = stored.post.date_posted or stored.first_seen
        return (not is_expired(stored.post, now), stored.post_id == stored.cluster, posted, stored.post_id)

    chosen: dict[str, StoredPost] = {}
    for stored in posts:
        best = chosen.get(stored.cluster)
        if best is None or rank(stored) > rank(best):
            chosen[stored.cluster] = stored
    return {cluster: stored.post_id for cluster, stored in chosen.items()}


def is_expired(post: JobPosting, now: datetime) -> bool:
    """Return whether the post's stated closing date has passed."""
    return post.valid_through is not None and post.valid_through < now


def why_closed(
    stored: StoredPost, *, now: datetime, already_bid: Collection[str], standing_for: Mapping[str, str]
) -> str | None:
    """Return why nobody could bid on ``stored`` now, as "what: the words for it", or ``None``.

    ``standing_for`` is that of :func:`representatives`.
    """
    post = stored.post
    if post.valid_through is not None and is_expired(post, now):
        return f"expired: closed on {post.valid_through.date()}"
    if stored.post_id in already_bid or stored.cluster in already_bid:
        return "already bid: it is in your books"
    standing = standing_for.get(stored.cluster, stored.post_id)
    return None if standing == stored.post_id else f"duplicate: repeats {standing}"


class Limits:
    """The person's limits, compiled once; ``reason`` gives the first that a post breaks, at any moment."""

    def __init__(self, profile: Profile, exchange: Exchange) -> None:
        self._profile = profile
        self._exchange = exchange
        self._words = tuple(
            (word, word.split()[0].lower(), word_pattern(word))
            for word in profile.avoid.words
            if word.split()
        )
        self._languages = frozenset(_primary(language) for language in profile.languages)
        self._countries = frozenset(country.upper() for country in profile.avoid.clients_from)
        self._contracts = frozenset(kind.lower() for kind in profile.avoid.contract_types)

    def reason(
        self, post: JobPosting, *, fee: FeeEstimate, net: NetHourly | None, risk: Sequence[RiskFlag]
    ) -> str | None:
        """Return why ``post`` is left out, as "what: the words for it", or ``None`` if it stays."""
        checks = (self._of_limits(post), self._of_risk(risk), self._of_pay(post, fee, net))
        return next((reason for check in checks for reason in check), None)

    def _of_limits(self, post: JobPosting) -> Iterator[str]:
        avoid = self._profile.avoid
        if post.language is not None and _primary(post.language) not in self._languages:
            yield f"language: written in {post.language}"
        if post.contract_type is not None and post.contract_type.value in self._contracts:
            yield f"contract type: {post.contract_type.value}"
        if (post.client.country or "").upper() in self._countries:
            yield f"client country: {post.client.country}"
        word = self._avoided(post)
        if word is not None:
            yield f"avoided word: {word}"
        proposals = proposals_of(post)
        most = post.proposals_max if post.proposals_max is not None else post.proposals_min
        if avoid.proposals_over is not None and proposals is not None and proposals > avoid.proposals_over:
            yield f"too many proposals: {most}, your limit is {avoid.proposals_over}"

    def _avoided(self, post: JobPosting) -> str | None:
        text = "\n".join((post.title, *post.skills, post.category or "", post.description))
        lower = text.lower()
        return next((word for word, start, way in self._words if start in lower and way.search(text)), None)

    @staticmethod
    def _of_risk(risk: Sequence[RiskFlag]) -> Iterator[str]:
        for flag in risk:
            if flag.severe:
                yield f'risk: {flag.message} ("{flag.words}")'

    def _of_pay(self, post: JobPosting, fee: FeeEstimate, net: NetHourly | None) -> Iterator[str]:
        rates = self._profile.rates
        if post.pay is not None and post.pay.unit is PayUnit.FIXED and rates.fixed_minimum is not None:
            budget = stated_budget(post, self._exchange, rates.currency)
            most = None if budget is None else budget.high * (1 - fee.low)
            if most is not None and most < rates.fixed_minimum:
                yield (
                    f"fixed pay below minimum: nets {money_at_most(most, rates.currency)} at most, "
                    f"your minimum is {money(rates.fixed_minimum, rates.currency)}"
                )
        # Pay taken from comparable posts is no offer: it lowers the score but takes nothing off the list.
        if net is not None and net.stated and net.currency == rates.currency and net.high < rates.floor:
            top = money_at_most(net.high, rates.currency)
            floor = money(rates.floor, rates.currency)
            yield f"pays below floor: nets {top}/h at most, your floor is {floor}"


def _primary(language: str) -> str:
    return re.split(r"[-_]", language.strip().lower())[0]
