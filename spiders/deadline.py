"""One deadline for all that fetching a source takes: its robots.txt, redirects, a second try, a second step.

Scrapy's timeout is per answer. A server that redirects slowly, or whose robots.txt drips, could be granted it
a dozen times.
"""

from __future__ import annotations

import time
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

DEADLINE = "deadline"
"""Key in ``Request.meta``, which redirects and second tries inherit: the moment, on the monotonic clock."""

SECONDS = "BIDWRIGHT_FETCH_SECONDS"
"""The setting that says how long one fetch may take in all."""


class OverdueError(IgnoreRequest):
    """A fetch took longer in all than one may."""


class FetchDeadline:
    """Downloader middleware: begins the time of each fetch, and sends nothing more once it is over."""

    def __init__(self, seconds: float, robots_seconds: float) -> None:
        self._seconds = seconds
        self._robots_seconds = robots_seconds

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware; a robots.txt with its redirects gets the time of one answer."""
        return cls(crawler.settings.getfloat(SECONDS), crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))

    def process_request(self, request: Request) -> None:
        """Begin the time of ``request`` unless it is a later step of a fetch under way."""
        robots = request.meta.get("dont_obey_robotstxt")
        seconds = self._robots_seconds if robots else self._seconds
        request.meta.setdefault(DEADLINE, time.monotonic() + seconds)
        seconds_left(request)


def seconds_left(request: Request) -> float:
    """Return how long the fetch that ``request`` belongs to may still take; raise if its time is over."""
    left = float(request.meta[DEADLINE]) - time.monotonic()
    if left <= 0:
        raise OverdueError("its time is over")
    return left


def shortened(request: Request) -> bool:
    """Give ``request`` no longer than its fetch has left; return whether that is less than an answer gets."""
    left, usual = seconds_left(request), request.meta.get("download_timeout")
    if usual is not None and usual <= left:
        return False
    request.meta["download_timeout"] = left
    return True
