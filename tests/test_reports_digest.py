"""The digest: what it counts, how each renderer shows it, and that hostile posts stay text."""

from __future__ import annotations

import json
import re
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len
from selectolax.lexbor import LexborHTMLParser

from domain.sources import SourceState
from ledger.winrate import win_rate
from ranking.results import RankedPost
from reports import words as in_words
from reports.digest import build_digest
from reports.links import safe_href
from reports.render_html import render_html
from reports.render_json import digest_json, ranked_json, render_json
from reports.render_markdown import escape, render_markdown
from reports.render_text import render_text
from reports.view import build_view, win_words
from tests.fakes import NOW, make_post, make_profile
from tests.ranked_posts import HOSTILE_TITLE, LOCAL_DATE, net, ranked, sample, sample_digest
from tests.test_ledger_winrate import bids

HOSTILE = Path(__file__).parents[1] / ".." / "shared" / "hostile"


def scrub(text: str) -> str:
    """Post ids are hashes of the post: they say nothing to a reader of the snapshot."""
    return re.sub(r"\bp[0-9a-f]{12}\b", "p000000000000", text)


# -- the read model


def test_digest_keeps_the_order_and_counts_everything() -> None:
    digest = sample_digest()
    assert [pick.place for pick in digest.picks] == [1, 2, 3]
    assert digest.considered == 9
    assert digest.eligible == 5
    assert len(digest.picks) + len(digest.next_best) + sum(row.count for row in digest.left_out) == 9
    assert [(row.reason, row.count) for row in digest.left_out] == [
        ("pays below floor", 3),
        ("avoided word", 1),
    ]
    assert digest.left_out[0].examples[0] == ("Fix my site", "12 USD/h")
    assert (digest.minutes, digest.connects, digest.expected_value) == (36, 16, Decimal("147.30"))
    assert digest.picks[0].draft == f"drafts/{digest.picks[0].ranked.stored.post_id}.md"
    assert digest.picks[1].draft is None
    assert [line.healthy for line in digest.sources] == [True, True, False]
    assert len(digest.sources) == 3


def test_next_best_stops_at_ten_and_examples_at_three() -> None:
    posts = [ranked(make_post(f"Eligible {n}")) for n in range(14)]
    posts += [ranked(make_post(f"Out {n}"), out="pays below floor: 9 USD/h") for n in range(5)]
    digest = sample_digest(posts)
    assert [post.stored.post.title for post in digest.next_best] == [f"Eligible {n}" for n in range(10)]
    assert [title for title, _ in digest.left_out[0].examples] == ["Out 0", "Out 1", "Out 2"]
    assert "and 2 more" in render_text(digest)
    assert "and 2 more" in render_html(digest)
    assert "and 2 more" in render_markdown(digest)


def test_unknown_costs_and_values_stay_unknown() -> None:
    digest = sample_digest([ranked(make_post(), picked=True, worth=None)])
    assert (digest.connects, digest.expected_value) == (None, None)
    assert "connects not stated" in render_text(digest)
    data = digest_json(digest)
    assert data["picks"][0]["connects"] is None
    assert data["picks"][0]["net_hourly"] is None


@pytest.mark.parametrize(
    ("posts", "words"),
    [
        ([], "No posts to choose from"),
        ([ranked(make_post(), out="avoided word: casino")], "Nothing today clears your limits"),
        ([ranked(make_post())], "Nothing fits today's minutes"),
        ([ranked(make_post(), out=None)], "Nothing fits"),
    ],
)
def test_a_day_without_picks_says_why(posts: list[RankedPost], words: str) -> None:
    digest = sample_digest(posts)
    assert words in render_text(digest)
    assert words in render_markdown(digest)
    assert words in LexborHTMLParser(render_html(digest)).body.text()


