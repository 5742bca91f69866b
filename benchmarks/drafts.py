"""``python -m benchmarks.drafts``: every shipped template on 1,000 real posts, held against the facts.

A draft must render or fail in one line, leave no variable unfilled, and say nothing that stands neither in
the template, the profile, the post nor what was worked out from them. That is judged here word by word, apart
from the checks that the program itself makes.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.corpus import ROOT, shared_data
from bidwright.desk import open_desk
from bidwright.pricing import price_for
from bidwright.settings import load_profile
from bidwright.steps.importing import import_files
from bidwright.steps.ranking import evidence_text, fee_for
from bidwright.workspace import Workspace, write_skeleton
from domain.errors import TemplateError
from domain.posts import StoredPost
from domain.profile import Evidence, Profile
from pipelines.skills import find_skills
from proposals.brief import brief_words
from proposals.check import Standard
from proposals.claims import profile_text
from proposals.drafts import Draft, draft_proposal
from proposals.evidence import matched_skills, post_text
from proposals.render import Renderer
from proposals.template_heads import Template
from proposals.templates import TemplateLibrary, load_templates

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FREELANCERS = Path(__file__).with_name("freelancers")
FILES = (
    "upwork_rss_lougse_2024/raw_xml/*.gz",
    "upwork_rss_dawn_2023/output.json.gz",
    "upwork_raoina_2025/*.csv.gz",
    "freelancer_roshan_2023/*.json.gz",
    "upwork_graphql_aschubbz_2025/merged_summary.json.gz",
    "feeds_remote_2026/brete_*.json",
)
_WORD = re.compile(r"[^\W_]+")
_MARKER = re.compile(r"(?m)^\s*(?:\d{1,2}\.|-)\s+")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")
_ONESELF = re.compile(r"\b(?:I|my|My|we|our)\b")
_OF_THE_JOB = re.compile(r"you want to|your plan to|For “|“")
_CODE = re.compile(r"\{\{|\{%|\bUndefined\b")

Likeness = Callable[[StoredPost, Profile], Callable[[Evidence], float] | None]
"""Gives the similarity of a person's evidence to a post, worked out beforehand; ``None``: by words."""


@dataclass
class Outcome:
    """What became of all drafts."""

    drafts: int = 0
    failed: list[str] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    findings: Counter[str] = field(default_factory=Counter)
    with_gaps: int = 0
    seconds: float = 0.0


def load_posts(data: Path, most: int) -> list[StoredPost]:
    """Return ``most`` of the real posts under ``data``, each once, in the order of their ids."""
    paths = [path for pattern in FILES for path in sorted(data.glob(pattern))]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_skeleton(root, files("bidwright").joinpath("skeleton", "bidwright.toml").read_text("utf-8"))
        with open_desk(Workspace(root)) as desk:
            import_files(desk, [(path.name, path) for path in paths])
            with desk.store.read() as tx:
                posts = [stored for stored in tx.posts.all() if stored.cluster == stored.post_id]
    return sorted(posts, key=lambda stored: stored.post_id)[:most]


def freelancers() -> list[Profile]:
    """Return the invented freelancers."""
    return [load_profile(path) for path in sorted(FREELANCERS.glob("*.toml"))]


def nearest(stored: StoredPost, people: Sequence[Profile]) -> Profile:
    """Return who of ``people`` names most of the post's skills."""
    return max(people, key=lambda person: (len(matched_skills(stored.post, person)), person.name))


def draft_all(
    posts: Sequence[StoredPost],
    people: Sequence[Profile],
    library: TemplateLibrary,
    names: Sequence[str | None],
    likeness: Likeness,
) -> Outcome:
    """Draft every post with each template named (``None``: the one that fits), and judge every draft.

    ``seconds`` are processor seconds of drafting, the child's included, without the judging here.
    """
    outcome = Outcome()
    made: list[tuple[StoredPost, Profile, Draft]] = []
    before = _processor()
    with Renderer() as renderer:
        for stored in posts:
            person = nearest(stored, people)
            price = price_for(stored.post, person.rates, fee_for(stored.post, NOW))
            for name in names:
                outcome.drafts += 1
                try:
                    draft = draft_proposal(
                        stored,
                        person,
                        price=price,
                        library=library,
                        renderer=renderer,
                        template=name,
                        likeness=likeness(stored, person),
                        standard=Standard(find_skills=find_skills),
                    )
                except TemplateError as error:
                    outcome.failed.append(str(error))
                    continue
                made.append((stored, person, draft))
    outcome.seconds = _processor() - before
    for stored, person, draft in made:
        _judge(outcome, stored, person, draft, library.get(draft.template))
    return outcome


