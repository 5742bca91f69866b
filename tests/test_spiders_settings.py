"""Scrapy's settings as a real crawler holds them: each is asserted, because each was unsafe by default."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import scrapy

SCRIPT = """
import json, sys
from pathlib import Path
from scrapy.crawler import AsyncCrawlerProcess
from spiders.board_spider import BoardSpider
from spiders.limits import crawl_limits
from spiders.settings import crawl_settings

settings = crawl_settings(crawl_limits(), Path(sys.argv[1]))
process = AsyncCrawlerProcess(settings)
crawler = process.create_crawler(BoardSpider)
seen = {}

async def note(**_):
    engine = crawler.engine
    seen["extensions"] = [type(e).__name__ for e in crawler.extensions.middlewares]
    seen["downloader"] = [type(m).__name__ for m in engine.downloader.middleware.middlewares]
    seen["schemes"] = sorted(s for s in ("http", "https", "ftp", "s3", "file", "data") if engine.downloader.handlers._get_handler(s))
    from twisted.internet import reactor
    seen["resolver"] = type(reactor.nameResolver).__name__
    handler = engine.downloader.handlers._get_handler("https")
    seen["policy"] = type(handler._contextFactory).__name__
    seen["spider"] = [type(m).__name__ for m in engine.scraper.spidermw.middlewares]
    seen["verifies"] = handler._contextFactory._inner._verify_certificates
    seen["settings"] = {k: v for k, v in crawler.settings.copy_to_dict().items() if isinstance(v, (str, int, float, bool, list, type(None)))}
    seen["headers"] = dict(crawler.settings.getdict("DEFAULT_REQUEST_HEADERS"))

from scrapy import signals
crawler.signals.connect(note, signal=signals.spider_opened)
process.crawl(crawler, requests=[], folder=Path("."), limits=crawl_limits(), record=print)
process.start()
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    log = tmp_path_factory.mktemp("settings") / "log"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(log)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + log.read_text(encoding="utf-8")
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELNETCONSOLE_ENABLED", False),
        ("REMOTE_CONTROL_ENABLED", False),
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("DOWNLOAD_TLS_MIN_VERSION", "TLSv1.2"),
        ("HTTPPROXY_ENABLED", False),
        ("COOKIES_ENABLED", False),
        ("REFERER_ENABLED", False),
        ("METAREFRESH_ENABLED", False),
        ("HTTPCACHE_ENABLED", False),
        ("COMPRESSION_ENABLED", False),
        ("ROBOTSTXT_OBEY", True),
        ("ROBOTSTXT_USER_AGENT", "bidwright"),
        ("ROBOTSTXT_PARSER", "spiders.robots.BoundedRobotParser"),
        ("DOWNLOAD_MAXSIZE", 15_000_000),
        ("DOWNLOAD_TIMEOUT", 20.0),
        ("BIDWRIGHT_FETCH_SECONDS", 60.0),
        ("BIDWRIGHT_HEAD_BYTES", 262_144),
        ("DOWNLOAD_FAIL_ON_DATALOSS", True),
        ("REDIRECT_MAX_TIMES", 5),
        ("RETRY_TIMES", 1),
        ("RETRY_PRIORITY_ADJUST", 1),
        ("SCHEDULER_PRIORITY_QUEUE", "scrapy.pqueues.ScrapyPriorityQueue"),
        ("RETRY_HTTP_CODES", [500, 502, 503, 504]),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", 1),
        ("AUTOTHROTTLE_ENABLED", True),
        ("MEMUSAGE_ENABLED", True),
        ("MEMUSAGE_LIMIT_MB", 768),
        ("CLOSESPIDER_TIMEOUT", 300.0),
        ("TWISTED_REACTOR_ENABLED", True),
    ],
)
def test_value_in_force(seen, name, value):
    assert seen["settings"][name] == value


def test_only_http_and_https_are_spoken(seen):
    assert seen["schemes"] == ["http", "https"]


def test_certificates_are_verified_by_the_handler_itself(seen):
    assert seen["verifies"] is True
    assert seen["policy"] == "CertificatePolicy"


def test_no_header_of_an_answer_names_code_to_run(seen):
    """Scrapy before 2.14.2 called what Referrer-Policy named; the middleware that reads it is not there at all."""
    assert "RefererMiddleware" not in seen["spider"]
    assert tuple(int(part) for part in scrapy.__version__.split(".")[:2]) >= (2, 17)


def test_nothing_listens(seen):
    assert {"TelnetConsole", "RemoteControl"} & set(seen["extensions"]) == set()
    assert {"PresentMemoryUsage", "AutoThrottle", "CloseSpider"} <= set(seen["extensions"])


def test_the_gate_stands_before_everything_else(seen):
    order = seen["downloader"]
    assert order.index("FetchDeadline") < order.index("AddressGate") < order.index("RobotsTxtMiddleware")
    assert order.index("PatientRetry") < order.index("BoundedDecoder") < order.index("RedirectMiddleware")
    assert order[-1] == "HostRest", "it sees every answer before any retry does"
    assert {
        "RetryMiddleware",
        "CookiesMiddleware",
        "HttpProxyMiddleware",
        "MetaRefreshMiddleware",
        "HttpCompressionMiddleware",
    } & set(order) == set()


def test_names_are_resolved_by_the_gate_alone(seen):
    assert seen["resolver"] == "JudgedResolver"


def test_only_bounded_encodings_are_asked_for(seen):
    assert seen["headers"]["Accept-Encoding"] == "gzip, deflate"


def test_the_user_agent_names_the_program(seen):
    assert seen["settings"]["USER_AGENT"].startswith("bidwright")
