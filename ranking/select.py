"""The day's pick: the best posts that minutes and connects allow, one a cluster, spread over clients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.posts import StoredPost
from ranking.results import RankedPost


def client_key(stored: StoredPost) -> str | None:
    """Return what tells one client from another, or ``None`` when the post does not say who it is."""
    client = stored.post.client
    name = client.id or client.name
    return f"{stored.post.source}|{name.lower()}" if name else None


def pick(
    ranked: Sequence[RankedPost], *, minutes: int, minutes_per_proposal: int, connects: int | None
) -> frozenset[str]:
    """Return the ids of the posts to bid on, from ``ranked`` (best first).

    Every pick takes ``minutes_per_proposal`` of ``minutes`` and its connects of ``connects`` (``None``: no
    limit; a post that states none costs none). A bid that is expected to lose money is never picked, nor a
    second post of a cluster; a second post of one client only after everybody else had a turn.
    """
    places = minutes // minutes_per_proposal if minutes_per_proposal > 0 else len(ranked)
    worth = [
        item for item in ranked if item.eligible and (item.expected_value is None or item.expected_value > 0)
    ]
    picked: dict[str, RankedPost] = {}
    left = connects
    for second_turn in (False, True):
        for item in worth:
            if len(picked) >= places:
                return frozenset(picked)
            cost = item.stored.post.connects or 0
            if item.stored.post_id in picked or (left is not None and cost > left):
                continue
            if _clashes(item, picked.values(), same_client=not second_turn):
                continue
            picked[item.stored.post_id] = item
            left = None if left is None else left - cost
    return frozenset(picked)


def _clashes(item: RankedPost, picked: Iterable[RankedPost], *, same_client: bool) -> bool:
    key = client_key(item.stored)
    return any(
        other.stored.cluster == item.stored.cluster
        or (same_client and key is not None and client_key(other.stored) == key)
        for other in picked
    )