def test_the_win_rate_line_is_honest() -> None:
    assert win_words(None).startswith("No bids recorded yet")
    assert win_words(win_rate([])[0]).startswith("No bids recorded yet")
    assert win_words(win_rate(bids(1, 3, 2))[0]) == (
        "Your win rate: not enough yet (1 won of 4 decided bids, 2 open; 6 more decided bids needed)."
    )
    assert win_words(win_rate(bids(3, 18, 5))[0]) == (
        "Your win rate: 14% (5% to 35%), 3 won of 21 decided bids, 5 open."
    )


def test_pay_in_another_currency_has_no_bar_and_keeps_its_currency() -> None:
    post = ranked(make_post(), pay=net("5000", "4000", "6000", currency="JPY"), picked=True)
    card = build_view(sample_digest([post])).cards[0]
    assert card.bar is None
    assert card.net.value == "5,000 JPY/h"
    assert "$" not in render_text(sample_digest([post]))


def test_empty_parts_of_a_digest_are_not_shown() -> None:
    digest = replace(sample_digest([ranked(make_post(), picked=True)]), sources=(), duplicates=0)
    for shown in (render_text(digest), render_markdown(digest), render_html(digest)):
        for heading in ("Next best", "Left out</h2>", "## Left out", "Sources"):
            assert heading not in shown
    only_repeats = replace(digest, duplicates=1)
    for shown in (render_text(only_repeats), render_markdown(only_repeats)):
        assert "1 repeated post marked and shown once." in shown


def test_a_reason_without_words_and_a_post_without_title() -> None:
    posts = [replace(ranked(make_post("")), eligible=False), ranked(make_post("\x00\x1b"), picked=True)]
    digest = sample_digest(posts)
    assert digest.left_out[0].reason == "no reason given"
    assert build_view(digest).cards[0].title == "(no title)"


def test_dates_are_in_the_persons_zone() -> None:
    digest = build_digest(
        [],
        profile=make_profile(time_zone="Asia/Tokyo"),
        local_date=LOCAL_DATE,
        now=datetime(2026, 3, 1, 23, 5, tzinfo=UTC),
    )
    assert build_view(digest).made == "2 Mar 2026, 08:05 JST"


# -- renderers


def test_text_snapshot(snapshot) -> None:
    assert scrub(render_text(sample_digest(), width=90)) == snapshot


def test_markdown_snapshot(snapshot) -> None:
    assert scrub(render_markdown(sample_digest())) == snapshot


def test_html_snapshot(snapshot) -> None:
    body = render_html(sample_digest()).partition("<body>")[2]
    assert scrub(body) == snapshot


def test_json_snapshot(snapshot) -> None:
    assert scrub(render_json(sample_digest())) == snapshot


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_text_stays_within_its_width_but_for_links(width: int) -> None:
    for line in render_text(sample_digest(), width=width).splitlines():
        assert cell_len(line) <= max(width, 40) or "https://" in line, line


def test_colour_changes_nothing_but_the_colour() -> None:
    plain, coloured = render_text(sample_digest()), render_text(sample_digest(), colour=True)
    assert "\x1b" not in plain
    assert "\x1b[33m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_json_follows_the_contract_of_rank() -> None:
    data = ranked_json(list(reversed(sample())))
    post = data["posts"][0]
    assert list(post) == [
        "post_id",
        "source",
        "source_id",
        "title",
        "eligible",
        "left_out_because",
        "fit",
        "net_hourly",
        "client",
        "risk",
        "win_chance",
        "expected_value",
        "score",
        "reasons",
        "picked",
        "not_picked_because",
        "minutes",
        "urgent",
        "preference",
    ]
    assert post["title"] == "Django developer for a booking API"
    assert post["net_hourly"] == {
        "low": "48",
        "expected": "61",
        "high": "75",
        "basis": "hourly range stated",
        "currency": "USD",
    }
    assert post["win_chance"] == {"p": 0.0833, "low": 0.0023, "high": 0.285, "n": 0}
    assert (post["fit"], post["client"], post["expected_value"]) == (0.8249, 0.62, "73.65")
    assert [entry["eligible"] for entry in data["posts"]] == [True] * 5 + [False] * 4
    assert data["posts"][-1]["left_out_because"] == "pays below floor: 18 USD/h"
    assert data["posts"][1]["risk"][0]["code"] == "unpaid_test"


