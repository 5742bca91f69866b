"""The score that orders posts: six components from 0 to 1 under declared weights, each shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.posts import StoredPost
from domain.profile import Profile, Rates
from ranking.chance import History, base_rate
from ranking.preference import Taste
from ranking.results import ClientScore, Fit, NetHourly, Part, WinChance
from ranking.tables import amount, on_curve, table
from ranking.weights import score_weights
from ranking.words import money, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The weighted sum of the components times the factor "suits", plus what preferences add, from 0 to 1.

    Every part reads "component x weight", then "x factor", then "+shift" for each preference.
    """

    total: float
    parts: tuple[Part, ...]


def score_post(
    stored: StoredPost,
    profile: Profile,
    *,
    fit: Fit,
    net: NetHourly | None,
    client: ClientScore,
    chance: WinChance,
    value: Decimal | None,
    history: History,
    taste: Taste,
    now: datetime,
) -> Score:
    """Return the score as of ``now``; curves, and weights the person does not set, are in ``weights.toml``.

    Components are rounded to four decimals before they are weighted, so the sum can be made again from the
    parts shown.
    """
    pay, pay_words = pay_component(net, profile.rates)
    worth, worth_words = value_component(value, profile)
    fresh, fresh_words = freshness(stored, now)
    lift = chance.p / base_rate(history).p
    components = {
        "fit": (fit.score, "skills, words and headline"),
        "pay": (pay, pay_words),
        "value": (worth, worth_words),
        "client": (client.score, "what is known of the client"),
        "chance": (on_curve(table("weights")["chance"]["curve"], lift), f"{lift:.2f} times your base rate"),
        "freshness": (fresh, fresh_words),
    }
    weights = score_weights(profile.weights)
    suits = round(on_curve(table("weights")["suits"]["curve"], fit.score), 4)
    total = sum(round(components[name][0], 4) * weight for name, weight in weights.items())
    parts = tuple(
        Part(
            label=name,
            value=f"{share(round(components[name][0], 4))} x {weight:g}",
            source=components[name][1],
        )
        for name, weight in weights.items()
    )
    told = Part(label="suits", value=f"x {share(suits)}", source=f"fit {fit.score:.2f}")
    plain = round(total * suits, 6)
    shift = taste.shift(stored, fit.matched, plain)
    return Score(total=round(plain + shift.total, 6), parts=(*parts, told, *shift.parts))


def pay_component(net: NetHourly | None, rates: Rates) -> tuple[float, str]:
    """Return pay from 0 to 1 against floor and target, and the words for it; an estimate counts in part."""
    row = table("weights")["pay"]
    neutral = float(row["not_stated"])
    if net is None or not net.informed or net.currency != rates.currency or rates.floor <= 0:
        return neutral, "pay not stated"
    target = rates.target if rates.target is not None else rates.floor * amount(row["target"])
    told = f"{money(net.expected, net.currency)}/h, floor {money(rates.floor, rates.currency)}"
    value = on_curve(row["curve"], _step(net.expected, rates.floor, max(target, rates.floor)))
    if not net.stated:
        return row["estimated"] * value + (1 - row["estimated"]) * neutral, f"{told}; {net.basis}"
    if net.guessed_hours:
        return row["guessed_hours"] * value + (
            1 - row["guessed_hours"]
        ) * neutral, f"{told}; hours are a guess"
    return value, told


def _step(pay: Decimal, floor: Decimal, target: Decimal) -> float:
    """Return 0..1 up to the floor, 1..2 from floor to target, then 2 at the target and 3 at twice it."""
    if pay <= floor:
        return float(max(pay, Decimal(0)) / floor)
    if pay < target:
        return float(1 + (pay - floor) / (target - floor))
    return float(1 + pay / target)


def value_component(value: Decimal | None, profile: Profile) -> tuple[float, str]:
    """Return value per bidding minute from 0 to 1, against the person's floor per minute."""
    row = table("weights")["value"]
    minutes, floor = profile.time.minutes_per_proposal, profile.rates.floor
    if value is None or minutes <= 0 or floor <= 0:
        return float(row["not_stated"]), "worth not known"
    multiple = float(value / minutes / (floor / 60))
    told = f"{money(value, profile.rates.currency)} a bid, {multiple:.1f} times your floor per minute"
    return on_curve(row["curve"], multiple), told


def freshness(stored: StoredPost, now: datetime) -> tuple[float, str]:
    """Return 1 for a post of this moment, half after each half-life; by when seen if no date is stated."""
    row = table("weights")["freshness"]
    posted = stored.post.date_posted
    since = posted if posted is not None else stored.first_seen
    hours = max(0.0, (now - since).total_seconds() / 3600)
    told = f"{'posted' if posted is not None else 'first seen'} {hours:.0f} h ago"
    return float(0.5 ** (hours / row["half_life_hours"])), told
