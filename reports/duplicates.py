"""Groups of posts that stand for one job, with the reason why, on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.posts import StoredPost
from reports import words
from reports.layout import NARROWEST, labelled
from reports.words import clean, clip

_TITLE = 120
_REPEAT = "= "


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A post that repeats another of its group.

    ``score`` is the share of the text in common, a decimal from 0 to 1 as text, or ``None`` where a person
    said so; ``judged`` tells whether one did.
    """

    stored: StoredPost
    score: str | None
    reason: str
    judged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Posts that stand for one job: the one seen first, and what repeats it, oldest first."""

    original: StoredPost
    repeats: tuple[Repeat, ...]


def duplicates_text(clusters: Sequence[Cluster], *, width: int = 100) -> str:
    """Return the groups as text: each original, and under it what repeats it and why."""
    wide = max(width, NARROWEST)
    lines = [line for cluster in clusters for line in _group(cluster, wide)]
    return "\n".join(lines).rstrip() + "\n"


def _group(cluster: Cluster, width: int) -> Iterator[str]:
    gap = len(cluster.original.post_id) + len(_REPEAT) + 2
    yield from labelled(cluster.original.post_id, _line(cluster.original), width=width, gap=gap)
    for repeat in cluster.repeats:
        why = "you said so" if repeat.judged else repeat.reason
        text = f"{_line(repeat.stored)} · {why}"
        yield from labelled(f"{_REPEAT}{repeat.stored.post_id}", text, width=width, gap=gap)
    yield ""


def _line(stored: StoredPost) -> str:
    post = stored.post
    about = (f"{stored.first_seen:%Y-%m-%d}", words.pay(post.pay), clean(post.source))
    return " · ".join((clip(post.title, _TITLE), *about))


def duplicates_json(clusters: Sequence[Cluster]) -> dict[str, Any]:
    """Return the groups as JSON values; scores are numbers from 0 to 1."""
    return {"clusters": [{**_post(one.original), "repeats": _repeats(one)} for one in clusters]}


def _repeats(cluster: Cluster) -> list[dict[str, Any]]:
    return [
        {
            **_post(repeat.stored),
            "score": None if repeat.score is None else float(Decimal(repeat.score)),
            "reason": repeat.reason,
            "judged": repeat.judged,
        }
        for repeat in cluster.repeats
    ]


def _post(stored: StoredPost) -> dict[str, Any]:
    return {
        "post_id": stored.post_id,
        "source": stored.post.source,
        "source_id": stored.post.source_id,
        "title": stored.post.title,
        "url": stored.post.url,
        "first_seen": stored.first_seen.isoformat(),
    }
