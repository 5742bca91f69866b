"""Stored posts on a terminal, as a list and one by one, cleaned of anything that could drive it."""

from __future__ import annotations

from collections.abc import Sequence

from domain.posts import StoredPost
from reports import words
from reports.layout import NARROWEST, labelled, table, wrap
from reports.words import NOT_STATED, clean, clip

_GAP = 12


def posts_table(posts: Sequence[StoredPost], *, width: int = 100) -> str:
    """Return the posts as an aligned table, in the order given: id, day first seen, pay as read, title."""
    rows = [
        (
            stored.post_id,
            f"{stored.first_seen:%Y-%m-%d}",
            words.pay(stored.post.pay),
            f"{clip(stored.post.title, 120)} · {clean(stored.post.source)}",
        )
        for stored in posts
    ]
    return "\n".join(table(("post", "first seen", "pay", "title"), rows, width=max(width, NARROWEST))) + "\n"


def post_text(stored: StoredPost, *, width: int = 80) -> str:
    """Return where a post came from and its description, wrapped to ``width`` columns."""
    wide = max(width, NARROWEST)
    post = stored.post
    facts = {
        "Source": post.source,
        "Open": post.url or NOT_STATED,
        "Pay as given": post.pay.raw if post.pay else NOT_STATED,
        "Skills": ", ".join(post.skills) or NOT_STATED,
        "Duration": post.duration or NOT_STATED,
        "Language": words.language(post.language),
        "Repeats": stored.cluster if stored.cluster != stored.post_id else "",
    }
    lines = [
        line
        for label, value in facts.items()
        if value
        for line in labelled(label, clean(value), width=wide, gap=_GAP + 2)
    ]
    lines.append("")
    for paragraph in post.description.split("\n"):
        lines += wrap(clean(paragraph), wide) or [""]
    return "\n".join(lines).rstrip() + "\n"
