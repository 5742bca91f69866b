"""Certificates that prove nothing are refused, each with the reason in words, and nothing is asked of their servers."""

from __future__ import annotations

import ssl
import warnings
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.sources import SourceState
from spiders.crawl import FetchRequest, crawl
from tests.certificates import DAY, authority, server_context
from tests.marks import LINUX
from tests.staging import WORLD, Stage, told
from tests.test_spiders_crawl import FEED, QUICK, Server, answer

pytestmark = LINUX
HOST = "board.example"
WRONG = {
    "expired": "its certificate has expired",
    "not yet valid": "its certificate is not valid yet; is the clock of this machine right?",
    "another host": f"its certificate is not for {HOST}",
    "a part of the host": f"its certificate is not for {HOST}",
    "an address": f"its certificate is not for {HOST}",
    "no host at all": f"its certificate is not for {HOST}",
    "a wildcard over everything": f"its certificate is not for {HOST}",
    "signed by itself": "its certificate is signed by itself, not by an authority",
    "unknown authority": "its certificate is signed by an authority that this machine does not know",
    "TLS 1.0": "it speaks only versions of TLS that are not safe (1.2 is the least)",
    "TLS 1.1": "it speaks only versions of TLS that are not safe (1.2 is the least)",
    "no TLS": "it does not speak https at this address",
}


def contexts(folder, trusted, stranger) -> dict[str, ssl.SSLContext | None]:
    def old(version: ssl.TLSVersion) -> ssl.SSLContext:
        context = server_context(folder, trusted, HOST)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
        return context

    return {
        "good": server_context(folder, trusted, HOST),
        "good for more": server_context(folder, trusted, "other.example", f"*.{HOST}", HOST),
        "expired": server_context(folder, trusted, HOST, begins=-30 * DAY, ends=-timedelta(minutes=1)),
        "not yet valid": server_context(folder, trusted, HOST, begins=DAY, ends=2 * DAY),
        "another host": server_context(folder, trusted, "other.example"),
        "a part of the host": server_context(folder, trusted, "example", f"www.{HOST}", "oard.example"),
        "an address": server_context(folder, trusted, "127.0.0.1"),
        "no host at all": server_context(folder, trusted),
        "a wildcard over everything": server_context(folder, trusted, "*", "*.*", "**.example"),
        "signed by itself": server_context(folder, None, HOST),
        "unknown authority": server_context(folder, stranger, HOST),
        "TLS 1.0": old(ssl.TLSVersion.TLSv1),
        "TLS 1.1": old(ssl.TLSVersion.TLSv1_1),
        "no TLS": None,
    }


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """One crawl of a server with each certificate; each has a port of its own, and the same name."""
    folder = tmp_path_factory.mktemp("certificates")
    trusted, stranger = authority("one that this machine knows"), authority("one that it does not know")
    (folder / "known.pem").write_bytes(trusted.pem())
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(folder / "known.pem"))
        servers = {
            kind: stack.enter_context(Server({f"/{number}": answer("200 OK", FEED)}, context, WORLD))
            for number, (kind, context) in enumerate(contexts(folder, trusted, stranger).items())
        }
        # Every server is at port 443 of its own address; the stage leads each address to its server.
        stage = Stage(
            names={HOST: [["93.184.216.34"]]},
            world={str(server.port): server.port for server in servers.values()},
            told=str(folder / "told"),
        )
        requests = [
            FetchRequest(name=kind, url=f"https://{HOST}:{server.port}/{number}")
            for number, (kind, server) in enumerate(servers.items())
        ]
        limits = replace(QUICK, start_delay_seconds=0.0)
        results = crawl(requests, workdir=folder, limits=limits, command=stage.command(folder / "stage.json"))
        yield {result.name: result for result in results}, servers, told(stage)


@pytest.mark.parametrize("kind", ["good", "good for more"])
def test_a_good_certificate_is_taken(crawled, kind):
    results, servers, _ = crawled
    assert results[kind].state is SourceState.OK, results[kind].detail
    assert servers[kind].asked.total() == 2, "robots.txt and the feed"


@pytest.mark.parametrize("kind", WRONG)
def test_a_certificate_that_proves_nothing_is_refused_and_nothing_is_asked(crawled, kind):
    results, servers, _ = crawled
    assert (results[kind].state, results[kind].detail) == (SourceState.UNREACHABLE, WRONG[kind])
    assert results[kind].reached, "a server that proves nothing was there all the same"
    assert [path for path in servers[kind].asked if path.startswith("/")] == []


def test_every_server_was_really_met(crawled):
    _, servers, noted = crawled
    assert len(noted.connected) >= len(servers)
    assert all(server.accepted for server in servers.values())
