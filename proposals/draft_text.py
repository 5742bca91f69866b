"""The file of a draft: a head that tells what is asked and left to do, then the text."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.posts import StoredPost
from proposals.asks import Ask, Asks
from proposals.context import PriceFacts, amount_text
from proposals.drafts import Draft, tidy
from proposals.heads import FENCE, Parts, split_head
from proposals.words import clip, one_line

_LOCK = re.compile(r"locked\s*=")
_HEAD_HASH = re.compile(r"head\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Intent: put ``text`` in the file."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Intent: leave the file as it is; ``reason`` is for the person.

    ``may_start_over`` is whether a person who asks for a new draft gets one; the old text is kept first.
    """

    reason: str
    may_start_over: bool = False


UNCHANGED = Keep(reason="nothing has changed")


def draft_file(draft: Draft, stored: StoredPost, price: PriceFacts | None = None) -> str:
    """Return the file of a draft: a head that tells the person what is asked and left to do, and the body."""
    head = [*_made(draft), *_asked(draft.asks), *_left(draft), *_worth(price)]
    fields = {
        "post_id": draft.post_id,
        "title": one_line(stored.post.title),
        "url": stored.post.url or "",
        "template": draft.template,
        "generated": body_hash(draft.body),
    }
    lines = [
        *(_comment(line) for line in head),
        *(f"{key} = {_toml(value)}" for key, value in fields.items()),
    ]
    own = _head_hash(Parts(head="\n".join(lines), body="", head_lines=0))
    return "\n".join([FENCE, *lines, f"head = {_toml(own)}", FENCE]) + "\n\n" + draft.body


def plan_draft(existing: str | None, fresh: str) -> Write | Keep:
    """Decide what becomes of a draft file: ``existing`` is its present text (``None``: no file).

    A file whose body or head is no longer what was generated, or whose head cannot be read, holds the
    person's work and stays; so does one with ``locked = true`` in its head.
    """
    if existing is None:
        return Write(text=fresh)
    head = read_head(existing)
    if head.get("locked") is True:
        return Keep(reason="it is locked")
    if not isinstance(head.get("generated"), str):
        return Keep(reason="its head cannot be read, so it counts as edited", may_start_over=True)
    if not is_as_generated(existing):
        return Keep(reason="you have edited it", may_start_over=True)
    return UNCHANGED if existing == fresh else Write(text=fresh)


def is_as_generated(text: str) -> bool:
    """Return whether a draft file is as the program wrote it: body and head by their hashes in its head."""
    parts, head = split_head(text), read_head(text)
    same_head = head.get("head") in (None, _head_hash(parts))
    return head.get("generated") == body_hash(parts.body) and same_head


def with_lock(text: str, *, locked: bool) -> str | None:
    """Return a draft file with its lock set or taken off; ``None`` if its head cannot be read."""
    parts = split_head(text)
    if parts.head is None or not read_head(text):
        return None
    lines = [line for line in parts.head.split("\n") if not _LOCK.match(line)]
    lines += ["locked = true"] if locked else []
    return "\n".join([FENCE, *lines, FENCE, parts.body])


def read_head(text: str) -> Mapping[str, Any]:
    """Return the values in the head of a draft file, empty if it has none or it is broken."""
    try:
        return tomllib.loads(split_head(text).head or "")
    except tomllib.TOMLDecodeError:
        return {}


def body_hash(body: str) -> str:
    """Return the hash by which an edit is noticed; line ends and blank edges do not count as one."""
    return hashlib.sha256(tidy(body).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _head_hash(parts: Parts) -> str:
    """Return the hash of a head without the line that holds it, and without the lock."""
    lines = (line.rstrip() for line in (parts.head or "").split("\n"))
    kept = [line for line in lines if line and not _HEAD_HASH.match(line) and not _LOCK.match(line)]
    return hashlib.sha256("\n".join(kept).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _made(draft: Draft) -> Iterable[str]:
    """Return how the draft came about: the template with the reason, and the work it points to."""
    yield f"Template {draft.template}: {draft.reason}."
    if draft.evidence:
        yield f"It points to: {'; '.join(item.title for item in draft.evidence)}."


def _asked(asks: Asks) -> Iterable[str]:
    if not asks:
        return ["The post asks for nothing in particular."]
    named = [
        *([("begin with", asks.opener)] if asks.opener else []),
        *(("include", ask) for ask in asks.include),
        *(("do not use", ask) for ask in asks.forbidden),
        *(("answer", ask) for ask in asks.questions),
        *(("send or state", ask) for ask in asks.attachments),
        *(("meant for language models, not followed", ask) for ask in asks.for_language_models),
    ]
    return ["The post asks:", *(line for label, ask in named for line in _ask_lines(label, ask))]


def _ask_lines(label: str, ask: Ask) -> list[str]:
    first = f"  {label}: {clip(ask.what, 160)}"
    return [first] if ask.what == ask.sentence else [first, f"    from: {clip(ask.sentence, 200)}"]


def _left(draft: Draft) -> list[str]:
    if not draft.findings:
        return ["Nothing is left to fill in or mend."]
    return ["Left for you (lines count from the first line of the text below):"] + [
        f"  line {finding.line}: {finding.message}" for finding in draft.findings
    ]


def _worth(price: PriceFacts | None) -> list[str]:
    """Return what the price nets, for the person only."""
    if price is None or price.net_low is None or price.net_high is None:
        return []
    low, high = (amount_text(amount, price.currency) for amount in (price.net_low, price.net_high))
    kept = low if low == high else f"{low} to {high}"
    return [f"Your price leaves you {kept} after fees{f' ({price.basis})' if price.basis else ''}."]


def _comment(line: str) -> str:
    """Return one line of TOML comment: indented as given, without a character TOML forbids."""
    indent = len(line) - len(line.lstrip())
    return "# " + " " * indent + one_line(line)


def _toml(value: str) -> str:
    """Return ``value`` as a TOML basic string."""
    return json.dumps(one_line(value), ensure_ascii=False)
