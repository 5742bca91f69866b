"""CSV and its kin: encodings, delimiters, broken rows, columns a person names, and large files in pieces."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import SourceError, UsageError
from domain.issues import IssueLevel
from spiders.columns import read_columns
from spiders.importing import read_file
from spiders.limits import FileLimits, file_limits
from spiders.parsers import parse
from spiders.parsers.rows import DELIMITERS, Table, open_table, rows_of
from spiders.pieces import pieces
from spiders.sandbox import ParserPool


def read(body: bytes, **chosen: str):
    return parse("csv", body, source="s", where="w", columns=chosen)


def titles(result) -> list[str]:
    return [post.title for post in result.posts]


def said(result) -> list[tuple[str, str]]:
    return [(issue.where, issue.message) for issue in result.issues]


# ---- rows ------------------------------------------------------------------------------------------------

cells = st.text(st.characters(blacklist_characters="\0\r", blacklist_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8), st.sampled_from(DELIMITERS))
def test_what_a_writer_of_tables_wrote_is_read_as_it_was(rows, delimiter):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    table = Table(text=out.getvalue(), delimiter=delimiter, start=0)
    assert [list(row.cells) for row in rows_of(table)] == rows
    assert all(row.problem is None for row in rows_of(table))


@given(st.text(max_size=200), st.sampled_from(DELIMITERS))
def test_any_text_is_rows_and_no_character_but_marks_is_lost(text, delimiter):
    table = Table(text=text, delimiter=delimiter, start=0)
    kept = "".join(cell for row in rows_of(table) for cell in row.cells)
    marks = {delimiter, '"', "\r", "\n", " "}
    assert [c for c in kept if c not in marks] == [c for c in text if c not in marks]


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_encodings_and_line_ends(delimiter, encoding, newline):
    lines = [["Job title", "Budget", "Tags"], ["Café menu", "€300", "Design"], ["Second", "£20", "SQL"]]
    result = read(newline.join(delimiter.join(line) for line in lines).encode(encoding))
    assert titles(result) == ["Café menu", "Second"]
    assert [post.budget_raw for post in result.posts] == ["€300", "£20"]
    noted = [("w", "not UTF-8; read as Windows-1252")] if encoding == "cp1252" else []
    assert said(result) == noted


def test_bytes_that_no_encoding_knows_are_replaced_and_reported():
    result = read(b"title,url\nna\xefve \x81,https://x.example\n")
    assert titles(result) == ["naïve \ufffd"]
    assert said(result) == [("w", "not UTF-8; read as Windows-1252; bytes it does not know were replaced")]


def test_excels_own_hint_names_the_delimiter():
    result = read(b"sep=;\r\ntitle;description\r\nA, b, c;text, with, commas\r\n")
    assert [(post.title, post.description, post.where) for post in result.posts] == [
        ("A, b, c", "text, with, commas", "w:3")
    ]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ('x"y,"open,1', "a quote is not closed"),
        ('"open,2,3', "a quote is not closed"),
        ('"closed" early,2,3', "a quote is not closed"),
        ("a,b,c,d,e", "5 cells where the heading has 3"),
        ("only one", "1 cells where the heading has 3"),
        ("nul\0led,2,3", "NUL characters were taken out"),
        ("," * 2, "rows without any text"),
        (",https://x.example,", "no title; left out"),
    ],
)
def test_a_bad_row_costs_only_itself(place, bad, words):
    rows = [f'Good {number},https://x.example/{number},"said ""{number}"""' for number in range(3)]
    rows.insert(place, bad)
    result = read(("title,url,description\n" + "\n".join(rows)).encode())
    good = [post for post in result.posts if post.title.startswith("Good ")]
    assert [(post.title, post.url, post.description) for post in good] == [
        (f"Good {number}", f"https://x.example/{number}", f'said "{number}"') for number in range(3)
    ]
    assert any(words in message for _, message in said(result)), said(result)


def test_a_text_of_several_lines_that_lacks_its_quote_is_put_together():
    body = b'title,description,url\nA,"one\ntwo,https://x.example/1\nB,three,https://x.example/2\n'
    result = read(body)
    assert [(post.title, post.description, post.url) for post in result.posts] == [
        ("A", '"one\ntwo', "https://x.example/1"),
        ("B", "three", "https://x.example/2"),
    ]


def test_a_row_with_too_many_cells_gives_no_pay_that_may_be_another_cells():
    (post,) = read(b"title,budget,url\nLogo, big and round,500,https://x.example\n").posts
    assert (post.title, post.budget_raw) == ("Logo", None)
    assert post.extra == {
        "title": "Logo", "budget": " big and round", "url": "500", "column 4": "https://x.example"
    }  # fmt: skip


