"""What a person said of a post: liked or disliked, and why in their own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.posts import StoredPost


class Opinion(StrEnum):
    """What the person thinks of a post."""

    LIKE = "like"
    DISLIKE = "dislike"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One opinion on one stored post.

    ``because`` are the person's reasons as written, ``at`` is aware UTC.
    """

    stored: StoredPost
    opinion: Opinion
    because: tuple[str, ...]
    at: datetime
