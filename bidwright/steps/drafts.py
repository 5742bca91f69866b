"""Proposal drafts as files in the workspace. A draft the person has edited is never written over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bidwright.desk import Desk
from bidwright.pricing import price_for
from bidwright.steps.books import read_book
from bidwright.steps.draft_versions import keep_polished, keep_version, polished_before, remember, shown_path
from bidwright.steps.ranking import evidence_likeness, fee_for
from bidwright.steps.sent import recent_sent
from domain.clock import local_date
from domain.errors import BidwrightError, UsageError
from domain.posts import StoredPost
from ledger.bids import Bid, BidState
from proposals.check import Standard
from proposals.context import BidFacts, PriceFacts
from proposals.draft_files import FOLLOW_UP, draft_path, post_of, read_draft, recover_drafts, write_draft
from proposals.draft_text import UNCHANGED, Keep, Write, body_hash, draft_file, plan_draft
from proposals.drafts import Draft, draft_proposal
from proposals.heads import split_head
from proposals.repeats import Sent
from proposals.template_heads import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReport:
    """What became of one draft: ``path`` relative to the workspace, what was done, what is left to do.

    ``reason`` is why its template was taken; ``notes`` are further lines for the person.
    """

    post_id: str
    path: str
    says: str
    findings: tuple[str, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    failed: bool = False


def write_drafts(
    desk: Desk,
    posts: Sequence[StoredPost],
    *,
    template: str | None = None,
    situation: Situation | None = None,
    start_over: bool = False,
    polished: bool | None = None,
) -> list[DraftReport]:
    """Write a draft for each post; one that fails says so and the others are written.

    ``template`` names one for all, ``situation`` says how the person stands to the posts (by default what
    book and channel tell). With ``start_over`` an edited draft is kept as a version and a new one takes its
    file; one that is locked, or that went out, stays even then. ``polished`` asks the person's endpoint or
    does not, by default as the settings say.
    """
    if polished and desk.workspace.settings.polish is None:
        raise UsageError(
            "no endpoint is named to polish with", where="bidwright.toml", remedy="Add a [polish] table"
        )
    recover_drafts(desk.workspace.drafts)
    bids = read_book(desk).bids
    recent = recent_sent(desk, bids.values())
    reports = []
    for number, stored in enumerate(posts):
        desk.progress("Writing drafts", number, len(posts))
        work = _Work(
            stored,
            bids.get(stored.post_id),
            template,
            situation,
            start_over,
            recent,
            polished,
        )
        try:
            reports.append(_write_one(desk, work))
        except (BidwrightError, OSError) as error:
            path = draft_path(desk.workspace.drafts, stored, desk.profile)
            shown = shown_path(desk, path)
            reports.append(DraftReport(post_id=stored.post_id, path=shown, says=str(error), failed=True))
    desk.progress("Writing drafts", len(posts), len(posts))
    return reports


@dataclass(frozen=True, slots=True)
class _Work:
    """One draft to write, and what bears on it."""

    stored: StoredPost
    bid: Bid | None
    template: str | None
    situation: Situation | None
    start_over: bool
    recent: Sequence[Sent]
    polished: bool | None


def known_drafts(desk: Desk) -> dict[str, str]:
    """Return the paths of the drafts that lie in the workspace, by post id."""
    if not desk.workspace.drafts.is_dir():
        return {}
    paths = sorted(desk.workspace.drafts.glob("*.md"))
    return {post: shown_path(desk, path) for path in paths if (post := post_of(path))}


def situation_of(stored: StoredPost, bid: Bid | None) -> Situation:
    """Return how the person stands to a post, as far as book and channel tell."""
    if bid is not None and bid.state is BidState.OPEN and not bid.was_replied:
        return Situation.SUBMITTED
    return Situation.ENQUIRY if stored.post.channel == "direct" else Situation.OPEN


def _write_one(desk: Desk, work: _Work) -> DraftReport:
    stored, profile = work.stored, desk.profile
    draft, price = make_draft(
        desk, stored, work.bid, template=work.template, situation=work.situation, recent=work.recent
    )
    second = Situation.SUBMITTED in desk.templates.templates[draft.template].when.situations
    path = draft_path(desk.workspace.drafts, stored, profile, FOLLOW_UP if second else "")
    existing = read_draft(path)
    if existing is not None:
        keep_version(desk, stored.post_id, path, existing)
    fresh, note = _finished(desk, work, draft, path, existing)
    intent = plan_draft(existing, draft_file(fresh, stored, price))
    if work.bid is not None and work.bid.draft is not None and not second and existing is not None:
        intent = Keep(reason="a proposal was sent from it")
    elif work.start_over and isinstance(intent, Keep) and intent.may_start_over:
        intent = Write(text=draft_file(fresh, stored, price))
    if isinstance(intent, Write):
        intent = write_draft(path, intent.text, planned_on=existing)
    return _reported(desk, fresh, path, intent, note)


def _finished(desk: Desk, work: _Work, draft: Draft, path: Path, existing: str | None) -> tuple[Draft, str]:
    """Return the draft as it goes into the file, polished if that is wanted, and what to say of that.

    A draft that was polished before is not sent again while what it was made from is the same.
    """
    from bidwright.steps.polish import polish

    table, shown = desk.workspace.settings.polish, shown_path(desk, path)
    wanted = work.polished if work.polished is not None else table is not None and table.always
    known = polished_before(desk, draft, shown)
    in_file = (
        existing is not None
        and known is not None
        and body_hash(split_head(existing).body) == body_hash(known)
    )
    if known is not None and (wanted or (in_file and work.polished is None)):
        return _with_body(desk, work, draft, known), ""
    if not wanted or (isinstance(plan_draft(existing, ""), Keep) and not work.start_over):
        return draft, ""
    remember(desk, draft, shown)
    done = polish(desk, work.stored, draft.body)
    if done.body is None:
        return draft, done.note
    keep_polished(desk, draft, shown, done.body)
    return _with_body(desk, work, draft, done.body), done.note


def _with_body(desk: Desk, work: _Work, draft: Draft, body: str) -> Draft:
    from bidwright.steps.draft_checks import check_text

    return replace(draft, body=body, findings=check_text(desk, body, work.stored, draft.template))


def _reported(desk: Desk, draft: Draft, path: Path, intent: Write | Keep, note: str) -> DraftReport:
    shown = shown_path(desk, path)
    if isinstance(intent, Keep) and intent != UNCHANGED:
        return DraftReport(post_id=draft.post_id, path=shown, says=f"kept: {intent.reason}")
    remember(desk, draft, shown)
    problems = tuple(f"{name}: {error}" for name, error in desk.templates.problems.items())
    problems += (note,) if note else ()
    if intent == UNCHANGED:
        says = f"template {draft.template}"
        return DraftReport(post_id=draft.post_id, path=shown, says=says, reason=draft.reason, notes=problems)
    left = tuple(f"line {finding.line}: {finding.message}" for finding in draft.findings)
    return DraftReport(
        post_id=draft.post_id,
        path=shown,
        says=f"template {draft.template}, {len(left)} left for you" if left else f"template {draft.template}",
        findings=left,
        reason=draft.reason,
        notes=problems,
    )


def make_draft(
    desk: Desk,
    stored: StoredPost,
    bid: Bid | None,
    *,
    template: str | None = None,
    situation: Situation | None = None,
    recent: Sequence[Sent] = (),
) -> tuple[Draft, PriceFacts | None]:
    """Return a draft for ``stored`` and the price in it; nothing is written."""
    from pipelines.skills import find_skills

    profile = desk.profile
    fee, exchange = fee_for(stored.post, desk.clock()), desk.workspace.settings.exchange
    price = price_for(stored.post, profile.rates, fee, exchange)
    others = [sent for sent in recent if not sent.label.startswith(stored.post_id)]
    draft = draft_proposal(
        stored,
        profile,
        price=price,
        library=desk.templates,
        renderer=desk.renderer,
        template=template,
        likeness=evidence_likeness(desk, stored),
        situation=situation or situation_of(stored, bid),
        bid=BidFacts(day=local_date(bid.submitted_at, profile.time_zone)) if bid else None,
        standard=Standard(recent=others, find_skills=find_skills),
    )
    return draft, price
