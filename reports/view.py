"""A digest in words: plain, clean strings that the text, HTML and Markdown renderers lay out and escape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.posts import StoredPost
from domain.sources import SourceRun, SourceState
from ledger.followups import FollowUp
from ledger.winrate import WinRow
from ranking.results import NetHourly, RankedPost
from ranking.urgency import FRESH
from reports import words
from reports.digest import Digest, LeftOut, Pick, Plan, SourceLine
from reports.links import safe_href
from reports.words import NOT_STATED, clean, clip

TITLE, EXAMPLE, DETAIL, SKILLS, NOTES = 160, 90, 140, 12, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that matters: ``value`` is read first, ``note`` qualifies it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Net pay on a common scale: places from 0 to 100 of the interval, its middle and the rate floor."""

    low: int
    expected: int
    high: int
    floor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A warning and the post's own words it rests on."""

    message: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One pick in words; ``href`` is ``None`` when the post's address may not be a link.

    ``urgent`` says why it cannot wait, empty where it can.
    """

    place: int
    post_id: str
    title: str
    href: str | None
    facts: tuple[str, ...]
    net: Figure
    bar: Bar | None
    figures: tuple[Figure, ...]
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    client: str
    urgent: str
    flags: tuple[Flag, ...]
    asks: tuple[str, ...]
    reasons: tuple[str, ...]
    draft: str
    attribution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRow:
    """One of the next best."""

    post_id: str
    title: str
    href: str | None
    source: str
    net: str
    win: str
    age: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRow:
    """A bid to ask about again: what is awaited, since when."""

    post_id: str
    title: str
    href: str | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutRow:
    """A reason, how many posts it left out, and a few of their titles."""

    reason: str
    count: int
    examples: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source's state and what it gave."""

    name: str
    state: str
    healthy: bool
    told: str
    attribution: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The digest in words, in the order it is shown."""

    date: str
    made: str
    name: str
    headline: tuple[Figure, ...]
    in_play: str
    follow_ups: tuple[FollowUpRow, ...]
    follow_ups_later: str
    picks_empty: str
    cards: tuple[Card, ...]
    next_best: tuple[NextRow, ...]
    not_picked: str
    left_out: tuple[LeftOutRow, ...]
    duplicates: str
    sources: tuple[SourceRow, ...]
    win: str


def net_figure(net: NetHourly | None, floor: str) -> Figure:
    """Return net pay per hour with interval, basis and the floor it is held against."""
    if net is None:
        return Figure(label="Net pay", value=NOT_STATED, note=f"your floor {floor}")
    value = f"{words.estimate(net.expected)} {net.currency}/h"
    interval = words.spread(words.estimate(net.low), words.estimate(net.high))
    basis = net.basis if net.stated else f"pay {NOT_STATED}; {net.basis}"
    return Figure(label="Net pay", value=value, note=f"{interval} · {clean(basis)} · your floor {floor}")


def win_figure(post: RankedPost) -> Figure:
    """Return the win chance with its interval and how many own bids it rests on."""
    chance = post.win_chance
    interval = words.spread(words.percent(chance.low), words.percent(chance.high))
    return Figure(
        label="Win chance", value=words.percent(chance.p), note=f"{interval} · {chance_basis(chance.n)}"
    )


def chance_basis(bids: int) -> str:
    """Return what a win chance rests on, by the number of the person's decided bids."""
    return f"from {words.count(bids, 'bid')} of yours" if bids else "a typical rate, no bids of yours yet"


def value_figure(value: Decimal | None, currency: str) -> Figure:
    """Return what one bid is worth on average."""
    text = NOT_STATED if value is None else f"{words.estimate(value)} {currency}"
    return Figure(label="Worth", value=text, note="expected, per bid")


def connects(number: int | None) -> str:
    """Return a number of connects in words."""
    return f"connects {NOT_STATED}" if number is None else words.count(number, "connect")


def _bar(net: NetHourly | None, top: Decimal, floor: Decimal, currency: str) -> Bar | None:
    if net is None or net.currency != currency or top <= 0:
        return None

    def place(amount: Decimal) -> int:
        return int(max(Decimal(0), min(Decimal(100), amount * 100 / top)))

    return Bar(low=place(net.low), expected=place(net.expected), high=place(net.high), floor=place(floor))


def _facts(post: RankedPost, now: datetime) -> tuple[str, ...]:
    item = post.stored.post
    return (
        clean(item.source),
        words.posted(item.date_posted, now),
        words.contract(item),
        f"pays {words.pay(item.pay)}" if item.pay else f"pay {NOT_STATED}",
        *_foreign(item.language),
    )