def test_html_is_one_file_that_loads_nothing() -> None:
    page = render_html(sample_digest())
    tree = LexborHTMLParser(page)
    assert tree.css("script, link, img, iframe, object, embed, form, base, svg") == []
    assert "url(" not in page
    assert "@import" not in page
    assert tree.css_first("meta[http-equiv]").attributes["content"].startswith("default-src 'none'")
    assert {a.attributes["rel"] for a in tree.css("a")} == {"noopener noreferrer nofollow"}
    assert "prefers-color-scheme: dark" in page
    assert tree.css_first("html").attributes["lang"] == "en"


def test_html_shows_a_hostile_title_as_text() -> None:
    tree = LexborHTMLParser(render_html(sample_digest()))
    shown = [node.text(deep=True).strip() for node in tree.css(".list bdi")]
    assert '<script>alert(1)</script><img src=x onerror=alert(2)> "quoted" & [31mred [0m gpj.exe' in shown
    assert "\u202e" not in tree.body.text()


def hostile_post(payload: str) -> RankedPost:
    """``payload`` wherever a source can put it."""
    post = make_post("x")
    client = replace(post.client, name=payload, country=payload)
    item = replace(post, title=payload, source=payload, url=payload, skills=(payload,), client=client)
    base = ranked(make_post("x"), matched=(payload,), missing=(payload,), reasons=(payload,), picked=True)
    return replace(base, stored=replace(base.stored, post=item))


def hostile_pages(payloads: list[str]) -> str:
    posts = [hostile_post(payload) for payload in payloads]
    posts += [replace(post, picked=False) for post in posts[:5]]
    posts += [replace(post, eligible=False, left_out_because=post.stored.post.title) for post in posts[:20]]
    digest = sample_digest(posts)
    bad = replace(digest.sources[0].run, source=payloads[0], detail=payloads[-1], state=SourceState.ERROR)
    asked = tuple(
        replace(p, asks=(payloads[0],), draft=payloads[-1], attribution=payloads[0]) for p in digest.picks
    )
    return render_html(replace(digest, picks=asked, sources=(replace(digest.sources[0], run=bad),)))


