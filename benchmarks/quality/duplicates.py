"""``python -m benchmarks.quality.duplicates [--data DIR] [--pairs]``: repeats found among real posts.

What counts as right is published (``derived_reposts``: one title, one opening, other ids) or was judged by
reading the two posts (``benchmarks/labels/duplicates.jsonl``, by digest of the pair). ``--pairs`` prints the
found pairs that nobody has judged yet.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

from benchmarks.corpus import shared_data
from benchmarks.quality.real_posts import post_key, read_jobs
from benchmarks.timing import seconds
from domain.clock import utc_now
from domain.identity import post_id
from domain.posts import PostText
from pipelines.duplicates import find_duplicates

LABELS = Path(__file__).parents[1] / "labels" / "duplicates.jsonl"
_COSINE = 0.9
_GROWTH = 8

Pair = frozenset[str]
"""Two posts by their keys: the marketplace's id of the post, or else its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a way of looking for repeats found, beside what is known."""

    pairs: int
    right: int
    wrong: int
    known_right: int
    known: int

    def __str__(self) -> str:
        judged = self.right + self.wrong
        unknown = f", {self.pairs - judged} not judged" if self.pairs > judged else ""
        precision = self.right / judged if judged else 0.0
        recall = self.known_right / self.known if self.known else 0.0
        return (
            f"precision {precision:.3f} ({self.right}/{judged}{unknown}), "
            f"recall {recall:.3f} ({self.known_right}/{self.known})"
        )


def read_posts(folder: Path) -> dict[str, PostText]:
    """Return what the real posts in ``folder`` are compared by, by key."""
    now = utc_now()
    return {
        key: PostText(
            post_id=post_id(post),
            source=post.source,
            title=post.title,
            description=post.description,
            employer=post.client.name,
            first_seen=now,
            date_posted=post.date_posted,
        )
        for key, (_, post) in read_jobs(folder).items()
    }


def published(folder: Path, keys: Collection[str]) -> set[Pair]:
    """Return the pairs of ``derived_reposts`` of which both posts are there."""
    groups: dict[str, set[str]] = defaultdict(set)
    with gzip.open(folder / "derived_reposts" / "groups.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            names = {post_key(str(row["ext_id"])), str(row["url"])}
            groups[row["k"]] |= names & set(keys)
    return {frozenset(pair) for group in groups.values() for pair in combinations(sorted(group), 2)}


def digest(pair: Pair) -> str:
    """Return what a pair is kept by: the first 16 hex digits of the SHA-256 of its keys in order."""
    return sha256("\n".join(sorted(pair)).encode()).hexdigest()[:16]


def judged() -> dict[str, bool]:
    """Return by digest whether a person who read both posts found one to repeat the other."""
    rows = (json.loads(line) for line in LABELS.read_text("utf-8").splitlines())
    return {row["pair"]: row["repeat"] for row in rows}


def ours(posts: dict[str, PostText]) -> set[Pair]:
    """Return the pairs within the groups that the product makes."""
    keys = {text.post_id: key for key, text in posts.items()}
    groups: dict[str, set[str]] = defaultdict(set)
    for mark in find_duplicates(posts.values()):
        groups[mark.of_post_id] |= {keys[mark.post_id], keys[mark.of_post_id]}
    return {frozenset(pair) for group in groups.values() for pair in combinations(sorted(group), 2)}


def tfidf(posts: dict[str, PostText]) -> set[Pair]:
    """Return the pairs whose TF-IDF vectors are near, every post compared with every other."""
    keys = list(posts)
    texts = [f"{posts[key].title}\n{posts[key].description}" for key in keys]
    matrix = TfidfVectorizer(dtype=np.float32).fit_transform(texts)
    found: set[Pair] = set()
    for start in range(0, len(keys), 500):
        near = (matrix[start : start + 500] @ matrix.T).tocoo()
        for row, column, value in zip(near.row, near.col, near.data, strict=True):
            if value >= _COSINE and start + row < column:
                found.add(frozenset((keys[start + row], keys[column])))
    return found


def compare(found: set[Pair], known: set[Pair], verdicts: dict[str, bool]) -> Found:
    """Return how ``found`` stands beside the pairs ``known`` to repeat and the ``verdicts`` of a reader."""
    verdict = {pair: pair in known or verdicts.get(digest(pair)) for pair in found}
    right = {pair for pair, repeat in verdict.items() if repeat}
    wrong = sum(repeat is False for repeat in verdict.values())
    return Found(
        pairs=len(found), right=len(right), wrong=wrong, known_right=len(known & found), known=len(known)
    )


def reworded(posts: Iterable[PostText], copies: int) -> list[PostText]:
    """Return every post ``copies`` times, each copy in words of its own: none repeats another."""
    made = []
    for post in posts:
        for copy in range(copies):
            words = " ".join(
                f"{word}{copy}" if place % 3 == 0 else word
                for place, word in enumerate(post.description.split(" "))
            )
            made.append(
                PostText(
                    post_id=f"{post.post_id}.{copy}",
                    source=post.source,
                    title=f"{post.title} {copy}",
                    description=words,
                    first_seen=post.first_seen,
                    date_posted=post.date_posted,
                )
            )
    return made


def section(folder: Path | None) -> list[str]:
    """Return the figures as lines of Markdown; without real posts, a line that says so."""
    if folder is None:
        return ["Repeats are not measured: the posts they were judged on are not here (--data)."]
    posts = read_posts(folder)
    known, verdicts = published(folder, posts.keys()), judged()
    results: dict[str, set[Pair]] = {}
    mine = seconds(lambda: results.update(ours=ours(posts)))
    theirs = seconds(lambda: results.update(tfidf=tfidf(posts)))
    base = list(posts.values())[: 100_000 // _GROWTH]
    few, many = reworded(base, 1), reworded(base, _GROWTH)
    growth = seconds(lambda: find_duplicates(many)) / seconds(lambda: find_duplicates(few))
    beside = compare(results["tfidf"], known, verdicts)
    return [
        f"Repeats among {len(posts):,} real posts with a text; {len(known)} pairs are known beforehand",
        "(`derived_reposts`), others were judged by reading both posts (`benchmarks/labels/README.md`):",
        "",
        f"- bidwright: {compare(results['ours'], known, verdicts)};",
        f"- TF-IDF, all pairs, cosine from {_COSINE}: {beside}, in {theirs / mine:.1f} times the time;",
        f"- {len(many):,} posts take {growth:.1f} times as long as {len(few):,}.",
    ]


def unjudged(folder: Path) -> Iterable[str]:
    """Yield the found pairs without a verdict as JSON lines, with what is needed to judge them."""
    posts = read_posts(folder)
    known, verdicts = published(folder, posts.keys()), judged()
    for pair in sorted(ours(posts) - known, key=digest):
        if digest(pair) not in verdicts:
            one, other = (posts[key] for key in sorted(pair))
            shown = [[post.title, post.employer, post.description] for post in (one, other)]
            yield json.dumps({"pair": digest(pair), "posts": shown}, ensure_ascii=False)


def main() -> None:
    """Print the figures, or the pairs that are still to be judged."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.duplicates", description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    parser.add_argument("--pairs", action="store_true", help="print the found pairs without a verdict")
    given = parser.parse_args()
    folder = shared_data(given.data)
    if given.pairs and folder is not None:
        sys.stdout.writelines(f"{line}\n" for line in unjudged(folder))
        return
    sys.stdout.write("\n".join(section(folder)) + "\n")


if __name__ == "__main__":
    main()
