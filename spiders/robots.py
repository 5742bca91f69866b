"""robots.txt read within bounds: its server may be hostile, and it is read where all sources are fetched."""

from __future__ import annotations

import re
from typing import Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.robotstxt import ProtegoRobotParser, RobotParser, decode_robotstxt

LONGEST = 500 * 1024
"""Bytes that are read: the least that RFC 9309, section 2.5, wants parsed."""

_OWN = "bidwright"
_NOBODY = "x"
_AGENT = re.compile(r"(\s*user(?:-|\s+|)agent(?:\s*:|\s)\s*)([^#]*)", re.IGNORECASE)


class BoundedRobotParser(RobotParser):
    """Protego on what concerns this program alone.

    Protego keeps every rule of a group once for each program that the group names: 250 KB of names over 250
    KB of rules would take it minutes and gigabytes, in the process that fetches every source. Here all other
    programs are one, which leaves the rules for this one as they are.
    """

    def __init__(self, robotstxt_body: bytes, spider: Spider | None) -> None:
        """Read ``robotstxt_body``, of which lines beyond :data:`LONGEST` bytes do not count."""
        self._rules = ProtegoRobotParser(concerning(robotstxt_body, spider), spider)

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        """Return the parser of ``robotstxt_body``, as Scrapy asks for it."""
        return cls(robotstxt_body, crawler.spider)

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Return whether ``user_agent`` may fetch ``url``."""
        return bool(self._rules.allowed(url, user_agent))

    def crawl_delay(self, user_agent: str | bytes) -> float | None:
        """Return the pause in seconds that is asked of ``user_agent``, ``None`` if none is."""
        delay: float | None = self._rules.crawl_delay(user_agent)
        return delay


def concerning(body: bytes, spider: Spider | None = None) -> bytes:
    """Return ``body`` cut to whole lines within the limit, with one name for all programs but this one."""
    if len(body) > LONGEST:
        body = body[:LONGEST]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    text = decode_robotstxt(body, spider)
    return "\n".join(map(_renamed, text.splitlines())).encode()


def _renamed(line: str) -> str:
    found = _AGENT.match(line)
    if found is None or _may_mean_us(found[2]):
        return line
    return f"{found[1]}{_NOBODY}"


def _may_mean_us(name: str) -> bool:
    """Return whether Protego may take ``name`` for this program: it drops stars and knows parts of names."""
    plain = name.strip().lower().replace("*", "")
    return plain in _OWN
