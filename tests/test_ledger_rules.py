"""Fees and clocks against the rulebook's worked examples and their neighbours."""

from __future__ import annotations

import ast
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from domain.errors import LedgerError
from domain.money import Money
from ledger.clocks import (
    available_on,
    feedback_before,
    hourly_week,
    milestone_clock,
    refund_at,
    review_ends,
)
from ledger.fees import banded_fee, fee_rate, payment_fee
from ledger.rulebook import FeeKind, channels, parse_rulebook, rulebook

EXAMPLES = Path(__file__).parents[1] / ".." / "shared" / "rules" / "worked-examples.json"
SLIDING = date(2022, 3, 1)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def fee_on(gross: Money, **facts: object) -> Money:
    """Return the fee where it is one figure."""
    fee = payment_fee(gross, **facts)  # type: ignore[arg-type]
    assert fee.known
    assert fee.low == fee.high
    return fee.low


def upwork_fee(amount: str, opened: str, paid: str | None = None, **more: object) -> Money:
    return fee_on(
        usd(amount),
        channel="upwork",
        opened=date.fromisoformat(opened),
        paid=date.fromisoformat(paid) if paid else None,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("lifetime", "amount", "fee"),
    [
        ("0", "12000.00", "1150.00"),
        ("0", "600.00", "110.00"),
        ("9800.00", "500.00", "35.00"),
        ("0", "500.00", "100.00"),
        ("0", "500.01", "100.00"),
        ("500", "0.05", "0.01"),  # half a cent goes up
        ("10000", "100.00", "5.00"),
        ("250000", "0.00", "0.00"),
    ],
)
def test_sliding_fee_takes_each_band_for_its_own_part(lifetime: str, amount: str, fee: str) -> None:
    assert upwork_fee(amount, "2022-03-01", lifetime=usd(lifetime)) == usd(fee)


@pytest.mark.parametrize(
    ("opened", "paid", "more", "fee"),
    [
        ("2014-01-01", "2015-01-01", {}, "10.00"),
        ("2016-01-01", "2017-01-01", {"lifetime": usd("0")}, "10.00"),
        ("2016-01-01", "2017-01-01", {"lifetime": usd("10000")}, "5.00"),
        ("2016-06-21", "2016-06-30", {"lifetime": usd("0")}, "20.00"),
        ("2022-03-01", "2023-05-02", {"lifetime": usd("0")}, "20.00"),
        ("2022-03-01", "2023-05-03", {"lifetime": usd("0")}, "10.00"),
        ("2022-03-01", "2023-05-10", {}, "10.00"),
        ("2022-03-01", "2023-12-31", {"lifetime_at_change": usd("10000.01")}, "5.00"),
        ("2022-03-01", "2023-12-31", {"lifetime_at_change": usd("10000")}, "10.00"),
        ("2022-03-01", "2024-01-01", {"lifetime_at_change": usd("99000")}, "10.00"),
        ("2023-05-03", "2023-06-01", {"lifetime_at_change": usd("99000")}, "10.00"),
        ("2025-04-30", "2026-01-01", {"recorded_rate": Decimal("0.05")}, "10.00"),
        ("2025-05-01", "2025-07-01", {"recorded_rate": Decimal("0.12")}, "12.00"),
        ("2025-05-01", "2025-07-01", {"recorded_rate": Decimal(0)}, "0.00"),
        ("2024-01-01", "2024-04-01", {"variant": "direct"}, "3.40"),
        ("2024-03-01", "2024-04-01", {"variant": "direct"}, "5.00"),
        ("2026-03-01", "2026-04-01", {"variant": "direct-plus"}, "0.00"),
        ("2026-03-01", "2026-04-01", {"variant": "payroll"}, "0.00"),
        ("2026-03-01", None, {"variant": "enterprise", "recorded_rate": Decimal("0.10")}, "10.00"),
    ],
)
def test_upwork_fee_follows_the_date_of_contract_and_payment(
    opened: str, paid: str | None, more: dict[str, object], fee: str
) -> None:
    assert upwork_fee("100.00", opened, paid, **more) == usd(fee)


def test_upwork_fee_since_2025_is_a_range_with_a_flag_until_it_is_recorded() -> None:
    opened = date(2025, 6, 1)
    rate = fee_rate("upwork", opened=opened)
    assert (rate.low, rate.high, rate.known) == (Decimal(0), Decimal("0.15"), False)
    assert rate.expected != Decimal("0.10")
    assert fee_rate("upwork", opened=opened, recorded_rate=Decimal("0.12")).expected == Decimal("0.12")
    fee = payment_fee(usd("1000.00"), channel="upwork", opened=opened)
    assert (fee.net_low, fee.net_high) == (usd("850.00"), usd("1000.00"))
    assert (fee.flag, fee.known) == ("fee_rate_missing", False)