def assert_harmless(page: str) -> None:
    tree = LexborHTMLParser(page)
    allowed = {
        *("html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "article"),
        *("h1", "h2", "h3", "p", "dl", "dt", "dd", "div", "span", "b", "i", "bdi", "q", "ul", "li", "a"),
        *("small", "code", "-text", "-doctype"),
    }
    for node in tree.css("*"):
        assert node.tag in allowed, node.html
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name in {"class", "href", "rel", "id", "style", "lang", "charset", "name", "content"} | {
                "http-equiv",
                "aria-labelledby",
                "aria-hidden",
            }, node.html
            if name == "href":
                assert re.match(r"https?://|mailto:", value or "", re.IGNORECASE), value
            if name == "style":
                assert re.fullmatch(r"left:\d+%(;width:\d+%)?", value or ""), value


def test_script_in_every_field_stays_text() -> None:
    payloads = [
        HOSTILE_TITLE,
        '"><svg/onload=alert(1)>',
        "javascript:alert(1)",
        "JaVaScRiPt\t:alert(1)",
        "data:text/html,<script>1</script>",
        "https://a.example/' onclick='x",
        "{{7*7}}{% include 'x' %}",
        "https://ok.example/a?b=1&c=2",
    ]
    page = hostile_pages(payloads)
    assert_harmless(page)
    assert "{{7*7}}" in page
    links = {a.attributes["href"] for a in LexborHTMLParser(page).css("a")}
    assert links == {"https://ok.example/a?b=1&c=2"}


def _members(name: str, suffix: str) -> list[str]:
    archive = HOSTILE / f"{name}.tar.gz"
    if not archive.exists():
        pytest.skip("the shared hostile archives are not beside this checkout")
    with tarfile.open(archive) as files:
        return [
            files.extractfile(member).read().decode("utf-8", "replace")  # type: ignore[union-attr]
            for member in files
            if member.isfile() and member.name.endswith(suffix)
        ]


@pytest.mark.slow
def test_shared_hostile_payloads_through_the_page() -> None:
    lists = [
        line for text in _members("xss-payloadbox", ".txt") for line in text.splitlines() if line.strip()
    ]
    tests = _members("xss-bleach", ".test")
    survivors = json.loads(_members("xss-feedparser-survivors", "payloads.json")[0])
    naughty = json.loads(_members("strings-blns", "blns.json")[0])
    payloads = [
        str(item) for item in (*survivors, *tests, *naughty, *lists[:: max(1, len(lists) // 900)]) if item
    ]
    assert len(payloads) > 1000
    for start in range(0, len(payloads), 300):
        assert_harmless(hostile_pages(payloads[start : start + 300]))
    digest = sample_digest([hostile_post(payload) for payload in payloads])
    assert "\x1b" not in render_text(digest)
    render_json(digest).encode("ascii")
    markup = MarkdownIt("commonmark").enable("table").render(render_markdown(digest))
    for node in LexborHTMLParser(markup).css("*"):
        assert node.tag not in {"script", "img", "svg", "iframe", "style", "object"}, node.html
        assert not any(name.startswith("on") for name in node.attributes)
        if node.tag == "a":
            assert re.match(r"https?://|mailto:", node.attributes["href"] or "", re.IGNORECASE)


@given(st.text(min_size=1, max_size=60))
def test_escaped_markdown_shows_exactly_the_text(text: str) -> None:
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]", "", text).split())
    shown = MarkdownIt("commonmark").enable("table").render(f"- **Why** {escape(text)} end")
    tree = LexborHTMLParser(shown)
    assert tree.css_first("li").text(deep=True) == f"Why {text} end"
    assert {node.tag for node in tree.css("li *")} <= {"strong", "-text"}
    whole = LexborHTMLParser(MarkdownIt("commonmark").render(escape(text)))
    assert {node.tag for node in whole.css("body *")} <= {"p", "-text"}


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x?y=1#z", True),
        ("HTTP://a.example", True),
        ("mailto:me@a.example", True),
        ("mailto:", False),
        ("https://", False),
        ("//a.example/x", False),
        ("/relative", False),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("\x01javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("https://a.example\\@b.example", False),
        ("https://[bad", False),
        ("https://a.example/ onclick=x", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_and_mail_addresses_become_links(url: str | None, kept: bool) -> None:
    assert safe_href(url) == (url if kept else None)


@pytest.mark.parametrize(
    ("code", "name"),
    [("pt", "Portuguese"), ("pt-BR", "Portuguese"), ("xx", "xx"), (None, "not stated")],
)
def test_languages_are_named(code: str | None, name: str) -> None:
    assert in_words.language(code) == name


def test_a_post_in_another_language_says_that_its_fit_is_read_poorly() -> None:
    first, *others = sample()
    foreign = replace(first, stored=replace(first.stored, post=replace(first.stored.post, language="es")))
    page = render_text(sample_digest([foreign, *others]), width=200)
    assert page.count("in Spanish, which the fit reads poorly") == 1
    assert "reads poorly" not in render_text(sample_digest([first, *others]), width=200)


def test_ages_are_in_the_largest_fitting_unit() -> None:
    ages = {
        timedelta(minutes=5): "5 min ago",
        timedelta(hours=47): "47 h ago",
        timedelta(days=2): "2 days ago",
    }
    for gone, words in ages.items():
        post = ranked(make_post(date_posted=NOW - gone), picked=True)
        assert build_view(sample_digest([post])).cards[0].facts[1] == f"posted {words}"
    ahead = ranked(make_post(date_posted=NOW + timedelta(days=1)), picked=True)
    assert build_view(sample_digest([ahead])).cards[0].facts[1] == "dated ahead"
