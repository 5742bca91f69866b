"""The source types together: real captures by independent counts, damaged bodies, second steps, field maps."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import pytest

from domain.errors import SourceError
from spiders.catalogue import source_types
from spiders.errors import ChangedShapeError
from spiders.follow import LONGEST, follow
from spiders.parsers import parse
from spiders.parsers.hn_hiring import EMPLOYMENT, contract_word, why_not
from spiders.parsers.mapped_html import wrong_selector
from spiders.sandbox import ParserPool
from tests.growth import assert_linear

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"
FEEDS, HN = SHARED / "feeds_remote_2026", SHARED / "hn_hiring"
FIXTURES = Path(__file__).parent / "fixtures" / "spiders"
NEW = [
    "weworkremotely", "jobicy", "arbeitnow", "workingnomads", "hn-hiring", "freelancer", "freelancehunt",
    "adzuna", "json", "html",
]  # fmt: skip
MUTATIONS = 300


def fixture_of(case: str) -> tuple[bytes, dict]:
    (source,) = (FIXTURES / case).glob("input.*")
    return source.read_bytes(), json.loads((FIXTURES / case / "expected.json").read_text(encoding="utf-8"))


# ---- real captures ---------------------------------------------------------------------------------------

needs_feeds = pytest.mark.skipif(not FEEDS.exists(), reason="the captured feeds are not here")
needs_hn = pytest.mark.skipif(not HN.exists(), reason="the captured Hacker News comments are not here")


@needs_feeds
@pytest.mark.parametrize(
    ("name", "items", "key"), [("jobicy", "jobs", "jobTitle"), ("arbeitnow", "data", "title")]
)
def test_captured_answers_are_understood_to_the_last_key(name, items, key):
    body = (FEEDS / f"brete_{name}.json").read_bytes()
    jobs = json.loads(body)[items]
    result = parse(name, body, source=name, where=name)
    assert result.issues == ()
    assert [post.title for post in result.posts] == [job[key] for job in jobs]
    assert all(
        post.url and post.source_id and post.description and post.date_posted and post.company
        for post in result.posts
    )


@needs_feeds
@pytest.mark.parametrize(
    ("name", "items", "fields", "known"),
    [
        (
            "remotejobsorg-jobs",
            "data",
            {"source_id": "id", "title": "title", "url": "url", "company": "company.name",
             "category": "category.name", "description": "description", "date_posted": "posted_at"},
            {"company", "category"},
        ),
        (
            "weworkremotely-jobs",
            "jobs",
            {"source_id": "id", "title": "title", "url": "url", "company": "company", "skills": "tags",
             "category": "category", "description": "description", "date_posted": "postedAt"},
            {"tags"},
        ),
    ],
)  # fmt: skip
def test_any_captured_json_is_read_by_a_field_map(name, items, fields, known):
    body = gzip.decompress((FEEDS / f"{name}.json.gz").read_bytes())
    jobs = json.loads(body)[items]
    result = parse("json", body, source="s", where="w", options={"items": items, **fields})
    assert len(result.posts) == len(jobs) > 100
    for post, job in zip(result.posts, jobs, strict=True):
        assert (post.title, post.url) == (job["title"], job["url"])
        company = job["company"]["name"] if isinstance(job["company"], dict) else job["company"]
        assert post.company == company or not company
        told = {path.partition(".")[0] for path in (*fields.values(), *post.extra)}
        stated = {key for key, value in job.items() if value not in (None, "", [], {})}
        assert stated <= told, "every key that says something is in a field or in extra"


def comments(name: str, text: str) -> list[dict[str, object]]:
    lines = gzip.decompress((HN / name).read_bytes()).decode().strip().split("\n")  # U+2028 may stand inside
    return [
        {
            "objectID": str(item["id"]), "comment_text": item[text], "parent_id": 1, "story_id": 1,
            "story_title": "Ask HN: Who is hiring?", "created_at": "2026-01-02T16:00:00Z",
        }
        for item in map(json.loads, lines) if item.get("source", "who_is_hiring") == "who_is_hiring"
    ]  # fmt: skip


@needs_hn
@pytest.mark.parametrize(
    ("name", "text"), [("hn_2026.jsonl.gz", "text"), ("hn_2013_curated.jsonl.gz", "commentBody")]
)
def test_every_captured_comment_is_a_post_or_counted(name, text):
    hits = comments(name, text)
    body = json.dumps({"hits": hits, "nbHits": len(hits)}).encode()
    result = parse("hn-hiring", body, source="hn", where="w")
    left_out = sum(int(issue.message.split()[0]) for issue in result.issues)
    assert len(result.posts) + left_out == len(hits) > 700
    # An independent reading: no post without the word, and none that says it in a line of keywords is missed.
    word = re.compile(r"contract|freelanc|1099|c2c|corp-to-corp", re.IGNORECASE)
    assert all(word.search(post.description) for post in result.posts)
    kept = {post.source_id for post in result.posts}
    for hit in hits:
        line = re.split(r"<p>", str(hit["comment_text"]))[0]
        if (
            line.count("|") > 1
            and len(line) < 200
            and re.search(r"\| *contract *(\||$)", line, re.IGNORECASE)
        ):
            assert hit["objectID"] in kept, line


@needs_hn
def test_the_first_lines_of_captured_ads_are_taken_apart():
    hits = comments("hn_2026.jsonl.gz", "text")
    posts = parse("hn-hiring", json.dumps({"hits": hits}).encode(), source="hn", where="w").posts
    companies = {post.source_id: post.company for post in posts}
    assert sum(post.company is not None for post in posts) >= 0.7 * len(posts)
    assert (companies["46468406"], companies["47241776"]) == ("Blackbird", "Substantial")


# ---- Hacker News -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("Acme | Engineer | Remote | Contract", True),
        ("Acme | Engineer | Remote | Full-time or Contract-to-hire", True),
        ("Acme — Writer — Remote — Freelance", True),
        ("Acme | Engineer | Remote | W2 or 1099", True),
        ("Acme builds boats.<p>This is a contract role of six months.", True),
        ("Acme builds boats.<p>We are looking for two iOS contractors.", True),
        ("Acme builds boats.<p>Contractors are welcome.", True),
        ("Acme | Smart Contract Engineer | Berlin | Full-time", False),
        ("Acme | Contract Management Lead | Berlin | Full-time", False),
        ("Acme | Engineer | Berlin | Full-time | no contractors", False),
        ("Acme | Engineer | Berlin<p>We sell software to contractors and win contracts.", False),
        ("Acme | Engineer | Berlin<p>Sorry, we do not offer contract positions.", False),
        ("Acme | Engineer | Berlin<p>Contract testing with Pact.", False),
    ],
)
def test_contract_work_is_told_from_contracts(text, offers):
    comment = {"comment_text": text, "parent_id": 1, "story_id": 1, "story_title": "Ask HN: Who is hiring?"}
    assert why_not(comment) == (None if offers else EMPLOYMENT)


def stories(*titles: str) -> bytes:
    hits = [{"objectID": str(100 + number), "title": title} for number, title in enumerate(titles)]
    return json.dumps({"hits": hits}).encode()


def test_the_newest_thread_of_each_kind_is_followed():
    body = stories(
        "Ask HN: Who is hiring? (February 2026)",
        "Ask HN: Who wants to be hired? (March 2026)",
        "Ask HN: Freelancer? Seeking freelancer? (March 2026)",
        "Ask HN: Who is hiring? (March 2026)",
    )
    assert follow("hn-threads", body, "hn") == (
        "search_by_date?tags=comment,(story_103,story_102)&hitsPerPage=1000"
    )
    assert "story_100)" in follow("hn-threads", stories("Ask HN: Who is hiring?"), "hn")


@pytest.mark.parametrize(
    "body", [b"[]", b'{"hits": 3}', stories("Show HN: x"), b'{"hits": [{"objectID": "1/../x", "title": "Who is hiring?"}]}']
)  # fmt: skip
def test_stories_that_lead_nowhere_are_a_changed_shape(body):
    with pytest.raises(ChangedShapeError):
        follow("hn-threads", body, "hn")


def test_a_first_answer_is_read_within_bounds():
    with pytest.raises(SourceError, match="too large"):
        follow("hn-threads", b"[" * (LONGEST + 1), "hn")
    with pytest.raises(SourceError, match="nested"):
        follow("hn-threads", b"[" * LONGEST, "hn")


# ---- field maps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", "1.50"), ("b.c", "x"), ("b.d.e", "deep"), ("tags", "p"), ("list.n", "first"), ("none", ""),
        ("b.none", ""), ("a.b", ""), ("=fixed", "fixed"),
    ],
)  # fmt: skip
def test_paths_of_a_field_map(path, expected):
    item = '{"t": "T", "a": 1.50, "b": {"c": "x", "d": {"e": "deep"}}, "tags": ["p", "q"], "list": [{"n": "first"}, 3]}'
    (post,) = parse(
        "json", f"[{item}]".encode(), source="s", where="w", options={"title": "t", "location": path}
    ).posts
    assert (post.location or "") == expected


def test_what_is_ignored_is_not_reported_and_what_is_not_mapped_is_kept():
    body = b'[{"t": "T", "x": {"y": 1, "z": 2}, "logo": "l", "u": "v", "empty": null}]'
    result = parse("json", body, source="s", where="w", options={"title": "t", "ignore": ["logo", "x"]})
    assert result.posts[0].extra == {"u": "v"}
    assert [issue.message for issue in result.issues] == ["unknown key 'u'; kept in extra"]


def test_a_page_that_says_it_is_empty_is_empty_and_any_other_has_changed():
    options = {"item": "li.job", "title": "h2", "empty": "p.none"}
    assert parse("html", b"<p class=none>Nothing", source="s", where="w", options=options).posts == ()
    with pytest.raises(ChangedShapeError, match=r"nothing on the page matches 'li\.job'"):
        parse("html", b"<p>We moved", source="s", where="w", options=options)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"item": "li", "title": "h2 a@href", "url": "@id", "currency": "=USD [x"}, None),
        ({"item": "li..x", "title": "h2"}, "item: 'li..x' is not a CSS selector"),
        ({"item": "li", "title": "h2 >> a["}, "title: 'h2 >> a[' is not a CSS selector"),
        ({"item": "li", "title": "h2", "empty": "["}, "empty: '[' is not a CSS selector"),
    ],
)
def test_selectors_are_judged_before_anything_is_fetched(options, problem):
    assert wrong_selector(options) == problem


# ---- damaged bodies --------------------------------------------------------------------------------------

_VALUES = [b"null", b"0", b"-1e9", b"[]", b"{}", b'""', b"true", b"[[1]]", b'{"a": {}}', b'"\\ud800"', b"NaN"]


def damaged(body: bytes, dice: random.Random) -> bytes:
    """Return ``body`` with one to four faults: flipped, cut, doubled or swapped parts, other JSON values."""
    for _ in range(dice.randint(1, 4)):
        kind, place = dice.randrange(6), dice.randrange(len(body) or 1)
        size = dice.choice((1, 1, 8, 64, 500))
        if kind == 0:
            body = body[:place] + bytes([dice.randrange(256)]) + body[place + 1 :]
        elif kind == 1:
            body = body[:place] + body[place + size :]
        elif kind == 2:
            body = body[:place] + body[place : place + size] * dice.choice((2, 30)) + body[place + size :]
        elif kind == 3:
            body = body[:place]
        else:
            values = list(re.finditer(rb'(?<=: )("(?:[^"\\]|\\.)*"|[\d.]+|null|true|false)', body))
            if values:
                chosen = dice.choice(values)
                body = body[: chosen.start()] + dice.choice(_VALUES) + body[chosen.end() :]
    return body


@pytest.mark.parametrize("case", NEW)
def test_damaged_bodies_are_posts_or_one_error_of_ours(case):
    body, expected = fixture_of(case)
    dice = random.Random(f"bidwright {case}")
    read = 0
    with ParserPool() as pool:
        for number in range(MUTATIONS):
            bad = damaged(body, dice)
            outcome = pool.parse(
                expected["parser"], bad, source="s", where="w", options=expected.get("options")
            )
            assert (outcome.result is None) is (outcome.error is not None), number
            assert "took longer" not in str(outcome.error), number
            if case != "weworkremotely":  # feedparser raises what it likes
                assert "the parser failed with" not in str(outcome.error), (number, str(outcome.error))
            read += outcome.result is not None and bool(outcome.result.posts)
    assert read > MUTATIONS // 10, "most faults leave something to read"


@pytest.mark.parametrize(
    "unit", ["contract ", "as a ", "looking for a ", "| ", "- ", "<p>", "<", "12 ", "no ", "$1"]
)
def test_long_comments_are_read_in_proportion_to_their_length(unit):
    def read(size):
        comment = {"comment_text": unit * size, "story_title": "who is hiring?"}
        parse("hn-hiring", json.dumps({"hits": [comment]}).encode(), source="s", where="w")

    assert_linear(lambda size: contract_word([unit * size]), 2_500)
    assert_linear(read, 25_000)


# ---- the catalogue against what parsers really give ------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, kind in source_types().items() if not kind.options])
def test_a_type_gives_the_fields_that_its_entry_names(name):
    kind = source_types()[name]
    cases = {folder.name: fixture_of(folder.name)[1] for folder in FIXTURES.iterdir()}
    posts = [
        post
        for case, expected in cases.items()
        if expected["parser"] == kind.parser and not case.startswith("upwork")
        for post in expected["posts"]
    ]
    given = {key for post in posts for key in post} - {"where", "source", "extra"}
    assert given <= set(kind.fields)
    assert name == "rss" or given == set(kind.fields)
