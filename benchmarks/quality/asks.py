"""``python -m benchmarks.quality.asks [--data DIR] [--seen]``: how right the reading of what a post asks is.

Measured on real posts labelled by hand (``benchmarks/labels/asks.jsonl``, by digest of the text), beside
plain regular expressions. Without ``--seen`` only the figures of the half that stays unseen are printed;
with it those of the other half and what was read wrongly there.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from benchmarks.corpus import shared_data
from benchmarks.quality.asks_baseline import plain_reading
from benchmarks.quality.asks_scores import MEASURES, Counts, Found, interval_of_f1, letters, score
from benchmarks.quality.real_posts import read_jobs
from benchmarks.quality.risk import wilson
from pipelines.text import html_to_text
from proposals.asks import Asks, read_asks
from proposals.markers import Place

LABELS = Path(__file__).parents[1] / "labels" / "asks.jsonl"
_TABLE = "upwork_raufh10_2024/job_data.json.gz"  # in a shape that no import reads
_PROHIBITIONS = {
    "text by AI": "ai",
    "copied text": "copy",
    "agencies": "agency",
    "unfit applicants": "apply",
    "contact elsewhere": "contact",
}
Label = dict[str, object]
Labelled = list[tuple[Label, str]]


def digest(description: str) -> str:
    """Return what a post is known by: 16 hex digits of the SHA-256 of its letters and digits."""
    return sha256(letters(description).encode()).hexdigest()[:16]


def half(description: str) -> str:
    """Return the half of a post, by the digest of how it begins, so that near copies stay together."""
    first = sha256(letters(description)[:40].encode()).hexdigest()[:2]
    return "unseen" if int(first, 16) % 2 else "seen"


def labels() -> list[Label]:
    """Return the labels, in the order of the file."""
    return [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]


def read_texts(folder: Path) -> dict[str, str]:
    """Return the real posts as the product gives them to its reader, title and text, by digest."""
    posts = [(post.title, post.description) for _, post in read_jobs(folder).values()]
    table = json.loads(gzip.decompress((folder / _TABLE).read_bytes()))
    posts += [(html_to_text(row["title"]), html_to_text(row["description"])) for row in table]
    texts: dict[str, str] = {}
    for title, description in posts:
        texts.setdefault(digest(description), f"{title}\n\n{description}")
    return texts


def labelled(folder: Path, part: str) -> Labelled:
    """Return the labels of one half whose posts are found in ``folder``, each with the text."""
    texts = read_texts(folder)
    return [
        (label, texts[str(label["post"])])
        for label in labels()
        if label["half"] == part and label["post"] in texts
    ]


def ours(text: str) -> Found:
    """Read a post as the product does."""
    return as_found(read_asks(text))


def as_found(asks: Asks) -> Found:
    """Return what the product's reader found, in the terms that are scored."""
    return Found(
        markers=[
            *([("opener", asks.opener.what, asks.opener.sentence)] if asks.opener else []),
            *(
                ("title" if ask.place is Place.SUBJECT else "include", ask.what, ask.sentence)
                for ask in asks.include
            ),
            *(("answer", ask.what, ask.sentence) for ask in asks.answers),
        ],
        forbidden=[(ask.what, ask.sentence) for ask in asks.forbidden],
        machines=[ask.sentence for ask in asks.for_language_models],
        questions=[ask.sentence for ask in asks.questions],
        things=[(ask.what, ask.sentence) for ask in asks.attachments],
        prohibitions=[
            *((_PROHIBITIONS[ask.what], ask.sentence) for ask in asks.prohibitions),
            *(("word", ask.sentence) for ask in asks.forbidden),
        ],
        formats=[(ask.what, ask.sentence) for ask in asks.formats if ask.what == "short"],
    )


def measure(posts: Labelled, read: Callable[[str], Found]) -> dict[str, list[Counts]]:
    """Return by measure the counts of each post, so that posts can be drawn again for intervals."""
    counts: dict[str, list[Counts]] = {name: [] for name in MEASURES}
    for label, text in posts:
        for name, found in score(label, text, read(text)).items():
            counts[name].append(found)
    return counts


def section(folder: Path | None) -> list[str]:
    """Return the figures of the unseen half as lines of Markdown; without real posts, a line that says so."""
    if folder is None:
        return ["What posts ask is not measured: it needs the real posts that are labelled (--data)."]
    return _report(labelled(folder, "unseen"), "that stay unseen")


def _report(posts: Labelled, which: str) -> list[str]:
    mine, plain = measure(posts, ours), measure(posts, plain_reading)
    part = posts[0][0]["half"] if posts else None
    every = sum(label["half"] == part for label in labels())
    return [
        f"What posts ask: {len(posts)} of {every} labelled posts {which} (`benchmarks/labels/README.md`), in",
        "brackets 95 % intervals: Wilson's of precision and recall, of F1 by drawing the posts again.",
        "",
        "| | precision | recall | F1 | plain regular expressions: precision, recall, F1 |",
        "|---|---|---|---|---|",
        *(f"| {name} | {_cells(mine[name])} | {_short(plain[name])} |" for name in MEASURES),
    ]


def _cells(counts: list[Counts]) -> str:
    total = sum(counts, Counts())
    low, high = interval_of_f1(counts)
    shares = f"{_share(total.right, total.found)} | {_share(total.met, total.wanted)}"
    return f"{shares} | {total.f1:.3f} ({low:.2f} to {high:.2f})"


def _share(hits: int, of: int) -> str:
    low, high = wilson(hits, of)
    return f"{hits}/{of} = {hits / of:.3f} ({low:.2f} to {high:.2f})" if of else "none"


def _short(counts: list[Counts]) -> str:
    total = sum(counts, Counts())
    return f"{total.precision:.3f}, {total.recall:.3f}, {total.f1:.3f}"


def failures(posts: Iterable[tuple[Label, str]]) -> Iterator[str]:
    """Yield what is read wrongly in ``posts``: only ever asked of the half that may be seen."""
    for label, text in posts:
        for name, counts in score(label, text, ours(text)).items():
            for what in (*counts.wrong, *counts.missed):
                yield f"{name}: {what}"


def main() -> None:
    """Print the figures; of the seen half also what was read wrongly."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.asks", description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    parser.add_argument("--seen", action="store_true", help="the half that may be seen, with its failures")
    given = parser.parse_args()
    folder = shared_data(given.data)
    if folder is None or not given.seen:
        sys.stdout.write("\n".join(section(folder)) + "\n")
        return
    posts = labelled(folder, "seen")
    sys.stdout.write("\n".join([*_report(posts, "that may be seen"), "", *failures(posts)]) + "\n")


if __name__ == "__main__":
    main()
