"""Drafts: proposals made from facts, the same for the same input."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.posts import StoredPost
from domain.profile import Evidence, Profile
from proposals.asks import Asks, read_asks
from proposals.check import ANY, Standard, check_draft
from proposals.choice import Choice, choose_template
from proposals.context import BidFacts, PriceFacts, Value, build_context
from proposals.evidence import Likeness, choose_evidence
from proposals.findings import Finding
from proposals.render import Renderer
from proposals.template_heads import Situation, Template
from proposals.templates import TemplateLibrary

_BLANK_LINES = re.compile(r"\n{3,}")
_LINE_ENDS = re.compile(r"[ \t]+\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft with what was read and chosen to make it. ``findings`` count lines of ``body``.

    ``reason`` says in a line why this ``template`` was taken, ``given`` holds the texts besides profile and
    post whose numbers it may use, ``opener`` is the kind of its opening ("goal+result").
    """

    post_id: str
    template: str
    reason: str
    given: str
    opener: str
    body: str
    asks: Asks
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]


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
        opener=_opener_kind(context),
        body=body,
        asks=asks,
        findings=findings,
        evidence=evidence,
    )


def _opener_kind(context: Mapping[str, Value]) -> str:
    """Return what the shipped opening says: the job by goal or title, then the nearest proof there is."""
    post, evidence = context["post"], context["evidence"]
    assert isinstance(post, dict)
    assert isinstance(evidence, tuple)
    first = evidence[0] if evidence else {}
    assert isinstance(first, dict)
    proof = "skills" if context["skills"] else "gap"
    if evidence:
        proof = "result" if first["result"] else "work"
    return f"{'goal' if post['goal'] else 'title'}+{proof}"


def worked_out(template: Template, context: Mapping[str, Value]) -> str:
    """Return what of ``context`` is worked out from facts (price, clock, day), and the template's text."""
    person = context["me"]
    assert isinstance(person, dict)
    parts = (context["price"], context["bid"], person["clock"], person["place"])
    return "\n".join([*map(str, parts), template.body, *template.partials.values()])


def tidy(text: str) -> str:
    """Return ``text`` with single blank lines, no trailing spaces, and one line end at the end."""
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text.replace("\r\n", "\n"))).strip() + "\n"
