"""Search results copied from Upwork's pages as plain text: a title above each line of facts."""

from __future__ import annotations

import re
from itertools import pairwise

from domain.issues import error
from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers.cards import facts_of
from spiders.parsers.fieldnames import CLIENT
from spiders.parsers.result import ParseResult
from spiders.parsers.rows import decode_table
from spiders.parsers.values import skills_of

_BESIDE = frozenset({"experience_level", "posted", "duration", "budget_raw"})
_SENTENCE = re.compile(r"[.?!:;,](?:\s|$)")
_LEAST = 2
_LONGEST_TAGS = 400
_LONGEST_FACTS = 120  # below a title; a longer line is the client's text, whatever it holds
_TRIED = 400


def looks_pasted(body: bytes) -> bool:
    """Return whether one of the first lines of ``body`` is a line of facts as Upwork prints it."""
    return any(_is_card(line) for line in decode_table(body)[0].split("\n")[:_TRIED])


def _is_card(line: str) -> bool:
    facts = facts_of(line)
    return "contract_type" in facts and len(_BESIDE & facts.keys()) >= _LEAST


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return a post for every line of facts; raise :class:`ChangedShapeError` if there is none."""
    del source  # only Upwork prints such lines
    lines = decode_table(body)[0].split("\n")
    cards = [number for number, line in enumerate(lines) if _is_card(line)]
    if not cards:
        raise ChangedShapeError("no search results in the text", where=where)
    starts = [_above(lines, card, last) for last, card in pairwise([-1, *cards])]
    posts, issues = [], []
    for (start, end), card in zip(pairwise([*starts, len(lines)]), cards, strict=True):
        post = _post(lines[start:end], card - start, f"{where}:{start + 1}")
        if post.title or post.description:
            posts.append(post)
        else:
            issues.append(error(post.where, "no title; left out"))
    return ParseResult(posts=tuple(posts), issues=tuple(issues))


def _above(lines: list[str], card: int, last: int) -> int:
    """Return the place of the title of ``card``: the nearest line with text above it and below ``last``."""
    return next((place for place in range(card - 1, last, -1) if lines[place].strip()), card)


def _is_tags(line: str) -> bool:
    """Return whether ``line`` is a row of names rather than a sentence."""
    words = line.split()
    capitals = sum(not word[0].islower() for word in words)
    return len(line) <= _LONGEST_TAGS and not _SENTENCE.search(line) and 2 * capitals >= len(words)


def _post(lines: list[str], card: int, where: str) -> RawPosting:
    facts = facts_of(lines[card])
    told = []
    for line in lines[card + 1 :]:
        found = facts_of(line) if len(line) <= _LONGEST_FACTS else {}
        facts = found | facts
        if line.strip() and not found:
            told.append(line.strip())
    # The tags, run together in one line, stand below the text; some posts have none.
    tags = skills_of(told[-1]) if len(told) > 1 and _is_tags(told[-1]) else ()
    return RawPosting(
        source="upwork",
        where=where,
        title=lines[0].strip() if card else "",
        description="\n".join(told) or None,
        skills=tags,
        contract_type=facts["contract_type"],
        budget_raw=facts.get("budget_raw"),
        currency="USD" if "budget_raw" in facts else None,  # Upwork quotes every job in US dollars
        experience_level=facts.get("experience_level"),
        duration=facts.get("duration"),
        workload=facts.get("workload"),
        proposals_min=facts.get("proposals"),
        proposals_max=facts.get("proposals"),
        client={key.removeprefix(CLIENT): text for key, text in facts.items() if key.startswith(CLIENT)},
        extra={"posted": facts["posted"]} if "posted" in facts else {},
    )
