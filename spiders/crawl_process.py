"""The crawl's own process: requests as JSON on standard input, results as JSON lines on standard output."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from scrapy.crawler import AsyncCrawlerProcess

from spiders.addresses import endpoint
from spiders.board_spider import BoardSpider
from spiders.fetching import FetchRequest, FetchResult, pack, unpack_request
from spiders.keys import Redactor
from spiders.limits import Limits
from spiders.settings import crawl_settings


def main() -> int:
    """Fetch what standard input asks for; return the exit status."""
    job = json.load(sys.stdin)
    results = _private_stdout()
    folder, limits = Path(job["folder"]), Limits(**job["limits"])
    requests = [unpack_request(item) for item in job["requests"]]
    redactor = Redactor(key.secret for request in requests for key in request.keys)
    redactor.guard_logs()

    def record(result: FetchResult) -> None:
        told = {key: redactor.text(x) if isinstance(x, str) else x for key, x in pack(result).items()}
        results.write(json.dumps(told) + "\n")
        results.flush()

    settings = crawl_settings(limits, folder / "crawl.log") | _own_hosts(requests)
    process = AsyncCrawlerProcess(settings)
    process.crawl(
        BoardSpider, requests=requests, folder=folder, limits=limits, record=record, clean=redactor.data
    )
    process.start()
    return 0


def _private_stdout() -> TextIO:
    """Return the pipe to the parent and point standard output elsewhere, so that a print cannot break it."""
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return results


def _own_hosts(requests: list[FetchRequest]) -> dict[str, Any]:
    """Return the settings that spare the person's own machines the politeness owed to strangers'."""
    places = [endpoint(request.url) for request in requests if request.allow_private]
    slots = {place[0]: {"delay": 0.0, "jitter": 0.0} for place in places if place is not None}
    return {"DOWNLOAD_SLOTS": slots}


if __name__ == "__main__":
    sys.exit(main())
