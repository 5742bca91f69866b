"""The labels of what posts ask hold no text of the posts, and the scoring counts what it says it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from benchmarks.quality.asks import labels, measure
from benchmarks.quality.asks_baseline import plain_reading
from benchmarks.quality.asks_scores import Counts, Found, letters

TEXT = 'Lamps wanted\n\nStart your proposal with "Amber". Please send your portfolio. How many lamps have you sold?'


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def test_labels_hold_digests_places_and_kinds_only() -> None:
    known = labels()
    assert len({label["post"] for label in known}) == len(known) >= 400
    for text in (text for label in known for text in _strings(label)):
        assert re.fullmatch(r"[0-9a-f]{12}|[0-9a-f]{16}|[a-z ]{2,12}|(?:upwork|freelancer)_\w+", text), text
    assert 0.4 < sum(label["half"] == "unseen" for label in known) / len(known) < 0.6


def _label() -> dict[str, object]:
    places = letters(TEXT)
    return {
        "markers": [{"kind": "opener", "literals": [sha256(b"amber").hexdigest()[:12]]}],
        "things": [{"at": places.index("pleasesend"), "kinds": [["portfolio"]]}],
        "questions": [{"at": places.index("howmany")}],
    }


def _totals(found: Found) -> dict[str, Counts]:
    counts = measure([(_label(), TEXT)], lambda _: found)
    return {name: sum(each, Counts()) for name, each in counts.items()}


def test_a_right_reading_scores_one() -> None:
    totals = _totals(
        Found(
            markers=[("opener", "AMBER", 'Start your proposal with "Amber".')],
            things=[("portfolio", "Please send your portfolio.")],
            questions=["How many lamps have you sold?"],
        )
    )
    wanted = ("markers: literal and place", "questions", "things to send or state", "asks and questions")
    assert [totals[name].f1 for name in wanted] == [1.0] * 4


def test_the_place_counts_and_what_is_wrong_costs_precision() -> None:
    totals = _totals(
        Found(
            markers=[("include", "Amber", 'Start your proposal with "Amber".')],
            things=[("rate", "Please send your portfolio.")],
            questions=["Lamps wanted"],
        )
    )
    assert totals["markers: literal"].f1 == 1.0
    assert totals["markers: literal and place"].recall == 0.0
    assert totals["things to send or state"].found == 1
    assert totals["asks and questions"].f1 == 0.0


def test_the_plain_expressions_read_the_plainest_post() -> None:
    found = plain_reading(TEXT)
    assert [marker[:2] for marker in found.markers] == [("opener", "Amber")]
    assert ("portfolio", "Please send your portfolio.") in found.things
