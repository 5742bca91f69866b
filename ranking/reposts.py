"""Jobs that were posted again and again, and what tells one client from another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.posts import ContractType, StoredPost
from ranking.tables import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Reposts:
    """How often one job was seen posted: on ``times`` occasions (2 or more), the first on the day ``since``.

    ``hired`` is true where a post of it states a hire, false where what is stated rules one out, and ``None``
    where nothing tells.
    """

    times: int
    since: date
    hired: bool | None

    def words(self) -> str:
        """Return "posted 4 times since 3 May 2026, never hired"."""
        told = {True: "hired at least once", False: "never hired", None: "no hire seen"}[self.hired]
        return f"posted {self.times} times since {self.since.day} {self.since:%b %Y}, {told}"


def employer_key(stored: StoredPost) -> str | None:
    """Return what tells one client from another within a channel, ``None`` where the post does not say."""
    client = stored.post.client
    return name_key(stored.post.channel, client.id or client.name)


def is_of(stored: StoredPost, clients: Collection[str]) -> bool:
    """Return whether the client is among ``clients``: keys of :func:`employer_key` or :func:`name_key`."""
    if not clients:
        return False
    keys = (employer_key(stored), name_key(stored.post.channel, stored.post.client.name))
    return any(key in clients for key in keys if key is not None)


def name_key(channel: str, name: str | None) -> str | None:
    """Return the key of a client called ``name`` (or known by that id) in ``channel``."""
    return f"{channel.casefold()}|{' '.join(name.split()).casefold()}" if name and name.strip() else None


def jobs_of(posts: Sequence[StoredPost]) -> dict[str, tuple[StoredPost, ...]]:
    """Return by post id all posts of the same job, where it was posted more than once.

    Posts are of one job if they stand in one cluster, or if one client gave them the same title. Salaried
    positions are left out: a company fills the same one many times.
    """
    jobs: dict[str, list[StoredPost]] = defaultdict(list)
    job_of = _jobs(posts)
    for stored in posts:
        if stored.post.contract_type is not ContractType.EMPLOYMENT:
            jobs[job_of[stored.cluster]].append(stored)
    several = (tuple(members) for members in jobs.values() if len(members) > 1)
    return {stored.post_id: members for members in several for stored in members}


def reposts_of(job: Sequence[StoredPost], now: datetime) -> Reposts | None:
    """Return how often one job was posted by ``now`` (aware UTC); ``None`` for not more than once.

    Occasions are counted within a source, as a second board is no second try, and lie apart by the hours in
    ``client.toml``.
    """
    if len(job) <= 1:
        return None
    members = [stored for stored in job if posted(stored) <= now]
    by_source: dict[str, list[datetime]] = defaultdict(list)
    for stored in members:
        by_source[stored.post.source].append(posted(stored))
    times = max((_occasions(sorted(moments)) for moments in by_source.values()), default=0)
    if times <= 1:
        return None
    return Reposts(times=times, since=min(map(posted, members)).date(), hired=_hired(members))


def posted(stored: StoredPost) -> datetime:
    """Return when a post appeared: as stated, else when it was first seen."""
    return stored.post.date_posted or stored.first_seen


def _jobs(posts: Iterable[StoredPost]) -> Mapping[str, str]:
    """Return by cluster the least cluster of the same job: clusters are joined by client and title."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for stored in posts:
        employer = employer_key(stored)
        names = [root(stored.cluster)]
        if employer is not None:
            names.append(root(f"{employer}|{' '.join(stored.post.title.split()).casefold()}"))
        for name in names:
            parent[name] = min(names)
    return {name: root(name) for name in list(parent)}


def _occasions(moments: Sequence[datetime]) -> int:
    apart = timedelta(hours=table("client")["reposts"]["apart_hours"])
    last, times = moments[0], 1
    for moment in moments:
        if moment - last >= apart:
            last, times = moment, times + 1
    return times


def _hired(members: Sequence[StoredPost]) -> bool | None:
    stated = [stored.post.hires for stored in members]
    if any(stated):
        return True
    none_ever = any(stored.post.client.hires == 0 or stored.post.client.hire_rate == 0 for stored in members)
    return False if none_ever or all(count == 0 for count in stated) else None
