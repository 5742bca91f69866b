"""Naughty strings and broken encodings from the body of a feed to the rows of each kind of database."""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

import codecs
import csv
import io
import json
from functools import cache
from xml.sax.saxutils import escape

import pytest

from bidwright.steps.posts import clean, store_posts
from domain.issues import IssueLevel
from domain.posts import JobPosting
from pipelines.text import clean_text
from spiders.parsers import parse
from tests.fakes import NOW
from tests.hostile import naughty_strings
from tests.postgres import database, postgres, store  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

OWN = [
    "", " ", "\0", "a\0b", "\x01\x02\x1b[31mred\x7f", "\ud800", "\udfff\ud800", "x\ud83d", "\ud83d\ude00",
    "\u202eevil\u202c", "\u2066a\u2069", "zero\u200bwidth\u200d\ufeff", "\u200b", "e\u0301" * 40, "Z" + "\u0316" * 5_000,
    "\ufffe\uffff", "\U0010ffff", "\u2028\u2029\x85", "+ADw-script+AD4-", "ﷺ" * 50, "a" * 5_000, "'\"\\%_;--", "{{7*7}}",
    "=cmd|' /C calc'!A0", "\r\n\r\nX: y", "&#0;", "&#xD800;", "&amp;amp;amp;", "<![CDATA[x]]>", "]]>", "\U000e0041\U000e007f",
]  # fmt: skip
FIELDS = ("title", "description", "company", "skills", "category", "location")


@cache
def strings() -> list[str]:
    """Return the big list and our own; ours alone where the collection is absent."""
    try:
        return [*naughty_strings(), *OWN]
    except pytest.skip.Exception:
        return OWN


def rows() -> list[dict[str, object]]:
    """Return one post for each string in each field, a plain neighbour behind each."""
    made = []
    for number, text in enumerate(strings()):
        for field in FIELDS:
            post = {"id": f"n{number}-{field}", "title": "Plain", "description": "Words.", "company": "Acme"}
            made.append(post | {field: [text] if field == "skills" else text})
        made.append({"id": f"plain-{number}", "title": f"Neighbour {number}", "description": "As it is."})
    return made


def as_jsonl() -> bytes:
    renamed = ({("source_id" if key == "id" else key): value for key, value in row.items()} for row in rows())
    return "\n".join(map(json.dumps, renamed)).encode()


def as_csv() -> bytes:
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, ["id", *FIELDS], quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in rows():
        writer.writerow(row | ({"skills": row["skills"][0]} if "skills" in row else {}))
    return sheet.getvalue().encode("utf-8", "surrogatepass")


def as_feed() -> bytes:
    """Return a feed that says every string as it is: malformed wherever XML forbids a character."""
    items = []
    for row in rows():
        parts = [f"<guid isPermaLink='false'>{row['id']}</guid>"]
        fields = ("title", "description", "company", "location")
        parts += [f"<{field}>{escape(str(row.get(field, '')))}</{field}>" for field in fields]
        parts += [f"<category>{escape(str(name))}</category>" for name in row.get("skills", [])]
        items.append(f"<item>{''.join(parts)}</item>")
    feed = f'<rss version="2.0"><channel><title>F</title>{"".join(items)}</channel></rss>'
    return feed.encode("utf-8", "surrogatepass")


@cache
def cleaned(form: str) -> tuple[tuple[JobPosting, ...], int]:
    """Return the posts that the strings come to in ``form``, and how many items were left out with an issue."""
    body = {"jsonl": as_jsonl, "csv": as_csv, "feed": as_feed}[form]()
    result = parse(form, body, source="s", where="w")
    posts, issues = clean(result.posts, NOW)
    return tuple(posts), sum(issue.level is IssueLevel.ERROR for issue in (*result.issues, *issues))


@pytest.mark.parametrize("form", ["jsonl", "csv", "feed"])
def test_every_string_becomes_a_post_fit_to_store_and_no_neighbour_is_lost(form):
    posts, left_out = cleaned(form)
    # JSON Lines want a title; elsewhere the first words of the description stand in for a blank one.
    wanted = [row for row in rows() if form != "jsonl" or str(row["title"]).strip()]
    assert left_out == len(rows()) - len(wanted)
    assert len(posts) == len(wanted)
    assert [post.source_id for post in posts] == [row["id"] for row in wanted]
    neighbours = [post for post in posts if post.source_id.startswith("plain-")]
    assert [post.title for post in neighbours] == [f"Neighbour {n}" for n in range(len(strings()))]
    for post in posts:
        texts = (post.title, post.description, post.client.name or "", *post.skills, *post.raw.values())
        for text in (*texts, *post.extra.values(), post.category or "", post.location or ""):
            text.encode("utf-8")
            assert clean_text(text) == text, (post.source_id, text)


