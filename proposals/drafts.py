"""Drafts: made from facts, kept as files the person edits, never written over an edit."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from domain.clock import local_date
from domain.errors import InputError
from domain.posts import StoredPost
from domain.profile import Evidence, Profile
from proposals.asks import Ask, Asks, read_asks
from proposals.check import ANY, Standard, check_draft
from proposals.choice import Choice, choose_template
from proposals.context import BidFacts, PriceFacts, Value, amount_text, build_context
from proposals.evidence import Likeness, choose_evidence
from proposals.findings import Finding
from proposals.heads import FENCE, split_head
from proposals.render import Renderer
from proposals.templates import Situation, Template, TemplateLibrary
from proposals.words import clip, one_line

_BLANK_LINES = re.compile(r"\n{3,}")
_LINE_ENDS = re.compile(r"[ \t]+\n")
_POST_ID = re.compile(r"p[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft with what was read and chosen to make it. ``findings`` count lines of ``body``.

    ``reason`` says in a line why this ``template`` was taken, ``given`` holds the texts besides profile and
    post whose numbers it may use.
    """

    post_id: str
    template: str
    reason: str
    given: str
    body: str
    asks: Asks
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Intent: put ``text`` in the file."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Intent: leave the file as it is; ``reason`` is for the person."""

    reason: str


UNCHANGED = Keep(reason="nothing has changed")


def draft_proposal(
    stored: StoredPost,
    profile: Profile,
    *,
    price: PriceFacts | None,
    library: TemplateLibrary,
    renderer: Renderer,
    template: str | None = None,
    likeness: Likeness | None = None,
    situation: Situation = Situation.OPEN,
    bid: BidFacts | None = None,
    standard: Standard = ANY,
) -> Draft:
    """Return the draft for one post; the same input gives the same draft.

    ``template`` names one, otherwise the closest is chosen. ``likeness`` gives the similarity of evidence to
    the post. Raise :class:`domain.errors.TemplateError` if there is no such template or it does not render.
    """
    asks = read_asks(f"{stored.post.title}\n\n{stored.post.description}")
    if template:
        choice = Choice(template=library.get(template), reason="you named it")
    else:
        choice = choose_template(stored.post, library, situation=situation, asked=len(asks.questions))
    chosen = choice.template
    evidence = choose_evidence(stored.post, profile, likeness)
    context = build_context(stored, profile, asks, evidence, price, bid=bid)
    body = tidy(renderer.render(chosen, context))
    # A second message owes the client nothing of what the post asked of the first.
    owed = Asks() if Situation.SUBMITTED in chosen.when.situations else asks
    held = replace(standard, length=chosen.length, given=worked_out(chosen, context), strict=True)
    findings = check_draft(body, owed, profile, stored.post, held)
    return Draft(
        post_id=stored.post_id,
        template=chosen.name,
        reason=choice.reason,
        given=held.given,
        body=body,
        asks=asks,
        findings=findings,
        evidence=evidence,
    )


def worked_out(template: Template, context: Mapping[str, Value]) -> str:
    """Return what of ``context`` is worked out from facts (price, clock, day), and the template's text."""
    person = context["me"]
    assert isinstance(person, dict)
    parts = (context["price"], context["bid"], person["clock"], person["place"])
    return "\n".join([*map(str, parts), template.body, *template.partials.values()])


def tidy(text: str) -> str:
    """Return ``text`` with single blank lines, no trailing spaces, and one line end at the end."""
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text.replace("\r\n", "\n"))).strip() + "\n"


def draft_file(draft: Draft, stored: StoredPost, price: PriceFacts | None = None) -> str:
    """Return the file of a draft: a head that tells the person what is asked and left to do, and the body."""
    head = [*_asked(draft.asks), *_left(draft), *_worth(price)]
    fields = {
        "post_id": draft.post_id,
        "title": one_line(stored.post.title),
        "url": stored.post.url or "",
        "template": draft.template,
        "generated": body_hash(draft.body),
    }
    lines = [
        FENCE,
        *(_comment(line) for line in head),
        *(f"{key} = {_toml(value)}" for key, value in fields.items()),
    ]
    return "\n".join([*lines, FENCE]) + "\n\n" + draft.body


def draft_name(stored: StoredPost, profile: Profile) -> str:
    """Return the file name of a post's draft: day first seen (the person's zone), words of the title, id.

    Nothing of the title but ASCII letters and digits gets into the name. Raise :class:`InputError` for an id
    that is none of ours.
    """
    if not _POST_ID.fullmatch(stored.post_id):
        raise InputError(
            "not a post id", where=ascii(stored.post_id[:40]), remedy="Ids look like p0123456789ab"
        )
    flat = unicodedata.normalize("NFKD", stored.post.title).encode("ascii", "ignore").decode().casefold()
    slug = "-".join(re.findall(r"[a-z0-9]+", flat)[:8])[:60].strip("-") or "post"
    return f"{local_date(stored.first_seen, profile.time_zone)}-{slug}-{stored.post_id}.md"


def draft_path(folder: Path, stored: StoredPost, profile: Profile) -> Path:
    """Return where the draft of a post is kept: the file that already carries its id, else its new name."""
    name = draft_name(stored, profile)
    existing = sorted(folder.glob(f"*-{stored.post_id}.md")) if folder.is_dir() else []
    return existing[0] if existing else folder / name


def plan_draft(existing: str | None, fresh: str) -> Write | Keep:
    """Decide what becomes of a draft file: ``existing`` is its present text (``None``: no file).

    A file whose body is no longer what was generated, or whose head cannot be read, holds the person's work
    and stays.
    """
    if existing is None:
        return Write(text=fresh)
    parts = split_head(existing)
    generated = _generated(parts.head)
    if generated is None:
        return Keep(reason="its head cannot be read, so it counts as edited")
    if body_hash(parts.body) != generated:
        return Keep(reason="you have edited it")
    return UNCHANGED if existing == fresh else Write(text=fresh)


def write_draft(path: Path, text: str, *, planned_on: str | None) -> Write | Keep:
    """Put ``text`` at ``path`` in one step, unless the file is no longer what ``planned_on`` says it was.

    Return what was done. A crash leaves the old file or the new one, whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".draft-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return _put(Path(temporary), path, text, planned_on)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _put(temporary: Path, path: Path, text: str, planned_on: str | None) -> Write | Keep:
    if planned_on is None:
        try:
            os.link(temporary, path)  # fails where a file has appeared meanwhile
        except FileExistsError:
            return Keep(reason="a file has appeared there meanwhile")
        except OSError:  # a file system without hard links
            if path.exists():
                return Keep(reason="a file has appeared there meanwhile")
            temporary.replace(path)
    elif read_draft(path) != planned_on:
        return Keep(reason="it was changed while this draft was being made")
    else:
        temporary.replace(path)
    _sync_folder(path.parent)
    return Write(text=text)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a loss of power, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_draft(path: Path) -> str | None:
    """Return the text of a draft file as it stands, ``None`` if there is none.

    Raise :class:`InputError` if it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"cannot be read: {error}", where=str(path), remedy="Check the file") from error


def body_hash(body: str) -> str:
    """Return the hash by which an edit is noticed; line ends and blank edges do not count as one."""
    return hashlib.sha256(tidy(body).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _generated(head: str | None) -> str | None:
    """Return the hash a head records, or ``None`` if the head is missing, broken or without one."""
    try:
        value = tomllib.loads(head or "").get("generated")
    except tomllib.TOMLDecodeError:
        return None
    return value if isinstance(value, str) else None


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
