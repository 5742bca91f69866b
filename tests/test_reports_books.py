"""Reports from the book (win rates, escrow), the ranking on a terminal, and cells of a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
import tarfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from domain.money import Money
from domain.pay import Pay, PayUnit
from domain.posts import Client
from ledger import events as ev
from ledger.book import Book
from ledger.escrow import escrow_lines
from ledger.winrate import by_template, win_rate
from reports import words
from reports.csv_cells import cell, csv_text
from reports.escrow import escrow_csv, escrow_json, escrow_text
from reports.layout import fit, table, wrap
from reports.ranking import explain, rank_table
from reports.render_json import post_parts_json
from reports.winrate import winrate_csv, winrate_json, winrate_text
from tests.fakes import NOW, make_post
from tests.ranked_posts import GOOD_CLIENT, ranked, sample, sample_digest
from tests.test_ledger_book import START, contract, funded, released, usd, when
from tests.test_ledger_winrate import bids

HOSTILE = Path(__file__).parents[1] / ".." / "shared" / "hostile"


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# -- win rates


def test_winrate_text_says_not_enough_yet_below_the_threshold() -> None:
    history = bids(1, 3, 2, template="short") + bids(4, 20, 1, template="long")
    text = winrate_text(win_rate(history, by=by_template), width=110)
    long, short = text.splitlines()[2:4]
    assert long.split() == ["long", "25", "4", "4", "4", "4", "20", "1", "17%", "(7%", "to", "36%)"]
    assert short.endswith("not enough yet (4 of 10 decided)")
    assert "short, with the typical rate as a start: 13% (2% to 32%)." in text
    assert winrate_text([]).startswith("No bids recorded yet.")


def test_winrate_json_and_csv_agree() -> None:
    rows = win_rate(bids(4, 20, 1))
    (row,) = winrate_json(rows)["rows"]
    (line,) = parsed(winrate_csv(rows))
    assert (row["won"], row["decided"], row["open"], row["enough"]) == (4, 24, 1, True)
    assert float(line["win_rate"]) == row["win_rate"]["p"] == 0.166667
    assert float(line["win_rate_low"]) == row["win_rate"]["low"]
    assert (line["group"], line["connects"], line["enough"]) == ("all bids", "300", "yes")
    (empty,) = parsed(winrate_csv(win_rate([])))
    assert (empty["win_rate"], empty["connects"], empty["enough"]) == ("", "", "no")
    assert winrate_json(win_rate([]))["rows"][0]["win_rate"] is None


# -- escrow


def escrow_book() -> Book:
    return Book.replay(
        [
            contract(fee_rate=None, client="=Acme"),
            funded("100.50", milestone="held"),
            funded("200", milestone="review"),
            ev.submit_milestone("c1", "review", **when(2)),
            funded("300", milestone="pending"),
            released("300", day=12, milestone="pending"),
            funded("400", milestone="out"),
            released("300", day=3, milestone="out"),
            ev.refund_milestone("c1", "out", usd("100"), **when(4)),
            contract("c2", channel="guru", amount=Money.of("70000", "JPY"), fee_rate=Decimal("0.09")),
            ev.fund_milestone("c2", "m", Money.of("70000", "JPY"), **when(1)),
            ev.submit_milestone("c2", "m", **when(2)),
        ]
    )


def test_escrow_text_reads_like_a_statement() -> None:
    lines = escrow_lines(escrow_book(), now=START + timedelta(days=14))
    text = escrow_text(lines, time_zone="Europe/Lisbon", width=140)
    assert "In review: 70,000 JPY + 200.00 USD" in text
    assert "Held: 100.50 USD" in text
    assert "released 18 Mar 2026, 14:10 WET at the latest" in text
    assert "no hold or review stated for this channel" in text
    assert "available 19 Mar 2026 (projected)" in text
    assert "255.00 USD to 300.00 USD (fee not stated)" in text
    assert "back with the client" in text
    late = escrow_lines(escrow_book(), now=START + timedelta(days=17))
    assert "was due 18 Mar 2026, 14:10 WET: check the marketplace" in escrow_text(
        late, time_zone="Europe/Lisbon"
    )
    assert "available since 19 Mar 2026" in escrow_text(late, time_zone="UTC", width=160)
    assert escrow_text((), time_zone="UTC") == "No milestone money recorded yet.\n"


def test_escrow_json_and_csv_agree_to_the_cent() -> None:
    lines = escrow_lines(escrow_book(), now=START + timedelta(days=14))
    data = escrow_json(lines)
    assert data["totals"]["in review"] == {"JPY": "70000", "USD": "200.00"}
    assert data["totals"]["refunded"] == {"USD": "100.00"}
    pending = next(line for line in data["lines"] if line["stand"] == "pending")
    assert pending["fee"] == {
        "low": "0.00",
        "high": "45.00",
        "known": False,
        "flag": "fee_rate_missing",
        "basis": "set per contract since 2025-05-01, 0 to 15 %",
    }
    assert pending["until"] == "2026-03-19"
    json.dumps(data)
    rows = parsed(escrow_csv(lines))
    assert [row["gross"] for row in rows] == [line["gross"] for line in data["lines"]]
    assert {row["client"] for row in rows} == {"'=Acme", "Acme"}
    assert next(row for row in rows if row["stand"] == "pending")["net_low"] == "255.00"


# -- the ranking on a terminal


def test_rank_table_is_aligned_and_keeps_its_width() -> None:
    lines = rank_table(sample(), currency="USD", width=100).splitlines()
    assert lines[0].split() == ["pick", "post", "score", "net/h", "fit", "win", "worth", "title"]
    assert all(cell_len(line) <= 100 for line in lines)
    assert "44 EUR" in lines[5]
    assert "[avoided word: casino] Casino" in lines[7]
    assert lines[-2].startswith(
        "Shown: 9 of 9 posts, of which 4 are left out. Picked for today: 3, numbered."
    )


def test_rank_table_numbers_the_days_picks_as_the_digest_does() -> None:
    """A pick below the limit is shown all the same; a post that only claims to be picked is not numbered."""
    posts = sample()
    late = [*posts[3:], *(replace(post, picked=True) for post in posts[:3]), replace(posts[5], picked=True)]
    lines = rank_table(late, currency="USD", limit=2, width=100).splitlines()
    table, legend = lines[2:-2], " ".join(lines[-2:])
    assert [line[:4].strip() for line in table if line.strip()] == ["", "", "1", "2", "3"]
    numbered = [pick.ranked.stored.post_id for pick in sample_digest(late).picks]
    assert [line.split()[1] for line in table if line[:4].strip()] == numbered
    assert "Shown: 5 of 10 posts" in legend
    assert "Picked for today: none." in rank_table(posts[3:], currency="USD", width=100)
    assert rank_table([], currency="USD").startswith("No posts to rank.")


@pytest.mark.parametrize("width", [40, 60, 80, 110])
def test_rank_table_fits_any_terminal(width: int) -> None:
    """Where the columns do not fit, each post takes a few lines, and what it does not have is not named."""
    text = rank_table(sample(), currency="USD", width=width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    for place in ("1", "2", "3"):
        assert re.search(rf"^ +(pick )?{place} (·| )", text, re.MULTILINE)
    assert "pick  ·" not in text


def test_explain_opens_every_number_into_its_parts() -> None:
    text = explain(sample()[1], currency="USD", now=NOW, width=90)
    for words_shown in (
        "4,500 USD fixed",
        "52.5 USD (31 to 88; hourly range stated)",
        "10 % [flat 10 % since 2023-05-03]",
        "0.40 x 0.3 [weights.toml]",
        "+0.10",
        "1 in 12",
        "76.05 USD [0.0845 x 900.00]",
        "73.65 USD per bid",
        "asks for work before hire: “build the login page as a test first”",
        "picked for today",
    ):
        assert words_shown in text
    assert all(cell_len(line) <= 90 for line in text.splitlines())


def test_explain_says_what_is_not_stated_and_why_a_post_is_out() -> None:
    text = explain(
        ranked(make_post(url=None, pay=None), out="avoided word: x", worth=None), currency="USD", now=NOW
    )
    assert text.count("not stated") == 5
    assert "no link given" in text
    assert "left out: avoided word: x" in text
    assert "eligible, not among today's picks" in explain(ranked(make_post()), currency="USD", now=NOW)


def test_post_parts_json_opens_the_same_numbers() -> None:
    data = post_parts_json(sample()[0])
    assert data["parts"]["net_hourly"][1] == {
        "label": "fee",
        "value": "10 %",
        "source": "flat 10 % since 2023-05-03",
    }
    assert set(data["parts"]) == {"fit", "net_hourly", "client", "win_chance", "expected_value", "score"}
    assert post_parts_json(ranked(make_post()))["parts"]["net_hourly"] == []


# -- words and layout


@pytest.mark.parametrize(
    ("unit", "low", "high", "currency", "shown"),
    [
        (PayUnit.HOUR, "50", "80", "USD", "50 to 80 USD/h"),
        (PayUnit.FIXED, "4500", "4500", "EUR", "4,500 EUR fixed"),
        (PayUnit.YEAR, "90000", None, "GBP", "from 90,000 GBP/year"),
        (PayUnit.HOUR, None, "20", None, "up to 20 currency not stated/h"),
    ],
)
def test_pay_always_shows_its_currency(unit, low, high, currency, shown: str) -> None:
    pay = Pay(
        unit=unit,
        currency=currency,
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
        raw="x",
    )
    assert words.pay(pay) == shown


def test_client_facts_name_what_is_missing() -> None:
    assert words.client(Client()) == "not stated"
    assert words.client(Client(payment_verified=False, hires=1)) == (
        "payment not verified · 1 hire (not stated: country, spending, rating)"
    )
    assert words.client(GOOD_CLIENT).endswith("rated 4.9 of 5 in 28 reviews · since 2019")
    assert words.client(Client(rating=Decimal(5))).startswith("rated 5 of 5 (not stated")


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0%"), (0.0023, "0.2%"), (0.0833, "8%"), (0.285, "29%"), (1.0, "100%"), (Decimal("0.145"), "15%")],
)
def test_percent(share: float | Decimal, shown: str) -> None:
    assert words.percent(share) == shown


def test_ages() -> None:
    assert words.age(None, NOW) == "not stated"
    assert words.age(NOW + timedelta(hours=1), NOW) == "dated ahead"
    assert words.age(NOW - timedelta(minutes=59), NOW) == "59 min ago"


def test_sums_never_add_currencies() -> None:
    assert words.sums({}) == "0"
    assert words.sums({"USD": usd("1234.5"), "EUR": Money.of("1", "EUR")}) == "1.00 EUR + 1,234.50 USD"


@given(st.text(max_size=80), st.integers(5, 40))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    lines = wrap(words.clean(text), width)
    assert " ".join(lines).split() == words.clean(text).split()
    assert all(cell_len(line) <= width or " " not in line for line in lines)


@given(st.text(max_size=30), st.integers(2, 20))
def test_a_fitted_cell_never_exceeds_its_width(text: str, width: int) -> None:
    assert cell_len(fit(words.clean(text), width)) <= width


def test_a_table_too_wide_for_the_screen_is_stacked() -> None:
    rows = [("p1", "44 EUR/h", "A long title of a post")]
    assert table(("post", "net", "title"), rows, width=20) == [
        "A long title of a",
        "post",
        "  post p1 · net 44",
        "  EUR/h",
    ]


def test_table_of_nothing_has_its_header() -> None:
    assert table(("a", "b"), [], width=40) == ["a  b", "─  ─"]


# -- cells


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\ufeff=1",
        '"=1',
        "'=1",
        "＝1",
        "－1",
        "＠x",
        "\n=1",
        "\u00a0=x",
    ],
)
def test_text_that_looks_like_a_formula_is_marked_as_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (-5, "-5"),
        (Decimal("-1234.50"), "-1234.50"),
        (Decimal("1E+3"), "1000"),
        ("a-b=c", "a-b=c"),
        ("Ação", "Ação"),
        ("x\x00\ud800y", "xy"),
        ("", ""),
    ],
)
def test_numbers_and_plain_text_stay_as_they_are(value, shown: str) -> None:
    assert cell(value) == shown


@given(st.text(max_size=40))
def test_every_text_comes_back_and_never_starts_a_formula(text: str) -> None:
    (row,) = csv.reader(
        io.StringIO(csv_text(("a",), [(text,)]).removeprefix("a\r\n"), newline=""), strict=True
    ) or [[""]]
    got = row[0] if row else ""
    assert got.removeprefix("'") == cell(text).removeprefix("'")
    assert not got.lstrip(' \ufeff"').startswith(("=", "+", "-", "@", "\t", "\r"))


def test_shared_formula_payloads_are_all_marked() -> None:
    archive = HOSTILE / "csv-injection.tar.gz"
    if not archive.exists():
        pytest.skip("the shared hostile archives are not beside this checkout")
    with tarfile.open(archive) as files:
        member = files.extractfile("csv-injection/Intruder/csv-payload.txt")
        assert member
        payloads = [line for line in member.read().decode().splitlines() if line.strip()]
    assert payloads
    assert all(cell(payload).startswith("'") for payload in payloads if payload.lstrip()[0] in "=+-@")
