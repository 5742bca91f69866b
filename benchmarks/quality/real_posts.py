"""Real posts and people as the product reads them, split into a half to tune on and a half to report on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from numpy.typing import NDArray

from domain.clock import utc_now
from domain.identity import content_hash, post_id, text_hash
from domain.posts import JobPosting, PostText, StoredPost
from domain.profile import Profile, Rates, Skill
from pipelines.duplicates import find_duplicates
from pipelines.normalise import normalise
from pipelines.skills import canonical_skill
from ranking.backends.sentence_transformer import SentenceTransformerEmbedder
from spiders.importing import read_file
from spiders.sandbox import ParserPool

FILES = (
    "upwork_rss_lougse_2024/raw_*/*.gz",
    "upwork_rss_dawn_2023/*.gz",
    "upwork_raoina_2025/*.gz",
    "upwork_graphql_aschubbz_2025/*jobs.json.gz",
    "freelancer_*/*.gz",
    "feeds_remote_2026/*jobs.json.gz",
)
PEOPLE = "profiles_freelancer_2021/profiles.jsonl.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealPost:
    """A post by its key, the collection it is from, and the half it belongs to."""

    key: str
    collection: str
    tuning: bool
    stored: StoredPost


def post_key(name: str) -> str:
    """Return a post's id without the marks that some of the files put before it, or its address."""
    return name.removeprefix("~").removeprefix("02") if name.startswith("~02") else name.removeprefix("~")


def read_jobs(folder: Path) -> dict[str, tuple[str, JobPosting]]:
    """Return the real posts with a text in ``folder`` by key, with the name of their collection.

    They are read and cleaned as an import does; of a post that stands in several files the first counts.
    """
    found: dict[str, tuple[str, JobPosting]] = {}
    now = utc_now()
    with ParserPool() as pool:
        for path in (path for pattern in FILES for path in sorted(folder.glob(pattern))):
            collection = path.relative_to(folder).parts[0]
            for raw in read_file(path, name=path.name, pool=pool).posts:
                post, _ = normalise(raw, now=now)
                if post is not None and post.description and (post.source_id or post.url):
                    found.setdefault(post_key(post.source_id or post.url or ""), (collection, post))
    return found


def is_tuning(key: str) -> bool:
    """Return whether what ``key`` names may be looked at while tuning; about half may."""
    return int(sha256(key.encode()).hexdigest()[:8], 16) % 2 == 0


def read_posts(folder: Path) -> list[RealPost]:
    """Return the real posts of :func:`read_jobs`, their repeats marked, in the order of their keys.

    Repeats stand in one half, so that no post of the other is a copy of one that was tuned on.
    """
    jobs = sorted(read_jobs(folder).items())
    seen = utc_now()
    ids = {key: post_id(post) for key, (_, post) in jobs}
    texts = [
        PostText(
            post_id=ids[key],
            source=post.source,
            title=post.title,
            description=post.description,
            employer=post.client.name,
            first_seen=seen,
            date_posted=post.date_posted,
        )
        for key, (_, post) in jobs
    ]
    clusters = {mark.post_id: mark.of_post_id for mark in find_duplicates(texts)}
    return [
        RealPost(
            key=key,
            collection=collection,
            tuning=is_tuning(clusters.get(ids[key], ids[key])),
            stored=StoredPost(
                post_id=ids[key],
                post=post,
                first_seen=seen,
                last_seen=seen,
                content_hash=content_hash(post),
                text_hash=text_hash(post),
                cluster=clusters.get(ids[key], ids[key]),
            ),
        )
        for key, (collection, post) in jobs
    ]


def originals(posts: Iterable[RealPost]) -> list[RealPost]:
    """Return one post of each cluster, the first by key."""
    chosen: dict[str, RealPost] = {}
    for each in posts:
        chosen.setdefault(each.stored.cluster, each)
    return list(chosen.values())


def without_tags(stored: StoredPost) -> StoredPost:
    """Return ``stored`` as if its client had chosen no skills; its text hash is that of the text alone."""
    post = replace(stored.post, skills=())
    return replace(stored, post=post, text_hash=text_hash(post), content_hash=content_hash(post))


@dataclass(frozen=True, slots=True, kw_only=True)
class RealPerson:
    """A person's profile as the product takes it, and the half it belongs to."""

    tuning: bool
    profile: Profile


def read_people(folder: Path) -> list[RealPerson]:
    """Return the real people in ``folder`` who list a skill; skills by their canonical names, each once.

    They come in the order of a digest, so that the first few are a fair sample: the file begins with those
    who list most skills.
    """
    people: dict[str, RealPerson] = {}
    with gzip.open(folder / PEOPLE, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            names = list(dict.fromkeys(map(canonical_skill, row.get("skills") or ())))
            if names:
                profile = Profile(
                    name="",
                    headline=row["oneliner"],
                    rates=Rates(currency="USD", floor=Decimal(1)),
                    skills=tuple(Skill(name=name) for name in names),
                )
                digest = sha256(line.encode()).hexdigest()
                people[digest] = RealPerson(tuning=is_tuning(line), profile=profile)
    return [people[digest] for digest in sorted(people)]


class CachedEmbedder:
    """The bundled model with its vectors kept in the temporary folder between runs of a benchmark."""

    def __init__(self) -> None:
        self._embedder = SentenceTransformerEmbedder()
        self._file = Path(gettempdir()) / "bidwright-benchmarks" / f"{self._embedder.model_id}.npz"
        self._kept: dict[str, NDArray[np.float32]] = {}
        if self._file.is_file():
            with np.load(self._file) as held:
                self._kept = dict(zip(held["keys"].tolist(), held["rows"], strict=True))

    def vectors(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the unit vector of each of ``texts``, embedding those not kept yet."""
        keys = {text: sha256(text.encode()).hexdigest()[:32] for text in texts}
        missing = sorted({text for text in texts if keys[text] not in self._kept}, key=len)
        if missing:
            rows = self._embedder.encode(missing)
            self._kept |= {keys[text]: row for text, row in zip(missing, rows, strict=True)}
            self._file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(self._file, keys=np.array(list(self._kept)), rows=np.stack(list(self._kept.values())))
        return {text: self._kept[keys[text]] for text in texts}
