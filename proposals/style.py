"""How a text reads: worn phrases, sentences and paragraphs too long to take in, shouting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from proposals.findings import Finding, each_line
from proposals.settings import draft_rules

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_ASIDE = re.compile(r"https?://\S+|\[\[[^\]\n]*\]\]|[“\"][^”\"\n]{1,200}[”\"]")
_ITEM = re.compile(r"\s*(?:[-*•]|\(?\d{1,2}[.):])\s")


def cliches(lines: list[str]) -> Iterator[Finding]:
    """Yield phrases that stand in every other proposal, each with what to write instead."""
    rules = draft_rules()

    def judge(line: str) -> str:
        plain = line.casefold().replace("’", "'")  # noqa: RUF001 - as people write
        found = rules.cliche.search(plain)
        return f"“{found[0]}” stands in every other proposal: {rules.cliches[found[0]]}" if found else ""

    yield from each_line(lines, "cliche", judge)


def unreadable(lines: list[str]) -> Iterator[Finding]:
    """Yield sentences and paragraphs that are too long, exclamation marks and shouting.

    Quotations, links and gaps do not count. Syllables are not counted: technical names would be blamed.
    """
    rules = draft_rules()

    def judge(line: str) -> str:
        bare = _ASIDE.sub(" ", line)
        longest = max((len(sentence.split()) for sentence in _SENTENCE.split(bare)), default=0)
        if longest > rules.longest_sentence:
            return f"a sentence of {longest} words: make two or three of it"
        if _shouted(bare) >= rules.capitals:
            return "words in capitals read as shouting"
        return ""

    yield from each_line(lines, "readability", judge)
    yield from _paragraphs(lines)
    marks = [number for number, line in enumerate(lines, 1) for _ in range(_ASIDE.sub(" ", line).count("!"))]
    if len(marks) > rules.exclamations:
        message = f"{len(marks)} exclamation marks: let the facts speak"
        yield Finding(code="readability", line=marks[rules.exclamations], message=message)


def _paragraphs(lines: list[str]) -> Iterator[Finding]:
    """Yield runs of lines without a blank one or a list between them that hold too many words."""
    most = draft_rules().longest_paragraph
    numbered = list(enumerate(lines, 1))
    for running, group in groupby(numbered, lambda row: bool(row[1].strip()) and not _ITEM.match(row[1])):
        rows = list(group)
        count = sum(len(_ASIDE.sub(" ", line).split()) for _, line in rows)
        if running and count > most:
            message = f"a paragraph of {count} words: break it up"
            yield Finding(code="readability", line=rows[0][0], message=message)


def _shouted(line: str) -> int:
    """Return the longest run of words of four letters or more, all in capitals."""
    run = longest = 0
    for word in re.findall(r"[^\W\d_]+", line):
        run = run + 1 if len(word) > 3 and word.isupper() else 0  # noqa: PLR2004 - shorter ones are acronyms
        longest = max(longest, run)
    return longest
