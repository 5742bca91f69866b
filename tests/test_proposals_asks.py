"""What a post asks: each folder under fixtures holds a post written by hand and what it asks."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proposals.asks import Ask, Asks, read_asks
from proposals.markers import Place
from tests.growth import assert_linear

CASES = sorted((Path(__file__).parent / "fixtures" / "proposals" / "asks").iterdir())


def _case(folder: Path) -> tuple[Asks, dict[str, object]]:
    asks = read_asks((folder / "post.txt").read_text(encoding="utf-8"))
    return asks, tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_opener(folder: Path) -> None:
    asks, expected = _case(folder)
    assert (asks.opener.what if asks.opener else "") == expected["opener"]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_literals_wanted_and_unwanted(folder: Path) -> None:
    asks, expected = _case(folder)
    assert [ask.what for ask in asks.include] == expected["include"]
    assert [ask.what for ask in asks.forbidden] == expected["forbidden"]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_orders_to_programs_are_shown_and_followed_nowhere(folder: Path) -> None:
    asks, expected = _case(folder)
    assert len(asks.for_language_models) == expected["for_language_models"]
    shown = {ask.sentence for ask in asks.for_language_models}
    followed = [ask for ask in (asks.opener, *asks.include, *asks.questions) if ask]
    assert not shown & {ask.sentence for ask in followed}


@pytest.mark.parametrize("folder", [case for case in CASES if "question" in case.name], ids=lambda f: f.name)
def test_questions(folder: Path) -> None:
    asks, expected = _case(folder)
    assert [ask.what for ask in asks.questions] == expected["questions"]


@pytest.mark.parametrize(
    "folder", [case for case in CASES if "attachments" in case.name], ids=lambda f: f.name
)
def test_attachments(folder: Path) -> None:
    asks, expected = _case(folder)
    kinds = {ask.what for ask in asks.attachments}
    assert set(expected["attachments"]) <= kinds
    assert bool(kinds) == bool(expected["attachments"])


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_finding_carries_a_sentence_of_the_post(folder: Path) -> None:
    asks, _ = _case(folder)
    text = " ".join((folder / "post.txt").read_text(encoding="utf-8").split())
    every = (asks.opener, *asks.include, *asks.forbidden, *asks.questions, *asks.attachments)
    for ask in (*filter(None, every), *asks.for_language_models):
        assert ask.sentence in text


def test_a_post_that_asks_nothing() -> None:
    assert read_asks("We need a shop for lamps. Budget is fixed.") == Asks()
    assert not read_asks("")


def test_a_second_opener_becomes_a_literal_to_include() -> None:
    asks = read_asks('Start your proposal with "ash". Later: start your application with "elm".')
    assert asks.opener == Ask(what="ash", sentence='Start your proposal with "ash".', place=Place.START)
    assert [ask.what for ask in asks.include] == ["elm"]


def test_the_same_literal_twice_is_asked_once() -> None:
    asks = read_asks(
        'Include the word "yew" in your proposal. Again: include the word "Yew" in your application.'
    )
    assert [ask.what for ask in asks.include] == ["yew"]


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    late = "lamp " * 6_000 + '\nStart your proposal with "late".'
    assert read_asks(late).opener is None


@pytest.mark.parametrize(
    "unit",
    [
        "start your proposal with ",
        'include the word "',
        "if you are ",
        "a",
        "please ",
        "'",
        "the the the ",
        "\n- x?",
    ],
    ids=["orders", "quotes", "ifs", "letters", "please", "apostrophes", "articles", "items"],
)
def test_reading_takes_time_in_proportion_to_the_text(unit: str) -> None:
    assert_linear(lambda size: read_asks(unit * (size // len(unit)) + "word?"), 2_500)


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_read_and_read_the_same_again(text: str) -> None:
    assert read_asks(text) == read_asks(text)


@given(
    st.sampled_from(["maple", "Blue Heron", "X9Z", "I read it all"]),
    st.sampled_from(["proposal", "application", "cover letter", "bid"]),
)
def test_a_quoted_opener_is_found_for_every_name_of_a_proposal(word: str, target: str) -> None:
    asks = read_asks(f'We sell lamps. Please start your {target} with "{word}" so we know you read this.')
    assert asks.opener is not None
    assert asks.opener.what == word


DATA = Path(__file__).parents[1] / ".." / "shared" / "data" / "derived_reply_instructions" / "posts.jsonl.gz"


@pytest.mark.skipif(not DATA.is_file(), reason="the collection of real posts is not beside the repository")
def test_real_posts_with_a_marker_are_nearly_all_read() -> None:
    # 56 candidates of which about 5 in 6 carry a marker; a plain reading by hand found 46.
    posts = [json.loads(line) for line in gzip.decompress(DATA.read_bytes()).splitlines()]
    texts = [re.sub(r"<br\s*/?>", "\n", unescape(unescape(post["description"]))) for post in posts]
    every = [read_asks(text) for text in texts]
    marked = [asks for asks in every if asks.opener or asks.include]
    assert len(posts) == 56
    assert 42 <= len(marked) <= 47
    assert sum(bool(asks.for_language_models) for asks in every) >= 3
