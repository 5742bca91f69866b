"""Which posts cannot wait until tomorrow: closing, nearly full, or just posted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.posts import JobPosting
from ranking.chance import proposals_of, proposals_words
from ranking.results import Part
from ranking.tables import on_curve, table

_HOUR = 3600
CLOSES, FILLS, FRESH = "closes soon", "fills up", "just posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """By what share of its score a post counts more today, of what kind, and why."""

    share: float
    kind: str
    because: str

    @property
    def part(self) -> Part:
        """The urgency as it is shown."""
        return Part(label=self.kind, value=f"x {1 + self.share:.4f}", source=self.because)


def urgency(post: JobPosting, *, now: datetime, proposals_over: int | None) -> Urgency | None:
    """Return what makes ``post`` urgent as of ``now``: the strongest reason, ``None`` where it can wait.

    ``proposals_over`` is the person's limit of proposals. The curves stand in ``weights.toml``.
    """
    return max(_reasons(post, now, proposals_over), key=lambda each: each.share, default=None)


def _reasons(post: JobPosting, now: datetime, proposals_over: int | None) -> Iterator[Urgency]:
    data = table("weights")["urgency"]
    if post.valid_through is not None and post.valid_through >= now:
        hours = (post.valid_through - now).total_seconds() / _HOUR
        if share := round(on_curve(data["closing"], hours), 4):
            yield Urgency(share=share, kind=CLOSES, because=f"closes in {hours:.0f} h")
    proposals, limit = proposals_of(post), proposals_over or data["limit"]
    if proposals is not None and (share := round(on_curve(data["filling"], proposals / limit), 4)):
        told = f"{proposals_words(post)} already, {limit} are the limit"
        yield Urgency(share=share, kind=FILLS, because=told)
    if post.date_posted is not None:
        hours = max(0.0, (now - post.date_posted).total_seconds() / _HOUR)
        if share := round(on_curve(data["fresh"], hours), 4):
            yield Urgency(share=share, kind=FRESH, because=f"posted {hours:.0f} h ago")
