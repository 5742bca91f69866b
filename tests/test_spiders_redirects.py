"""What belongs to one origin stays with it: keys, cookies and referrers never follow a redirect to another."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from urllib.parse import quote

import pytest

from spiders.crawl import FetchRequest, FetchResult, crawl
from spiders.fetching import Key
from tests.certificates import authority, server_context
from tests.marks import LINUX
from tests.staging import WORLD, Stage
from tests.test_spiders_crawl import FEED, QUICK, Server, answer

pytestmark = LINUX
SECRET = "s3cr3t/canary+token"
FORMS = (SECRET, quote(SECRET, safe=""), quote(SECRET, safe="").lower(), "c00kie-canary")
STATUSES = (301, 302, 303, 307, 308)
KEYS = {
    "header": Key(secret=SECRET, header="Authorization", prefix="Bearer "),
    "other header": Key(secret=SECRET, header="X-Api-Key"),
    "parameter": Key(secret=SECRET, query="app_key"),
}
# From where, to where: six ways to be another origin. A port names the server behind it.
KINDS = {
    "another host": ("http://jobs.example:{plain}", "http://evil.example:{plain}"),
    "another port": ("http://jobs.example:{plain}", "http://jobs.example:{other}"),
    "a subdomain": ("http://jobs.example:{plain}", "http://api.jobs.example:{plain}"),
    "the parent domain": ("http://api.jobs.example:{plain}", "http://jobs.example:{plain}"),
    "no longer encrypted": ("https://jobs.example:{tls}", "http://jobs.example:{plain}"),
    "encrypted": ("http://jobs.example:{plain}", "https://jobs.example:{tls}"),
    "its own origin": ("http://jobs.example:{plain}", "http://jobs.example:{plain}"),  # the control
}
OTHERS = [kind for kind in KINDS if kind != "its own origin"]


@dataclass
class Crawled:
    results: dict[str, FetchResult]
    heads: dict[str, str]  # what each landing was asked with, by its path


@pytest.fixture(scope="module")
def crawled(tmp_path_factory) -> Crawled:
    """Every kind of redirect with every status and every kind of key, in one crawl."""
    folder = tmp_path_factory.mktemp("redirects")
    signer = authority("one that this machine knows")
    (folder / "known.pem").write_bytes(signer.pem())
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(folder / "known.pem"))
        context = server_context(folder, signer, "jobs.example")
        servers = {
            name: stack.enter_context(Server({}, tls, WORLD))
            for name, tls in (("plain", None), ("other", None), ("tls", context))
        }
        ports = {name: server.port for name, server in servers.items()}
        requests = []
        for kind, (origin, target) in KINDS.items():
            for status in STATUSES:
                for how, key in KEYS.items():
                    path = f"/{kind}/{status}/{how}".replace(" ", "-")
                    away = answer(
                        f"{status} Moved",
                        b"",
                        f"Location: {target.format(**ports)}{path}/landed",
                        "Set-Cookie: session=c00kie-canary; Domain=example; Path=/",
                        "Referrer-Policy: unsafe-url",
                    )
                    for server in servers.values():
                        server.routes |= {
                            path: away,
                            f"{path}?app_key={quote(SECRET, safe='')}": away,
                            f"{path}/landed": answer("200 OK", FEED),
                            f"{path}/landed?app_key={quote(SECRET, safe='')}": answer("200 OK", FEED),
                        }
                    requests.append(
                        FetchRequest(name=path, url=origin.format(**ports) + path, keys=(key,), etag='"v1"')
                    )
        stage = Stage(names={"*": [["93.184.216.34"]]}, world={str(port): port for port in ports.values()})
        limits = replace(QUICK, start_delay_seconds=0.0, deadline_seconds=120.0)
        results = crawl(requests, workdir=folder, limits=limits, command=stage.command(folder / "stage.json"))
        heads = {path: head for server in servers.values() for path, head in server.headers.items()}
    return Crawled({result.name: result for result in results}, heads)


@pytest.mark.parametrize("kind", OTHERS)
def test_another_origin_is_asked_and_told_nothing(crawled, kind):
    asked = {
        path: head for path, head in crawled.heads.items() if path.startswith(f"/{kind.replace(' ', '-')}/")
    }
    landed = {path: head for path, head in asked.items() if "/landed" in path}
    assert len(landed) == len(STATUSES) * len(KEYS), "every redirect was followed"
    for path, head in landed.items():
        assert not any(form in path + head for form in FORMS), path
        for name in ("authorization", "x-api-key", "cookie", "referer"):
            assert f"\n{name}:" not in head.lower(), path
    origin = [head for path, head in asked.items() if path not in landed]
    assert all(FORMS[0] in head or FORMS[1] in head for head in origin), "the first origin did get the key"
    assert len(origin) == len(landed)


def test_the_same_origin_is_told_the_key_again_but_no_cookie(crawled):
    landed = [
        head
        for path, head in crawled.heads.items()
        if path.startswith("/its-own-origin/") and "/landed" in path
    ]
    assert len(landed) == len(STATUSES) * len(KEYS)
    assert all(SECRET in head or FORMS[1] in head for head in landed)
    assert not any("c00kie" in head for head in landed)


def test_no_result_shows_a_key(crawled):
    told = repr(crawled.results)
    assert not any(form in told for form in FORMS)
