"""One post's text on a terminal, cleaned of anything that could drive it."""

from __future__ import annotations

from domain.posts import StoredPost
from reports.layout import NARROWEST, labelled, wrap
from reports.words import NOT_STATED, clean

_GAP = 12


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
