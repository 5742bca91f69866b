"""Embed what is new, then rank every stored post for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bidwright.desk import Desk
from domain.fees import FeeEstimate
from domain.posts import JobPosting
from domain.sources import SourceRun
from ledger.fees import fee_rate
from ranking.results import RankedPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Every live post in order for one person, as of ``now``, with the hash of all that decided it.

    ``sources`` holds the latest real outcome of each source; ``key`` names the person's series of digests.
    """

    key: str
    now: datetime
    inputs_hash: str
    ranked: tuple[RankedPost, ...]
    sources: tuple[SourceRun, ...]


class StoredVectors:
    """The store as a vector cache; each call is a short transaction of its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def load(self, model_id: str, hashes: Sequence[str]) -> dict[str, bytes]:
        """Return the stored vectors among ``hashes``."""
        with self._desk.store.read() as tx:
            return tx.vectors.load(model_id, hashes)

    def save(self, model_id: str, dimensions: int, vectors: Mapping[str, bytes]) -> None:
        """Keep ``vectors``; those already kept stay as they are."""
        self._desk.store.run_write(lambda tx: tx.vectors.save(model_id, dimensions, vectors))


def fee_for(post: JobPosting, now: datetime) -> FeeEstimate:
    """Return what the post's marketplace would keep of a contract opened ``now``."""
    return fee_rate(post.channel, opened=now.date())
