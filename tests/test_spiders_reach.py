"""No address that is not public is ever connected to: not named, not redirected to, not answered by a name.

Connections are noted in the crawl's process by an audit hook, whoever makes them. The world is a server on this machine.
"""

from __future__ import annotations

import json
import re
import socket
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from domain.sources import SourceState
from spiders.crawl import FetchRequest, FetchResult, crawl
from spiders.sandbox import ParserPool
from tests.marks import LINUX
from tests.staging import WORLD, Stage, Told, told
from tests.test_spiders_crawl import FEED, QUICK, Server, answer

pytestmark = [LINUX, pytest.mark.slow]
SHARED = Path(__file__).parents[1] / ".." / "shared" / "hostile"
LIMITS = replace(
    QUICK, timeout_seconds=1.0, fetch_seconds=5.0, start_delay_seconds=0.0, retries=0, deadline_seconds=120.0
)
PUBLIC = "93.184.216.34"


def member(archive: str, name: str) -> bytes:
    path = SHARED / f"{archive}.tar.gz"
    if not path.exists():
        pytest.skip(f"the hostile collection {archive} is not here")
    with tarfile.open(path) as opened:
        found = next(entry for entry in opened.getnames() if entry.endswith(name))
        return opened.extractfile(found).read()


@pytest.fixture(scope="module")
def cases() -> dict:
    return json.loads(member("own-cases", "ssrf-urls.json"))


def fetched(folder: Path, urls: Sequence[str], stage: Stage) -> tuple[list[FetchResult], Told]:
    """Fetch ``urls`` in one crawl on ``stage``."""
    stage.told = str(folder / "told")
    Path(stage.told).touch()
    requests = [FetchRequest(name=f"{number} {url[:40]!r}", url=url) for number, url in enumerate(urls)]
    results = crawl(requests, workdir=folder, limits=LIMITS, command=stage.command(folder / "stage.json"))
    assert [result.name for result in results] == [request.name for request in requests]
    return results, told(stage)


