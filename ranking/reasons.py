"""Why a post stands where it does, in a few plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from domain.fees import FeeEstimate
from domain.posts import StoredPost
from domain.profile import Profile
from ranking.chance import proposals_of, proposals_words
from ranking.results import Fit, NetHourly, RiskFlag, WinChance
from ranking.words import listed, money, money_range, percent, plain

_GOOD_RATING, _GOOD_SPEND = Decimal("4.8"), Decimal(10000)
_FEW = 5  # proposals


def reasons_for(
    stored: StoredPost,
    profile: Profile,
    *,
    fit: Fit,
    fee: FeeEstimate,
    net: NetHourly | None,
    chance: WinChance,
    risk: Sequence[RiskFlag],
) -> tuple[str, ...]:
    """Return the sentences, most telling first: pay, skills, client, competition, warnings."""
    return (
        _pay(profile, net, fee),
        _skills(fit),
        *_client(stored),
        *_competition(stored, chance),
        *(f'Careful: {flag.message} ("{flag.words}")' for flag in risk),
    )


def _pay(profile: Profile, net: NetHourly | None, fee: FeeEstimate) -> str:
    floor = money(profile.rates.floor, profile.rates.currency)
    if net is None:
        return f"Pay not stated; your floor is {floor}/h"
    band = money_range(net.low, net.high, net.currency)
    if not net.informed:
        return f"Pay not stated, nothing like it seen; work at large nets {band}/h; floor is {floor}"
    taken = "" if fee.high == 0 else f" after the {percent(fee.low, fee.high)} fee"
    if not net.stated:
        return f"Pay not stated; by {net.basis} it nets {band}/h{taken}; floor is {floor}"
    guess = net.guessed_hours and net.hours is not None
    hours = f", if it takes about {plain(net.hours or Decimal(0), 0)} h" if guess else ""
    return f"Nets {band}/h{taken}{hours}; floor is {floor}"


def _skills(fit: Fit) -> str:
    inferred = tuple(name for name, _ in fit.inferred)
    if inferred and not fit.missing:
        told = f"Matches {listed(fit.matched)}" if fit.matched else "Names none of your skills"
        return f"{told}; similar posts ask for {listed(inferred)}"
    if fit.matched and fit.missing:
        return f"Matches {listed(fit.matched)}; asks for {listed(fit.missing)}, which you do not list"
    if fit.matched:
        return f"Matches {listed(fit.matched)}"
    if fit.missing:
        return f"Names none of your skills; asks for {listed(fit.missing)}"
    return "Names none of your skills"


def _client(stored: StoredPost) -> Iterator[str]:
    client = stored.post.client
    told = []
    if client.payment_verified is False:
        told += ["payment not verified"]
    if client.total_spent is not None and client.total_spent >= _GOOD_SPEND:
        told += [f"{money(client.total_spent, 'USD')} spent so far"]
    if client.rating is not None and client.reviews:
        good = client.rating >= _GOOD_RATING
        told += [
            f"{plain(client.rating)} stars from {client.reviews} reviews" + ("" if good else ", below usual")
        ]
    if told:
        yield "Client: " + ", ".join(told)


def _competition(stored: StoredPost, chance: WinChance) -> Iterator[str]:
    proposals = proposals_of(stored.post)
    if proposals is not None and proposals <= _FEW:
        yield f"Only {proposals_words(stored.post)} so far; win chance {chance.p:.0%}"
    elif proposals is not None:
        yield f"{proposals_words(stored.post)} already; win chance {chance.p:.0%}"