def test_lifetime_billings_not_stated_are_not_zero() -> None:
    fee = payment_fee(usd("100.00"), channel="upwork", opened=SLIDING)
    assert (fee.low, fee.high, fee.flag) == (usd("5.00"), usd("20.00"), "lifetime_missing")
    rate = fee_rate("upwork", opened=SLIDING)
    assert (rate.low, rate.expected, rate.high) == (Decimal("0.05"), Decimal("0.20"), Decimal("0.20"))
    assert not rate.known


@pytest.mark.parametrize(
    ("channel", "gross", "more", "fee"),
    [
        ("freelancer", "30.00 USD", {"terms": "fixed"}, "5.00 USD"),
        ("freelancer", "300.00 USD", {"terms": "fixed"}, "30.00 USD"),
        ("freelancer", "30.00 USD", {"terms": "hourly"}, "3.00 USD"),
        ("freelancer", "300.00 USD", {"variant": "preferred"}, "45.00 USD"),
        ("freelancer", "3000 INR", {"terms": "fixed"}, "300.00 INR"),
        ("fiverr", "100.00 USD", {}, "20.00 USD"),
        ("Fiverr ", "0.03 USD", {}, "0.01 USD"),
        ("contra", "100.00 USD", {}, "0.00 USD"),
        ("direct", "100.00 EUR", {}, "0.00 EUR"),
        ("direct", "100.00 EUR", {"recorded_rate": Decimal("0.029")}, "2.90 EUR"),
        ("board", "100.00 USD", {}, "0.00 USD"),
        ("guru", "100.00 USD", {"recorded_rate": Decimal("0.05")}, "5.00 USD"),
        ("peopleperhour", "300.00 GBP", {"lifetime": Money.of("0", "GBP")}, "53.75 GBP"),
        ("peopleperhour", "100.00 GBP", {"lifetime": Money.of("5000", "GBP")}, "3.50 GBP"),
        ("a new one", "100.00 USD", {"recorded_rate": Decimal("0.08")}, "8.00 USD"),
    ],
)
def test_fee_of_the_other_channels(channel: str, gross: str, more: dict[str, object], fee: str) -> None:
    amount, currency = gross.split()
    got = fee_on(Money.of(amount, currency), channel=channel, opened=date(2026, 1, 5), **more)  # type: ignore[arg-type]
    assert str(got) == fee


def test_bands_in_another_currency_give_a_range() -> None:
    fee = payment_fee(usd("100.00"), channel="peopleperhour", opened=date(2026, 1, 5), lifetime=usd("0"))
    assert (fee.low, fee.high, fee.flag) == (usd("3.50"), usd("20.00"), "schedule_in_other_currency")


def test_unknown_channel_is_a_wide_range_not_an_error() -> None:
    rate = fee_rate("some board", opened=date(2026, 1, 5))
    assert (rate.low, rate.high, rate.known) == (Decimal(0), Decimal("0.20"), False)


@pytest.mark.parametrize("rate", ["-0.01", "1.01", "12"])
def test_a_rate_that_is_no_share_is_refused(rate: str) -> None:
    with pytest.raises(LedgerError, match="not a share"):
        fee_rate("upwork", opened=date(2026, 1, 1), recorded_rate=Decimal(rate))


def test_negative_payment_and_unknown_variant_are_refused() -> None:
    with pytest.raises(LedgerError, match="negative"):
        upwork_fee("-5.00", "2026-01-01")
    with pytest.raises(LedgerError, match="no fee rule for a 'gold' contract"):
        upwork_fee("5.00", "2026-01-01", variant="gold")


@given(st.integers(0, 3_000_000), st.lists(st.integers(1, 900_000), min_size=1, max_size=8))
def test_splitting_a_payment_never_changes_the_exact_sliding_fee(start: int, parts: list[int]) -> None:
    bands = next(row.bands for row in rulebook("upwork").fees if row.kind is FeeKind.BANDS)
    lifetime, total = Decimal(start) / 100, Decimal(0)
    for part in parts:
        total += banded_fee(bands, lifetime, Decimal(part) / 100)
        lifetime += Decimal(part) / 100
    assert total == banded_fee(bands, Decimal(start) / 100, Decimal(sum(parts)) / 100)


