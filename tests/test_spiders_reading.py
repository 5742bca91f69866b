"""From bodies and files to posts: fetched sources, imported files, the catalogue, decompression, sniffing."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigError, InputError, SourceError
from domain.issues import IssueLevel
from domain.sources import Source, SourceState, Terms
from spiders.catalogue import source_type, source_types
from spiders.decode import gunzip, inflate
from spiders.errors import TooLargeError
from spiders.fetching import FetchResult
from spiders.follow import FOLLOW_UPS
from spiders.importing import read_file
from spiders.limits import FileLimits
from spiders.parsers import MAPPED, PARSERS
from spiders.parsers.walls import looks_like_login
from spiders.pieces import are_lines, pieces
from spiders.read import read_source
from spiders.sandbox import ParserPool
from spiders.sniff import PARSER_OF, kind_of


def packed_alike(body: bytes) -> bytes:
    """Pack ``body`` without the time, which would be in the names of tests and differ between workers."""
    return gzip.compress(body, mtime=0)


FIXTURES = Path(__file__).parent / "fixtures" / "spiders"
FEED = b'<rss version="2.0"><channel><title>T</title><item><title>A</title><link>/a</link></item></channel></rss>'
LOGIN = b'<!DOCTYPE html><html><body><form><input name="p" type="password"></form></body></html>'


@pytest.fixture(scope="module")
def pool():
    with ParserPool() as shared:
        yield shared


# ---- fetched sources -------------------------------------------------------------------------------------


def read(pool, tmp_path, body: bytes, kind: str = "rss", **fields: object):
    path = tmp_path / "0000.body"
    path.write_bytes(body)
    fetch = FetchResult(
        name="board", state=SourceState.OK, body_path=path, final_url="https://board.example/f/rss"
    )
    source = Source(
        name="board", type=kind, url="https://board.example/rss", every=timedelta(hours=1),
        terms=Terms(min_interval=timedelta(hours=1)),
    )  # fmt: skip
    return read_source(replace(fetch, **fields), source, pool)


@pytest.mark.parametrize(
    ("body", "kind", "state", "words"),
    [
        (FEED, "rss", SourceState.OK, ""),
        (packed_alike(FEED), "rss", SourceState.OK, ""),
        (FEED.replace(b"<item>", b"<x>").replace(b"</item>", b"</x>"), "rss", SourceState.EMPTY, ""),
        (b"", "rss", SourceState.EMPTY, "the answer was empty"),
        (b" \n", "remotive", SourceState.EMPTY, "the answer was empty"),
        (b'{"jobs": []}', "remotive", SourceState.EMPTY, ""),
        (LOGIN, "rss", SourceState.LOGIN_PAGE, "asks for a login"),
        (
            b"<html><title>Just a moment...</title></html>",
            "remoteok",
            SourceState.LOGIN_PAGE,
            "asks for a login",
        ),
        (b"<!-- x --><html><body>We moved</body></html>", "rss", SourceState.CHANGED_SHAPE, "a web page"),
        (b'{"items": []}', "rss", SourceState.CHANGED_SHAPE, "no RSS, Atom or RDF feed"),
        (b'{"error": "moved"}', "himalayas", SourceState.CHANGED_SHAPE, '"jobs" was expected'),
        (FEED, "jsonfeed", SourceState.ERROR, "not valid JSON at line 1"),
        (packed_alike(FEED)[:-4], "rss", SourceState.ERROR, "ends early"),
        (packed_alike(bytes(16_000_000)), "rss", SourceState.ERROR, "too large"),
        (bytes(15_000_001), "rss", SourceState.ERROR, "too large"),
    ],
)
def test_state_of_a_body(pool, tmp_path, *, body, kind, state, words):
    found = read(pool, tmp_path, body, kind)
    assert (found.state, words in found.detail) == (state, True), found.detail
    assert bool(found.posts) is (state is SourceState.OK)


def test_links_are_whole_and_posts_carry_their_source(pool, tmp_path):
    (post,) = read(pool, tmp_path, FEED).posts
    assert (post.url, post.source, post.where) == ("https://board.example/a", "board", "board item 1")


@pytest.mark.parametrize("link", ["https://other.example/a", "http://[::1", "mailto:a@b.example"])
def test_other_links_are_left_as_they_are(pool, tmp_path, link):
    (post,) = read(pool, tmp_path, FEED.replace(b"/a<", link.encode() + b"<")).posts
    assert post.url == link


def test_a_fetch_without_a_body_keeps_its_state(pool, tmp_path):
    found = read(pool, tmp_path, b"", state=SourceState.LOGIN_PAGE, detail="why", body_path=None)
    assert (found.state, found.detail) == (SourceState.LOGIN_PAGE, "why")


def test_a_body_that_went_missing_is_an_error(pool, tmp_path):
    found = read(pool, tmp_path, b"", body_path=tmp_path / "gone")
    assert found.state is SourceState.ERROR


# ---- imported files --------------------------------------------------------------------------------------

KINDS = {
    "rss-board": "rss",
    "rss-malformed": "rss",
    "atom": "atom",
    "rdf": "rdf",
    "upwork-rss": "rss",
    "upwork-json": "upwork-json",
    "jsonfeed": "jsonfeed",
    "remotive": "remotive",
    "remoteok": "remoteok",
    "himalayas": "himalayas",
    "weworkremotely": "weworkremotely",
    "jobicy": "jobicy",
    "arbeitnow": "arbeitnow",
    "workingnomads": "workingnomads",
    "hn-hiring": "hn-hiring",
    "freelancer": "freelancer",
    "freelancehunt": "freelancehunt",
    "adzuna": "adzuna",
    "jsonl": "jsonl",
    "jsonl-array": "jsonl",
    "csv": "csv",
    "csv-german": "csv",
    "objects": "objects",
    "objects-lines": "objects",
    "upwork-graphql": "upwork-graphql",
    "upwork-graphql-job": "upwork-graphql",
    "freelancer-api": "freelancer-api",
    "page-upwork-search": "html",
    "page-upwork-job": "html",
    "page-freelancer-search": "html",
    "page-freelancer-project": "html",
    "page-jsonld": "html",
    "mail-upwork": "eml",
    "mail-linkedin": "eml",
    "mail-freelancer-plain": "eml",
    "mbox": "mbox",
    "mhtml": "mhtml",
    "upwork-text": "upwork-text",
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("case", KINDS)
def test_the_content_says_what_a_file_is(pool, tmp_path, case, packed):
    (source,) = (FIXTURES / case).glob("input.*")
    body = source.read_bytes()
    path = tmp_path / "misleading.txt"
    path.write_bytes(packed_alike(body) if packed else body)
    found = read_file(path, name="misleading.txt", pool=pool)
    expected = json.loads((FIXTURES / case / "expected.json").read_text(encoding="utf-8"))
    assert (found.kind, found.outcome) == (KINDS[case], "ok")
    assert [post.title for post in found.posts] == [post.get("title", "") for post in expected["posts"]]


def test_every_kind_is_tried():
    assert set(KINDS.values()) == set(PARSER_OF)
    assert set(PARSER_OF.values()) == set(PARSERS)


@pytest.mark.parametrize(
    ("case", "sources"),
    [
        ("upwork-rss", ["upwork", "upwork", "upwork", "notupwork.com"]),
        ("upwork-json", ["upwork"]),
        ("remotive", ["remotive"]),
        ("rss-board", ["pinewood.example", "import", "import"]),
        ("jsonl", ["upwork", "import", "import"]),
    ],
)
def test_posts_are_named_after_where_they_are_from(pool, case, sources):
    (source,) = (FIXTURES / case).glob("input.*")
    assert [post.source for post in read_file(source, name="f", pool=pool).posts] == sources


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.7 \x03\x04", "not understood. What is: JSON Lines"),
        (b"a,b\n1,2\n", "no column for titles; choose one with --columns title=…; the columns are 'a', 'b'"),
        (LOGIN, "a login page was saved, not the posts"),
        (b"<html><body><p>We moved</p></body></html>", "the page holds no job posts that can be read"),
        (b"<svg></svg>", "not understood"),
        (b'{"a": 1}', "not understood"),
        (b"[1, 2]", "not understood"),
        (b'{"title": "torn', "not valid JSON at line 1"),
        (b"[" * 100_000, "nested too deeply"),
        (packed_alike(FEED)[:-4], "ends early"),
        (b"\x1f\x8bjunk", "damaged"),
        (packed_alike(FEED) + b"tail", "followed by something else"),
        (packed_alike(bytes(70_000_000)), "too large: more than 67108864 bytes"),
        (b'{"url": "x"}\n{"url": "y"}', "no title; left out"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_error(pool, body, words):
    found = read_file(body, name="f", pool=pool)
    assert (found.outcome, found.posts) == ("error", ())
    assert words in found.issues[0].message
    assert all(issue.level is IssueLevel.ERROR and "\n" not in issue.message for issue in found.issues)


@pytest.mark.parametrize(
    "body", [b"", b"\n \n", packed_alike(b""), FEED.split(b"<item>")[0] + b"</channel></rss>"]
)
def test_a_file_without_posts_is_empty(pool, body):
    found = read_file(body, name="f", pool=pool)
    assert (found.outcome, found.posts) == ("empty", ())


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_path_that_cannot_be_read(pool, tmp_path, name):
    found = read_file(tmp_path / name, name=name, pool=pool)
    assert found.outcome == "error"
    assert found.issues[0].message.startswith("cannot be read (")


def test_two_gzips_deep_is_read_and_no_deeper(pool):
    assert read_file(packed_alike(packed_alike(FEED)), name="f", pool=pool).outcome == "ok"
    assert read_file(packed_alike(packed_alike(packed_alike(FEED))), name="f", pool=pool).outcome == "error"


def test_a_large_file_of_lines_is_read_in_pieces(pool):
    lines = [
        json.dumps({"title": f"post {number}", "description": "d" * 900, "odd": number})
        for number in range(6_000)
    ]
    lines[4_321] = "{torn"
    found = read_file("\n".join(lines).encode(), name="big", pool=pool)
    assert (found.kind, found.outcome, len(found.posts)) == ("jsonl", "ok", 5_999)
    assert [post.title for post in found.posts] == [f"post {n}" for n in range(6_000) if n != 4_321]
    assert found.posts[-1].where == "big:6000"
    assert [(issue.where, issue.message.partition(";")[0]) for issue in found.issues] == [
        ("big:1", "unknown key 'odd'"),
        ("big:4322", "not valid JSON at column 2: Expecting property name enclosed in double quotes"),
    ]


@given(
    st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=40),
    st.integers(min_value=10, max_value=60),
)
def test_pieces_lose_and_repeat_nothing(lines, size):
    body = b'{"title": 1}\n' + b"\n".join(lines)
    parts = pieces(body, FileLimits(decoded_bytes=10**6, chunk_bytes=size))
    assert b"".join(part.body for part in parts) == body
    counted = 1
    for part in parts:
        assert part.first_line == counted
        counted += part.body.count(b"\n")
        assert part.body.endswith(b"\n") or part is parts[-1]


def test_a_pretty_printed_document_is_not_lines():
    assert not are_lines(b'{\n  "jobs": [\n    {"title": "a"},\n  ]\n}\n')
    assert are_lines(b'garbage\n{"title": "a"}\n')


# ---- decompression ---------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=4), st.integers(min_value=0, max_value=100))
def test_gunzip_gives_what_was_packed_or_says_why_not(members, spare):
    packed = b"".join(packed_alike(member) for member in members)
    whole = b"".join(members)
    assert gunzip(packed, limit=len(whole) + spare, where="f") == whole
    if whole:
        with pytest.raises(TooLargeError):
            gunzip(packed, limit=len(whole) - 1, where="f")


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_torn_stream_is_never_taken_for_a_whole_one(content, data):
    packed = packed_alike(content)
    cut = data.draw(st.integers(min_value=2, max_value=len(packed) - 1))
    with pytest.raises(InputError):
        gunzip(packed[:cut], limit=10_000, where="f")


@given(st.binary(max_size=300))
def test_both_forms_of_deflate(content):
    bare = zlib.compressobj(wbits=-15)
    assert inflate(zlib.compress(content), limit=300, where="f") == content
    assert inflate(bare.compress(content) + bare.flush(), limit=300, where="f") == content


# ---- sniffing and catalogue ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'\xef\xbb\xbf<?xml version="1.0"?><!-- c --><rss>', "rss"),
        ('<?xml version="1.0"?><feed>'.encode("utf-16"), "atom"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss>', "rss"),
        (b'<?xml version="1.0"?><rdf:RDF>', "rdf"),
        (b"<torn <item><title>x</title>", "rss"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "html"),
        (b"<p>hello</p>", "html"),
        (b"<svg></svg>", None),
        (b"Job Title,Link\n", "csv"),
        (b"a;b\n1;2\n", "csv"),
        (b"first line of a letter\nand its second", None),
        (b'{"data": {"jobs": [{"jobTitle": "x", "jobUrl": "y"}]}}', "objects"),
        (b'[{"title": "x", "jobUrl": "y"}]', "objects"),
        (b'{"title": "x", "budget": "1", "link": "y"}\n{"title": "z"}', "objects"),
        (b'{"title": "x", "budget": "1"}\n{"title": "z"}', "jsonl"),
        (b'[{"position": "x", "epoch": 1}]', "remoteok"),
        (b'[{"position": "x", "url": "y"}]', "objects"),
        (b"From: a@b.example\nSubject: x\n\nhi", "eml"),
        (b"From a@b.example Thu Mar  5 08:00:00 2026\nSubject: x\n\nhi", "mbox"),
        (b"From: home to work\nit is far", None),
        (b"plain words", None),
        (b'oops\n{"title": "x"}', "jsonl"),
        (b'[{"title": "x"}]', "jsonl"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": []}', "jsonfeed"),
        (b'{"jobs": [{"company_name": "x", "publication_date": "y"}]}', "remotive"),
        (b'{"jobs": [{"company_name": "x"}]}', None),
        (b'{"jobs": 4}', None),
    ],
)
def test_kind(body, kind):
    assert kind_of(body) == kind


def test_what_starts_like_json_and_is_not_is_an_error():
    with pytest.raises(SourceError):
        kind_of(b"{torn")


@given(st.binary(max_size=200))
def test_sniffing_raises_nothing_foreign(body):
    try:
        assert kind_of(body) in {*PARSER_OF, "html", None}
    except SourceError:
        assert body.strip()


def test_a_page_without_a_login_is_no_login():
    assert not looks_like_login(b"<html><input type='text'></html>")


def test_source_types():
    assert set(source_types()) == {
        "rss", "jsonfeed", "json", "html", "remotive", "remoteok", "himalayas", "weworkremotely", "jobicy",
        "arbeitnow", "workingnomads", "hn-hiring", "freelancer", "freelancehunt", "adzuna",
    }  # fmt: skip
    assert {kind.parser for kind in source_types().values()} <= {*PARSERS, *MAPPED}
    assert {kind.follow for kind in source_types().values()} == {None, *FOLLOW_UPS}
    remotive = source_type("remotive")
    assert remotive.url == "https://remotive.com/api/remote-jobs"
    assert remotive.terms == Terms(
        min_interval=timedelta(hours=6), attribution="Remotive, https://remotive.com"
    )
    assert source_type("rss").url is None


@pytest.mark.parametrize(
    ("name", "near"), [("rrs", "'rss'"), ("RemoteOK", "'remoteok'"), ("jsonfed", "'jsonfeed'")]
)
def test_an_unknown_type_names_the_nearest(name, near):
    with pytest.raises(ConfigError) as caught:
        source_type(name)
    assert f"Did you mean {near}?" in str(caught.value)


def test_a_type_like_no_other_names_them_all():
    with pytest.raises(ConfigError, match="Known types: adzuna, arbeitnow, .*, workingnomads"):
        source_type("zzzz")