def listening() -> list[socket.socket]:
    """Canaries on this machine, where a connection that nobody noted would end."""
    return [socket.create_server((host, 0), family=family) for host, family in (
        ("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6),
    )]  # fmt: skip


def visited(canary: socket.socket) -> bool:
    canary.settimeout(0.0)
    try:
        canary.accept()
    except BlockingIOError:
        return False
    return True


def test_every_hostile_address_is_refused_unconnected(tmp_path, cases):
    canaries = listening()
    ports = [canary.getsockname()[1] for canary in canaries]
    own = [f"http://127.0.0.1:{ports[0]}/", f"http://[::1]:{ports[1]}/", f"http://localhost:{ports[0]}/"]
    assert len(cases["block"]) == 85
    results, noted = fetched(tmp_path, [*cases["block"], *own], Stage(names={"*": [["127.0.0.1"]]}))
    assert noted.connected == []
    assert [visited(canary) for canary in canaries] == [False, False]
    assert {result.state for result in results} <= {SourceState.ERROR, SourceState.UNREACHABLE}
    assert all(result.detail for result in results)
    for canary in canaries:
        canary.close()


def test_what_may_be_fetched_is(tmp_path, cases):
    with Server({}, host=WORLD) as world:
        world.routes = dict.fromkeys(
            ("/feed.xml", "/a?b=http://127.0.0.1/", "/feed", "/"), answer("200 OK", FEED)
        )
        stage = Stage(names={"*": [[PUBLIC]]}, world={"*": world.port})
        results, noted = fetched(tmp_path, cases["allow"], stage)
    assert set(noted.connected) == {PUBLIC, "8.8.8.8", "2606:4700::1111"}
    for url, result in zip(cases["allow"], results, strict=True):
        if url.startswith("http:"):
            assert result.state is SourceState.OK, result
        else:  # it went there, but the world of this test speaks neither TLS nor IPv6
            assert result.state is SourceState.UNREACHABLE


def location(url: str) -> bytes:
    """Return an answer that redirects to ``url``, as it stands."""
    clean = url.encode().replace(b"\r", b"").replace(b"\n", b"")
    return b"HTTP/1.1 302 Found\r\nLocation: " + clean + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def redirected(folder: Path, targets: Sequence[bytes]) -> tuple[list[FetchResult], Told]:
    """Fetch from as many public servers as there are ``targets``, each of which answers with one of them."""
    names = {f"start-{number}.example": [[PUBLIC]] for number in range(len(targets))}
    with Server({}, host=WORLD) as world:
        world.routes = {f"/{number}": target for number, target in enumerate(targets)}
        stage = Stage(names={**names, "*": [["127.0.0.1"]]}, world={"*": world.port})
        urls = [f"http://{name}/{number}" for number, name in enumerate(names)]
        results, noted = fetched(folder, urls, stage)
        assert sum(world.asked[f"/{number}"] for number in range(len(targets))) >= len(targets)
    return results, noted


def test_no_redirect_leads_to_a_hostile_address(tmp_path, cases):
    results, noted = redirected(tmp_path, [location(url) for url in cases["block"]])
    assert set(noted.connected) == {PUBLIC}
    # A Location without a scheme is a path on the server that was asked: a page that is not there.
    stayed = [result for result in results if "HTTP 404" in result.detail]
    assert len(stayed) <= 12
    assert {result.state for result in results} <= {SourceState.ERROR, SourceState.UNREACHABLE}


def test_a_chain_of_redirects_is_judged_at_every_hop(tmp_path):
    statuses = (301, 302, 303, 307, 308)
    with Server({}, host=WORLD) as world:
        for status in statuses:
            hops = [f"http://hop-{n}.example/{status}/{n}" for n in range(1, 5)] + ["http://127.0.0.1/admin"]
            world.routes |= {
                f"/{status}/{n}": answer(f"{status} Moved", b"", f"Location: {hop}")
                for n, hop in enumerate(hops)
            }
        names = {f"hop-{number}.example": [[PUBLIC]] for number in range(5)}
        urls = [f"http://hop-0.example/{status}/0" for status in statuses]
        results, noted = fetched(tmp_path, urls, Stage(names=names, world={"*": world.port}))
        assert {world.asked[f"/{status}/{number}"] for status in statuses for number in range(5)} == {1}
    assert set(noted.connected) == {PUBLIC}
    for result in results:
        assert "leads to 127.0.0.1, which is not a public address" in result.detail


def test_names_are_judged_by_all_they_answer_and_held_to_it(tmp_path, cases):
    names = {}
    for number, case in enumerate(cases["dns"]):
        names[f"dns-{number}.example"] = case.get("answers_seq") or [case["answers"]]
    expected = {case["name"]: case["expect"] for case in cases["dns"]}
    assert len(expected) == 7
    results, noted = fetched(tmp_path, [f"http://{name}/" for name in names], Stage(names=names))
    details = dict(zip(expected, (result.detail for result in results), strict=True))
    for name in ("all-private", "mixed public+private", "AAAA mapped", "CNAME to localhost"):
        assert "is not a public address" in details[name]
    assert details["NXDOMAIN"] == "the name dns-5.example has no address"
    tried = set(noted.connected)
    assert not any(address.startswith(("127.", "10.", "::")) for address in tried)
    many = set(cases["dns"][6]["answers"])
    assert len(tried & many - {PUBLIC}) <= 2, "of 500 addresses only the first two are tried"
    assert PUBLIC in tried


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(tmp_path):
    with Server({}, host=WORLD) as world:
        world.routes = {"/": answer("302 Found", b"", "Location: /again"), "/again": answer("200 OK", FEED)}
        stage = Stage(names={"turning.example": [[PUBLIC], ["127.0.0.1"]]}, world={"*": world.port})
        (result,), noted = fetched(tmp_path, ["http://turning.example/"], stage)
    assert (result.state, set(noted.connected)) == (SourceState.OK, {PUBLIC})


LINKS = """<?xml version="1.0"?><?xml-stylesheet href="{canary}/style" type="text/xsl"?>
<!DOCTYPE rss SYSTEM "{canary}/dtd"><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>x</title>
<link>{canary}/link</link><docs>{canary}/docs</docs><atom:link rel="self" href="{canary}/self"/>
<image><url>{canary}/image</url></image><item><title>A</title><link>{canary}/item</link>
<enclosure url="{canary}/enclosure" length="1" type="image/png"/>
<description>&lt;meta http-equiv="refresh" content="0;url={canary}/meta"&gt;&lt;img src="{canary}/img"&gt;</description>
</item></channel></rss>"""


def test_nothing_that_an_answer_names_is_fetched(tmp_path):
    canary = socket.create_server(("127.0.0.1", 0))
    place = f"http://127.0.0.1:{canary.getsockname()[1]}"
    page = f'<html><head><meta http-equiv="refresh" content="0;url={place}/meta"></head></html>'.encode()
    with Server({}, host=WORLD) as world, ParserPool() as pool:
        world.routes = {
            "/feed": answer("200 OK", LINKS.format(canary=place).encode(), f"Link: <{place}/hub>; rel=hub"),
            "/page": answer("200 OK", page, f"Refresh: 0;url={place}/refresh", "Content-Type: text/html"),
        }
        stage = Stage(names={"*": [[PUBLIC]]}, world={"*": world.port})
        results, noted = fetched(tmp_path, ["http://a.example/feed", "http://b.example/page"], stage)
        parsed = pool.parse("feed", results[0].body_path.read_bytes(), source="s", where="w").unwrap()
    assert [post.title for post in parsed.posts] == ["A"]
    assert set(noted.connected) == {PUBLIC}
    assert not visited(canary)
    canary.close()


def test_the_collected_addresses_lead_nowhere(tmp_path):
    """Every foreign name answers with this machine here, so that not one connection may be made."""
    pages = ("README.md", "SSRF-Cloud-Instances.md", "SSRF-Advanced-Exploitation.md")
    text = "\n".join(
        member("ssrf-payloadsallthethings", f"Server Side Request Forgery/{page}").decode() for page in pages
    )
    urls = sorted(set(re.findall(r"""(?:[a-z][a-z+.-]{1,20}:)?//[^\s"'<>`)\]}|]+""", text)))
    assert len(urls) > 150
    results, noted = fetched(tmp_path, urls, Stage(names={"*": [["127.0.0.1"]]}))
    assert set(noted.connected) <= {"1.1.1.1"}, "the one public address among them"
    assert {result.state for result in results} <= {SourceState.ERROR, SourceState.UNREACHABLE}


@pytest.mark.slow
def test_the_collected_redirects_lead_nowhere(tmp_path):
    lists = ("Open-Redirect-payloads.txt", "open_redirect_wordlist.txt", "openredirects.txt")
    found = b"\n".join(member("ssrf-payloadsallthethings", f"Intruder/{name}") for name in lists).decode(
        "utf-8", "replace"
    )
    targets = [
        line.replace("google.com", "inside.example")
        for line in dict.fromkeys(found.splitlines())
        if line.strip()
    ]
    assert len(targets) > 250
    _, noted = redirected(tmp_path, [location(target) for target in targets])
    assert set(noted.connected) <= {PUBLIC, "216.58.214.206", "::ffff:216.58.214.206"}, (
        "the public ones among them"
    )