def test_a_huge_cell_is_cut_and_its_row_and_the_others_are_kept():
    body = b"title,description\nA," + b"x" * 1_000_000 + b'\nB,"' + b"y\n" * 500_000 + b'"\nC,end\n'
    result = read(body)
    assert titles(result) == ["A", "B", "C"]
    assert [len(post.description or "") for post in result.posts] == [200_000, 200_000, 3]
    assert said(result) == [
        ("w:2", "description has 1000000 characters; cut to 200000"),
        ("w:3", "description has 1000000 characters; cut to 200000"),
    ]


def test_a_quote_that_never_closes_is_given_up_after_a_bound():
    body = b'title,description\nA,"' + b"x " * 1_100_000 + b"\n" + b"B,b\n" * 3
    assert titles(read(body)) == ["A", "B", "B", "B"]


# ---- columns ---------------------------------------------------------------------------------------------


def test_headings_are_guessed_and_the_rest_is_kept_and_reported_once():
    result = read(
        b"Job Title,Client Spent,Posted,Link,Shoe size\nA,$5K,2026-01-02,https://x.example,43\nB,,,,44"
    )
    first, second = result.posts
    assert (first.title, first.url, first.date_posted) == ("A", "https://x.example", "2026-01-02")
    assert first.client == {"total_spent": "$5K"}
    assert [post.extra for post in (first, second)] == [{"Shoe size": "43"}, {"Shoe size": "44"}]
    assert said(result) == [("w", "no field for 'Shoe size'; kept in extra")]


def test_columns_a_person_names_outrank_the_guess():
    body = b"Name,Title,Where to look\nReal title,Dr.,https://x.example/1\n"
    (post,) = read(body, title="Name", url="where TO look").posts
    assert (post.title, post.url) == ("Real title", "https://x.example/1")
    assert post.extra == {"Title": "Dr."}


def test_a_column_that_is_not_there_is_an_error_that_lists_those_that_are():
    with pytest.raises(SourceError) as caught:
        read(b"Name,Link\nA,b\n", title="Heading")
    assert str(caught.value) == "w: there is no column 'Heading'; the columns are 'Name', 'Link'"


def test_a_table_without_titles_is_an_error_that_says_what_to_do():
    with pytest.raises(SourceError) as caught:
        read(b"alpha,beta\n1,2\n")
    assert "no column for titles; choose one with --columns title=…" in str(caught.value)
    assert "'alpha', 'beta'" in str(caught.value)


def test_a_heading_that_stands_twice_fills_its_field_once():
    (post,) = read(b"title,title,url\nfirst,second,https://x.example\n").posts
    assert (post.title, post.extra) == ("first", {"title": "second"})


@pytest.mark.parametrize(
    ("given_texts", "expected"),
    [
        ((), {}),
        (("title=Heading,url=Link",), {"title": "Heading", "url": "Link"}),
        (("title=Name, full", "url = a=b"), {"title": "Name, full", "url": "a=b"}),
        (("title=a", "title=b"), {"title": "b"}),
        (("client.country=Land",), {"client.country": "Land"}),
    ],
)
def test_how_columns_are_written(given_texts, expected):
    assert read_columns(given_texts) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel=Heading", "there is no field 'titel'. Did you mean 'title'?"),
        ("client.contry=x", "Did you mean 'client.country'?"),
        ("qqqqqq=x", "The fields are budget_max"),
        ("title", "'title' is not FIELD=HEADING"),
        ("=x", "is not FIELD=HEADING"),
        ("title=", "is not FIELD=HEADING"),
    ],
)
def test_columns_that_make_no_sense(text, words):
    with pytest.raises(UsageError) as caught:
        read_columns([text])
    assert words in str(caught.value)
    assert str(caught.value).startswith("--columns: ")


def test_columns_for_a_file_that_has_none_are_said_to_be_unused():
    result = parse("jsonl", b'{"title": "a"}', source="s", where="w", columns={"title": "x"})
    assert [issue.level for issue in result.issues] == [IssueLevel.WARNING]
    assert "were not used" in result.issues[0].message


def test_keys_of_objects_can_be_named_too():
    body = b'[{"a": {"b": "The title"}, "c": "https://x.example"}]'
    result = parse("objects", body, source="s", where="w", columns={"title": "a.b", "url": "c"})
    assert [(post.title, post.url) for post in result.posts] == [("The title", "https://x.example")]


