"""``python -m benchmarks [--data DIR] [--quick]``: measure, print, and write ``benchmarks/RESULTS.md``."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from benchmarks import corpus, measures, neighbours
from benchmarks.quality import asks, duplicates, hidden_pay, hidden_tags, pay, risk, skills, titles
from benchmarks.timing import peak_megabytes

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the results."""

    what: str
    ours: str
    beside: str
    ratio: str


def main() -> None:
    """Run every measure and write the table."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    parser.add_argument("--quick", action="store_true", help="fewer turns, fewer posts: to see that it works")
    given = parser.parse_args()
    posts = corpus.load(given.data)
    turns = 1 if given.quick else 3
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            Row(**row)
            for row in collect(
                posts, Path(folder), turns, quick=given.quick, given=corpus.shared_data(given.data)
            )
        ]
    sys.stderr.write("measuring quality\n")
    text = table(posts.name, rows, turns) + quality(given.data)
    sys.stdout.write(text)
    if not given.quick:
        RESULTS.write_text(text, encoding="utf-8")


def collect(
    posts: corpus.Corpus, folder: Path, turns: int, *, quick: bool, given: Path | None
) -> list[dict[str, str]]:
    """Return the rows of every measure, telling on standard error which one is running."""
    steps: list[tuple[str, Callable[[], list[dict[str, str]]]]] = [
        ("import", lambda: measures.importing(posts, folder, turns)),
        ("import of many files", lambda: measures.importing_many(given, folder, 1 if quick else 2)),
        ("embedding", lambda: measures.embedding(folder, 96 if quick else 320, turns)),
        ("ranking", lambda: measures.ranking(folder, 2_000 if quick else 10_000, turns)),
        (
            "ranking of new posts",
            lambda: measures.ranking_new(given, folder, 1_000 if quick else 10_000, 64 if quick else 320),
        ),
        ("neighbours", lambda: neighbours.neighbours(given, folder, quick=quick)),
        ("orchestration", lambda: measures.orchestration(folder, turns)),
    ]
    rows = []
    for name, work in steps:
        sys.stderr.write(f"measuring {name}\n")
        rows += work()
    return rows


def table(corpus_name: str, rows: list[Row], turns: int) -> str:
    """Return the results as Markdown."""
    made = f"{datetime.now(UTC).date()}: Python {platform.python_version()}, {os.cpu_count()} cores"
    lines = [
        "# Benchmarks",
        "",
        f"`make bench` on {made}, {corpus_name}.",
        f"Median of {turns} turns, taken alternately with what it is compared to; the ratios say more than",
        "the figures, which depend on the machine.",
        "",
        "| what | ours | beside | ratio |",
        "|---|---|---|---|",
        *(f"| {row.what} | {row.ours} | {row.beside} | {row.ratio} |" for row in rows),
        "",
        f"![Search, memory and making of the index, by the number of vectors]({neighbours.CHART.name})",
        "",
        f"Largest memory of the measuring process: {peak_megabytes():,} MB.",
        "",
    ]
    return "\n".join(lines)


def quality(data: str | None) -> str:
    """Return how right the readings are, as Markdown; where there are no real posts, it says so."""
    folder = corpus.shared_data(data)
    parts = [
        line
        for section in (
            hidden_tags.section,
            hidden_pay.section,
            titles.section,
            pay.section,
            skills.section,
            duplicates.section,
            risk.section,
            asks.section,
        )
        for line in ("", *section(folder))
    ]
    return "\n".join(["", "## Quality", *parts, ""])


if __name__ == "__main__":
    main()
