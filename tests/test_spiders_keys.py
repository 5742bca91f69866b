"""Keys of sources: sent to their own origin, and found nowhere else, whatever servers do with them."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest
from scrapy import Request

from domain.sources import SourceState
from spiders.crawl import FetchRequest, crawl
from spiders.fetching import Key
from spiders.keys import KeyLeakError, Keyring, Redactor
from spiders.sandbox import ParserPool
from tests.test_spiders_crawl import QUICK, Server, answer

CANARY = "s3cr3t/canary+token"
HEADER = Key(secret=CANARY, header="Authorization", prefix="Bearer ")
QUERY = Key(secret=CANARY, query="app_key")
FORMS = (CANARY, "s3cr3t%2Fcanary%2Btoken", "s3cr3t%2fcanary%2btoken")


def found_in(folder: Path) -> list[str]:
    """Return every file below ``folder`` that holds the secret in any form."""
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(form.encode() in path.read_bytes() for form in FORMS)
    ]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A server that echoes, redirects, drops and fails, asked with a key in the header or in the address."""
    folder = tmp_path_factory.mktemp("keys")
    echo = f'{{"you": "{CANARY}", "link": "https://x.example/?k={FORMS[1]}"}}'.encode()
    with Server({}) as server, Server({"/elsewhere": answer("200 OK", b"{}")}) as other:
        away, leak = other.url("/elsewhere"), other.url(f"/elsewhere?app_key={FORMS[1]}")
        server.routes |= {
            "/robots.txt": answer("404 Not Found"),
            "/echo": answer("200 OK", echo, f'ETag: "{CANARY}"'),
            "/away": answer("302 Found", b"", f"Location: {away}"),
            "/leak": answer("302 Found", b"", f"Location: {leak}"),
            "/again": answer("302 Found", b"", "Location: /landed?app_key=" + FORMS[1]),
            "/landed": answer("200 OK", b"{}"),
            "/drop": lambda connection: None,
            "/junk": b"\x16\x03\x01 not http\r\n\r\n",
            "/broken": answer("500 Internal Server Error", CANARY.encode()),
        }
        # Every path answers whatever its parameters are.
        paths = [path for path in server.routes if path not in ("/robots.txt", "/landed")]
        for path in [*paths, "/landed"]:
            server.routes[f"{path}?app_key={FORMS[1]}"] = server.routes[path]
        requests = [
            FetchRequest(name=f"{kind} {path}", url=server.url(path), allow_private=True, keys=(key,))
            for kind, key in (("header", HEADER), ("query", QUERY))
            for path in paths
        ]
        requests.append(FetchRequest(name="no key", url=server.url("/landed"), allow_private=True))
        results = crawl(requests, workdir=folder, limits=QUICK)
        yield {result.name: result for result in results}, server, other, folder


def test_the_key_is_sent_to_its_own_origin(crawled):
    _, server, _, _ = crawled
    assert f"Authorization: Bearer {CANARY}" in server.headers["/echo"]
    assert f"/echo?app_key={FORMS[1]}" in server.headers
    assert "Authorization" not in server.headers["/robots.txt"]


def test_a_source_without_a_key_sends_none(crawled):
    _, server, _, _ = crawled
    assert "Authorization" not in server.headers["/landed"]


def test_a_redirect_to_another_origin_takes_no_key_along(crawled):
    results, _, other, _ = crawled
    # It is refused as private before anything is sent; the keyring is judged by itself below.
    assert results["header /away"].state is SourceState.ERROR
    assert not any(form in head for head in other.headers.values() for form in FORMS)


def test_no_file_result_or_log_line_holds_the_key(crawled):
    results, _, _, folder = crawled
    assert results["header /echo"].state is SourceState.OK
    assert found_in(folder) == []
    told = json.dumps([repr(result) for result in results.values()])
    assert not any(form in told for form in FORMS)


def test_a_stored_address_is_the_one_without_the_key(crawled):
    results, server, _, _ = crawled
    assert results["query /echo"].final_url == server.url("/echo")
    assert "***" in results["query /again"].final_url
    assert results["query /echo"].etag == '"***"'


def test_what_the_server_repeats_is_taken_out_of_the_body(crawled):
    results, _, _, _ = crawled
    body = json.loads(results["query /echo"].body_path.read_bytes())
    assert body == {"you": "***", "link": "https://x.example/?k=***"}


def test_the_log_was_written_and_names_the_failures(crawled):
    _, _, _, folder = crawled
    assert "/drop" in (folder / "crawl.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example/moved",
        "https://api.example:443/x",
    ],
)
def test_a_keyring_knows_its_own_origin(url):
    put = Keyring("https://api.example/jobs", [HEADER, QUERY]).put(Request(url))
    assert put.headers[b"Authorization"] == f"Bearer {CANARY}".encode()
    assert put.url.endswith("?app_key=s3cr3t%2Fcanary%2Btoken")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example/jobs",
        "https://api.example:8443/jobs",
        "https://www.api.example/jobs",
        "https://api.example.evil.example/jobs",
    ],
)
def test_another_origin_gets_nothing(url):
    request = Request(url)
    put = Keyring("https://api.example/jobs", [HEADER, QUERY]).put(request)
    assert put is request
    assert b"Authorization" not in put.headers


@pytest.mark.parametrize("form", FORMS)
def test_a_redirect_that_hands_the_key_on_is_refused(form):
    with pytest.raises(KeyLeakError):
        Keyring("https://api.example/jobs", [QUERY]).put(Request(f"https://evil.example/?k={form}"))


def test_a_parameter_is_replaced_not_doubled():
    put = Keyring("https://api.example/jobs", [QUERY]).put(Request("https://api.example/jobs?app_key=x&q=1"))
    assert put.url == "https://api.example/jobs?q=1&app_key=s3cr3t%2Fcanary%2Btoken"


def test_a_request_never_shows_its_keys():
    assert CANARY not in repr(FetchRequest(name="a", url="https://a.example/", keys=(HEADER, QUERY)))


def test_log_records_lose_keys_in_messages_arguments_and_tracebacks(caplog):
    before = logging.getLogRecordFactory()
    try:
        Redactor([CANARY]).guard_logs()
        try:
            int(f"https://x.example/?k={FORMS[1]}")
        except ValueError:
            logging.getLogger("canary").exception("with %s", CANARY)
    finally:
        logging.setLogRecordFactory(before)
    assert "with ***" in caplog.text
    assert "https://x.example/?k=***" in caplog.text
    assert not any(form in caplog.text for form in FORMS)


def test_no_keys_leave_the_log_as_it_is():
    before = logging.getLogRecordFactory()
    Redactor([]).guard_logs()
    assert logging.getLogRecordFactory() is before


def test_parsers_never_see_the_environment_of_keys(monkeypatch):
    monkeypatch.setenv("BIDWRIGHT_BOARD_TOKEN", CANARY)
    with ParserPool() as pool:
        pool.parse("jsonl", b'{"title": "x"}', source="s", where="w")
        environment = Path(f"/proc/{pool._child.pid}/environ")
        if not environment.exists():
            pytest.skip("reads the child's environment in /proc")
        told = environment.read_bytes()
    assert CANARY.encode() not in told
    assert os.environ["PATH"].encode() in told