# ---- pay in several columns ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "row", "pay"),
    [
        ("type,fixed_price,hourly_rate", "Hourly,0,25", ("25", "25", None, "hour")),
        ("type,fixed_price,hourly_rate", "Fixed-price,300,0", ("300", "300", None, "fixed")),
        ("type,fixed_price,hourly_rate", ",300,0", ("300", "300", None, "fixed")),
        ("type,fixed_price,hourly_rate", ",300,25", (None, None, None, None)),
        ("type,fixed_price,hourly_rate", "Hourly,['$300.00'],", (None, None, None, None)),
        ("type,fixed_price,min_budget", "Fixed,['$50.00'],$50.00", ("$50.00", None, "$50.00", "fixed")),
        ("type,start_rate,end_rate", "Hourly,20,40", ("20", "40", None, "hour")),
        ("type,start_rate,end_rate", "Hourly,0,NA", (None, None, None, None)),
        ("Hourly/Fixed,Budget", "Hourly: $10 - $15,N/A", (None, None, "Hourly: $10 - $15", None)),
        ("type,price", ",$13 / hr Avg Bid", (None, None, None, None)),
        ("type,price", ",$13 / hrAvg Bid", (None, None, None, None)),
        ("type,min_budget,fixed_price", "Hourly,$9.00,['$9.00']", ("$9.00", None, "$9.00", None)),
        ("type,hourly_rate", "One-time project,25", ("25", "25", None, "hour")),
        ("type,hourly_rate", "Fixed,25", (None, None, None, None)),
        ("type,price", ",$20", (None, None, "$20", None)),
        ("type,yearly_min", ",90000", ("90000", None, None, "year")),
    ],
)
def test_which_figure_is_the_pay(heading, row, pay):
    (post,) = read(f"title,{heading}\nA,{row}\n".encode()).posts
    assert (post.budget_min, post.budget_max, post.budget_raw, post.period) == pay


def test_a_fixed_price_beside_an_hourly_rate_is_reported():
    result = read(b"title,fixed_price,hourly_rate\nA,300,25\n")
    assert result.posts[0].extra == {"fixed_amount": "300", "hourly_rate": "25"}
    words = "amounts that do not fit the kind of contract, or each other; kept in extra"
    assert said(result) == [("w:2", words)]


def test_an_average_bid_is_kept_aside():
    (post,) = read(b"title,price,bids\nA,$427Avg Bid,38 bids\n").posts
    assert (post.budget_raw, post.extra, post.proposals_min) == (
        None,
        {"average_bid": "$427Avg Bid"},
        "38 bids",
    )


def test_the_currency_of_a_board_is_taken_only_where_the_board_is_certain():
    (upwork,) = read(b"title,fixed_price,connects\nA,300,8\n").posts
    (other,) = read(b"title,fixed_price\nA,300\n").posts
    assert (upwork.source, upwork.currency) == ("upwork", "USD")
    assert (other.source, other.currency) == ("s", None)


# ---- large tables ----------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    st.lists(st.lists(cells, min_size=2, max_size=2), min_size=3, max_size=30),
    st.integers(min_value=120, max_value=400),  # a row is shorter, as one is than 4 MB
    st.sampled_from(["", "\ufeff", "sep=,\n", "\n\n"]),
)
def test_pieces_of_a_table_hold_every_row_once(rows, size, before):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([["title", "url"], *rows])
    body = (before + out.getvalue()).encode()
    found = []
    for piece in pieces(body, FileLimits(decoded_bytes=10**6, chunk_bytes=size)):
        part = list(rows_of(open_table(piece.body)))
        assert list(part[0].cells) == ["title", "url"]
        found += [(row.line + piece.first_line - 1, row.cells) for row in part[1:]]
    whole = open_table(body)
    assert found == [(row.line, row.cells) for row in rows_of(whole)][1:]


def test_a_large_table_is_read_in_pieces_with_its_own_line_numbers():
    lines = [f'Post {number},"two\n{"lines " * 100}",{number}' for number in range(15_000)]
    body = ("title,description,Shoe size\n" + "\n".join([*lines, ",,9"]) + "\n").encode()
    assert len(pieces(body, file_limits())) == -(-len(body) // file_limits().chunk_bytes)
    with ParserPool() as pool:
        found = read_file(body, name="f", pool=pool)
    assert (found.kind, found.outcome, len(found.posts)) == ("csv", "ok", 15_000)
    assert [post.where for post in (found.posts[0], found.posts[-1])] == ["f:2", "f:30000"]
    assert [(issue.where, issue.message) for issue in found.issues] == [
        ("f", "no field for 'Shoe size'; kept in extra"),
        ("f:30002", "no title; left out"),
    ]
