"""Checks of any text, and the plain text of a draft as marketplaces take it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bidwright.desk import Desk
from bidwright.steps.books import read_book
from bidwright.steps.lookup import find_one
from bidwright.steps.sent import recent_sent
from domain.errors import InputError
from domain.posts import StoredPost
from proposals.asks import Asks, read_asks
from proposals.check import Standard, check_draft
from proposals.draft_text import read_head
from proposals.findings import Finding
from proposals.template_heads import Situation

_LARGEST = 1024 * 1024  # bytes of a text to check; a proposal has a few thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A text that was checked: what it is called, the post it answers if that is known, what was found."""

    name: str
    stored: StoredPost | None
    findings: tuple[Finding, ...]


def check_file(desk: Desk, name: str, data: bytes, post: str | None = None) -> Checked:
    """Check any text against its post: the one named, else the one its head names, else none.

    Raise :class:`InputError` for what is no text, :class:`UsageError` for a post that is not stored.
    """
    text = _text(name, data)
    named = post or read_head(text).get("post_id")
    stored = find_one(desk, named) if isinstance(named, str) and named else None
    return Checked(name=name, stored=stored, findings=check_text(desk, text, stored))


def check_text(
    desk: Desk, text: str, stored: StoredPost | None, template_name: str | None = None
) -> tuple[Finding, ...]:
    """Return what keeps ``text`` from being ready as a proposal for ``stored`` (``None``: for any post).

    The template it came from, whose length it is held to, is the one named, else the one in its head.
    """
    from pipelines.skills import find_skills

    post_id = stored.post_id if stored else ""
    bids = [bid for bid in read_book(desk).bids.values() if bid.post_id != post_id]
    template = desk.templates.templates.get(template_name or str(read_head(text).get("template")))
    standard = Standard(
        length=template.length if template else None,
        recent=recent_sent(desk, bids),
        find_skills=find_skills,
        given=template.body if template else "",
    )
    post = stored.post if stored else None
    second = template is not None and Situation.SUBMITTED in template.when.situations
    asks = read_asks(f"{post.title}\n\n{post.description}") if post and not second else Asks()
    return check_draft(text, asks, desk.profile, post, standard)


def _text(name: str, data: bytes) -> str:
    if len(data) > _LARGEST:
        raise InputError("is larger than 1 MB", where=name, remedy="Name the proposal's text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text: {error}", where=name, remedy="Save it as UTF-8") from error


_MARKS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)"), r"\1 (\2)"),
    (re.compile(r"(?m)^#{1,6}\s+"), ""),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<![\w_])(__?)(?=\S)(.+?)(?<=\S)\1(?![\w_])"), r"\2"),
    (re.compile(r"(?<!`)`([^`\n]+)`(?!`)"), r"\1"),
)


def plain_text(body: str) -> str:
    """Return a body without Markdown's marks, for the fields of marketplaces, which show them as they are."""
    for pattern, kept in _MARKS:
        body = pattern.sub(kept, body)
    return body
