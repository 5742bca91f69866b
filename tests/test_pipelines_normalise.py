"""Raw post to clean post. Each fixture is a folder: what a source said, and what it must come to, field by field."""

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import content_hash, post_id
from domain.issues import IssueLevel
from domain.pay import Pay
from domain.posts import Client, ContractType, JobPosting, RawPosting
from pipelines.clients import CLIENT_KEYS
from pipelines.normalise import normalise
from pipelines.text import clean_text

FIXTURES = Path(__file__).parent / "fixtures" / "pipelines"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def load(case, name):
    return json.loads((FIXTURES / case / name).read_text(encoding="utf-8"))


def raw_of(values):
    return RawPosting(**{key: tuple(value) if key == "skills" else value for key, value in values.items()})


def plain(value):
    if isinstance(value, Pay):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def cases():
    for folder in sorted(FIXTURES.iterdir()):
        for field in load(folder.name, "expected.json"):
            yield pytest.param(folder.name, field, id=f"{folder.name}-{field}")


@pytest.mark.parametrize(("case", "field"), list(cases()))
def test_fixture(case, field):
    post, issues = normalise(raw_of(load(case, "raw.json")), now=NOW)
    if field == "issues":
        actual = sorted([issue.level.value, issue.where] for issue in issues)
    elif field.startswith("client."):
        actual = plain(getattr(post.client, field.removeprefix("client.")))
    else:
        actual = plain(getattr(post, field))
    assert actual == load(case, "expected.json")[field]


def raw(**values):
    return RawPosting(source=values.pop("source", "board"), where="board: 1", **values)


def read(**values):
    post, _ = normalise(raw(**values), now=NOW)
    return post


def test_without_title_and_description_there_is_no_post():
    post, issues = normalise(raw(title=" \u200b ", description="<p></p>", budget_raw="$500"), now=NOW)
    assert post is None
    assert [(issue.level, issue.where) for issue in issues] == [(IssueLevel.ERROR, "board: 1")]


def test_every_known_field_reaches_the_post():
    """A field added to the raw post must be read here, or be named as interpreted into another."""
    into_another = {"where", "budget_min", "budget_max", "budget_raw", "currency", "period", "company"}
    names = {field.name for field in fields(RawPosting)}
    assert names - into_another <= {field.name for field in fields(JobPosting)}
    assert {field.name for field in fields(Client)} == CLIENT_KEYS
    text = {
        name: f"value of {name}"
        for name in ("category", "duration", "workload", "location", "experience_level")
    }
    post = read(title="t", **text)
    assert {name: getattr(post, name) for name in text} == text


def test_tags_stand_alone_and_words_count_only_without_them():
    assert read(title="React work", skills=("Vue",)).skills == ("Vue.js",)
    assert read(title="React work", description="with TypeScript").skills == ("React", "TypeScript")


def test_too_many_tags_are_cut_and_reported():
    post, issues = normalise(raw(title="t", skills=tuple(f"skill {n}" for n in range(150))), now=NOW)
    assert len(post.skills) == 100
    assert [issue.where for issue in issues] == ["board: 1: skills"]


def test_a_description_is_read_up_to_its_limit():
    post, issues = normalise(raw(title="t", description="word " * 50_000), now=NOW)
    assert len(post.description) <= 200_000
    assert [issue.level for issue in issues] == [IssueLevel.WARNING]


@pytest.mark.parametrize(
    ("pay", "kind"),
    [
        ("$20/hr", ContractType.HOURLY),
        ("$500", ContractType.FIXED),
        ("$90k per year", ContractType.EMPLOYMENT),
        ("$400/day", None),
    ],
)
def test_pay_says_the_contract_type_where_nothing_else_does(pay, kind):
    assert read(title="t", budget_raw=pay).contract_type is kind
    assert read(title="t", budget_raw=pay, contract_type="contract").contract_type is kind