@pytest.mark.parametrize("form", ["jsonl", "csv", "feed"])
def test_the_same_rows_come_back_from_every_kind_of_database(store, form):
    posts, _ = cleaned(form)
    store.run_write(lambda tx: store_posts(tx, posts, NOW))
    with store.read() as tx:
        kept = {stored.post.source_id: stored.post for stored in tx.posts.all()}
    assert kept == {post.source_id: post for post in posts}
    again = store.run_write(lambda tx: store_posts(tx, posts, NOW))
    assert (again.inserts, again.updates) == ((), ())


# ---- encodings -------------------------------------------------------------------------------------------

WORDS = {
    "utf-8": "Zażółć – 数据库 🚀", "utf-8-sig": "Zażółć", "utf-16": "Zażółć 🚀", "utf-16-le": "Zażółć", "utf-16-be": "Zażółć",
    "utf-32": "Zażółć 🚀", "iso-8859-1": "café £", "iso-8859-2": "Zażółć", "iso-8859-5": "Работа", "iso-8859-7": "Εργασία",
    "iso-8859-9": "İş", "iso-8859-15": "café €", "windows-1250": "Zażółć", "windows-1251": "Работа", "windows-1252": "café €",
    "koi8-r": "Работа", "gb2312": "数据库", "gb18030": "数据库 🚀", "big5": "資料庫", "shift_jis": "仕事", "euc-jp": "仕事", "euc-kr": "직업",
    "cp037": "cafe", "mac-roman": "café", "us-ascii": "cafe", "utf-7": "Zażółć",
}  # fmt: skip


def feed_in(encoding: str, text: str, *, said: str | None = None) -> bytes:
    feed = f'<?xml version="1.0" encoding="{said or encoding}"?>\n<rss version="2.0"><channel>'
    feed += f"<item><title>Neighbour</title></item><item><title>{text}</title></item></channel></rss>"
    return feed.encode(encoding)


@pytest.mark.parametrize("encoding", WORDS)
def test_a_feed_is_read_in_the_encoding_it_names(encoding):
    posts, _ = clean(parse("feed", feed_in(encoding, WORDS[encoding]), source="s", where="w").posts, NOW)
    assert [post.title for post in posts] == ["Neighbour", WORDS[encoding]]


LIES = {
    "says utf-8, is windows-1252": feed_in("windows-1252", "café", said="utf-8"),
    "says iso-8859-1, is utf-8": feed_in("utf-8", "café", said="iso-8859-1"),
    "says utf-16, is utf-8": feed_in("utf-8", "café", said="utf-16"),
    "says nothing that exists": feed_in("utf-8", "café", said="klingon-1"),
    "the mark of utf-8 before windows-1252": codecs.BOM_UTF8 + feed_in("windows-1252", "café", said="utf-8"),
    "the mark of utf-16 before utf-8": codecs.BOM_UTF16_LE + feed_in("utf-8", "café"),
    "the mark of utf-16, turned": codecs.BOM_UTF16_BE + feed_in("utf-16-le", "café", said="utf-16"),
    "half a character at the end": feed_in("utf-16-le", "café")[:-1],
    "surrogates in utf-8": feed_in("utf-8", "caf\x01").replace(b"\x01", b"\xed\xa0\x80"),
    "zero bytes": feed_in("utf-8", "ca\x01f").replace(b"\x01", b"\0"),
    "overlong": feed_in("utf-8", "caf\x01").replace(b"\x01", b"\xc0\xaf"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_feed_that_lies_about_its_encoding_gives_posts_fit_to_store(store, lie):
    result = parse("feed", LIES[lie], source="s", where="w")
    posts, _ = clean(result.posts, NOW)
    plan = store.run_write(lambda tx: store_posts(tx, posts, NOW))
    neighbour, post = (stored.post.title for stored in plan.inserts)
    assert neighbour == "Neighbour"
    assert post.startswith("ca")
