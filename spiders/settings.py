"""Scrapy's settings, hardened; a test holds each against a real crawler."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from spiders.deadline import SECONDS as FETCH_SECONDS
from spiders.handler import HEAD_BYTES
from spiders.limits import Limits


def user_agent() -> str:
    """Return the name and version a source sees, and robots.txt is held against."""
    try:
        return f"bidwright/{version('bidwright')} (reads job feeds for one freelancer)"
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "bidwright (reads job feeds for one freelancer)"


def crawl_settings(limits: Limits, log_file: Path) -> dict[str, Any]:
    """Return the settings of one crawl within ``limits``; everything it says goes to ``log_file``."""
    return {**_closed(), **_polite(limits), **_bounded(limits), **_quiet(log_file)}


def _closed() -> dict[str, Any]:
    """Whatever listens, runs code, reads files or believes strangers is off."""
    http = "spiders.handler.SourceHandler"
    off = dict.fromkeys(("data", "file", "ftp", "s3"))
    return {
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "DOWNLOAD_HANDLERS": {"http": http, "https": http, **off},
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.2",
        # A proxy would connect to addresses that were never judged here.
        "HTTPPROXY_ENABLED": False,
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "TWISTED_DNS_RESOLVER": "spiders.gate.JudgedResolver",
        # Names are resolved in threads that nothing can stop: those that hang must not use up all there are.
        "REACTOR_THREADPOOL_MAXSIZE": 64,
        # One bounded decoder; Scrapy's own accepts more encodings and takes a torn body for a whole one.
        "COMPRESSION_ENABLED": False,
        "DOWNLOADER_MIDDLEWARES": {
            "spiders.deadline.FetchDeadline": 50,  # before all else, robots.txt included
            "spiders.gate.AddressGate": 60,
            "spiders.gate.BoundedDecoder": 590,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "spiders.rest.PatientRetry": 550,
            "spiders.rest.HostRest": 955,  # nearest to the network: it sees each answer before any retry
        },
    }


def _polite(limits: Limits) -> dict[str, Any]:
    return {
        "USER_AGENT": user_agent(),
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": "bidwright",
        "ROBOTSTXT_PARSER": "spiders.robots.BoundedRobotParser",
        "CONCURRENT_REQUESTS": limits.concurrent,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": limits.start_delay_seconds,
        "AUTOTHROTTLE_MAX_DELAY": 10.0,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "application/rss+xml, application/atom+xml, application/feed+json,"
            " application/json;q=0.9, application/xml;q=0.8, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        },
    }


def _bounded(limits: Limits) -> dict[str, Any]:
    return {
        "DOWNLOAD_MAXSIZE": limits.body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": limits.timeout_seconds,
        FETCH_SECONDS: limits.fetch_seconds,
        HEAD_BYTES: limits.head_bytes,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "REDIRECT_MAX_TIMES": limits.redirects,
        "RETRY_TIMES": limits.retries,
        # A fetch under way, whose time runs, goes before one not yet begun, whatever their hosts are called.
        "RETRY_PRIORITY_ADJUST": 1,
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue",
        "RETRY_HTTP_CODES": [500, 502, 503, 504],  # not 429: asking again at once is what it forbids
        "RETRY_EXCEPTIONS": [
            "scrapy.exceptions.DownloadFailedError",
            "scrapy.exceptions.ResponseDataLossError",
        ],
        "CLOSESPIDER_TIMEOUT": limits.deadline_seconds,
        "MEMUSAGE_ENABLED": True,
        "MEMUSAGE_LIMIT_MB": limits.memory_mb,
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": 2.0,
        "EXTENSIONS": {
            "scrapy.extensions.memusage.MemoryUsage": None,
            "spiders.memory.PresentMemoryUsage": 0,
        },
    }


def _quiet(log_file: Path) -> dict[str, Any]:
    return {
        "LOG_FILE": str(log_file),
        "LOG_LEVEL": "INFO",
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
    }
