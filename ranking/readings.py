"""What posts say whoever reads them: texts to compare, skills asked for, pay to expect, risks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.posts import StoredPost
from ranking.exchange import Exchange
from ranking.inference import Inference, infer_skills
from ranking.market import Market, learn_market
from ranking.results import RiskFlag
from ranking.risk import find_risks
from ranking.similarity import TextSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Everything a ranking knows of posts before it knows the person; of one use to everybody."""

    space: TextSpace
    inference: Inference
    market: Market
    risks: Mapping[str, tuple[RiskFlag, ...]]


def read(posts: Iterable[StoredPost], closed: Iterable[StoredPost], exchange: Exchange) -> Readings:
    """Return the readings of ``posts``, for which those of ``closed`` are evidence too."""
    wanted = list(posts)
    return read_in(TextSpace((*closed, *wanted)), wanted, exchange)


def read_in(space: TextSpace, posts: Iterable[StoredPost], exchange: Exchange) -> Readings:
    """Return the readings of ``posts``, which stand in ``space`` with whatever else is evidence."""
    wanted = {stored.post_id: stored for stored in posts}
    return Readings(
        space=space,
        inference=infer_skills(space, wanted.values()),
        market=learn_market(space, wanted.values(), exchange),
        risks={name: find_risks(stored.post, exchange) for name, stored in wanted.items()},
    )
