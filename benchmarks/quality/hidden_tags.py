"""``python -m benchmarks.quality.hidden_tags [--data DIR] [--tuning]``: real people, posts without tags.

The tags that clients chose are taken off one half of the posts; the gain of a post for a person is how many
of the person's skills were among them. Ours ranks once with the other half, tags and all, as what was seen
before, and once with nothing seen before. The figures are of the half of posts and of people that nothing
was tuned on; ``--tuning`` gives those of the other.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus import shared_data
from benchmarks.quality.baselines import Visible, query_of, ways
from benchmarks.quality.real_posts import (
    CachedEmbedder,
    RealPost,
    originals,
    read_people,
    read_posts,
    without_tags,
)
from domain.posts import JobPosting, StoredPost
from domain.profile import Profile, Skill
from ranking.evaluate import Estimate, bootstrap, ndcg, precision
from ranking.fit import fit_posts, profile_queries
from ranking.inference import NOTHING, infer_skills
from ranking.mentions import Mentions, SkillMatcher
from ranking.rank import post_text
from ranking.similarity import TextSpace
from ranking.tables import table

PEOPLE = 300
"""People asked of each half: more change the third decimal and take minutes."""
_TOP = 10

Scores = NDArray[np.float64]
Way = Callable[[Profile], Scores]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How well one way ranks: its mean nDCG@10 with interval, mean P@10, and the nDCG of every person."""

    name: str
    ndcg: Estimate
    precision: float
    each: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Posts to rank with their tags hidden, the tags, the posts seen before, and the people."""

    posts: Sequence[StoredPost]
    tags: Sequence[frozenset[str]]
    seen: Sequence[StoredPost]
    people: Sequence[Profile]


def load(folder: Path, *, tuning: bool) -> Task:
    """Return the task on the half to report on, or on the half to tune on."""
    posts = [each for each in originals(read_posts(folder)) if each.stored.post.skills]
    asked = [each for each in posts if each.tuning is tuning]
    people = [each.profile for each in read_people(folder) if each.tuning is tuning]
    return Task(
        posts=[without_tags(each.stored) for each in asked],
        tags=[_tags(each) for each in asked],
        seen=[each.stored for each in posts if each.tuning is not tuning],
        people=people[:PEOPLE],
    )


def _tags(each: RealPost) -> frozenset[str]:
    return frozenset(tag.casefold() for tag in each.stored.post.skills)


class _Remembering(SkillMatcher):
    """Reads each post once, however often it is asked about."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        super().__init__(skills)
        self._found: dict[int, Mentions] = {}

    def find(self, post: JobPosting) -> Mentions:
        if id(post) not in self._found:
            self._found[id(post)] = super().find(post)
        return self._found[id(post)]


def _once(way: Way) -> Way:
    """Return ``way`` with the scores for each person kept: people are frozen, and asked about again."""
    held: dict[int, Scores] = {}

    def again(profile: Profile) -> Scores:
        if id(profile) not in held:
            held[id(profile)] = way(profile)
        return held[id(profile)]

    return again


def gains(task: Task, profile: Profile) -> list[float]:
    """Return for each post how many of the person's skills its client chose."""
    own = {skill.name.casefold() for skill in profile.skills}
    return [float(len(own & tags)) for tags in task.tags]


def judge(name: str, way: Way, task: Task) -> Result:
    """Return how well ``way`` ranks for the people whose skills any client chose."""
    each, hits = [], []
    for profile in task.people:
        gain = np.array(gains(task, profile))
        if not gain.any():
            continue
        ranked = gain[np.argsort(-way(profile), kind="stable")].tolist()
        each.append(ndcg(ranked, _TOP))
        hits.append(precision(ranked, _TOP))
    return Result(name=name, ndcg=bootstrap(each), precision=float(np.mean(hits)), each=tuple(each))


def results(task: Task) -> list[Result]:
    """Return the five ways of today, then ours with the other posts seen before and with nothing seen."""
    texts = [post_text(stored.post) for stored in task.posts]
    titles = [stored.post.title for stored in task.posts]
    asked = [text for profile in task.people for text in (query_of(profile), profile.headline)]
    skills = [text for profile in task.people for text in profile_queries(profile)]
    vectors = CachedEmbedder().vectors(list(dict.fromkeys([*texts, *titles, *asked, *skills])))
    seen = Visible(titles=titles, texts=texts, vectors=vectors)
    found = [judge(name, way, task) for name, way in ways(seen).items()]
    space, alone = TextSpace((*task.posts, *task.seen)), TextSpace(task.posts)
    by_hash = {stored.text_hash: vectors[text] for stored, text in zip(task.posts, texts, strict=True)}
    inference = infer_skills(space, task.posts)
    matchers = {id(profile): _Remembering(profile.skills) for profile in task.people}

    def ours(post_vectors: dict[str, NDArray[np.float32]], *, knowing: bool) -> Way:
        def way(profile: Profile) -> Scores:
            fits = fit_posts(
                task.posts,
                space if knowing else alone,
                profile,
                post_vectors=post_vectors,
                profile_vectors={text: vectors[text] for text in profile_queries(profile)},
                inference=inference if knowing else NOTHING,
                matcher=matchers[id(profile)],
            )
            return np.array([fit.score for fit in fits])

        return _once(way)

    blind, whole = ours({}, knowing=True), ours(by_hash, knowing=True)
    found += [
        judge("bidwright, nothing seen before", ours(by_hash, knowing=False), task),
        judge(f"bidwright, {inference.tagged:,} tagged posts seen before", whole, task),
        judge("the same without the model", blind, task),
    ]
    share = table("fit")["model"]["share"]

    def best_only(profile: Profile) -> Scores:
        scores, read = blind(profile).copy(), whole(profile)
        best = np.argsort(-scores, kind="stable")[: int(share * len(scores))]
        scores[best] = read[best]
        return scores

    found.append(judge(f"the same with the model on the best {share:.0%} alone", best_only, task))
    return found


def section(folder: Path | None) -> list[str]:
    """Return the figures as Markdown."""
    if folder is None:
        return ["### Ranking posts whose tags are hidden", "", "Not measured: no real posts here."]
    task = load(folder, tuning=False)
    return ["### Ranking posts whose tags are hidden", "", *report(task, results(task))]


def report(task: Task, found: Sequence[Result]) -> list[str]:
    """Return a table of ``found``, each beside the best of the five ways of today."""
    best = max(result.ndcg.mean for result in found[:5])
    lines = [
        f"{len(task.posts):,} real posts ranked for {found[0].ndcg.n} real people by their skills.",
        "",
        "| ranked by | nDCG@10 (95 % interval) | P@10 | to the best of today's |",
        "|---|---|---|---|",
    ]
    return lines + [
        f"| {one.name} | {one.ndcg.mean:.3f} ({one.ndcg.low:.3f} to {one.ndcg.high:.3f}) "
        f"| {one.precision:.3f} | {one.ndcg.mean / best:.2f} |"
        for one in found
    ]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    parser.add_argument("--tuning", action="store_true", help="on the half that was tuned on")
    given = parser.parse_args()
    folder = shared_data(given.data)
    if folder is None:
        sys.exit("no real posts: name their folder with --data")
    task = load(folder, tuning=given.tuning)
    sys.stdout.write("\n".join(report(task, results(task))) + "\n")


if __name__ == "__main__":
    main()
