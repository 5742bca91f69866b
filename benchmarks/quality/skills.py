"""``python -m benchmarks.quality.skills [--data DIR]``: mentions of skills against spans that people marked.

The sentences are of salaried adverts, marked with skills of every kind ("work in teams" among them); our
table knows what freelancers are hired for. So the recall says how much of all skills it covers.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.corpus import shared_data
from pipelines.skills import skill_mentions

_WORD = re.compile(r"\w+[+#]*")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)")
_LONGEST_NAME = 8  # words
_HALF = 0.5

Span = tuple[int, int]
"""First character and the one behind the last."""

Finder = Callable[[str], set[Span]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Mentions found, those of them that are right, marked spans, those of them that were found."""

    found: int
    right: int
    marked: int
    met: int

    def __str__(self) -> str:
        precision = f"{self.right / max(1, self.found):.3f} ({self.right}/{self.found})"
        recall = f"{self.met / max(1, self.marked):.3f} ({self.met}/{self.marked})"
        return f"precision {precision}, recall {recall}"


def marked(folder: Path) -> dict[str, set[Span]]:
    """Return every sentence of the marked adverts with the spans that name a skill."""
    spans: dict[str, set[Span]] = defaultdict(set)
    for name in ("tech", "house"):
        path = folder / "label_skill_extraction_esco" / f"{name}_validation_annotations.csv"
        for row in csv.DictReader(io.StringIO(path.read_text("utf-8", "replace"))):
            sentence = row["sentence"]
            for words in (row["sub_span"].strip(), row["span"].strip()):
                place = sentence.find(words) if words else -1
                if place >= 0:
                    spans[sentence].add((place, place + len(words)))
                    break
    return spans


def is_test(sentence: str) -> bool:
    """Return whether ``sentence`` is of the test half; the other may be looked at while the table grows."""
    return int(sha256(sentence.encode()).hexdigest()[:2], 16) % 2 == 1


def esco_names(folder: Path) -> set[str]:
    """Return the names of ESCO's skills and their alternatives in small letters, brackets left out."""
    text = gzip.decompress((folder / "esco_skills_en" / "skills_en.csv.gz").read_bytes()).decode()
    names = set()
    for row in csv.DictReader(io.StringIO(text)):
        for name in (row["preferredLabel"], *row["altLabels"].split("\n")):
            names.add(_IN_BRACKETS.sub("", name).strip().lower())
    return names - {""}


def ours(sentence: str) -> set[Span]:
    """Return where the product finds a skill."""
    return {(mention.start, mention.end) for mention in skill_mentions(sentence)}


def substring(names: set[str]) -> Finder:
    """Return a finder of ``names`` anywhere, in the middle of words too; of overlapping finds the longest."""

    def find(sentence: str) -> set[Span]:
        found = {span for name in names for span in _places(sentence.lower(), name)}
        return {
            one
            for one in found
            if not any(other != one and other[0] <= one[0] and one[1] <= other[1] for other in found)
        }

    return find


def _places(text: str, name: str) -> Iterator[Span]:
    place = text.find(name)
    while place >= 0:
        yield place, place + len(name)
        place = text.find(name, place + 1)


def exact(names: set[str]) -> Finder:
    """Return a finder of ``names`` as whole words, the longest at each place."""

    def find(sentence: str) -> set[Span]:
        text, found = sentence.lower(), set()
        words = [match.span() for match in _WORD.finditer(text)]
        for first, (start, _) in enumerate(words):
            ends = [end for _, end in words[first : first + _LONGEST_NAME]]
            end = next((end for end in reversed(ends) if text[start:end] in names), None)
            if end is not None:
                found.add((start, end))
        return found

    return find


def score(sentences: dict[str, set[Span]], find: Finder, *, share: float) -> Score:
    """Return how finds stand to marked spans, which meet where more than ``share`` of both is in common."""
    found = right = met = 0
    for sentence, spans in sentences.items():
        finds = find(sentence)
        found += len(finds)
        right += sum(any(_common(one, span) > share for span in spans) for one in finds)
        met += sum(any(_common(one, span) > share for one in finds) for span in spans)
    return Score(found=found, right=right, marked=sum(map(len, sentences.values())), met=met)


def _common(one: Span, other: Span) -> float:
    """Return the characters in common as a share of those that either covers."""
    common = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return common / (max(one[1], other[1]) - min(one[0], other[0]))


def section(folder: Path | None) -> list[str]:
    """Return the figures as lines of Markdown; without the marked sentences, a line that says so."""
    if folder is None:
        return ["Mentions of skills are not measured: the marked sentences are not here (--data)."]
    test = {sentence: spans for sentence, spans in marked(folder).items() if is_test(sentence)}
    names = esco_names(folder)
    finders = {
        "bidwright": ours,
        "ESCO names as whole words": exact(names),
        "ESCO names as substrings": substring(names),
    }
    return [
        f"Mentions of skills in {len(test)} sentences of salaried adverts, the test half, against the spans",
        "that people marked (skills of every kind, most of them none that freelancers are hired for):",
        "",
        "| finder | mention and span cover half of what either covers | they touch |",
        "|---|---|---|",
        *(
            f"| {name} | {score(test, find, share=_HALF)} | {score(test, find, share=0.0)} |"
            for name, find in finders.items()
        ),
    ]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.skills", description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    sys.stdout.write("\n".join(section(shared_data(parser.parse_args().data))) + "\n")


if __name__ == "__main__":
    main()
