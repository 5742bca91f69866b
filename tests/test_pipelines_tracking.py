"""Marks that tell a sender who read a post are taken out, and said to have been."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from domain.posts import RawPosting
from pipelines.normalise import normalise
from pipelines.tracking import beacons, without_tokens
from proposals.asks import read_asks
from tests.growth import assert_linear

ADDRESS = base64.b64encode(b"192.0.2.17").decode()


def _said(description: str) -> tuple[str, list[str]]:
    post, issues = normalise(
        RawPosting(where="feed, post 1", source="lamps", title="Lamps", description=description),
        now=datetime(2026, 3, 2, tzinfo=UTC),
    )
    assert post is not None
    return post.description, [issue.message for issue in issues]


def test_a_coded_address_and_the_words_that_name_it_are_removed() -> None:
    text = f"Please mention the word **AMBER** and tag R{ADDRESS} when applying (#R{ADDRESS}). Thanks."
    assert without_tokens(text) == ("Please mention the word **AMBER** when applying. Thanks.", 2)


def test_the_word_that_stood_beside_it_is_still_asked_for() -> None:
    text, messages = _said(f"Please mention the word **AMBER** and tag R{ADDRESS} when applying.")
    assert "192.0.2.17" not in text
    assert ADDRESS not in text
    assert [ask.what for ask in read_asks(text).include] == ["AMBER"]
    assert "marks that name the reader were removed: 1" in messages


@pytest.mark.parametrize(
    "text",
    [
        "The key QUJDREVGR0g= decodes to letters.",
        "Version 192.0.2.17 of the lamp.",
        "Use RabbitMQ and Rstudio123 daily.",
        "a" * 400,
        "",
    ],
)
def test_other_codes_stay(text: str) -> None:
    assert without_tokens(text) == (text, 0)


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<img src="https://lamps.example/track/1/blank.gif">', 1),
        ('<img width="1" height="1" src="https://lamps.example/a.png">', 1),
        ("<IMG style='display:none' src=x>", 1),
        ('<img width="120" height="80" src="https://lamps.example/lamp.png">', 0),
        ("no image, 1x1.gif in words", 0),
    ],
)
def test_images_of_nothing_are_counted(html: str, count: int) -> None:
    assert beacons(html) == count


def test_beacons_are_reported_and_leave_nothing_in_the_text() -> None:
    text, messages = _said('<p>We sell lamps.</p><img src="https://lamps.example/track/9/blank.gif">')
    assert text == "We sell lamps."
    assert "images that only report a reader were left out: 1" in messages


@pytest.mark.parametrize("unit", ["R", "A" * 40 + " ", "<img ", "tag ", "MTkyLjAuMi4xNw== "])
def test_looking_for_marks_takes_time_in_proportion_to_the_text(unit: str) -> None:
    assert_linear(
        lambda size: (without_tokens(unit * (size // len(unit))), beacons(unit * (size // len(unit)))), 20_000
    )
