"""What posts say whoever reads them: texts that can be compared, skills asked for, pay to be expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.posts import StoredPost
from ranking.exchange import Exchange
from ranking.inference import Inference, infer_skills
from ranking.market import Market, learn_market
from ranking.similarity import TextSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Everything a ranking knows of posts before it knows the person; of one use to everybody."""

    space: TextSpace
    inference: Inference
    market: Market


def read(posts: Iterable[StoredPost], closed: Iterable[StoredPost], exchange: Exchange) -> Readings:
    """Return the readings of ``posts``, for which those of ``closed`` are evidence too."""
    wanted = {stored.post_id: stored for stored in posts}
    space = TextSpace((*closed, *wanted.values()))
    return Readings(
        space=space,
        inference=infer_skills(space, wanted.values()),
        market=learn_market(space, wanted.values(), exchange),
    )
