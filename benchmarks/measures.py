"""What is measured: each function returns rows of our figure, a leaner way in the same run, the ratio."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

import feedparser
import numpy as np

from benchmarks.corpus import Corpus
from benchmarks.quality.real_posts import FILES, read_posts
from benchmarks.timing import processor_seconds, seconds, take_turns
from bidwright.desk import open_desk
from bidwright.sample_feeds import make_sample
from bidwright.steps.importing import import_files
from bidwright.steps.ranking import fee_for
from bidwright.workspace import Workspace, init_workspace
from domain.clock import utc_now
from domain.identity import post_id, text_hash
from domain.posts import StoredPost
from ranking.appraisal import appraise, fits_by_words, worth_embedding
from ranking.rank import RankContext, post_text, profile_queries, rank
from ranking.readings import read
from ranking.vectors import embed_missing
from spiders.importing import read_file
from spiders.sandbox import ParserPool

Rows = list[dict[str, str]]
_ROOT = Path(__file__).parents[1]


def importing(corpus: Corpus, folder: Path, turns: int) -> Rows:
    """Import feeds into an empty workspace, beside feedparser reading the same bytes and keeping nothing."""
    read: list[int] = []

    def ours() -> None:
        root = folder / "import"
        shutil.rmtree(root, ignore_errors=True)
        init_workspace(root)
        with open_desk(Workspace(root)) as desk:
            read.append(sum(report.posts_read for report in import_files(desk, corpus.feeds)))

    def theirs() -> None:
        for _, body in corpus.feeds:
            feedparser.parse(body)

    measured = take_turns(ours, theirs, turns)
    mine, other = median(measured.ours), median(measured.theirs)
    return [
        {
            "what": "import: parse in a child under limits, clean, mark repeats, store",
            "ours": f"{read[0] / mine:,.0f} posts/s ({read[0]:,} posts)",
            "beside": f"feedparser alone, nothing kept: {read[0] / other:,.0f} posts/s",
            "ratio": f"{measured.ratio:.2f}",
        }
    ]


def importing_many(data: Path | None, folder: Path, turns: int) -> Rows:
    """Import real posts of every shape (feeds, tables, dumps), beside reading the same files and no more."""
    if data is None:
        return []
    paths = [path for pattern in FILES for path in sorted(data.glob(pattern))]
    read: list[int] = []

    def ours() -> None:
        root = folder / "many"
        shutil.rmtree(root, ignore_errors=True)
        init_workspace(root)
        with open_desk(Workspace(root)) as desk:
            reports = import_files(desk, [(path.name, path) for path in paths])
            read.append(sum(report.posts_read for report in reports))

    def parsing() -> None:
        with ParserPool() as pool:
            for path in paths:
                read_file(path, name=path.name, pool=pool)

    measured = take_turns(ours, parsing, turns)
    mine, other = median(measured.ours), median(measured.theirs)
    return [
        {
            "what": "import of feeds, tables and dumps: parse, clean, mark repeats, store",
            "ours": f"{read[0] / mine:,.0f} posts/s ({read[0]:,} posts)",
            "beside": f"only parsed under limits, nothing kept: {read[0] / other:,.0f} posts/s",
            "ratio": f"{measured.ratio:.2f}",
        }
    ]


def _stored(folder: Path) -> list[StoredPost]:
    with open_desk(Workspace(folder / "import")) as desk, desk.store.read() as tx:
        return list(tx.posts.all())


class _Nothing:
    """A cache that keeps nothing."""

    def load(self, model_id: str, hashes: object) -> dict[str, bytes]:
        return {}

    def save(self, model_id: str, dimensions: int, vectors: object) -> None:
        return None


def embedding(folder: Path, count: int, turns: int) -> Rows:
    """Embed posts as a run does, beside encoding the same texts one by one; then again from the cache."""
    from ranking.backends.sentence_transformer import SentenceTransformerEmbedder

    embedder = SentenceTransformerEmbedder()
    embedder.encode(["warm up"])
    texts = {stored.text_hash: post_text(stored.post) for stored in _stored(folder)[:count]}
    measured = take_turns(
        lambda: embed_missing(texts, _Nothing(), embedder),
        lambda: [embedder.encode([text]) for text in texts.values()],
        turns,
    )
    mine, other = median(measured.ours), median(measured.theirs)
    return [
        {
            "what": "embedding: all-MiniLM-L6-v2, 256 tokens",
            "ours": f"{len(texts) / mine:,.1f} posts/s ({len(texts)} posts)",
            "beside": f"one text at a time: {len(texts) / other:,.1f} posts/s",
            "ratio": f"{measured.ratio:.2f}",
        }
    ]


def ranking(folder: Path, count: int, turns: int) -> Rows:
    """Rank posts whose vectors are known, beside nothing but the cosine of headline and post."""
    profile = make_sample(folder / "sample", utc_now()).settings.profile
    posts = _multiplied(_stored(folder), count)
    noise = np.random.default_rng(20260302)
    hashes = {stored.text_hash for stored in posts}
    vectors = dict(zip(sorted(hashes), _unit(noise, len(hashes)), strict=True))
    queries = profile_queries(profile)
    now = utc_now()
    context = RankContext(
        now=now,
        fee_for=lambda post: fee_for(post, now),
        post_vectors=vectors,
        profile_vectors=dict(zip(queries, _unit(noise, len(queries)), strict=True)),
    )

    def cosine() -> list[str]:
        matrix = np.stack([vectors[stored.text_hash] for stored in posts])
        order = np.argsort(-(matrix @ context.profile_vectors[queries[0]]))
        return [posts[place].post_id for place in order]

    measured = take_turns(lambda: rank(posts, profile, context=context), cosine, turns)
    mine, other = median(measured.ours), median(measured.theirs)
    return [
        {
            "what": "ranking: fit, pay, client, risk, chance, value, pick, all explained; vectors cached",
            "ours": f"{len(posts) / mine:,.0f} posts/s ({len(posts):,} posts)",
            "beside": f"bare cosine order, no words: {len(posts) / other:,.0f} posts/s",
            "ratio": f"{measured.ratio:.4f}",
        }
    ]


def ranking_new(data: Path | None, folder: Path, count: int, sample: int) -> Rows:
    """Rank real posts that are all new, model and all, beside encoding every one; then rank them again.

    In processor time, of which others on the machine take none. Encoding is measured on ``sample`` of the
    posts, drawn evenly, and multiplied.
    """
    if data is None:
        return []
    from ranking.backends.sentence_transformer import SentenceTransformerEmbedder

    embedder = SentenceTransformerEmbedder()
    embedder.encode(["warm up"])
    posts = _multiplied([each.stored for each in read_posts(data)], count)
    profile = make_sample(folder / "new", utc_now()).settings.profile
    now = utc_now()
    queries = profile_queries(profile)
    context = RankContext(
        now=now,
        fee_for=lambda post: fee_for(post, now),
        profile_vectors=dict(zip(queries, embedder.encode(queries), strict=True)),
    )
    held: list[RankContext] = []

    def first() -> None:
        readings = read(posts, (), context.exchange)
        fits = fits_by_words(posts, readings, profile)
        chosen = set(worth_embedding(fits))
        texts = {each.text_hash: post_text(each.post) for each in posts if each.post_id in chosen}
        appraisals = appraise(
            posts,
            readings,
            profile,
            fits=fits,
            post_vectors=embed_missing(texts, _Nothing(), embedder),
            profile_vectors=context.profile_vectors,
            fee_for=context.fee_for,
            exchange=context.exchange,
        )
        held.append(replace(context, appraisals=appraisals))
        rank(posts, profile, context=held[0])

    texts = [post_text(stored.post) for stored in posts[:: max(1, len(posts) // sample)]]
    mine = processor_seconds(first)
    every = processor_seconds(lambda: embedder.encode(texts)) * len(posts) / len(texts)
    later = replace(held[0], now=now + timedelta(hours=1))
    again = processor_seconds(lambda: rank(posts, profile, context=later))
    return [
        {
            "what": f"first ranking of {len(posts):,} new posts: read, infer, choose, embed the best, rank",
            "ours": f"{mine:,.1f} s of processor",
            "beside": f"encoding all of them: {every:,.0f} s ({len(texts)} measured)",
            "ratio": f"{every / mine:.1f} times faster",
        },
        {
            "what": f"second ranking of the same {len(posts):,} posts, an hour later",
            "ours": f"{again:,.1f} s of processor",
            "beside": f"the first: {mine:,.1f} s",
            "ratio": f"{mine / again:.1f} times faster",
        },
    ]


def _unit(noise: np.random.Generator, rows: int) -> list[np.ndarray]:
    made = noise.standard_normal((rows, 384)).astype(np.float32)
    return list(made / np.linalg.norm(made, axis=1, keepdims=True))


def _multiplied(stored: list[StoredPost], count: int) -> list[StoredPost]:
    """Return ``count`` posts: the stored ones again and again under other titles and ids."""
    made = []
    for number in range(count):
        base = stored[number % len(stored)]
        post = replace(base.post, title=f"{base.post.title} {number}", source_id=f"{number}")
        own = post_id(post)
        made.append(replace(base, post=post, post_id=own, cluster=own, text_hash=text_hash(post)))
    return made


def orchestration(folder: Path, turns: int) -> Rows:
    """A whole run of the sample, new and repeated, through Prefect and directly, each in a fresh process."""
    rows = []
    for label, fresh in (("first run, everything new", True), ("second run, nothing new", False)):
        through, direct = [], []
        for turn in range(turns):
            through.append(_run(folder, f"with-{turn}", [], fresh=fresh))
            direct.append(_run(folder, f"without-{turn}", ["--no-prefect"], fresh=fresh))
        mine, other = median(through), median(direct)
        rows.append(
            {
                "what": f"`bidwright run` on the sample, {label}",
                "ours": f"{mine:.1f} s with Prefect",
                "beside": f"{other:.1f} s with the steps called directly",
                "ratio": f"orchestration is {max(0.0, 1 - other / mine):.0%} of the run",
            }
        )
    return rows


def _run(folder: Path, name: str, options: list[str], *, fresh: bool) -> float:
    root = folder / name
    if fresh:
        shutil.rmtree(root, ignore_errors=True)
        make_sample(root, utc_now())
    command = [sys.executable, "-m", "bidwright", "-w", str(root), "run", *options]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    return seconds(lambda: subprocess.run(command, check=True, capture_output=True, env=environment))
