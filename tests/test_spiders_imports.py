"""Saved pages, mail and foreign JSON: what single parts do, and that no mutation of a good file breaks a reader."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SourceError
from spiders.parsers import MAPPED, parse
from spiders.parsers.cards import facts_of
from spiders.parsers.links import unwrapped, upwork_id, whole_link
from spiders.parsers.mail_links import job_link, title_in
from spiders.parsers.objects import flatten, job_lists
from spiders.parsers.result import ParseResult
from spiders.parsers.values import members_of, money, skills_of, stated
from spiders.sniff import PARSER_OF, kind_of

FIXTURES = Path(__file__).parent / "fixtures" / "spiders"
NEW = {"csv", "objects", "page", "mail", "pasted"}
READERS = [
    (case.name, PARSER_OF[kind])
    for case in sorted(FIXTURES.iterdir())
    for source in case.glob("input.*")
    if case.name not in MAPPED and (kind := kind_of(source.read_bytes())) and PARSER_OF[kind] in NEW
]
MUTATIONS = 40


def read(parser: str, body: str):
    return parse(parser, body.encode(), source="s", where="w")


def tried(parser: str, body: bytes) -> ParseResult | str:
    """Return what a reader makes of ``body``, or the one line of its error."""
    try:
        return parse(parser, body, source="s", where="w")
    except SourceError as error:
        return str(error)


# ---- mutations -------------------------------------------------------------------------------------------

PIECES = [
    b"\0", b"\xff\xfe", b'"', b"'", b"<", b">", b"</", b"<!--", b"{", b"}", b"[", b"]", b",", b";", b"\n", b"\r", b"\n\n",
    b"&#0;", b"=?utf-8?q?=FF?=", b"Content-Type: x/y; charset=nope\n", b"\xf0\x9f", b"9" * 400, b"(" * 300, b"$", b"~0",
    b"https://", b"null", b"--mix", b"--alt--", b"data-test=", b"\xed\xa0\x80", "\u202e".encode(),
]  # fmt: skip


def mutated(body: bytes, chance: random.Random) -> bytes:
    """Cut, double, swap or spoil a few places of ``body``."""
    for _ in range(chance.randint(1, 6)):
        at, other = (chance.randrange(len(body) + 1) for _ in range(2))
        low, high = sorted((at, other))
        body = chance.choice(
            [
                body[:at] + chance.choice(PIECES) + body[at:],
                body[:low] + body[min(high, low + chance.randint(1, 200)) :],
                body[:at] + body[low : low + 300] + body[at:],
                body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
                body[: max(at, 1)],
            ]
        )
    return body


@pytest.mark.parametrize(("case", "parser"), READERS)
def test_a_mutated_file_is_posts_or_one_error_of_ours(case, parser):
    (source,) = (FIXTURES / case).glob("input.*")
    good = source.read_bytes()
    chance = random.Random(f"{case} 1")
    read_at_all = 0
    for number in range(MUTATIONS):
        body = mutated(good, chance)
        for reader in (parser, PARSER_OF.get(_kind(body) or "")):
            if reader not in NEW:
                continue
            result = tried(reader, body)
            if isinstance(result, str):
                assert "\n" not in result, number
                continue
            read_at_all += bool(result.posts)
            assert all(post.where.startswith("w") for post in result.posts)
            assert all(post.title.strip() or post.description or reader == "mail" for post in result.posts)
    assert read_at_all, "the mutations leave nothing to read"


def _kind(body: bytes) -> str | None:
    try:
        return kind_of(body)
    except SourceError:
        return None


@pytest.mark.parametrize("parser", sorted(NEW))
@given(st.binary(max_size=300))
def test_any_bytes_are_posts_or_one_error_of_ours(parser, body):
    result = tried(parser, body)
    assert "\n" not in result if isinstance(result, str) else result.posts is not None


@pytest.mark.parametrize(
    ("parser", "body"),
    [
        ("objects", b"[" * 100_000),
        ("objects", b'{"a":' * 50_000),
        ("objects", b'[{"title": "a", "url": ' + b'{"x":' * 900 + b"1" + b"}" * 900 + b"}]"),
        ("page", b"<html><body>" + b"<div>" * 20_000),
        ("page", b"<article data-test=JobTile>" * 3_000),
        ("mail", b"Subject: x\nFrom: y\nContent-Type: text/html\n\n" + b"<b>" * 20_000),
        ("mail", b"Subject: " + b"=?utf-8?q?" * 20_000 + b"\nFrom: a\n\nhttps://www.upwork.com/jobs/A-b_~021900000000000000001"),
        ("mail", b"From: a\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 300),
        ("mail", b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2_000))),
        ("csv", b'title,url\n"' * 20_000),
        ("csv", b"title" + b",x" * 100_000 + b"\n" + b"," * 100_000),
    ],
)  # fmt: skip
def test_deep_and_wide_input_ends(parser, body):
    result = tried(parser, body)
    assert "\n" not in result if isinstance(result, str) else result.posts is not None


# ---- pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        "<html><title>Log in</title><input type='password'></html>",
        "<div data-test='JobsPage'></div><form><input name=p type=password></form>",
        "<html><title>Just a moment...</title></html>",
    ],
)
def test_a_login_page_is_said_to_be_one(page):
    with pytest.raises(SourceError, match="a login page was saved, not the posts"):
        read("page", page)


def test_posts_on_a_page_that_also_offers_a_login_are_read():
    page = "<article data-test=JobTile><h2><a href='/jobs/A_~021900000000000000001'>A</a></h2></article><input type=password>"
    assert [post.title for post in read("page", page).posts] == ["A"]


@pytest.mark.parametrize(
    "page", ["<div data-test=JobsPage>No results</div>", "<div class=JobSearchCard-list></div>"]
)
def test_a_search_without_results_is_no_error(page):
    assert read("page", page).posts == ()


def test_a_page_without_jobs_says_which_pages_can_be_read():
    with pytest.raises(
        SourceError, match="holds no job posts that can be read; what can: search and job pages"
    ):
        read("page", "<html><body><p>A letter</p></body></html>")


def test_a_page_of_another_layout_gives_the_jobs_it_links_to():
    page = (
        "<html><nav><a href='https://www.upwork.com/nx/search/jobs'>Find work</a></nav><ul>"
        "<li><a href='https://www.upwork.com/jobs/Tide-clock_~01aaaaaaaaaaaaaaaa?x=1'>Tide clock</a><p>Hourly: $20.00 - $30.00</p></li>"
        "<li><a href='https://www.upwork.com/jobs/~01bbbbbbbbbbbbbbbb'>Sundial</a><p>Fixed-price - Est. Budget: $90</p></li></ul></html>"
    )
    result = read("page", page)
    assert [(post.title, post.source_id, post.budget_raw) for post in result.posts] == [
        ("Tide clock", "~01aaaaaaaaaaaaaaaa", "Hourly: $20.00 - $30.00"),
        ("Sundial", "~01bbbbbbbbbbbbbbbb", "Est. Budget: $90"),
    ]
    assert ["layout is not known" in issue.message for issue in result.issues] == [True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_page_is_read_in_its_encoding(encoding):
    page = (
        f"<html><meta charset={encoding}><article data-test=JobTile><h2>Ménage à Zürich</h2></article></html>"
    )
    (post,) = parse("page", page.encode(encoding), source="s", where="w").posts
    assert post.title == "Ménage à Zürich"


# ---- mail ------------------------------------------------------------------------------------------------

HEAD = "From: a@b.example\nSubject: s\nContent-Type: text/html; charset=utf-8\n\n"


@pytest.mark.parametrize(
    ("html", "titles"),
    [
        ("<a href='https://www.upwork.com/jobs/Tide-clock-repair_~01aaaaaaaaaaaaaaaa'>View job</a>", ["Tide clock repair"]),
        ("<h3>Tide clock</h3><a href='https://www.upwork.com/jobs/~01aaaaaaaaaaaaaaaa'>View job</a>", ["Tide clock"]),
        ("<a href='https://www.upwork.com/jobs/~01aaaaaaaaaaaaaaaa'>View job</a>", [""]),
        ("<a href='https://other.example/jobs/tide-clock-repair'>Tide clock repair</a>", ["Tide clock repair"]),
        ("<a href='https://other.example/jobs/tide-clock-repair'>No</a><p><a href='https://www.upwork.com/jobs/~01aaaaaaaaaaaaaaaa'>Yes</a>", ["Yes"]),
        ("<a href='https://www.upwork.com/nx/search/jobs?q=x'>All jobs</a>", []),
        ("<a href='javascript:alert(1)'>Job</a><a href='https://[::1/jobs/abcdefgh'>Job</a>", []),
    ],
)  # fmt: skip
def test_titles_of_links(html, titles):
    result = read("mail", HEAD + html)
    assert [post.title for post in result.posts] == titles
    assert bool(result.posts) is not any("no link to a job" in issue.message for issue in result.issues)


def test_a_mail_without_text_is_an_error():
    with pytest.raises(SourceError, match="no text in the mail"):
        read("mail", "From: a\nSubject: b\nContent-Type: image/png\n\nabc")


@pytest.mark.parametrize(
    ("link", "url", "identity"),
    [
        ("https://www.upwork.com/jobs/A-b_~021900000000000000001?frame=1&utm_source=x", "https://www.upwork.com/jobs/A-b_~021900000000000000001", "~021900000000000000001"),
        ("https://www.upwork.com/nx/find-work/details/~01aaaaaaaaaaaaaaaa", "https://www.upwork.com/jobs/~01aaaaaaaaaaaaaaaa", "~01aaaaaaaaaaaaaaaa"),
        ("https://l.example/r?url=https%3A%2F%2Fwww.linkedin.com%2Fcomm%2Fjobs%2Fview%2F4000000001%3Ftrk%3Dx", "https://www.linkedin.com/jobs/view/4000000001", "4000000001"),
        ("https://uk.indeed.com/rc/clk?jk=abc123&tk=9", "https://uk.indeed.com/viewjob?jk=abc123", "abc123"),
        ("https://www.freelancer.com/projects/php/A-project-39000001?utm=1", "https://www.freelancer.com/projects/php/A-project-39000001", None),
    ],
)  # fmt: skip
def test_what_follows_the_reader_is_taken_off_links(link, url, identity):
    found = job_link(link)
    assert found is not None
    assert (found.url, found.source_id) == (url, identity)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.upwork.com/", "https://uk.indeed.com/rc/clk?tk=9", "https://www.linkedin.com/comm/jobs/search", "ftp://x/jobs/12345678",
        "https://board.example/jobs", "mailto:a@b.example", "https://[", "",
    ],
)  # fmt: skip
def test_other_links_are_no_jobs(link):
    assert job_link(link) is None


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://x.example/jobs/Tide-clock-repair_~01aaaaaaaaaaaaaaaa", "Tide clock repair"),
        ("https://x.example/projects/php/Move-a-blog-39000001", "Move a blog"),
        ("https://x.example/jobs/~01aaaaaaaaaaaaaaaa", None),
        ("https://x.example/jobs/view/40000", None),
    ],
)
def test_titles_in_addresses(url, title):
    assert title_in(url) == title


# ---- links, values, cards --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/jobs/A_~021900000000000000001/?x=1", "https://www.upwork.com/jobs/A_~021900000000000000001/?x=1"),
        ("https://www.upwork.comhttps://www.upwork.com/jobs/x", "https://www.upwork.com/jobs/x"),
        ("/careers/5", "/careers/5"),
        ("https://a.example/go?to=https://b.example/x", "https://b.example/x"),
        ("https://a.example/?q=words", "https://a.example/?q=words"),
        ("https://a.example/?u=%%%", "https://a.example/?u=%%%"),
        ("https://[::1", "https://[::1"),
    ],
)
def test_whole_links(link, expected):
    assert whole_link(link) == expected


def test_a_redirect_in_a_circle_ends():
    assert unwrapped(
        "https://a.example/?url=https://a.example/?url=https://a.example/?url=https://a.example/?url=https://z.example"
    ).startswith("https://")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.upwork.com/jobs/x_%7E01ABCDEF", None),
        ("https://www.upwork.com/jobs/x_%7E01d0e5d26196991845", "~01d0e5d26196991845"),
        ("1924842301230638048", "~021924842301230638048"),
        ("~011", None),
        ("192484230123063804812345", None),
        (None, None),
    ],
)
def test_upwork_ids(text, expected):
    assert upwork_id(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Python, SQL, , ,", ("Python", "SQL")),
        ("['Data Entry', \"Bob's\"]", ("Data Entry", "Bob's")),
        ('["a", "b"]', ("a", "b")),
        ([{"prefLabel": "Rust"}, {"name": "Go"}, {}, None, "C"], ("Rust", "Go", "C")),
        ("Amazon Web Services", ("Amazon Web Services",)),
        ("Data Scraping Python PHP JavaScript", ("Web Scraping", "Python", "PHP", "JavaScript")),
        ("N/A", ()),
        ("[" * 5_000, ("[" * 5_000,)),
    ],
)
def test_skills_in_values(value, expected):
    assert skills_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("['$50.00']", ("$50.00", None)),
        ({"amount": "500.0", "isoCurrencyCode": "EUR"}, ("500.0", "EUR")),
        ({"rawValue": "20", "currency": "USD", "displayValue": "$20"}, ("20", "USD")),
        ("$0.00", (None, None)),
        ("0", (None, None)),
        ("NA", (None, None)),
        ({"amount": None}, (None, None)),
        (None, (None, None)),
    ],
)
def test_money_in_values(value, expected):
    assert money(value) == expected


@pytest.mark.parametrize("value", [None, "", " N/A ", "nan", {}, [], {"unnamed": 1}])
def test_what_says_nothing_is_not_stated(value):
    assert stated(value) is None


def test_a_list_too_long_for_a_cell_is_no_list():
    assert members_of("['" + "a" * 30_000 + "']") == ()


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        (
            "Hourly: $15.00-$35.00 - Intermediate - Est. Time: 1 to 3 months, 10-30 hrs/week - Posted 2 hours ago",
            {"contract_type": "Hourly", "budget_raw": "Hourly: $15.00-$35.00", "experience_level": "Intermediate", "duration": "1 to 3 months", "workload": "10-30 hrs/week", "posted": "2 hours ago"},
        ),
        (
            "Fixed-price - Entry level ($) - Est. Budget: $3,000 - Posted 58 minutes ago",
            {"contract_type": "Fixed-price", "experience_level": "Entry level", "budget_raw": "Est. Budget: $3,000", "posted": "58 minutes ago"},
        ),
        ("Payment unverified   $0 spent   United States", {"client.payment_verified": "Payment unverified", "client.total_spent": "$0 spent", "client.country": "United States"}),
        ("Proposals: 5 to 10  Number of freelancers needed: 3", {"proposals": "5 to 10"}),
        ("We work by the hour in Norway", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_facts_in_lines(line, facts):
    assert facts_of(line) == facts


def test_a_line_of_facts_without_a_title_costs_no_other():
    card = "Hourly - Expert - Posted 1 hour ago"
    result = read("pasted", f"{card}\n{card}\nTide clock\n{card}\nClean it.\n")
    assert [(post.where, post.title, post.description) for post in result.posts] == [
        ("w:3", "Tide clock", "Clean it.")
    ]
    assert [(issue.where, issue.message) for issue in result.issues] == [
        ("w:1", "no title; left out"), ("w:2", "no title; left out"),
    ]  # fmt: skip


# ---- objects ---------------------------------------------------------------------------------------------


def test_lists_of_jobs_are_found_wherever_they_stand_and_others_are_not():
    jobs = [{"title": "a", "url": "u"}]
    document = {
        "similarJobs": [{"title": "x", "url": "y"}],
        "menu": [{"title": "Home"}],
        "pages": [{"edges": [{"node": {"title": "a", "url": "u"}}]}, {"results": jobs}],
    }
    assert job_lists(document) == [[{"node": {"title": "a", "url": "u"}}], jobs]


def test_what_is_about_the_client_fills_no_field_of_the_post():
    body = '[{"title": "a", "url": "u", "client": {"location": {"country": "Peru"}, "title": "x", "hires": 3}, "company": {"name": "N", "url": "no"}}]'
    (post,) = read("objects", body).posts
    assert (post.title, post.url, post.location, post.company) == ("a", "u", None, "N")
    assert post.client == {"country": "Peru", "hires": "3"}


def test_flattening_stops_at_a_depth_and_at_a_number_of_keys():
    deep: dict[str, object] = {"x": 1}
    for _ in range(50):
        deep = {"k": deep}
    assert all(len(path) <= 9 for path in flatten(deep)[0])
    assert len(flatten({f"k{n}": n for n in range(1_000)})[0]) <= 300


@pytest.mark.parametrize(
    "body", ["{}", "[]", "3", '{"menu": [{"title": "Home"}]}', '[{"specialities": "x"}]']
)
def test_json_without_jobs_is_another_shape(body):
    with pytest.raises(SourceError, match="no list of posts in the JSON"):
        read("objects", body)
