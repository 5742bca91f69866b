"""robots.txt in odd shapes, written by hand after what servers send: read as Protego reads it, in bounded time."""

from __future__ import annotations

import time

import pytest
from scrapy.robotstxt import ProtegoRobotParser

from spiders.robots import LONGEST, BoundedRobotParser, concerning

FEED = "https://board.example/jobs/feed.rss?q=python"
QUICK = 0.1

SHAPES: dict[str, tuple[bytes, bool]] = {
    "empty": (b"", True),
    "blank lines": (b"\r\n\r\n\n\n", True),
    "everything allowed": (b"User-agent: *\nDisallow:\n", True),
    "everything forbidden": (b"User-agent: *\nDisallow: /\n", False),
    "forbidden to us alone": (b"User-agent: bidwright\nDisallow: /\n\nUser-agent: *\nDisallow:\n", False),
    "allowed to us alone": (b"User-agent: *\nDisallow: /\n\nUser-agent: bidwright\nAllow: /\n", True),
    "our name in capitals": (b"USER-AGENT: BIDWRIGHT\nDISALLOW: /\n", False),
    "a part of our name": (b"User-agent: bid\nDisallow: /\n", False),
    "our name with a star": (b"User-agent: bidwright*\nDisallow: /\n", False),
    "our name with a version": (b"User-agent: bidwright/1.0\nDisallow: /\n", True),
    "another's name that holds ours": (b"User-agent: mybidwright\nDisallow: /\n", True),
    "several names for one group": (b"User-agent: a\nUser-agent: bidwright\nUser-agent: b\nDisallow: /jobs\n", False),
    "groups of others around ours": (
        b"User-agent: a\nDisallow: /\n\nUser-agent: bidwright\nDisallow: /x\n\nUser-agent: b\nDisallow: /\n", True,
    ),
    "a group of ours in two parts": (
        b"User-agent: bidwright\nDisallow: /x\n\nUser-agent: a\nDisallow: /\n\nUser-agent: bidwright\nDisallow: /jobs\n", False,
    ),
    "rules before any name": (b"Disallow: /\nUser-agent: *\nDisallow: /x\n", True),
    "no colons": (b"User-agent *\nDisallow /jobs\n", False),
    "a space in the name of the line": (b"User agent: bidwright\nDisallow: /jobs\n", False),
    "misspelt": (b"useragent: *\ndissalow: /jobs\n", False),
    "comments behind": (b"User-agent: * # all\nDisallow: /jobs # not these\n", False),
    "indented": (b"  User-agent:\t*\n\t Disallow:  /jobs\n", False),
    "old line ends": (b"User-agent: *\rDisallow: /jobs\r", False),
    "a mark at the beginning": (b"\xef\xbb\xbfUser-agent: *\nDisallow: /jobs\n", False),
    "in UTF-16": ("User-agent: *\nDisallow: /jobs\n".encode("utf-16"), True),
    "bytes that are no text": (b"\xff\xfe\x00\x80User-agent: *\nDisallow: /jobs\n", True),
    "zero bytes": (b"User-agent: *\nDisallow: /jobs\n\0\0\0", False),
    "a page instead": (b"<!DOCTYPE html><html><body>Not found</body></html>", True),
    "JSON instead": (b'{"error": "User-agent: * Disallow: /"}', True),
    "stars and an end": (b"User-agent: *\nDisallow: /*.rss$\nDisallow: /*feed*q=*\n", False),
    "the longer rule wins": (b"User-agent: *\nDisallow: /jobs\nAllow: /jobs/feed\n", True),
    "an escaped path": (b"User-agent: *\nDisallow: /%6Aobs\n", False),
    "a whole address as rule": (b"User-agent: *\nDisallow: https://board.example/jobs\n", True),
    "delay, rate and hours": (
        b"User-agent: *\nCrawl-delay: ten\nRequest-rate: 1/0\nVisit-time: 9999-xx\nHost: x\nSitemap: y\nDisallow: /x\n", True,
    ),
    "what nobody knows": (b"User-agent: *\nNoindex: /\nContent-Signal: ai-train=no\nDisallow: /x\n", True),
}  # fmt: skip


def allowed(parser: type, body: bytes) -> bool:
    return parser(body, None).allowed(FEED, "bidwright")


@pytest.mark.parametrize("shape", SHAPES)
def test_odd_shapes(shape):
    body, expected = SHAPES[shape]
    started = time.process_time()
    assert allowed(BoundedRobotParser, body) is expected
    assert time.process_time() - started < QUICK
    assert allowed(ProtegoRobotParser, body) is expected, "the bounds change what a rule means"


HUGE = {
    "many names for many rules": b"".join(b"User-agent: a%d\n" % n for n in range(300_000))
    + b"".join(b"Disallow: /x%d\n" % n for n in range(300_000)),
    "many names first": b"".join(b"User-agent: a%d\n" % n for n in range(16_000))
    + b"".join(b"Disallow: /x%d\n" % n for n in range(16_000)),
    "many rules": b"User-agent: *\n" + b"".join(b"Disallow: /*x%d*y$\n" % n for n in range(400_000)),
    "one long rule": b"User-agent: *\nDisallow: /" + b"*a" * 3_000_000,
    "one long line": b"User-agent: *" * 500_000,
    "lines alone": b"\n" * 10_000_000,
    "percent signs": b"User-agent: *\nDisallow: /" + b"%zz" * 2_000_000,
    "bytes that are no text": b"\xff" * 10_000_000,
}


@pytest.mark.parametrize("shape", HUGE)
def test_huge_ones_take_bounded_time(shape):
    body = HUGE[shape]
    started = time.process_time()
    allowed(BoundedRobotParser, body)
    assert time.process_time() - started < 3
    assert len(concerning(body)) <= LONGEST + 1


def test_rules_within_the_limit_hold_and_the_line_at_the_limit_does_not_turn_into_another():
    rule = b"Disallow: /jobs\n"
    filling = b"# " + b"x" * 97 + b"\n"
    head = b"User-agent: *\n"
    assert allowed(BoundedRobotParser, head + rule + filling * 10_000) is False
    torn = head + filling * ((LONGEST - len(head)) // 100 - 1)
    torn += b"#" * (LONGEST - len(torn) - len(b"\nDisallow: /")) + b"\nDisallow: /private/area\n"
    assert torn[:LONGEST].endswith(b"Disallow: /")
    assert allowed(BoundedRobotParser, torn) is True


def test_a_pause_that_is_asked_for_is_passed_on():
    parser = BoundedRobotParser(b"User-agent: *\nCrawl-delay: 7\n", None)
    assert parser.crawl_delay("bidwright") == 7.0
