"""Constructors of events: each checks its own values and decides its id from what it says.

Recording the same fact twice gives the same id, so the second adds nothing. Whether an event fits what the
book already holds is for :func:`ledger.book.check`.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from domain.clock import as_utc
from domain.errors import LedgerError
from domain.events import Event, EventKind
from domain.money import Money
from domain.posts import Competition
from ledger.fields import COUNTS_SHOWN
from ledger.rulebook import MARKETPLACE

Value = str | int
_DATE = re.compile(r"(\d+)-\d{1,2}-\d{1,2}")
_MIN_STARS, _MAX_STARS = Decimal(1), Decimal(5)


@cache
def _limits() -> tuple[datetime, Decimal]:
    table = tomllib.loads(files("ledger").joinpath("data", "limits.toml").read_text(encoding="utf-8"))
    return table["earliest"], Decimal(table["highest_fee_rate"])


def parse_when(text: str, *, time_zone: str, now: datetime) -> datetime:
    """Return ``text`` (a date, or an ISO 8601 time) as aware UTC; without an offset it is in ``time_zone``.

    A bare date means noon of that day, or ``now`` when the day is today. Raise :class:`LedgerError` for text
    that is no date, or lies before 1999 or after ``now``.
    """
    remedy = "Write it like 2026-03-02 or 2026-03-02T14:10Z"
    year = _DATE.match(text.strip())
    if year and len(year[1]) > 4:  # noqa: PLR2004 - years have four digits
        raise LedgerError(f"{text!r} is in the year {year[1]}", where="date", remedy=remedy)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise LedgerError(f"{text!r} is not a date", where="date", remedy=remedy) from None
    zone = ZoneInfo(time_zone)
    if len(text.strip()) == len("2026-03-02"):
        today = as_utc(now).astimezone(zone).date()
        noon = datetime.combine(moment.date(), time(12), zone)
        moment = min(noon, now) if moment.date() == today else noon
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return check_moment(moment, known_at=now)


def check_moment(at: datetime, *, known_at: datetime) -> datetime:
    """Return ``at`` in UTC; raise :class:`LedgerError` if it is naive, before 1999 or after ``known_at``."""
    if at.tzinfo is None or known_at.tzinfo is None:
        raise LedgerError("a time has no zone", remedy="Give it with an offset, like 2026-03-02T14:10Z")
    try:
        moment, known = as_utc(at), as_utc(known_at)
    except OverflowError:
        raise LedgerError(f"{at.isoformat()} is outside the calendar", where="date") from None
    earliest, _ = _limits()
    if moment < earliest:
        raise LedgerError(f"{moment:%Y-%m-%d} is before there were marketplaces", remedy="Check the year")
    if moment > known:
        raise LedgerError(
            f"{moment:%Y-%m-%d %H:%M} UTC lies in the future (it is {known:%Y-%m-%d %H:%M} UTC)",
            remedy="Record what has happened, on its day",
        )
    return moment


def check_fee_rate(rate: Decimal) -> Decimal:
    """Return ``rate``; raise :class:`LedgerError` unless it is a share a marketplace could keep."""
    _, highest = _limits()
    if not rate.is_finite() or not 0 <= rate <= highest:
        raise LedgerError(f"a fee rate of {rate} is not possible", remedy="Write 10 % as 0.10")
    return rate


def _text(value: str, name: str) -> str:
    clean = " ".join(value.split())
    if not clean:
        raise LedgerError(f"the {name} is empty", remedy=f"Name the {name}")
    return clean


def _money(money: Money | None, name: str, *, positive: bool = True) -> dict[str, Value]:
    if money is None:
        return {}
    if money.minor < 0 or (positive and money.minor == 0):
        raise LedgerError(f"an amount of {money} is not possible", where=name, remedy="Give it above zero")
    return {f"{name}_minor": money.minor, "currency": money.currency}


def _count(value: int | None, name: str) -> dict[str, Value]:
    if value is None:
        return {}
    if value < 0:
        raise LedgerError(f"{value} {name} is not possible", remedy="Give zero or more")
    return {name: value}


def _stated(**values: str | None) -> dict[str, Value]:
    return {key: value for key, value in values.items() if value is not None}


def _event_id(kind: EventKind, *parts: str) -> str:
    digest = hashlib.sha256(json.dumps([kind.value, *parts]).encode()).hexdigest()
    return f"{kind.value}:{digest[:16]}"


def _event(
    kind: EventKind,
    subject: str,
    at: datetime,
    recorded_at: datetime,
    data: Mapping[str, Value],
    *key: str,
    corrects: str | None = None,
) -> Event:
    return Event(
        event_id=_event_id(kind, subject, *key),
        kind=kind,
        at=check_moment(at, known_at=recorded_at),
        recorded_at=as_utc(recorded_at),
        subject=subject,
        data=dict(data),
        corrects=corrects,
    )


def again(event: Event, time_number: int) -> Event:
    """Return ``event`` under the id it gets when it is recorded anew after ``time_number`` corrections."""
    return replace(event, event_id=f"{event.event_id.partition('~')[0]}~{time_number}")


# -- bids: one per post


def submit_bid(
    post_id: str,
    *,
    at: datetime,
    recorded_at: datetime,
    amount: Money | None = None,
    connects: int | None = None,
    boost: int | None = None,
    template: str | None = None,
    channel: str | None = None,
    source: str | None = None,
    category: str | None = None,
    shown: Competition | None = None,
    draft: int | None = None,
    opener: str | None = None,
    words: int | None = None,
) -> Event:
    """Return the event of a bid on ``post_id``.

    ``amount`` is per hour or for the whole job, ``boost`` is in connects and comes on top of ``connects``;
    ``shown`` is what the post showed of other bids when this one was sent. ``draft`` is the number of the
    draft's version that went out, ``opener`` the kind of its opening and ``words`` its length.
    Raise :class:`LedgerError` for an impossible value.
    """
    data = {
        **_money(amount, "amount"),
        **_count(connects, "connects"),
        **_count(boost, "boost"),
        **_count(draft, "draft"),
        **_count(words, "words"),
        **_stated(template=template, channel=channel, source=source, category=category, opener=opener),
    }
    for name, key in COUNTS_SHOWN.items():
        data |= _count(getattr(shown, name, None), key)
    return _event(EventKind.BID_SUBMITTED, _text(post_id, "post"), at, recorded_at, data)


def _bid_step(kind: EventKind, post_id: str, at: datetime, recorded_at: datetime) -> Event:
    return _event(kind, _text(post_id, "post"), at, recorded_at, {})


def view_bid(post_id: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of a client opening the bid."""
    return _bid_step(EventKind.BID_VIEWED, post_id, at, recorded_at)