@given(st.integers(0, 10**9), st.sampled_from(channels()), st.sampled_from(["USD", "JPY", "KWD", "GBP"]))
def test_fee_is_never_negative_and_ranges_are_in_order(minor: int, channel: str, currency: str) -> None:
    fee = payment_fee(
        Money(minor, currency),
        channel=channel,
        opened=date(2026, 1, 5),
        lifetime=Money(0, currency),
        terms="hourly",
    )
    assert 0 <= fee.low.minor <= fee.high.minor <= minor
    assert fee.known == (fee.low == fee.high and fee.flag is None)


def test_rule_files_all_read_and_every_row_names_its_source() -> None:
    assert {"upwork", "freelancer", "fiverr", "peopleperhour", "guru", "contra", "direct", "board"} <= set(
        channels()
    )
    for channel in channels():
        rules = rulebook(channel)
        for row in (*rules.fees, *rules.clocks):
            assert row.source
            assert row.evidence in {"S", "S2", "K", "M", "I"}
        for fee in rules.fees:
            assert 0 <= fee.low <= fee.expected <= fee.high <= 1


def test_a_broken_rule_file_is_one_line_that_names_it() -> None:
    with pytest.raises(LedgerError, match=r"^rules of mine: the rules cannot be read \('fee'\)\. Compare"):
        parse_rulebook("mine", 'currency = "USD"')


def test_milestone_clock_runs_fourteen_days_then_five() -> None:
    clock = milestone_clock(utc("2026-03-02T14:10:00Z"))
    assert clock.auto_release_at == utc("2026-03-16T14:10:00Z")
    assert clock.available_on == date(2026, 3, 21)


def test_change_request_stops_the_clock_and_resubmission_starts_a_new_one() -> None:
    start, changed, again = (utc(f"2026-03-{day:02}T14:10:00Z") for day in (2, 10, 20))
    stopped = milestone_clock(start, changes_requested_at=changed)
    assert (stopped.auto_release_at, stopped.available_on) == (None, None)
    restarted = milestone_clock(start, changes_requested_at=changed, resubmitted_at=again)
    assert restarted.auto_release_at == utc("2026-04-03T14:10:00Z")
    with pytest.raises(LedgerError, match="out of order"):
        milestone_clock(start, changes_requested_at=again, resubmitted_at=changed)
    with pytest.raises(LedgerError, match="after the review ended"):
        milestone_clock(start, changes_requested_at=start + timedelta(days=14))


def test_a_channel_without_a_rule_has_no_projection() -> None:
    assert review_ends(utc("2026-03-02T14:10:00Z"), channel="guru") is None
    assert milestone_clock(utc("2026-03-02T14:10:00Z"), channel="guru").available_on is None
    assert available_on(date(2026, 3, 9), channel="guru") is None
    assert feedback_before(date(2026, 3, 9), channel="guru") is None
    assert refund_at(utc("2026-03-02T14:10:00Z"), channel="guru") is None


@pytest.mark.parametrize(
    ("released", "channel", "variant", "day"),
    [
        ("2026-03-09", "upwork", "marketplace", "2026-03-14"),
        ("2024-02-26", "upwork", "marketplace", "2024-03-02"),  # a leap year
        ("2025-12-29", "upwork", "marketplace", "2026-01-03"),
        ("2024-04-22", "upwork", "direct", "2024-04-22"),
        ("2024-04-23", "upwork", "direct", "2024-04-28"),
        ("2026-03-05", "fiverr", "marketplace", "2026-03-19"),
        ("2026-03-05", "fiverr", "top", "2026-03-12"),
        ("2026-03-05", "direct", "marketplace", "2026-03-05"),
    ],
)
def test_security_hold_in_calendar_days(released: str, channel: str, variant: str, day: str) -> None:
    got = available_on(date.fromisoformat(released), channel=channel, variant=variant)
    assert got == date.fromisoformat(day)


def test_fiverr_order_completes_three_days_after_delivery() -> None:
    delivered = utc("2026-03-02T14:10:00Z")
    assert review_ends(delivered, channel="fiverr") == utc("2026-03-05T14:10:00Z")
    assert milestone_clock(delivered, channel="fiverr", variant="top").available_on == date(2026, 3, 12)


