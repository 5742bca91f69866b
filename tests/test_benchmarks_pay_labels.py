"""The labels of pay: each line is sound, its string is found again, and the parser reads the unseen half."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.corpus import shared_data
from benchmarks.quality.pay import (
    LABELS,
    Score,
    exactly,
    failures,
    labelled,
    labels,
    ours,
    score,
    section,
    whatever_unit,
)
from benchmarks.quality.pay_beside import Offer, naive
from benchmarks.quality.pay_sample import Drawn
from benchmarks.quality.pay_sources import READERS, passages
from domain.money import is_currency
from domain.pay import Pay, PayUnit

SHARED = shared_data(None)
needs_posts = pytest.mark.skipif(
    SHARED is None, reason="../shared/data with the labelled strings is not here"
)


@pytest.fixture(scope="module")
def found():
    return labelled(SHARED)


def test_every_line_is_a_label():
    for line in map(json.loads, LABELS.read_text("utf-8").splitlines()):
        assert set(line) == {"sha256", "corpus", "kind", "half", "pay"}
        assert re.fullmatch(r"[0-9a-f]{16}", line["sha256"])
        assert line["corpus"] in READERS
        assert line["kind"] in {"field", "text"}
        assert line["half"] == ("unseen" if int(line["sha256"][:2], 16) % 2 else "seen")
        assert line["pay"] is None or set(line["pay"]) == {"unit", "currency", "low", "high"}


def test_every_pay_is_one_the_product_could_state():
    for label in labels():
        if label.pay is not None:
            unit, currency, low, high = label.pay
            assert currency is None or is_currency(currency)
            assert Pay(unit=PayUnit(unit), currency=currency, low=low, high=high, raw="")
            assert all(bound > 0 for bound in (low, high) if bound is not None)


def test_there_are_enough_labels_of_each_kind_and_each_string_has_one():
    held = labels()
    assert len({label.digest for label in held}) == len(held)
    assert min(Counter(label.half for label in held).values()) >= 150
    assert min(Counter((label.half, label.kind) for label in held).values()) >= 100


@needs_posts
def test_the_sampler_finds_every_string_again(found):
    missing = {label.digest for label in labels()} - {label.digest for label, _ in found}
    assert not missing
    assert all((label.corpus, label.kind) == (one.corpus, one.kind) for label, one in found)


@needs_posts
def test_the_parser_reads_the_unseen_half(found):
    unseen = score([pair for pair in found if pair[0].half == "unseen"], ("bidwright", ours, exactly))
    assert unseen.right >= 0.97 * unseen.total, str(unseen)


@needs_posts
def test_only_failures_of_the_seen_half_are_printed(found):
    told = [line.partition("\n")[0].partition(": ")[2] for line in failures(found)]
    unseen = {repr(one.text) for label, one in found if label.half == "unseen"}
    shown = len(unseen.intersection(told)), sum(one.text in repr(one) for _, one in found)
    assert shown == (0, 0)


def test_without_real_posts_the_section_says_so():
    assert section(None) == [
        "Pay is not measured: the labelled strings stand in real posts, which are not here (--data)."
    ]


def test_a_folder_without_real_posts_is_none(tmp_path: Path):
    assert shared_data(str(tmp_path)) is None


def test_the_interval_is_wilsons():
    low, high = Score(right=97, total=100).interval()
    assert (round(low, 4), round(high, 4)) == (0.9155, 0.9897)
    assert str(Score(right=97, total=100)) == "97/100: 97.0% (92% to 99%)"
    assert Score(right=0, total=0).interval() == (0.0, 1.0)


def test_right_means_all_four():
    wanted = Offer("hour", "USD", Decimal("25.00"), None)
    assert exactly(wanted, Offer("hour", "USD", Decimal(25), None))
    assert exactly(None, None)
    assert not exactly(wanted, Offer("day", "USD", Decimal(25), None))
    assert not exactly(wanted, None)
    assert whatever_unit(wanted, Offer(None, "USD", Decimal(25), None))
    assert not whatever_unit(None, Offer(None, "USD", Decimal(25), None))


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("pays $20-30/hr", Offer("hour", "USD", Decimal(20), Decimal(30))),
        ("€60-90k per year", Offer("year", "EUR", Decimal(60_000), Decimal(90_000))),
        ("£1,200.", Offer("fixed", "GBP", Decimal(1200), Decimal(1200))),
        ("$1.2.3", None),
        ("5 years", None),
    ],
)
def test_the_regex_beside_it_is_a_fair_one(text: str, offer: Offer | None):
    assert naive(text) == offer


def test_passages_are_lines_and_of_long_lines_sentences():
    long = " ".join(["Nothing to count here." * 13, "We pay 5 of them."])
    assert list(passages("<p>One &amp; 2 lines</p><p>no digits at all</p>7")) == ["One & 2 lines"]
    assert list(passages(long)) == ["We pay 5 of them."]


def test_the_half_is_the_parity_of_the_digest():
    drawn = [Drawn(corpus="c", kind="text", text=str(number)) for number in range(40)]
    assert {one.half for one in drawn} == {"seen", "unseen"}
    assert all((int(one.digest[1], 16) % 2 == 1) == (one.half == "unseen") for one in drawn)
