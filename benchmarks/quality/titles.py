"""``python -m benchmarks.quality.titles [--data DIR]``: job titles matched to titles, against experts.

TalentCLEF 2025, task A, validation set in Spanish and German: for each title all others are ranked, and those
that experts called the same work should come first (mean average precision). The bundled model reads English,
so this shows what is lost on other languages, which digests mark for that reason. Nothing was tuned on it.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

from benchmarks.corpus import shared_data
from benchmarks.quality.real_posts import CachedEmbedder
from ranking.evaluate import Estimate, average_precision, bootstrap
from ranking.lexical import WordIndex
from ranking.tables import table

LANGUAGES = ("spanish", "german")
_FOLDER = "label_talentclef_taskA/validation"

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """Titles to match, the titles to choose from, and for each of the first which of the second are right."""

    asked: Sequence[str]
    known: Sequence[str]
    right: Sequence[frozenset[int]]


def load(folder: Path, language: str) -> Titles:
    """Return the titles of one language."""
    place = folder / _FOLDER / language
    asked, known = _titles(place / "queries", "q_id"), _titles(place / "corpus_elements", "c_id")
    right: dict[str, set[str]] = defaultdict(set)
    for line in (place / "qrels.tsv").read_text("utf-8").splitlines():
        query, _, element, relevant = line.split("\t")
        if int(relevant) > 0:
            right[query].add(element)
    number = {name: row for row, name in enumerate(known)}
    return Titles(
        asked=list(asked.values()),
        known=list(known.values()),
        right=[frozenset(number[element] for element in right[query]) for query in asked],
    )


def _titles(path: Path, key: str) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row[key]: row["jobtitle"] for row in csv.DictReader(lines, delimiter="\t")}


def ways(titles: Titles) -> Mapping[str, Scores]:
    """Return by name the scores (asked, known) of each way to compare titles."""
    vectors = CachedEmbedder().vectors([*titles.asked, *titles.known])
    asked = np.stack([vectors[title] for title in titles.asked]).astype(np.float64)
    known = np.stack([vectors[title] for title in titles.known]).astype(np.float64)
    index = WordIndex(titles.known)
    words = np.stack([index.similarity(title) for title in titles.asked])
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    rows = letters.fit_transform(titles.known)
    meaning: Scores = asked @ known.T
    return {
        "TF-IDF of words": words,
        "TF-IDF of two to five letters": (letters.transform(titles.asked) @ rows.T).toarray(),
        "MiniLM cosine": meaning,
        "bidwright's closeness (meaning, words)": meaning + table("fit")["closeness"]["words"] * words,
    }


def judge(scores: Scores, titles: Titles) -> Estimate:
    """Return the mean average precision over the titles that have a match."""
    found = [
        average_precision([place in right for place in np.argsort(-line, kind="stable").tolist()])
        for line, right in zip(scores, titles.right, strict=True)
        if right
    ]
    return bootstrap(found)


def report(folder: Path) -> list[str]:
    """Return the figures as a Markdown table."""
    found: dict[str, list[str]] = defaultdict(list)
    for language in LANGUAGES:
        titles = load(folder, language)
        for name, scores in ways(titles).items():
            one = judge(scores, titles)
            found[name].append(f"{one.mean:.3f} ({one.low:.3f} to {one.high:.3f})")
    head = " | ".join(f"MAP, {language.title()}" for language in LANGUAGES)
    return [
        f"| titles compared by | {head} |",
        "|---|" + "---|" * len(LANGUAGES),
        *(f"| {name} | {' | '.join(figures)} |" for name, figures in found.items()),
    ]


def section(folder: Path | None) -> list[str]:
    """Return the figures as Markdown."""
    head = ["### Titles matched to titles in other languages", ""]
    if folder is None:
        return [*head, "Not measured: no labelled titles here."]
    return [*head, *report(folder)]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    folder = shared_data(parser.parse_args().data)
    if folder is None:
        sys.exit("no labelled titles: name their folder with --data")
    sys.stdout.write("\n".join(report(folder)) + "\n")


if __name__ == "__main__":
    main()