@given(st.dates(date(2016, 1, 1), date(2040, 1, 1)))
def test_hourly_week_runs_monday_to_sunday_and_pays_ten_days_later(worked: date) -> None:
    week = hourly_week(worked)
    assert week.first.weekday() == 0
    assert week.first <= worked <= week.last == week.first + timedelta(days=6)
    assert week.available_on == week.last + timedelta(days=10)
    assert week.available_on.weekday() == 2
    assert week.edit_until == week.invoice_at < week.review_ends
    assert week.review_ends.date() == week.available_on_top_rated


def test_refund_after_a_contract_ends_with_money_held() -> None:
    assert refund_at(utc("2026-03-02T14:10:00Z"), channel="upwork") == utc("2026-03-09T14:10:00Z")


def _answer(kind: str, given_: dict[str, object]) -> dict[str, object]:  # noqa: PLR0911 - one per kind of example
    if kind == "upwork_fixed" and "submitted_at" in given_:
        clock = milestone_clock(utc(str(given_["submitted_at"])))
        assert clock.auto_release_at
        return {
            "auto_release_at": f"{clock.auto_release_at:%Y-%m-%dT%H:%M:%SZ}",
            "available_on": str(clock.available_on),
        }
    if kind == "upwork_fixed":
        return {
            "available_on": str(
                available_on(date.fromisoformat(str(given_["released_on"])), channel="upwork")
            )
        }
    if kind == "sliding":
        gross, lifetime = usd(str(given_["amount"])), usd(str(given_["lifetime"]))
        fee = fee_on(gross, channel="upwork", opened=SLIDING, lifetime=lifetime)
        return {"fee": str(fee.amount), "net": str((gross - fee).amount)}
    if kind == "flat":
        gross = usd(str(given_["gross"]))
        fee = fee_on(gross, channel="direct", opened=SLIDING, recorded_rate=Decimal(str(given_["rate"])))
        return {"fee": str(fee.amount), "net": str((gross - fee).amount)}
    if kind == "upwork_fee":
        rate = Decimal(str(given_["fee_rate"])) if given_["fee_rate"] else None
        payments = [
            payment_fee(
                usd(amount),
                channel="upwork",
                opened=date.fromisoformat(str(given_["opened"])),
                paid=date.fromisoformat(paid),
                recorded_rate=rate,
            )
            for paid, amount in given_["payments"]  # type: ignore[attr-defined]
        ]
        return {
            "fees": [str(fee.low.amount) for fee in payments],
            "net": [str(fee.net_low.amount) for fee in payments],
            "net_range": [str(payments[0].net_low.amount), str(payments[0].net_high.amount)],
            "flag": payments[0].flag,
        }
    if kind == "upwork_hourly":
        week = hourly_week(date.fromisoformat(str(given_["worked_on"])))
        return {
            "week": [str(week.first), str(week.last)],
            "invoice_at": f"{week.invoice_at:%Y-%m-%dT%H:%M:%SZ}",
            "review_ends": f"{week.review_ends:%Y-%m-%dT%H:%M:%SZ}",
            "available_on": str(week.available_on),
            "available_on_top_rated": str(week.available_on_top_rated),
        }
    if kind == "feedback":
        moment = feedback_before(date.fromisoformat(str(given_["ended_on"])), channel="upwork")
        assert moment
        return {"remind_before": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    assert kind == "fiverr"
    gross, delivered = usd(str(given_["gross"])), utc(str(given_["delivered"]))
    plain, top = (
        milestone_clock(delivered, channel="fiverr", variant=variant) for variant in ("marketplace", "top")
    )
    assert plain.auto_release_at
    return {
        "complete": f"{plain.auto_release_at:%Y-%m-%dT%H:%M:%SZ}",
        "clears": str(plain.available_on),
        "clears_top": str(top.available_on),
        "net": str((gross - fee_on(gross, channel="fiverr", opened=SLIDING)).amount),
    }


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the shared worked examples are not beside this checkout")
def test_shared_worked_examples_hold() -> None:
    ours = {"E01", "E03", "E06", "E07", "E09", "E10", "E11", "E14", "E15", "E18", "E30", "E32"}
    seen = set()
    for example in json.loads(EXAMPLES.read_text(encoding="utf-8")):
        if example["id"] in ours:
            answer = _answer(example["input"]["kind"], example["input"])
            assert {key: answer[key] for key in example["expected"]} == example["expected"], example["id"]
            seen.add(example["id"])
    assert seen == ours


def test_no_float_in_the_ledger() -> None:
    for source in Path(str(files(ledger))).glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
            names_float = isinstance(node, ast.Name) and node.id == "float"
            assert (is_float, names_float) == (False, False), f"{source.name}:{getattr(node, 'lineno', 0)}"
