"""Pay as people write it. Each row is one way of writing and what a careful reader makes of it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.issues import IssueLevel
from domain.money import MAX_MINOR, to_minor
from domain.pay import PayUnit
from domain.posts import RawPosting
from pipelines.data import table
from pipelines.pay import parse_pay, pay_from_fields

H, D, W, M, Y, F = PayUnit.HOUR, PayUnit.DAY, PayUnit.WEEK, PayUnit.MONTH, PayUnit.YEAR, PayUnit.FIXED


def short(pay):
    return None if pay is None else (pay.unit, pay.currency, _text(pay.low), _text(pay.high))


def _text(amount):
    return None if amount is None else f"{amount:f}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hourly: $25.00 - $35.00", (H, "USD", "25.00", "35.00")),
        ("Hourly Range: $15.00-$35.00", (H, "USD", "15.00", "35.00")),
        ("$25.00-$35.00 Hourly", (H, "USD", "25.00", "35.00")),
        ("$25/hr", (H, "USD", "25", "25")),
        ("$25/hr - $35/hr", (H, "USD", "25", "35")),
        ("25-35 USD/hour", (H, "USD", "25", "35")),
        ("60 USD/hour", (H, "USD", "60", "60")),
        ("£20 an hour", (H, "GBP", "20", "20")),
        ("between $20 and $30 per hour", (H, "USD", "20", "30")),
        ("10-15 €/Std.", (H, "EUR", "10", "15")),
        ("$20ph", (H, "USD", "20", "20")),
        ("45/h", (H, None, "45", "45")),
        ("$300-$400/day", (D, "USD", "300", "400")),
        ("GBP 350 per day", (D, "GBP", "350", "350")),
        ("€900 weekly", (W, "EUR", "900", "900")),
        ("3000 EUR/month", (M, "EUR", "3000", "3000")),
        ("$80k–$100k per year", (Y, "USD", "80000", "100000")),
        ("$70,000 annually", (Y, "USD", "70000", "70000")),
        ("90k p.a.", (Y, None, "90000", "90000")),
        ("₹12 LPA", (Y, "INR", "1200000", "1200000")),
        ("Budget: $500", (F, "USD", "500", "500")),
        ("Est. Budget: $500.00", (F, "USD", "500.00", "500.00")),
        ("Fixed price $6,500", (F, "USD", "6500", "6500")),
        ("$100 per project", (F, "USD", "100", "100")),
        ("$15k-25k", (F, "USD", "15000", "25000")),
        ("$80-100k", (Y, "USD", "80000", "100000")),
        ("$300-1k", (F, "USD", "300", "1000")),
        ("$31,2k- $52k", (F, "USD", "31200.0", "52000")),
        ("₹600 – 1500", (F, "INR", "600", "1500")),
        ("₹5L - ₹8L", (Y, "INR", "500000", "800000")),
        ("€250-750 EUR", (F, "EUR", "250", "750")),
        ("$50 - $20", (F, "USD", "20", "50")),
        ("from $20/hr", (H, "USD", "20", None)),
        ("$500+", (F, "USD", "500", None)),
        ("up to $500", (F, "USD", None, "500")),
        ("Budget: max 500 EUR", (F, "EUR", None, "500")),
        ("$0 - $500", (F, "USD", None, "500")),
        ("1 500 €", (F, "EUR", "1500", "1500")),
        ("10\u2009000\u00a0€", (F, "EUR", "10000", "10000")),
        ("1.000,50 €", (F, "EUR", "1000.50", "1000.50")),
        ("€1'049,95", (F, "EUR", "1049.95", "1049.95")),
        ("R$ 1.500,00", (F, "BRL", "1500.00", "1500.00")),
        ("1,50,000 INR", (F, "INR", "150000", "150000")),
        ("US$1,234,567", (F, "USD", "1234567", "1234567")),
        ("$5m", (F, "USD", "5000000", "5000000")),
        ("500", (F, None, "500", "500")),
        ("rate: 45", (F, None, "45", "45")),
        ("AED 8000 (USD 2179)", (F, "AED", "8000", "8000")),
    ],
)
def test_what_people_write(text, expected):
    pay, _ = parse_pay(text)
    assert short(pay) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "DOE", "Competitive", "Pay per task", "negotiable",
        "2024", "2023-2024", "2024-05-13", "5 years experience, Python 3.11", "+1 415 555 2671",
        "team of 5-10 people", "40 hrs/week", "ISO27001", "PHP 8 developer", "CAD 3D modelling", "10% equity",
        "$0.55 USD per accepted image", "10$/page", "$5 each", "$427Avg Bid", "$10k+ spent", "-$500", "v1.2.3",
        "12 bids", "$1.2.3", "€ ٢٠", "1.837, 32 €",
    ],
)  # fmt: skip
def test_what_is_no_pay(text):
    assert parse_pay(text)[0] is None


@pytest.mark.parametrize(
    ("mark", "currency"),
    [
        ("A$", "AUD"), ("AU$", "AUD"), ("C$", "CAD"), ("CA$", "CAD"), ("US$", "USD"), ("NZ$", "NZD"),
        ("HK$", "HKD"), ("S$", "SGD"), ("R$", "BRL"), ("MX$", "MXN"), ("€", "EUR"), ("₹", "INR"), ("CHF ", "CHF"),
        ("Rp ", "IDR"), ("zł ", "PLN"), ("usd ", "USD"),
    ],
)  # fmt: skip
def test_a_mark_of_one_currency_needs_no_assumption(mark, currency):
    pay, issues = parse_pay(f"{mark}30")
    assert (pay.currency, issues) == (currency, [])


def messages(issues):
    return [(issue.level, issue.message) for issue in issues]


def test_a_lone_dollar_is_read_as_usd_and_says_so():
    pay, issues = parse_pay("$30/hr", where="board: 3: budget")
    assert pay.currency == "USD"
    assert [(issue.level, issue.where) for issue in issues] == [(IssueLevel.INFO, "board: 3: budget")]
    assert "'$' alone" in issues[0].message


@pytest.mark.parametrize(("text", "hint"), [("$30/hr", "CAD"), ("$30 CAD/hr", None), ("CAD 30/hr", "CAD")])
def test_a_hint_or_a_code_decides_the_dollar_in_silence(text, hint):
    pay, issues = parse_pay(text, currency_hint=hint)
    assert (pay.currency, issues) == ("CAD", [])


def test_what_is_written_outranks_the_hint():
    pay, issues = parse_pay("€250", currency_hint="USD")
    assert pay.currency == "EUR"
    assert messages(issues) == [(IssueLevel.WARNING, "the text says EUR, the source USD; EUR is taken")]


def test_a_symbol_that_cannot_be_the_hinted_currency_is_doubtful():
    pay, issues = parse_pay("$250", currency_hint="EUR")
    assert (pay.currency, issues[0].level) == ("EUR", IssueLevel.WARNING)


def test_two_currencies_at_once_are_doubtful():
    pay, issues = parse_pay("€ 500 USD")
    assert pay.currency == "USD"
    assert messages(issues) == [(IssueLevel.WARNING, "several currencies are written; USD is taken")]


def test_no_currency_stays_unknown():
    assert parse_pay("25-35 per hour")[0].currency is None


@pytest.mark.parametrize("hint", ["usd", "$", "US$", "dollars"])
def test_a_hint_may_be_a_symbol_or_a_word(hint):
    assert parse_pay("25/hr", currency_hint=hint)[0].currency == "USD"


def test_an_unknown_hint_is_reported():
    pay, issues = parse_pay("25/hr", currency_hint="doubloons")
    assert pay.currency is None
    assert messages(issues) == [(IssueLevel.WARNING, "currency 'doubloons' is unknown; left out")]


def test_the_period_is_hinted_only_where_the_text_is_silent():
    assert parse_pay("$25", unit_hint=H)[0].unit is H
    assert parse_pay("$400/day", unit_hint=H)[0].unit is D
    assert parse_pay("2024", unit_hint=F)[0].low == 2024  # a bare year is an amount once a hint says pay


def test_a_salary_without_a_period_is_a_years_from_ten_thousand():
    pay, issues = parse_pay("Salary: $90,000 - $120,000")
    assert (pay.unit, pay.low) == (Y, Decimal(90000))
    assert "read as a year's" in issues[-1].message
    assert parse_pay("Salary: $3,000")[0] is None
    assert parse_pay("$90,000")[0].unit is F


def test_a_range_of_zeros_is_a_placeholder():
    pay, issues = parse_pay("$0-$0")
    assert pay is None
    assert messages(issues) == [(IssueLevel.INFO, "zero is a placeholder: pay is not stated")]


def test_absurd_amounts_are_left_out():
    pay, issues = parse_pay("99999999999999999999 USD")
    assert (pay, issues[0].level) == (None, IssueLevel.WARNING)


def test_only_128_characters_are_read():
    assert parse_pay(" " * 128 + "$500") == (None, [])
    assert parse_pay("$500" + "x" * 1_000_000)[0].raw == "$500" + "x" * 124


@given(st.one_of(st.text(), st.text(st.sampled_from("0123456789.,'kKmL$€₹USDINR/-–+% perhouryanto"))))
def test_parse_pay_never_raises_and_low_is_never_above_high(text):
    for hints in ({}, {"unit_hint": H, "currency_hint": "EUR"}):
        pay, issues = parse_pay(text, **hints)
        assert all(issue.where == "pay" for issue in issues)
        if pay is None:
            continue
        bounds = [bound for bound in (pay.low, pay.high) if bound is not None]
        assert bounds == sorted(bounds)
        assert all(bound > 0 and abs(to_minor(bound, "USD")) <= MAX_MINOR for bound in bounds)


@given(
    st.integers(1, 10**9),
    st.integers(0, 99),
    st.sampled_from([("{}.{:02}", ","), ("{},{:02}", "."), ("{}.{:02}", "'"), ("{},{:02}", " ")]),
)
def test_every_grouping_of_an_amount_reads_as_the_amount(whole, cents, style):
    form, separator = style
    written = form.format(f"{whole:,}".replace(",", separator), cents)
    pay, _ = parse_pay(f"EUR {written}")
    assert pay.low == pay.high == Decimal(f"{whole}.{cents:02}")


def raw(**fields):
    return RawPosting(source="board", where="board: 1", **fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        (
            {"budget_min": "77905", "budget_max": "116858", "currency": "USD", "period": "annual"},
            (Y, "USD", "77905", "116858"),
        ),
        ({"budget_min": "25.0", "budget_max": "35.0", "contract_type": "hourly"}, (H, None, "25.0", "35.0")),
        (
            {"budget_min": "60000", "budget_max": "90000", "contract_type": "full-time"},
            (Y, None, "60000", "90000"),
        ),
        ({"budget_min": "3000", "contract_type": "full-time"}, None),
        ({"budget_min": "$60k", "contract_type": "full-time"}, (Y, "USD", "60000", None)),
        ({"budget_min": "0", "budget_max": "0", "currency": "USD"}, None),
        ({"budget_min": "0", "budget_max": "500", "contract_type": "fixed"}, (F, None, None, "500")),
        (
            {"budget_min": "90", "budget_max": "60", "currency": "EUR", "period": "hour"},
            (H, "EUR", "60", "90"),
        ),
        ({"budget_min": "1,500", "budget_max": "$2k"}, (F, "USD", "1500", "2000")),
        ({"budget_raw": "$20/hr", "budget_min": "abc"}, (H, "USD", "20", "20")),
        (
            {"budget_raw": "$500.00", "budget_min": "$500.00", "contract_type": "Fixed-price"},
            (F, "USD", "500.00", "500.00"),
        ),
        ({"budget_raw": "$20-30/hr", "budget_max": "30"}, (H, "USD", "20", "30")),
        ({"budget_raw": "£400 per day", "budget_min": "400", "budget_max": "450"}, (D, "GBP", "400", "450")),
        ({"budget_min": "$20/hr", "budget_max": "$30/hr"}, (H, "USD", "20", "30")),
        ({"budget_min": "500", "currency": "USD", "period": "fortnight"}, None),
        ({"budget_min": "500", "currency": "USD", "period": "N/A"}, (F, "USD", "500", None)),
        ({"budget_raw": "0", "currency": "USD"}, None),
        ({"budget_min": "2024", "currency": "USD"}, (F, "USD", "2024", None)),
        ({"budget_min": "-5", "currency": "USD"}, None),
    ],
)
def test_fields(fields, expected):
    assert short(pay_from_fields(raw(**fields))[0]) == expected


def test_a_currency_is_doubted_once_however_many_fields_repeat_it():
    _, issues = pay_from_fields(raw(budget_min="$20", budget_max="$30", budget_raw="$20-$30", period="hour"))
    assert len(issues) == 1


def test_fields_that_are_no_amount_are_reported_with_their_place():
    _, issues = pay_from_fields(raw(budget_min="abc", period="per blue moon"))
    assert [issue.where for issue in issues] == ["board: 1: budget"]
    _, issues = pay_from_fields(raw(budget_min="abc", currency="ducats"))
    assert [issue.where for issue in issues] == ["board: 1: budget", "board: 1: budget_min"]


def test_the_words_of_the_source_are_kept():
    assert (
        pay_from_fields(raw(budget_min="20", budget_max="30", currency="EUR", period="hour"))[0].raw
        == "20 - 30 EUR hour"
    )
    assert pay_from_fields(raw(budget_min="20", budget_raw="EUR 20/h"))[0].raw == "EUR 20/h"


def test_every_currency_in_the_table_is_one_that_money_knows():
    from domain.money import is_currency

    pay = table("pay")
    codes = {*pay["symbols"].values(), *(code for codes in pay["shared_symbols"].values() for code in codes)}
    assert [code for code in codes if not is_currency(code)] == []
    assert set(pay["rupees_only"]["suffixes"]) < set(pay["multipliers"])