def _foreign(language: str | None) -> tuple[str, ...]:
    """Return what is to be said of a post that is not in English, the language the bundled model reads."""
    if language is None or language.lower().startswith("en"):
        return ()
    return (f"in {words.language(language)}, which the fit reads poorly",)


def _card(pick: Pick, digest: Digest, top: Decimal) -> Card:
    ranked, item = pick.ranked, pick.ranked.stored.post
    floor = f"{words.estimate(digest.floor)} {digest.currency}/h"
    return Card(
        place=pick.place,
        post_id=ranked.stored.post_id,
        title=clip(item.title, TITLE) or "(no title)",
        href=safe_href(item.url),
        facts=_facts(ranked, digest.now),
        net=net_figure(ranked.net_hourly, floor),
        bar=_bar(ranked.net_hourly, top, digest.floor, digest.currency),
        figures=(
            Figure(label="Fit", value=words.percent(ranked.fit.score), note="to your profile"),
            win_figure(ranked),
            value_figure(ranked.expected_value, digest.currency),
            Figure(label="Cost", value=f"{pick.minutes} min", note=connects(item.connects)),
        ),
        matched=tuple(clip(skill, 40) for skill in ranked.fit.matched[:SKILLS]),
        missing=tuple(clip(skill, 40) for skill in ranked.fit.missing[:SKILLS]),
        client=words.client(item.client),
        urgent=_urgent(ranked),
        flags=tuple(Flag(message=clean(flag.message), words=clip(flag.words, 120)) for flag in ranked.risk),
        asks=tuple(clip(ask, 200) for ask in pick.asks),
        reasons=tuple(clip(reason, 200) for reason in ranked.reasons),
        draft=clean(pick.draft) if pick.draft else "",
        attribution=clean(pick.attribution),
    )


def _urgent(ranked: RankedPost) -> str:
    """Return why a post cannot wait, empty where it only is new, which its age says."""
    urgent = ranked.urgent
    return "" if urgent is None or urgent.label == FRESH else clean(urgent.source)


def _next_row(post: RankedPost, now: datetime) -> NextRow:
    item, net = post.stored.post, post.net_hourly
    return NextRow(
        post_id=post.stored.post_id,
        title=clip(item.title, EXAMPLE) or "(no title)",
        href=safe_href(item.url),
        source=clean(item.source),
        net=NOT_STATED if net is None else f"{words.estimate(net.expected)} {net.currency}/h",
        win=words.percent(post.win_chance.p),
        age=words.age(item.date_posted, now),
    )


def _follow_up_row(each: FollowUp, stored: StoredPost | None, minutes: int) -> FollowUpRow:
    post = None if stored is None else stored.post
    return FollowUpRow(
        post_id=each.post_id,
        title=(clip(post.title, EXAMPLE) if post else "") or "(no title)",
        href=safe_href(post.url) if post else None,
        told=f"{words.count(each.days, 'day')} without {each.waiting_for} · {minutes} min",
    )


def _in_play(plan: Plan) -> str:
    """Return what is in play and how full the week is, where there is anything to say."""
    told = []
    if plan.bids_in_play or plan.bids_limit is not None:
        limit = "" if plan.bids_limit is None else f", your limit is {plan.bids_limit}"
        told.append(f"{words.count(plan.bids_in_play, 'bid')} in play{limit}")
    if plan.hours_taken is not None:
        of = "" if plan.hours_per_week is None else f" of {plan.hours_per_week}"
        told.append(f"{words.number(plan.hours_taken.normalize())}{of} hours a week taken")
    return f"{'; '.join(told)}." if told else ""


def _left_out_row(row: LeftOut) -> LeftOutRow:
    examples = (
        clip(title, EXAMPLE) + (f" ({clip(detail, DETAIL)})" if detail else "")
        for title, detail in row.examples
    )
    shown = tuple(examples)
    return LeftOutRow(reason=clean(row.reason), count=row.count, examples=shown, more=row.count - len(shown))


def _not_picked(rows: Sequence[LeftOut]) -> str:
    """Return how many eligible posts were not picked for which reason, in one line."""
    told = " · ".join(f"{clean(row.reason)} ({row.count:,})" for row in rows)
    return f"Not picked: {told}." if told else ""


