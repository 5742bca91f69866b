"""Hacker News' hiring threads by the Algolia API (https://hn.algolia.com/api): contract and freelance ads.

Ads are free text. By convention the first line is "Company | Role | Location | Terms | Pay", in any order
after the company. Whatever is not an ad for such work is counted by its reason and left out.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

from domain.issues import Issue, info
from domain.posts import RawPosting
from spiders.parsers.audit import Audit, Fields
from spiders.parsers.hn_line import HiringLine, read_line
from spiders.parsers.items import list_in
from spiders.parsers.jsontext import as_text, load_document
from spiders.parsers.result import ParseResult

_ITEM = "https://news.ycombinator.com/item?id="
_UNUSED = (
    "_highlightResult", "_tags", "author", "children", "created_at_i", "objectID", "parent_id", "points",
    "story_id", "story_title", "story_url", "title", "updated_at", "url", "relevancy_score",
    "num_comments", "story_text",
)  # fmt: skip
_PARAGRAPH = re.compile(r"<p>|<br ?/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_TEXT_READ = 20_000
_SIDE_READ = 300

REPLY = "a reply to an ad"
EMPLOYMENT = "an ad for employment"
SEEKS_WORK = "somebody who seeks work"
NEITHER_SIDE = "a comment that does not say which side it is on"
OTHER_THREAD = "of a thread that is not about hiring"
NO_TEXT = "a comment without text"


@cache
def patterns() -> dict[str, dict[str, Any]]:
    """Return the tables of ``hn_hiring.toml`` with every pattern compiled."""
    text = files("spiders").joinpath("parsers", "hn_hiring.toml").read_text(encoding="utf-8")
    return {
        name: {key: _compiled(value) for key, value in table.items()}
        for name, table in tomllib.loads(text).items()
    }


def _compiled(value: str | list[str]) -> Any:
    if isinstance(value, list):
        return [re.compile(pattern, re.IGNORECASE) for pattern in value]
    return re.compile(value, re.IGNORECASE)


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every ad for contract or freelance work among the comments of ``body``.

    Raise :class:`ChangedShapeError` if there is no list "hits".
    """
    document = load_document(body, where)
    hits = list_in(document, where, "hits")
    audit = Audit()
    left_out: Counter[str] = Counter()
    posts = []
    for number, hit in enumerate(hits, start=1):
        place = f"{where} item {number}"
        comment = hit if isinstance(hit, dict) else {}
        reason = why_not(comment)
        if reason is None:
            posts.append(_post(comment, source, place, audit))
        else:
            left_out[reason] += 1
    issues = (*audit.issues, *_told(left_out, where), *_more(document.get("nbHits"), len(hits), where))
    return ParseResult(posts=tuple(posts), issues=issues)


def why_not(comment: dict[str, Any]) -> str | None:
    """Return why ``comment`` is no ad for contract or freelance work, or ``None`` if it is one."""
    lines = _lines(as_text(comment.get("comment_text")))
    if not lines:
        return NO_TEXT
    if as_text(comment.get("parent_id")) != as_text(comment.get("story_id")):
        return REPLY
    threads, sides = patterns()["threads"], patterns()["sides"]
    title = as_text(comment.get("story_title"))[:_SIDE_READ]
    if threads["freelance"].search(title):
        head = " ".join(lines)[:_SIDE_READ]
        client, worker = sides["client"].search(head), sides["worker"].search(head)
        if client and not (worker and worker.start() < client.start()):
            return None
        return SEEKS_WORK if worker else NEITHER_SIDE
    if not threads["hiring"].search(title):
        return OTHER_THREAD
    return None if contract_word(lines) else EMPLOYMENT


def contract_word(lines: list[str]) -> str | None:
    """Return the words by which an ad offers contract or freelance work, ``None`` if it offers none."""
    words = patterns()["contract"]
    line = lines[0] if read_line(lines[0], patterns()).parts > 1 else ""
    text = " ".join(lines[1:] if line else lines)[:_TEXT_READ]
    for pattern, where in ((words["line"], line), *((pattern, text) for pattern in words["text"])):
        for found in pattern.finditer(where):
            if not words["negation"].search(where[max(0, found.start() - 60) : found.start()]):
                return str(found[0])
    return None


def _lines(markup: str) -> list[str]:
    """Return the paragraphs of a comment as plain text, each on one line, blank ones left out."""
    texts = (html.unescape(_TAG.sub(" ", part)) for part in _PARAGRAPH.split(markup[: 2 * _TEXT_READ]))
    lines = (" ".join(text.split()) for text in texts)
    return [line for line in lines if line]


def _post(comment: dict[str, Any], source: str, where: str, audit: Audit) -> RawPosting:
    fields = Fields(comment, where, audit)
    markup = as_text(comment.get("comment_text"))
    lines, identity = _lines(markup), fields.text("objectID")
    line: HiringLine = read_line(lines[0], patterns())
    word = contract_word(lines)
    fields.drop(["comment_text", *_UNUSED])
    return RawPosting(
        source=source,
        where=where,
        title=line.role or lines[0],
        source_id=identity,
        url=_ITEM + identity if identity and identity.isdigit() else None,
        description=markup,
        contract_type="freelance" if word is None or word.lower().startswith("freelanc") else "contract",
        budget_raw=line.pay,
        date_posted=fields.text("created_at"),
        workload=line.hours,
        location=line.place,
        company=line.company,
        extra=fields.extra(),
    )


def _told(left_out: Counter[str], where: str) -> list[Issue]:
    return [info(where, f"{count} left out: {reason}") for reason, count in left_out.items()]


def _more(stated: Any, given: int, where: str) -> list[Issue]:
    """Return the issue of an answer that holds only a part of what was found."""
    text = as_text(stated)
    if not (text.isdecimal() and len(text) < 10 and int(text) > given):  # noqa: PLR2004 - no thread is larger
        return []
    return [info(where, f"{given} of {text} comments were given; the older ones are not read")]
