"""The score that orders posts: six components from 0 to 1 under declared weights, each shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.posts import StoredPost
from domain.profile import Profile, Rates
from ranking.chance import History, base_rate
from ranking.deferred import Deferred
from ranking.preference import Taste
from ranking.results import ClientScore, Fit, NetHourly, Part, WinChance
from ranking.tables import Curve, amount, on_curve, table
from ranking.weights import score_weights
from ranking.words import money, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The weighted sum of the components times the factor "suits", plus what preferences add, from 0 to 1.

    Every part reads "component x weight", then "x factor", then "+shift" for each preference.
    """

    total: float
    parts: Sequence[Part]


class Scoring:
    """Scores posts for one person as of one moment; what is the same for all posts is looked up once.

    Curves, and weights the person does not set, are in ``weights.toml``.
    """

    def __init__(self, profile: Profile, history: History, taste: Taste, now: datetime) -> None:
        self._profile, self._taste, self._now = profile, taste, now
        self._weights = score_weights(profile.weights)
        self._base = base_rate(history).p
        self._chance: Curve = table("weights")["chance"]["curve"]
        self._suits: Curve = table("weights")["suits"]["curve"]

    def score(
        self,
        stored: StoredPost,
        *,
        fit: Fit,
        net: NetHourly | None,
        pay: float,
        client: ClientScore,
        chance: WinChance,
        value: Decimal | None,
    ) -> Score:
        """Return the score of ``stored``; ``pay`` is the :func:`pay_component` of ``net``.

        Components are rounded to four decimals before they are weighted, so the sum can be made again from
        the parts shown.
        """
        lift = chance.p / self._base
        components = {
            "fit": fit.score,
            "pay": pay,
            "value": value_component(value, self._profile),
            "client": client.score,
            "chance": on_curve(self._chance, lift),
            "freshness": freshness(stored, self._now),
        }
        suits = round(on_curve(self._suits, fit.score), 4)
        total = sum([round(components[name], 4) * weight for name, weight in self._weights.items()])
        plain = round(total * suits, 6)
        shift = self._taste.shift(stored, fit.matched, plain)
        sources = (stored, fit, net, lift, value)
        return Score(
            total=round(plain + shift.total, 6),
            parts=Deferred(self._parts, components, suits, shift.parts, sources),
        )

    def _parts(
        self,
        components: Mapping[str, float],
        suits: float,
        shifts: Iterable[Part],
        sources: tuple[StoredPost, Fit, NetHourly | None, float, Decimal | None],
    ) -> Iterator[Part]:
        stored, fit, net, lift, value = sources
        told = {
            "fit": "skills, words and headline",
            "pay": _pay_words(net, self._profile.rates),
            "value": _value_words(value, self._profile),
            "client": "what is known of the client",
            "chance": f"{lift:.2f} times your base rate",
            "freshness": _age_words(stored, self._now),
        }
        for name, weight in self._weights.items():
            shown = f"{share(round(components[name], 4))} x {weight:g}"
            yield Part(label=name, value=shown, source=told[name])
        yield Part(label="suits", value=f"x {share(suits)}", source=f"fit {fit.score:.2f}")
        yield from shifts


def pay_component(net: NetHourly | None, rates: Rates) -> float:
    """Return pay from 0 to 1 against floor and target; an estimate counts in part."""
    row = table("weights")["pay"]
    neutral = float(row["not_stated"])
    if net is None or not _is_comparable(net, rates):
        return neutral
    target = rates.target if rates.target is not None else rates.floor * amount(row["target"])
    value = on_curve(row["curve"], _step(net.expected, rates.floor, max(target, rates.floor)))
    known = (
        1.0 if net.stated and not net.guessed_hours else row["guessed_hours" if net.stated else "estimated"]
    )
    return float(known * value + (1 - known) * neutral)


def _is_comparable(net: NetHourly, rates: Rates) -> bool:
    return net.informed and net.currency == rates.currency and rates.floor > 0


def _pay_words(net: NetHourly | None, rates: Rates) -> str:
    if net is None or not _is_comparable(net, rates):
        return "pay not stated"
    told = f"{money(net.expected, net.currency)}/h, floor {money(rates.floor, rates.currency)}"
    if not net.stated:
        return f"{told}; {net.basis}"
    return f"{told}; hours are a guess" if net.guessed_hours else told


def _step(pay: Decimal, floor: Decimal, target: Decimal) -> float:
    """Return 0..1 up to the floor, 1..2 from floor to target, then 2 at the target and 3 at twice it."""
    if pay <= floor:
        return float(max(pay, Decimal(0)) / floor)
    if pay < target:
        return float(1 + (pay - floor) / (target - floor))
    return float(1 + pay / target)


def value_component(value: Decimal | None, profile: Profile) -> float:
    """Return value per bidding minute from 0 to 1, against the person's floor per minute."""
    row, multiple = table("weights")["value"], _multiple(value, profile)
    return float(row["not_stated"]) if multiple is None else on_curve(row["curve"], multiple)


def _multiple(value: Decimal | None, profile: Profile) -> float | None:
    """Return what a minute of bidding brings as a multiple of the person's floor per minute."""
    minutes, floor = profile.time.minutes_per_proposal, profile.rates.floor
    if value is None or minutes <= 0 or floor <= 0:
        return None
    return float(value * 60 / (minutes * floor))


def _value_words(value: Decimal | None, profile: Profile) -> str:
    multiple = _multiple(value, profile)
    if value is None or multiple is None:
        return "worth not known"
    return f"{money(value, profile.rates.currency)} a bid, {multiple:.1f} times your floor per minute"


def freshness(stored: StoredPost, now: datetime) -> float:
    """Return 1 for a post of this moment, half after each half-life; by when seen if no date is stated."""
    return float(0.5 ** (_age(stored, now) / table("weights")["freshness"]["half_life_hours"]))


def _age(stored: StoredPost, now: datetime) -> float:
    posted = stored.post.date_posted
    since = posted if posted is not None else stored.first_seen
    return max(0.0, (now - since).total_seconds() / 3600)


def _age_words(stored: StoredPost, now: datetime) -> str:
    known = "posted" if stored.post.date_posted is not None else "first seen"
    return f"{known} {_age(stored, now):.0f} h ago"