def _processor() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _judge(outcome: Outcome, stored: StoredPost, person: Profile, draft: Draft, template: Template) -> None:
    outcome.findings.update({finding.code for finding in draft.findings})
    outcome.with_gaps += any(finding.code == "gap" for finding in draft.findings)
    where = f"{stored.post_id}, {draft.template}"
    post = post_text(stored.post)
    if (_CODE.search(draft.body) and not _CODE.search(post)) or ("None" in _words(draft.body) - _words(post)):
        outcome.unfilled.append(where)
    outcome.unsupported += [f"{where}: {said}" for said in unsupported(stored, person, draft, template)]


def unsupported(stored: StoredPost, person: Profile, draft: Draft, template: Template) -> list[str]:
    """Return sentences with words that no fact holds; those about oneself may not use the post."""
    own = _folded("\n".join((template.body, *template.partials.values(), profile_text(person), draft.given)))
    all_words = own | _folded(post_text(stored.post)) | brief_words() | _folded(" ".join(_kinds(draft)))
    found = []
    for sentence in _SENTENCE.split(_MARKER.sub("", draft.body)):
        about_oneself = _ONESELF.search(sentence) and not _OF_THE_JOB.search(sentence)
        quoted = any(sentence.lstrip("- ").rstrip("…") in ask.what for ask in draft.asks.questions)
        missing = _folded(sentence) - (own if about_oneself and not quoted else all_words)
        if missing:
            found.append(f"{sorted(missing)} in {sentence!r}")
    return found


def _kinds(draft: Draft) -> list[str]:
    """Return what the draft repeats from the reading of the post: kinds of things, words to include."""
    asks = draft.asks
    named = [*asks.attachments, *asks.include, *([asks.opener] if asks.opener else [])]
    return [ask.what for ask in named]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text))


def _folded(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def cached_likeness(posts: Sequence[StoredPost], people: Sequence[Profile], embedder: Any) -> Likeness:
    """Return likenesses by the model's vectors, all of them made now."""
    from ranking.rank import post_text as embedded_text

    texts = [embedded_text(stored.post) for stored in posts]
    vectors = dict(zip((stored.post_id for stored in posts), embedder.encode(texts), strict=True))
    works = sorted({evidence_text(item) for person in people for item in person.evidence})
    known = dict(zip(works, embedder.encode(works), strict=True))

    def likeness(stored: StoredPost, person: Profile) -> Callable[[Evidence], float]:
        del person
        mine = vectors[stored.post_id]
        return lambda item: float(known[evidence_text(item)] @ mine)

    return likeness


@cache
def _embedder() -> Any:
    from ranking.backends.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder("bundled")


def lines(outcome: Outcome, what: str) -> list[str]:
    """Return what is to be said of ``outcome``."""
    found: Mapping[str, list[str]] = {
        "failed": outcome.failed,
        "with an unfilled variable": outcome.unfilled,
        "with words no fact holds": outcome.unsupported,
    }
    counts = ", ".join(f"{len(rows)} {name}" for name, rows in found.items())
    per_thousand = 1000 * outcome.seconds / max(outcome.drafts, 1)
    told = [
        f"{what}: {outcome.drafts} drafts, {per_thousand:.1f} s of processor per 1,000; {counts}",
        f"  {outcome.with_gaps / max(outcome.drafts, 1):.0%} leave a gap to the person; findings: "
        + ", ".join(f"{code} {count}" for code, count in outcome.findings.most_common()),
    ]
    told += [f"  {row}" for rows in found.values() for row in rows[:10]]
    return told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.drafts", description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--words", action="store_true", help="likeness by words, without the model")
    given = parser.parse_args()
    data = shared_data(given.data)
    if data is None:
        sys.exit(
            f"no real posts under {given.data or ROOT.parent / 'shared' / 'data'}; name them with --data"
        )
    posts, people, library = load_posts(data, given.posts), freelancers(), load_templates()
    begun = time.process_time()
    likeness = (lambda _stored, _person: None) if given.words else cached_likeness(posts, people, _embedder())
    sys.stderr.write(
        f"{len(posts)} posts; vectors made in {time.process_time() - begun:.0f} s of processor\n"
    )
    for what, names in (("the template that fits", [None]), ("every template", sorted(library.templates))):
        sys.stdout.write("\n".join(lines(draft_all(posts, people, library, names, likeness), what)) + "\n")


if __name__ == "__main__":
    main()
