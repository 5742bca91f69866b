"""Every parser against written inputs: one test a post, its fields compared by name, and one for the issues."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SourceError
from domain.issues import IssueLevel
from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.limits import field_limits
from spiders.parsers import MAPPED, PARSERS, parse
from spiders.parsers.breaks import without_ending_breaks
from spiders.parsers.jsontext import as_text, loads
from spiders.parsers.upwork_rss import is_upwork

FIXTURES = Path(__file__).parent / "fixtures" / "spiders"
CASES = {
    folder.name: json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for folder in sorted(FIXTURES.iterdir())
}


def result_of(case: str):
    (source,) = (FIXTURES / case).glob("input.*")
    expected = CASES[case]
    return parse(
        expected["parser"], source.read_bytes(), source="board", where="w", options=expected.get("options")
    )


def stated(post: RawPosting) -> dict[str, object]:
    """What a post states, by field: nothing that is None or empty, and no source but an unusual one."""
    values = {field.name: getattr(post, field.name) for field in fields(post)}
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    if values["source"] == "board":
        del values["source"]
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


@pytest.mark.parametrize(
    ("case", "number"),
    [(case, number) for case, expected in CASES.items() for number in range(len(expected["posts"]))],
)
def test_post(case, number):
    assert stated(result_of(case).posts[number]) == CASES[case]["posts"][number]


@pytest.mark.parametrize("case", CASES)
def test_nothing_more_than_the_posts(case):
    result = result_of(case)
    assert len(result.posts) == len(CASES[case]["posts"])
    assert result.feed_title == CASES[case]["feed_title"]


@pytest.mark.parametrize("case", CASES)
def test_issues(case):
    found = [[str(issue.level.value), issue.where, issue.message] for issue in result_of(case).issues]
    assert found == CASES[case]["issues"]


def test_every_parser_has_a_case():
    assert {expected["parser"] for expected in CASES.values()} == {*PARSERS, *MAPPED}


@pytest.mark.parametrize(
    ("parser", "body"),
    [
        ("feed", b"<html><body>hello</body></html>"),
        ("feed", b"/etc/passwd"),
        ("jsonfeed", b"[]"),
        ("jsonfeed", b'{"items": 5}'),
        ("remotive", b'{"jobs": {}}'),
        ("remotive", b"null"),
        ("himalayas", b'{"message": "moved"}'),
        ("remoteok", b'{"jobs": []}'),
        ("upwork-json", b'{"rss": null}'),
        ("upwork-json", b"3"),
    ],
)
def test_another_shape_is_said_to_be_one(parser, body):
    with pytest.raises(ChangedShapeError):
        parse(parser, body, source="s", where="w")


@pytest.mark.parametrize("parser", ["jsonfeed", "remotive", "remoteok", "himalayas", "upwork-json"])
@pytest.mark.parametrize("body", [b'{"jobs": [', b"", b"[" * 100_000])
def test_bad_json_is_one_error_of_ours(parser, body):
    with pytest.raises(SourceError) as caught:
        parse(parser, body, source="s", where="board")
    assert str(caught.value).startswith("board: ")
    assert "\n" not in str(caught.value)


def test_a_feed_of_another_major_version_is_read_and_reported():
    body = b'{"version": "9", "items": [{"id": "1", "title": "A"}]}'
    result = parse("jsonfeed", body, source="s", where="w")
    assert [post.title for post in result.posts] == ["A"]
    assert [issue.message for issue in result.issues] == ["version '9' is not JSON Feed 1"]


def test_items_that_are_not_objects_cost_nothing_else():
    body = b'{"rss": {"channel": {"title": {"#text": "T"}, "item": [null, {"title": "A", "link": "https://x.example"}]}}}'
    result = parse("upwork-json", body, source="s", where="w")
    assert [post.title for post in result.posts] == ["A"]
    assert result.feed_title == "T"
    assert [issue.where for issue in result.issues] == ["w item 1"]


def test_an_empty_channel_is_no_error():
    assert parse("upwork-json", b'{"rss": {"channel": {}}}', source="s", where="w").posts == ()


# ---- bounds on fields ------------------------------------------------------------------------------------


def test_long_fields_are_cut_and_reported():
    limits = field_limits()
    item = {
        "title": "t" * 600,
        "description": "d" * (limits.description + 1),
        "budget_raw": "9" * 20_000,
        "date_posted": "x" * 65,
        "url": "https://x.example/" + "u" * 3_000,
        "source_id": "i" * 3_000,
        "skills": ["s" * 600] * 3 + [f"skill {number}" for number in range(300)],
        "huge": "e" * 5_000,
    }
    result = parse("jsonl", json.dumps(item).encode(), source="s", where="w")
    (post,) = result.posts
    assert (len(post.title), len(post.description or ""), len(post.budget_raw or "")) == (512, 200_000, 128)
    assert len(post.date_posted or "") == 64
    assert (post.url, post.source_id) == (None, None)
    assert len(post.skills) == limits.list_items
    assert len(post.skills[0]) == 512
    assert len(post.extra["huge"]) == 2_000
    assert {issue.message.partition(" ")[0] for issue in result.issues if issue.where == "w:1"} >= {
        "title", "description", "budget_raw", "date_posted", "url", "source_id", "skills", "extra",
    }  # fmt: skip


def test_fields_within_bounds_are_left_alone():
    result = parse("jsonl", b'{"title": "x", "description": "y"}', source="s", where="w")
    assert result.issues == ()


# ---- JSON Lines ------------------------------------------------------------------------------------------


@given(
    st.dictionaries(
        st.sampled_from(["budget_min", "budget_max", "connects"]),
        st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=0, max_value=10**20),
        min_size=1,
    )
)
def test_numbers_keep_the_digits_they_were_written_with(values):
    line = '{"title": "x", ' + ", ".join(f'"{key}": {value}' for key, value in values.items()) + "}"
    (post,) = parse("jsonl", line.encode(), source="s", where="w").posts
    assert {key: getattr(post, key) for key in values} == {key: str(value) for key, value in values.items()}


@given(
    st.lists(
        st.sampled_from(['{"title": "good"}', "{bad", "", "[1]", '{"url": "x"}', "\ufffd", "1", '"s"']),
        max_size=12,
    )
)
def test_every_line_ends_as_a_post_or_an_error(lines):
    result = parse("jsonl", "\n".join(lines).encode(), source="s", where="w")
    errors = [issue for issue in result.issues if issue.level is IssueLevel.ERROR]
    assert len(result.posts) == lines.count('{"title": "good"}')
    assert len(result.posts) + len(errors) == sum(1 for line in lines if line.strip())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_of_json(encoding):
    body = '{"title": "Ação – ¥1,200"}\n{"title": "b"}'.encode(encoding)
    result = parse("jsonl", body, source="s", where="w")
    assert [post.title for post in result.posts] == ["Ação – ¥1,200", "b"]
    assert result.issues == ()


def test_bytes_that_are_no_text_are_replaced_and_reported():
    result = parse("jsonl", b'{"title": "caf\xe9"}', source="s", where="w")
    assert [post.title for post in result.posts] == ["caf\ufffd"]
    assert [issue.where for issue in result.issues] == ["w"]


def test_a_line_nested_too_deeply_costs_only_itself():
    result = parse("jsonl", b'{"title": "a"}\n' + b"[" * 100_000 + b'\n{"title": "b"}', source="s", where="w")
    assert [post.title for post in result.posts] == ["a", "b"]
    assert [issue.message for issue in result.issues] == ["JSON nested too deeply to read; left out"]


def test_upwork_facts_without_a_date_are_still_facts():
    body = (
        b'{"rss": {"channel": {"item": {"title": "A", "link": "https://www.upwork.com/jobs/a",'
        b' "description": "Text<br /><b>Budget</b>: negotiable<br /><b>Country</b>: Peru"}}}}'
    )
    (post,) = parse("upwork-json", body, source="s", where="w").posts
    assert (post.description, post.client, post.budget_raw) == ("Text", {"country": "Peru"}, "negotiable")
    assert (post.budget_min, post.budget_max) == (None, None)


def test_an_upwork_item_without_facts_is_kept_as_it_is():
    body = (
        b'{"rss": {"channel": {"item": {"title": "A", "link": "https://www.upwork.com/jobs/a",'
        b' "description": "Only text"}}}}'
    )
    (post,) = parse("upwork-json", body, source="s", where="w").posts
    assert (post.description, post.client) == ("Only text", {})


def test_a_line_separator_inside_a_string_is_not_the_end_of_a_line():
    result = parse("jsonl", '{"title": "a\u2028b"}\r\n{"title": "c"}'.encode(), source="s", where="w")
    assert [post.title for post in result.posts] == ["a\u2028b", "c"]


def test_a_lone_surrogate_is_kept_for_the_cleaner():
    (post,) = parse("jsonl", rb'{"title": "a\ud800b"}', source="s", where="w").posts
    assert post.title == "a\ud800b"


def test_a_piece_of_a_file_counts_from_its_own_first_line():
    result = parse("jsonl", b'{"title": "x"}\n{bad', source="s", where="posts.jsonl", first_line=101)
    assert result.posts[0].where == "posts.jsonl:101"
    assert result.issues[0].where == "posts.jsonl:102"


# ---- small parts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.upwork.com/jobs/x", True),
        ("https://UPWORK.com./jobs", True),
        ("https://notupwork.com/", False),
        ("https://upwork.com.evil.example/", False),
        ("https://[::1/", False),
        (None, False),
    ],
)
def test_which_links_lead_to_upwork(url, expected):
    assert is_upwork(url) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a<br />\n<br/> <br>\n", "a"), ("<br>", ""), ("", ""), ("a<b>", "a<b>"), ("a<br />b  ", "a<br />b")],
)
def test_breaks_at_the_end(text, expected):
    assert without_ending_breaks(text) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(json_values, min_size=1) | st.dictionaries(st.text(), json_values, min_size=1))
def test_nested_json_is_kept_as_json(value):
    assert json.loads(as_text(loads(json.dumps(value)))) == value