@pytest.mark.parametrize(
    ("fields_", "expected"),
    [
        ({"source_id": "1898414743112003536"}, "1898414743112003536"),
        ({"source_id": "~01ab34cd56ef78ab90"}, "~01ab34cd56ef78ab90"),
        ({"source_id": "https://www.upwork.com/jobs/x"}, "https://www.upwork.com/jobs/x"),
        ({"url": "https://www.upwork.com/jobs/x_~021898414743112003536/?q=1"}, "~021898414743112003536"),
        ({"url": "https://www.upwork.com/jobs/x%7E01ab34cd56ef78ab90"}, "~01ab34cd56ef78ab90"),
        ({"url": "https://www.upwork.com/nx/search"}, None),
    ],
)
def test_upwork_ids(fields_, expected):
    assert read(source="upwork", title="t", **fields_).source_id == expected


def test_ids_of_other_sources_stay_as_they_are():
    assert read(title="t", source_id="https://board.example/~01ab34cd56ef78ab90").source_id.startswith(
        "https:"
    )


def test_the_time_in_an_upwork_id_stands_in_only_for_a_date_that_is_not_stated():
    numeric = {"source": "upwork", "title": "t", "source_id": "1898414743112003536"}
    assert read(**numeric).date_posted == datetime(2025, 3, 8, 16, 45, 20, 255000, tzinfo=UTC)
    assert read(**numeric, date_posted="2025-03-09T00:00:00Z").date_posted == datetime(2025, 3, 9, tzinfo=UTC)
    assert read(**numeric, date_posted="soon").date_posted is None
    assert read(source="upwork", title="t", source_id="99999999999999999999").date_posted is None
    assert read(title="t", source_id="1898414743112003536").date_posted is None


@pytest.mark.parametrize(
    ("fields_", "expected"),
    [
        ({"proposals_min": "12"}, (12, None)),
        ({"proposals_max": "12"}, (None, 12)),
        ({"proposals_min": "5", "proposals_max": "10"}, (5, 10)),
        ({"proposals_min": "50+"}, (50, None)),
        ({"proposals_max": "less than 5"}, (0, 4)),
        ({}, (None, None)),
    ],
)
def test_proposals(fields_, expected):
    post = read(title="t", **fields_)
    assert (post.proposals_min, post.proposals_max) == expected


def test_no_stars_from_nobody_are_no_rating():
    assert read(title="t", client={"rating": "0.0", "reviews": "0"}).client.rating is None
    assert read(title="t", client={"rating": "0.0", "reviews": "3"}).client.rating == 0


def test_the_same_post_with_other_tracking_is_the_same_content():
    first = read(title="t", url="https://board.example/1?utm_source=a")
    second = read(title="t", url="https://board.example/1?utm_campaign=b&ref=mail#top")
    assert (post_id(first), content_hash(first)) == (post_id(second), content_hash(second))


texts = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.sampled_from(["$20-30/hr", "5 to 10", "2024-05-13", "<p>x</p>", "95%"]),
)
TEXT_FIELDS = sorted(
    field.name
    for field in fields(RawPosting)
    if field.name not in ("source", "where", "title", "skills", "client", "extra")
)


@given(
    st.text(max_size=30),
    st.fixed_dictionaries(dict.fromkeys(TEXT_FIELDS, texts)),
    st.lists(st.text(max_size=10), max_size=5).map(tuple),
    st.dictionaries(st.sampled_from(sorted(CLIENT_KEYS | {"other"})), st.text(max_size=20)),
    st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3),
)
def test_nothing_that_a_source_says_raises_or_escapes_cleaning(title, values, skills, client, extra):
    post, issues = normalise(
        RawPosting(
            source="upwork", where="w", title=title, skills=skills, client=client, extra=extra, **values
        ),
        now=NOW,
    )
    assert all(issue.where.startswith("w") for issue in issues)
    if post is None:
        return
    shown = [post.title, post.description, *post.skills, *post.raw.values(), *post.extra.values()]
    assert all(clean_text(text) == text for text in shown)
    assert post.title
    dates = [date for date in (post.date_posted, post.valid_through, post.client.member_since) if date]
    assert all(date.utcoffset() == timedelta(0) for date in dates)
    content_hash(post)