def _source_row(line: SourceLine) -> SourceRow:
    run = line.run
    counts = f"{words.count(run.posts_read, 'post')} read, {run.posts_new} new, {run.posts_updated} updated"
    told = [counts] if run.posts_read or run.state in (SourceState.OK, SourceState.EMPTY) else []
    told += [words.count(run.issues, "issue")] if run.issues else []
    told += [clip(run.detail, 160)] if run.detail else []
    return SourceRow(
        name=clean(run.source),
        state=run.state.value,
        healthy=line.healthy,
        told=" · ".join(told),
        attribution=clean(line.attribution),
        notes=tuple(_source_notes(run)),
    )


def _source_notes(run: SourceRun) -> Iterator[str]:
    """Yield how long a source has been failing, and what was dropped or changed in its posts."""
    if run.failing_since is not None and run.failures > 1:
        yield f"failing since {words.day(run.failing_since.date())}"
    for finding in run.findings[:NOTES]:
        times = f" ({finding.count} times)" if finding.count > 1 else ""
        yield f"{clip(finding.message, 160)}{times}"
    if len(run.findings) > NOTES:
        yield f"and {words.count(len(run.findings) - NOTES, 'more kind')}; see: bidwright sources"


def win_words(row: WinRow | None) -> str:
    """Return the person's own win rate in one sentence, or that it is too early to say."""
    if row is None or not row.submitted:
        return "No bids recorded yet: win chances start from a typical rate."
    so_far = f"{row.won} won of {words.count(row.decided, 'decided bid')}, {row.open} open"
    if not row.enough or row.observed is None:
        return f"Your win rate: not enough yet ({so_far}; {row.needed} more decided bids needed)."
    interval = words.spread(words.percent(row.observed.low), words.percent(row.observed.high))
    return f"Your win rate: {words.percent(row.observed.p)} ({interval}), {so_far}."


def _headline(digest: Digest) -> tuple[Figure, ...]:
    picks = words.count(len(digest.picks), "pick")
    cost = "" if not digest.picks else connects(digest.connects)
    worth = (
        "" if digest.expected_value is None else f"{words.estimate(digest.expected_value)} {digest.currency}"
    )
    left, one = digest.considered - digest.eligible, len(digest.picks) == 1
    return tuple(
        figure
        for figure in (
            Figure(label="Today", value=picks, note=f"of {words.count(digest.considered, 'post')}"),
            Figure(
                label="Time",
                value=f"{digest.minutes + digest.plan.minutes} min",
                note=f"of {digest.minutes_per_day} for bidding",
            ),
            Figure(label="Worth", value=worth, note="expected" if one else "expected, all picks"),
            Figure(label="Spends", value=cost, note="if you send it" if one else "if you send them all"),
            Figure(label="Left out", value=words.count(left, "post"), note="counted below"),
        )
        if figure.value
    )


def _empty(digest: Digest) -> str:
    if not digest.considered:
        return "No posts to choose from. Look at the sources below."
    if not digest.eligible:
        return "Nothing today clears your limits. What was left out, and why, is counted below."
    return "Nothing fits today's minutes. The next best are below."


def build_view(digest: Digest) -> View:
    """Return ``digest`` in words."""
    nets = [pick.ranked.net_hourly for pick in digest.picks]
    amounts = [net.high for net in nets if net is not None and net.currency == digest.currency]
    top = max([digest.floor, *amounts]) * Decimal("1.05")
    later = words.count(digest.plan.follow_ups_later, "more follow-up")
    marked = f"{words.count(digest.duplicates, 'repeated post')} marked and shown once."
    return View(
        date=words.long_day(digest.local_date),
        made=words.moment(digest.now, digest.time_zone),
        name=clean(digest.name),
        headline=_headline(digest),
        in_play=_in_play(digest.plan),
        follow_ups=tuple(
            _follow_up_row(each, stored, digest.plan.minutes_each) for each, stored in digest.plan.follow_ups
        ),
        follow_ups_later=f"{later} can wait until tomorrow." if digest.plan.follow_ups_later else "",
        picks_empty="" if digest.picks else _empty(digest),
        cards=tuple(_card(pick, digest, top) for pick in digest.picks),
        next_best=tuple(_next_row(post, digest.now) for post in digest.next_best),
        not_picked=_not_picked(digest.not_picked),
        left_out=tuple(_left_out_row(row) for row in digest.left_out),
        duplicates=marked if digest.duplicates else "",
        sources=tuple(_source_row(line) for line in digest.sources),
        win=win_words(digest.win),
    )
