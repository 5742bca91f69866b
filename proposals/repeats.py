"""How much of a text the person has sent before: clients compare, and marketplaces do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from proposals.findings import Finding
from proposals.settings import draft_rules

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")  # noqa: RUF001 - as people write
_GAP = re.compile(r"\[\[[^\]\n]*\]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A proposal that went out: ``label`` names it to the person ("p0123, 2026-03-02")."""

    label: str
    text: str


def copied_share(text: str, earlier: str, facts: str = "") -> float:
    """Return the share of ``text``'s runs of words that stand in ``earlier``, from 0 to 1.

    Runs that stand in ``facts`` (the person's own work, in their own words) are not held against it.
    """
    size = draft_rules().shingle
    own = _shingles(facts, size)
    mine = _shingles(text, size) - own
    return len(mine & _shingles(earlier, size)) / len(mine) if mine else 0.0


def repeated(lines: list[str], recent: Iterable[Sent], facts: str = "") -> Iterator[Finding]:
    """Yield the proposal among ``recent`` that this text mostly repeats, at the first line it shares."""
    rules = draft_rules()
    text = "\n".join(lines)
    if len(_WORD.findall(text)) < rules.least_repeated_words:
        return
    shares = [(copied_share(text, sent.text, facts), sent) for sent in recent]
    share, nearest = max(shares, key=lambda row: (row[0], row[1].label), default=(0.0, None))
    if nearest is None or share <= rules.most_repeated:
        return
    theirs = _shingles(nearest.text, rules.shingle) - _shingles(facts, rules.shingle)
    line = next(
        (number for number, each in enumerate(lines, 1) if _shingles(each, rules.shingle) & theirs), 1
    )
    message = (
        f"{share:.0%} of it stands in the proposal you sent for {nearest.label}: write it for this client"
    )
    yield Finding(code="repeated", line=line, message=message)


def _shingles(text: str, size: int) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(_GAP.sub(" ", text).casefold())
    return frozenset(tuple(words[place : place + size]) for place in range(len(words) - size + 1))
