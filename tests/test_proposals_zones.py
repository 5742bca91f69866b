"""Two clocks side by side: a fact about hours, or nothing."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from domain.posts import Client
from proposals.zones import _tables, client_zones, clock_line, place
from tests.fakes import make_post

WINTER, SUMMER = date(2026, 1, 15), date(2026, 7, 15)
DAY = (time(9), time(17, 30))


@pytest.mark.parametrize(
    ("own", "hours", "theirs", "day", "line"),
    [
        ("Europe/Lisbon", None, (), WINTER, "I work on Lisbon time (UTC)."),
        ("Europe/Lisbon", None, (), SUMMER, "I work on Lisbon time (UTC+1)."),
        ("Asia/Kolkata", None, (), WINTER, "I work on Kolkata time (UTC+5:30)."),
        ("America/New_York", None, (), WINTER, "I work on New York time (UTC-5)."),
        ("Europe/Lisbon", None, ("America/New_York",), WINTER, "Lisbon is 5 hours ahead of New York."),
        ("Europe/Lisbon", None, ("Europe/Berlin",), WINTER, "Lisbon is 1 hour behind Berlin."),
        ("Asia/Kolkata", None, ("Europe/London",), WINTER, "Kolkata is 5:30 hours ahead of London."),
        (
            "Europe/Lisbon",
            DAY,
            ("Europe/London",),
            WINTER,
            "I keep the same hours as you: Lisbon is on London time.",
        ),
        (
            "Europe/Lisbon",
            DAY,
            ("America/New_York", "America/Los_Angeles"),
            WINTER,
            "My working day, 09:00 to 17:30 in Lisbon, is 04:00 to 12:30 in New York and 01:00 to 09:30 in Los Angeles.",
        ),
        (
            "Europe/Lisbon",
            DAY,
            ("Asia/Tokyo",),
            WINTER,
            "My working day, 09:00 to 17:30 in Lisbon, is 18:00 to 02:30 in Tokyo.",
        ),
        # For three weeks of March America has summer time and Europe has not.
        (
            "Europe/Lisbon",
            None,
            ("America/New_York",),
            date(2026, 3, 16),
            "Lisbon is 4 hours ahead of New York.",
        ),
        ("Nowhere/Land", None, ("Europe/Berlin",), WINTER, ""),
        ("Europe/Lisbon", None, ("Nowhere/Land",), WINTER, "I work on Lisbon time (UTC)."),
    ],
)
def test_the_line(
    own: str, hours: tuple[time, time] | None, theirs: tuple[str, ...], day: date, line: str
) -> None:
    assert clock_line(own, hours, theirs, day) == line


@pytest.mark.parametrize(
    ("text", "country", "zones"),
    [
        ("We sell lamps.", "PT", ("Europe/Lisbon",)),
        ("We sell lamps.", "US", ("America/New_York", "America/Los_Angeles")),
        ("Be online 9 to 5 EST.", "IN", ("America/New_York",)),
        ("The best of all.", "ZZ", ()),
        ("We sell lamps.", None, ()),
    ],
)
def test_the_clients_zones(text: str, country: str | None, zones: tuple[str, ...]) -> None:
    assert client_zones(make_post("Lamps", description=text, client=Client(country=country))) == zones


def test_every_zone_in_the_table_exists() -> None:
    countries, stated = _tables()
    for zone in [*(zone for zones in countries.values() for zone in zones), *(zone for zone, _ in stated)]:
        assert ZoneInfo(zone).key == zone


def test_a_place_is_the_last_part_of_a_zone() -> None:
    assert place("America/Argentina/Buenos_Aires") == "Buenos Aires"
    assert place("UTC") == "UTC"