def reply_to_bid(post_id: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of a client's first answer."""
    return _bid_step(EventKind.BID_REPLIED, post_id, at, recorded_at)


def interview(post_id: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of an interview."""
    return _bid_step(EventKind.BID_INTERVIEW, post_id, at, recorded_at)


def follow_up_bid(post_id: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of the person asking again about a bid; there may be one at each moment."""
    moment = as_utc(at).isoformat()
    return _event(EventKind.BID_FOLLOWED_UP, _text(post_id, "post"), at, recorded_at, {}, moment)


def win_bid(post_id: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of being hired."""
    return _bid_step(EventKind.BID_WON, post_id, at, recorded_at)


def lose_bid(post_id: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of the job going elsewhere, or to nobody."""
    return _bid_step(EventKind.BID_LOST, post_id, at, recorded_at)


def withdraw_bid(post_id: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of taking the bid back."""
    return _bid_step(EventKind.BID_WITHDRAWN, post_id, at, recorded_at)


# -- contracts and feedback


def open_contract(
    contract_id: str,
    *,
    terms: str,
    client: str,
    channel: str,
    at: datetime,
    recorded_at: datetime,
    rate: Money | None = None,
    amount: Money | None = None,
    fee_rate: Decimal | None = None,
    post_id: str | None = None,
    variant: str = MARKETPLACE,
) -> Event:
    """Return the event of a contract: ``terms`` "hourly" with ``rate`` per hour, or "fixed" with ``amount``.

    ``fee_rate`` (0..1) is what the offer states; ``variant`` is the kind of contract the fee rules know
    ("direct", "enterprise", "preferred" …). Raise :class:`LedgerError` for an impossible value.
    """
    if terms not in ("fixed", "hourly"):
        raise LedgerError(f"terms {terms!r} are unknown", remedy="Use fixed or hourly")
    wrong = amount if terms == "hourly" else rate
    if wrong is not None:
        raise LedgerError(
            f"a contract with {terms} terms was given {wrong}",
            remedy="Give an hourly contract a rate and a fixed one an amount",
        )
    data = {
        **_stated(terms=terms, client=_text(client, "client"), channel=_text(channel, "channel").lower()),
        **_money(rate, "rate"),
        **_money(amount, "amount"),
        **_stated(post_id=post_id, variant=None if variant == MARKETPLACE else variant),
    }
    if fee_rate is not None:
        data["fee_rate"] = str(check_fee_rate(fee_rate))
    return _event(EventKind.CONTRACT_OPENED, _text(contract_id, "contract"), at, recorded_at, data)


def end_contract(contract_id: str, *, at: datetime, recorded_at: datetime, by: str | None = None) -> Event:
    """Return the event of a contract's end; ``by`` is "client" or "freelancer" where known."""
    if by not in (None, "client", "freelancer"):
        raise LedgerError(f"a contract ended by {by!r}", remedy="Use client or freelancer")
    subject = _text(contract_id, "contract")
    return _event(EventKind.CONTRACT_ENDED, subject, at, recorded_at, _stated(by=by))


def receive_feedback(
    contract_id: str,
    *,
    stars: Decimal | None,
    at: datetime,
    recorded_at: datetime,
    note: str | None = None,
) -> Event:
    """Return the event of a client's feedback: ``stars`` from 1 to 5, ``None`` where only words were left."""
    if stars is not None and not (stars.is_finite() and _MIN_STARS <= stars <= _MAX_STARS):
        raise LedgerError(f"{stars} stars are not possible", remedy="Give 1 to 5")
    if stars is None and not note:
        raise LedgerError("feedback says nothing", remedy="Give stars, a note, or both")
    data = _stated(stars=None if stars is None else str(stars), note=note)
    subject = _text(contract_id, "contract")
    return _event(EventKind.FEEDBACK_RECEIVED, subject, at, recorded_at, data)


# -- milestones


def fund_milestone(
    contract_id: str,
    milestone: str,
    amount: Money,
    *,
    at: datetime,
    recorded_at: datetime,
    title: str | None = None,
) -> Event:
    """Return the event of a client depositing ``amount`` for ``milestone`` of a contract."""
    name = _text(milestone, "milestone")
    data = {**_stated(milestone=name, title=title), **_money(amount, "amount")}
    subject = _text(contract_id, "contract")
    return _event(EventKind.MILESTONE_FUNDED, subject, at, recorded_at, data, name)


def _milestone_step(
    kind: EventKind,
    contract_id: str,
    milestone: str,
    *,
    at: datetime,
    recorded_at: datetime,
    extra: Mapping[str, Value],
) -> Event:
    name, moment = _text(milestone, "milestone"), check_moment(at, known_at=recorded_at)
    subject, amount = _text(contract_id, "contract"), str(extra.get("amount_minor", ""))
    return _event(
        kind, subject, at, recorded_at, {"milestone": name, **extra}, name, moment.isoformat(), amount
    )


def submit_milestone(contract_id: str, milestone: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of work submitted for review."""
    return _milestone_step(
        EventKind.MILESTONE_SUBMITTED, contract_id, milestone, at=at, recorded_at=recorded_at, extra={}
    )


def request_changes(contract_id: str, milestone: str, *, at: datetime, recorded_at: datetime) -> Event:
    """Return the event of a client asking for changes, which stops the review clock."""
    return _milestone_step(
        EventKind.MILESTONE_CHANGES_REQUESTED,
        contract_id,
        milestone,
        at=at,
        recorded_at=recorded_at,
        extra={},
    )


def release_milestone(
    contract_id: str,
    milestone: str,
    amount: Money,
    *,
    at: datetime,
    recorded_at: datetime,
    fee: Money | None = None,
) -> Event:
    """Return the event of ``amount`` (gross) released; ``fee`` is what the marketplace reports it kept."""
    if fee is not None and not (fee.currency == amount.currency and 0 <= fee.minor <= amount.minor):
        raise LedgerError(f"a fee of {fee} on {amount} is not possible", remedy="Check fee and currency")
    extra = {**_money(amount, "amount"), **_money(fee, "fee", positive=False)}
    return _milestone_step(
        EventKind.MILESTONE_RELEASED, contract_id, milestone, at=at, recorded_at=recorded_at, extra=extra
    )


def refund_milestone(
    contract_id: str, milestone: str, amount: Money, *, at: datetime, recorded_at: datetime
) -> Event:
    """Return the event of ``amount`` still held going back to the client."""
    extra = _money(amount, "amount")
    return _milestone_step(
        EventKind.MILESTONE_REFUNDED, contract_id, milestone, at=at, recorded_at=recorded_at, extra=extra
    )


# -- corrections


def correct(event: Event, *, recorded_at: datetime, reason: str | None = None) -> Event:
    """Return the event that takes ``event`` back; it happened when it was recorded."""
    return _event(
        EventKind.CORRECTED,
        event.subject,
        recorded_at,
        recorded_at,
        _stated(reason=reason),
        event.event_id,
        corrects=event.event_id,
    )
