"""``python -m benchmarks.quality.risk [--data DIR] [--flags]``: how right the warnings about posts are.

Three questions. Of the flags on real posts, how many are right, by a reader's verdict on each
(``benchmarks/labels/risk.jsonl``, by digest of the post)? Of invented posts after public descriptions of
scams, how many are flagged, and of their honest look-alikes (``risk_cases.toml``)? And, as a smoke test only,
how many of the fraudulent and of the genuine salaried adverts of EMSCAD, beside a plain list of words?
``--flags`` prints the flags that nobody has judged yet.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import math
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from benchmarks.corpus import shared_data
from domain.clock import utc_now
from domain.posts import JobPosting
from pipelines.normalise import normalise
from pipelines.text import html_to_text
from ranking.results import RiskFlag
from ranking.risk import find_risks
from spiders.importing import read_file
from spiders.sandbox import ParserPool

LABELS = Path(__file__).parents[1] / "labels" / "risk.jsonl"
CASES = Path(__file__).with_name("risk_cases.toml")
FILES = ("upwork_*/**/*.gz", "freelancer_*/*.gz", "feeds_remote_2026/*.json*", "html_pages/*.gz")
_HIRING = {"hn_2026": "text", "hn_2013_curated": "commentBody"}
_ADVERT = ("company_profile", "description", "requirements", "benefits")
_WRITINGS = {2: "second writing", 3: "third writing"}
_Z = 1.96
MENTION = re.compile(
    r"telegram|whats\s?app|\bskype\b|\bsignal (?:app|messenger)|wechat|viber|\bdiscord\b", re.IGNORECASE
)
"""What names a messenger that a post may be building for, or want to talk on."""
KEYWORDS = re.compile(
    r"\b(?:telegram|whats\s?app|western union|moneygram|wire transfer|money order|kindly|google hangouts|"
    r"cashier'?s check|work from home|no experience|gift cards?|bitcoin|registration fee|upfront)\b",
    re.IGNORECASE,
)
"""A plain list of words, as lists of warning signs give them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An invented post: its text, the code it is to be flagged with or ``None``, and how it was held back."""

    text: str
    code: str | None
    part: str


def digest(post: JobPosting) -> str:
    """Return what a post is known by: the first 16 hex digits of the SHA-256 of its title and text."""
    return _digest(f"{post.title}\n{post.description}")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def half(name: str) -> str:
    """Return the half of a digest, by its first byte: the patterns were tuned on ``seen`` posts only."""
    return "unseen" if int(name[:2], 16) % 2 else "seen"


def cases() -> list[Case]:
    """Return the invented posts: the halves of the first writing, and those written after the patterns."""
    data = tomllib.loads(CASES.read_text("utf-8"))
    return [
        Case(
            text=row["text"],
            code=row.get("code"),
            part=_WRITINGS.get(row.get("writing", 1)) or half(_digest(row["text"])),
        )
        for kind in ("scam", "honest")
        for row in data[kind]
    ]


def as_post(case: Case) -> JobPosting:
    """Return an invented post as one of a marketplace."""
    return JobPosting(source="invented", channel="upwork", title="Help wanted", description=case.text)


def is_right(case: Case) -> bool:
    """Return whether an invented post is flagged with its code, or not at all where it has none."""
    codes = {flag.code for flag in find_risks(as_post(case))}
    return case.code in codes if case.code else not codes


def read_posts(folder: Path) -> dict[str, JobPosting]:
    """Return every distinct real post in ``folder`` by digest, also where only its title is known."""
    posts = {digest(post): post for post in _hiring(folder)}
    now = utc_now()
    with ParserPool() as pool:
        for path in sorted({path for pattern in FILES for path in folder.glob(pattern)}):
            site = path.relative_to(folder).parts[0].split("_")[0]
            for raw in read_file(path, name=path.name, pool=pool).posts:
                post, _ = normalise(raw, now=now)
                if post is not None:
                    known = replace(post, channel=site) if site in ("upwork", "freelancer") else post
                    posts.setdefault(digest(known), known)
    return posts


def _hiring(folder: Path) -> Iterator[JobPosting]:
    """Yield every advert of the hiring threads; the source itself keeps only those for freelancers."""
    for name, key in _HIRING.items():
        with gzip.open(folder / "hn_hiring" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                text = html_to_text(json.loads(line).get(key) or "")
                if text:
                    title = " ".join(text.split()[:12])
                    yield JobPosting(source="hn", channel="hn-hiring", title=title, description=text)


def judged() -> dict[tuple[str, str], bool]:
    """Return by digest and code whether a reader found a flag right."""
    rows = (json.loads(line) for line in LABELS.read_text("utf-8").splitlines())
    return {(row["post"], row["code"]): row["right"] for row in rows}


def flagged(posts: Mapping[str, JobPosting]) -> list[tuple[str, RiskFlag]]:
    """Return every flag with the digest of its post."""
    return [(name, flag) for name, post in posts.items() for flag in find_risks(post)]


def adverts(folder: Path) -> list[tuple[JobPosting, bool]]:
    """Return the salaried adverts of EMSCAD's subset with whether each is fraudulent."""
    body = gzip.decompress((folder / "scam_emscad_subset" / "emscad_subset.csv.gz").read_bytes())
    rows = csv.DictReader(io.StringIO(body.decode("utf-8", "replace"), newline=""))
    return [
        (
            JobPosting(
                source="emscad",
                channel="board",
                title=row["title"],
                description="\n".join(filter(None, (row[key] for key in _ADVERT))),
            ),
            float(row["fraudulent"] or 0) == 1,
        )
        for row in rows
    ]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share; the whole range where nothing was tried."""
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    width = _Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - width), min(1.0, middle + width)


def _share(hits: int, of: int) -> str:
    low, high = wilson(hits, of)
    return f"{hits}/{of} = {hits / max(1, of):.3f} ({low:.3f} to {high:.3f})"


def _precision(flags: Iterable[tuple[str, RiskFlag]]) -> Iterator[str]:
    verdicts = judged()
    counts: Counter[tuple[str, str, bool | None]] = Counter()
    for name, flag in flags:
        counts[flag.code, half(name), verdicts.get((name, flag.code))] += 1
    for code in sorted({code for code, _, _ in counts}):
        cells = []
        for part in ("seen", "unseen"):
            right, wrong, open_ = (counts[code, part, verdict] for verdict in (True, False, None))
            cells.append(f"{right} right, {wrong} wrong" + (f", {open_} not judged" if open_ else ""))
        yield f"| {code} | {' | '.join(cells)} |"


def _smoke(folder: Path) -> Iterator[str]:
    ways: dict[str, Callable[[JobPosting], bool]] = {
        "bidwright, any flag": lambda post: bool(find_risks(post)),
        "bidwright, a severe flag": lambda post: any(flag.severe for flag in find_risks(post)),
        "a plain list of words": lambda post: bool(KEYWORDS.search(f"{post.title}\n{post.description}")),
    }
    rows = adverts(folder)
    for name, way in ways.items():
        cells = []
        for fraudulent in (True, False):
            found = [way(post) for post, fraud in rows if fraud is fraudulent]
            cells.append(_share(sum(found), len(found)))
        yield f"| {name} | {' | '.join(cells)} |"


def _invented() -> Iterator[str]:
    for part in ("seen", "unseen", *_WRITINGS.values()):
        rows = [case for case in cases() if case.part == part]
        scams = [is_right(case) for case in rows if case.code]
        honest = [not is_right(case) for case in rows if not case.code]
        yield f"| {part} | {_share(sum(scams), len(scams))} | {_share(sum(honest), len(honest))} |"


def section(folder: Path | None) -> list[str]:
    """Return the figures as lines of Markdown; without real posts, those of the invented ones only."""
    invented = [
        "Warnings on invented posts after mending; the share of first looks, which says more, is in",
        "`benchmarks/labels/README.md`. In brackets 95 % Wilson intervals:",
        "",
        "| part | scam-like posts flagged | honest look-alikes flagged |",
        "|---|---|---|",
        *_invented(),
    ]
    if folder is None:
        return [*invented, "", "Warnings on real posts are not measured: they are not here (--data)."]
    posts = read_posts(folder)
    flags = flagged(posts)
    warned = len({name for name, _ in flags})
    naming = {name for name, post in posts.items() if MENTION.search(f"{post.title}\n{post.description}")}
    for_contact = {name for name, flag in flags if flag.code == "contact_off_platform"} & naming
    return [
        *invented,
        "",
        f"Warnings on {len(posts):,} real posts, {warned} of them flagged; each was judged",
        "by reading its post:",
        "",
        "| code | seen half | unseen half |",
        "|---|---|---|",
        *_precision(flags),
        "",
        f"{len(naming)} of the posts name a messenger; {len(for_contact)} of them are flagged for wanting",
        "contact there.",
        "",
        "Smoke test, no measure (salaried adverts of 2012 to 2014, frauds and genuine ones of two files):",
        "",
        "| way | fraudulent ones flagged | genuine ones flagged |",
        "|---|---|---|",
        *_smoke(folder),
    ]


def unjudged(folder: Path) -> Iterator[str]:
    """Yield the flags without a verdict as JSON lines, with what is needed to judge them."""
    posts, verdicts = read_posts(folder), judged()
    for name, flag in flagged(posts):
        if (name, flag.code) not in verdicts:
            row = {"post": name, "code": flag.code, "words": flag.words}
            shown = {"title": posts[name].title, "text": posts[name].description}
            yield json.dumps({**row, **shown}, ensure_ascii=False)


def main() -> None:
    """Print the figures, or the flags that are still to be judged."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.risk", description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    parser.add_argument("--flags", action="store_true", help="print the flags without a verdict")
    given = parser.parse_args()
    folder = shared_data(given.data)
    if given.flags and folder is not None:
        sys.stdout.writelines(f"{line}\n" for line in unjudged(folder))
        return
    sys.stdout.write("\n".join(section(folder)) + "\n")


if __name__ == "__main__":
    main()
