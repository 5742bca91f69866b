"""What comparable work pays: learned from the posts that state their pay, for those that do not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

import numpy as np

from domain.posts import ContractType, StoredPost
from ranking.exchange import Exchange
from ranking.offers import Span, stated_budget, stated_hourly
from ranking.pay_model import Column, PayModel, Rows
from ranking.similarity import Places, TextSpace
from ranking.tables import amount, table

_CENT = Decimal("0.01")
_DOLLARS = "USD"
_NOT_STATED = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketPay:
    """What a post is expected to pay in US dollars, gross, per hour or in all (``fixed``).

    ``known`` is the number of posts it rests on, ``basis`` says which; 0 where the figures of ``market.toml``
    stand in.
    """

    span: Span
    fixed: bool
    known: int
    basis: str


@dataclass(frozen=True, slots=True)
class Market:
    """What posts that make no offer are likely to pay, by their ids: told from those that state their pay."""

    estimates: Mapping[str, MarketPay]

    def of(self, stored: StoredPost) -> MarketPay:
        """Return what ``stored`` is likely to pay, at the least by the market as a whole."""
        found = self.estimates.get(stored.post_id)
        return found if found is not None else _whole_market(fixed=_is_fixed(stored))


def learn_market(space: TextSpace, posts: Iterable[StoredPost], exchange: Exchange) -> Market:
    """Return the market by the pay stated in ``space``, with estimates for ``posts`` that make no offer.

    For each kind of pay, randomised trees over the topics of the text, category, country, experience and
    what else a post states (:mod:`ranking.pay_model`). The interval comes from the errors on posts the model
    had not seen (cross-conformal prediction, Vovk, Annals of Mathematics and AI 74, 2015). Too few posts with
    pay: the most similar ones, or the figures in ``market.toml``.
    """
    asked = [stored for stored in posts if _offer(stored, exchange) is None]
    if not asked:
        return Market({})
    estimates: dict[str, MarketPay] = {}
    for fixed in (False, True):
        wanted = sorted(space.place[stored.post_id] for stored in asked if _is_fixed(stored) is fixed)
        estimates |= _estimates(space, np.array(wanted, dtype=np.intp), exchange, fixed=fixed)
    return Market(estimates)


def _is_fixed(stored: StoredPost) -> bool:
    return stored.post.contract_type is ContractType.FIXED


def _offer(stored: StoredPost, exchange: Exchange) -> tuple[bool, float] | None:
    """Return whether the stated pay is for the whole job, and the logarithm of its middle in US dollars."""
    hourly = stated_hourly(stored.post, exchange, _DOLLARS)
    if hourly is not None:
        return False, math.log(hourly.expected)
    budget = stated_budget(stored.post, exchange, _DOLLARS)
    return None if budget is None else (True, math.log(budget.expected))


def _estimates(space: TextSpace, wanted: Places, exchange: Exchange, *, fixed: bool) -> dict[str, MarketPay]:
    rules = table("market")["model"]
    paid, pay = _paid(space, exchange, int(rules["most"]), fixed=fixed)
    if not len(wanted) or len(paid) < table("market")["neighbours"]["least"]:
        return {}
    if len(paid) < rules["least"]:
        return _by_neighbours(space, wanted, paid, pay, fixed=fixed)
    features = _Features(space, paid)
    known = features.rows(paid), features.topics(paid)
    errors = _errors(*known, pay, [space.posts[place].cluster for place in paid], fixed=fixed)
    middle = PayModel(*known, pay, fixed=fixed).most_likely(features.rows(wanted), features.topics(wanted))
    tail = (1 - float(rules["level"])) / 2
    low, high = np.quantile(errors, (tail, 1 - tail))
    return {
        space.posts[place].post_id: MarketPay(
            span=Span(
                low=_dollars(value + min(low, 0.0)),
                expected=_dollars(value),
                high=_dollars(value + max(high, 0.0)),
            ),
            fixed=fixed,
            known=len(paid),
            basis=f"{len(paid):,} posts that state {'a budget' if fixed else 'hourly pay'}",
        )
        for place, value in zip(wanted.tolist(), middle.tolist(), strict=True)
    }


def _by_neighbours(
    space: TextSpace, wanted: Places, paid: Places, pay: Column, *, fixed: bool
) -> dict[str, MarketPay]:
    """Return estimates by the pay of the most similar posts: its quantiles over a few of them."""
    count, tail = table("market")["neighbours"]["count"], (1 - table("market")["model"]["level"]) / 2
    clusters = np.array([stored.cluster for stored in space.posts])
    found = {}
    for rows, alike in space.blocks(wanted, paid):
        own = clusters[rows][:, None] == clusters[paid][None, :]
        order = np.argsort(np.where(own, 1.0, -alike), axis=1, kind="stable")[:, :count]
        for row, near, repeats in zip(rows, order, own, strict=True):
            others = near[~repeats[near]]
            low, middle, high = np.quantile(pay[others], (tail, 0.5, 1 - tail)).tolist()
            found[space.posts[row].post_id] = MarketPay(
                span=Span(low=_dollars(low), expected=_dollars(middle), high=_dollars(high)),
                fixed=fixed,
                known=len(others),
                basis=f"{len(others)} comparable posts",
            )
    return found


def _paid(space: TextSpace, exchange: Exchange, most: int, *, fixed: bool) -> tuple[Places, Column]:
    """Return the places of one post with pay of a cluster, the newest ``most``, and the log of their pay."""
    chosen: dict[str, tuple[int, float]] = {}
    for place, stored in enumerate(space.posts):
        offer = None if stored.cluster in chosen else _offer(stored, exchange)
        if offer is not None and offer[0] is fixed:
            chosen[stored.cluster] = (place, offer[1])
    newest = sorted(chosen.values(), key=lambda each: (space.posts[each[0]].first_seen, each[0]))[-most:]
    newest.sort()
    return np.array([place for place, _ in newest], dtype=np.intp), np.array([pay for _, pay in newest])


def _errors(rows: Rows, topics: Rows | None, pay: Column, names: Sequence[str], *, fixed: bool) -> Column:
    """Return the error of every post with pay, predicted from the folds that it is not in.

    Folds are equally large and decided by the posts' names, so that no order of posts runs through them.
    """
    folds = int(table("market")["model"]["folds"])
    shuffled = sorted(range(len(names)), key=lambda place: (crc32(names[place].encode()), names[place]))
    errors = np.zeros(len(pay))
    for fold in range(folds):
        inside = np.zeros(len(pay), dtype=np.bool_)
        inside[shuffled[fold::folds]] = True
        others, own = (None if topics is None else topics[part] for part in (~inside, inside))
        model = PayModel(rows[~inside], others, pay[~inside], fixed=fixed)
        errors[inside] = pay[inside] - model.most_likely(rows[inside], own)
    return errors


def _dollars(logarithm: float) -> Decimal:
    return max(_CENT, Decimal(str(math.exp(logarithm))).quantize(_CENT))


def _whole_market(*, fixed: bool) -> MarketPay:
    row = table("market")["fixed" if fixed else "hourly"]
    span = Span(low=amount(row["low"]), expected=amount(row["middle"]), high=amount(row["high"]))
    return MarketPay(span=span, fixed=fixed, known=0, basis="the market as a whole")


class _Features:
    """What a post states besides its pay, as numbers; posts with pay decide which columns there are."""

    def __init__(self, space: TextSpace, paid: Places) -> None:
        rules = table("market")["model"]
        self._space = space
        posts = [space.posts[place] for place in paid]
        named = Counter(name for stored in posts for name in _names(stored))
        common = [name for name, count in sorted(named.items()) if count >= rules["least_count"]]
        self._column = {name: place for place, name in enumerate(common)}
        self._count = int(rules["topics"])

    def topics(self, places: Places) -> Rows | None:
        """Return (places, topics), all of them; ``None`` where there are too few posts for any."""
        return None if self._space.topics is None else self._space.topics[places]

    def rows(self, places: Places) -> Rows:
        """Return (places, features)."""
        stated = np.zeros((len(places), len(self._column)), dtype=np.float32)
        for row, place in enumerate(places):
            stored = self._space.posts[place]
            for name in _names(stored):
                if name in self._column:
                    stated[row, self._column[name]] = 1.0
        numbers = np.array([list(_numbers(self._space.posts[place])) for place in places], dtype=np.float32)
        parts = [numbers.reshape(len(places), -1), stated]
        topics = self.topics(places)
        if topics is not None:
            parts.append(topics[:, : self._count])
        return np.concatenate(parts, axis=1)


def _names(stored: StoredPost) -> Iterator[str]:
    post = stored.post
    for field in ("channel", "category", "experience_level", "duration", "workload"):
        value = getattr(post, field)
        if value is not None:
            yield f"{field}={value.casefold()}"
    if post.client.country is not None:
        yield f"country={post.client.country}"


def _numbers(stored: StoredPost) -> Iterator[float]:
    """Yield counts as logarithms; what is not stated lies below every value, so that trees tell it apart."""
    post, client = stored.post, stored.post.client
    yield math.log1p(len(post.description))
    yield math.log1p(len(post.skills))
    yield _NOT_STATED if client.payment_verified is None else float(client.payment_verified)
    yield _NOT_STATED if client.total_spent is None else math.log1p(max(0.0, float(client.total_spent)))
    yield _NOT_STATED if client.hires is None else math.log1p(client.hires)
    yield _NOT_STATED if client.rating is None else float(client.rating)
    yield _NOT_STATED if post.proposals_max is None else math.log1p(post.proposals_max)
