"""What keeps a draft from being ready, and where it stands."""

from __future__ import annotations

import pytest

from proposals.asks import read_asks
from proposals.check import check_draft, open_gaps
from tests.fakes import make_post, make_profile

GOOD = "You want a booking API in Django with tests. I built one for 40 hotels.\n\nAna\n"
NOTHING = read_asks("")


def found(text: str, *, asks: str = "", channel: str = "upwork", **fields: object) -> list[tuple[str, int]]:
    post = make_post(channel=channel, skills=("Django", "Kubernetes", "C"), **fields)
    return [(item.code, item.line) for item in check_draft(text, read_asks(asks), make_profile(), post)]


def test_a_good_draft_has_no_findings() -> None:
    assert found(GOOD) == []


def test_gaps_are_found_where_they_stand() -> None:
    assert found(GOOD + "\nPrice: [[FILL: your price]]\n") == [("gap", 5)]
    assert open_gaps("a [[FILL: b]] c [[FILL: d]]") == ("b", "d")
    assert open_gaps("nothing") == ()


def test_the_opener_must_come_first() -> None:
    asks = 'Start your proposal with "Blue Heron".'
    assert found(GOOD, asks=asks) == [("opener", 1)]
    assert found(f"\n\n{GOOD}", asks=asks) == [("opener", 3)]
    assert found(f"“blue heron”.\n{GOOD}", asks=asks) == []
    assert found(f"I saw Blue Heron\n{GOOD}", asks=asks) == [("opener", 1)]


def test_words_wanted_and_unwanted() -> None:
    assert found(GOOD, asks='Include the word "kelp" in your proposal.') == [("include", 1)]
    assert found(GOOD + "Kelp.", asks='Include the word "kelp" in your proposal.') == []
    assert found(GOOD + "A bot.", asks='Do not use the word "bot" in your proposal.') == [("forbidden", 4)]
    assert found(GOOD + "A robot.", asks='Do not use the word "bot" in your proposal.') == []


def test_an_opening_for_any_job_is_found() -> None:
    assert found("Hello! I would like to work with you and do this well.\n") == [("generic-opening", 1)]
    late = "I would like to work with you. " * 9 + "Your booking API in Django."
    assert found(late) == [("generic-opening", 1)]
    asks = 'Start your proposal with "Heron".'
    assert found(f"Heron\n\n{GOOD}", asks=asks) == []


def test_length_against_the_target() -> None:
    post, profile = make_post(), make_profile()

    def codes(words: int) -> list[str]:
        text = "Booking API in Django " + "lamp " * (words - 4)
        return [item.code for item in check_draft(text, NOTHING, profile, post, length=(50, 100))]

    assert codes(49) == ["short"]
    assert codes(50) == codes(125) == []
    assert codes(126) == ["long"]


@pytest.mark.parametrize("phrase", ["I am confident", "I’m confident", "Dear Sir", "a PERFECT FIT for"])
def test_cliches(phrase: str) -> None:
    assert found(f"{GOOD}{phrase} this.\n") == [("cliche", 4)]


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("I have used Kubernetes for years.", ["unstated-skill"]),
        ("Expert in kubernetes and Django.", ["unstated-skill"]),
        ("I have used Django for years.", []),
        ("Your cluster runs Kubernetes.", []),
        ("I have read it. Kubernetes is what you run.", []),
        ("I have worked with CSS.", []),
        ("I have worked with C.", ["unstated-skill"]),
        ("I have your “Kubernetes expert” post open.", []),
    ],
)
def test_skills_claimed_that_the_profile_does_not_state(line: str, codes: list[str]) -> None:
    assert [code for code, _ in found(GOOD + line)] == codes


@pytest.mark.parametrize(
    ("line", "bad"),
    [
        ("Write to ana@example.org", True),
        ("Call +351 912 345 678", True),
        ("Telegram: @ana", True),
        ("Book at https://calendly.com/ana/30min", True),
        ("I build Telegram bots for 2,000 users", False),
        ("Response time fell from 900 ms to 120 ms in 2024-2025", False),
        ("See https://example.org/booking", False),
    ],
)
def test_contact_details_are_found_on_upwork_only(line: str, bad: bool) -> None:
    assert found(GOOD + line) == ([("contact", 4)] if bad else [])
    assert found(GOOD + line, channel="board") == []


def test_lines_count_from_the_top_of_a_file_with_a_head() -> None:
    text = '+++\ntemplate = "hourly"\n+++\n\n' + GOOD + "[[FILL: price]]"
    assert found(text) == [("gap", 8)]
