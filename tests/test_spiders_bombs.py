"""Small answers that become large ones: each is given up at the limit, at once and in little memory."""

from __future__ import annotations

import gzip
import tarfile
import time
import zlib
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from domain.errors import InputError
from domain.sources import SourceState
from spiders.crawl import FetchRequest, FetchResult, crawl
from spiders.decode import gunzip, inflate
from spiders.errors import TooLargeError
from spiders.limits import Limits, crawl_limits
from tests.growth import assert_linear
from tests.marks import LINUX
from tests.staging import Stage, told
from tests.test_spiders_crawl import FEED, Server, answer

pytestmark = LINUX
ARCHIVE = Path(__file__).parents[1] / ".." / "shared" / "hostile" / "bombs-scrapy.tar.gz"
LIMIT = crawl_limits().body_bytes
TOO_LARGE = f"too large: more than {LIMIT} bytes"
MEMORY = 150_000_000
SECONDS = 5.0


def packed(megabytes: int, encoding: str) -> bytes:
    """Return so many megabytes of zeros as one stream; its checksum is wrong, but nobody gets that far."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = {"gzip": b"\x1f\x8b\x08" + bytes(7), "deflate": b"\x78\xda", "bare deflate": b""}[encoding]
    return head + megabyte * megabytes + b"\x03\0" + bytes(8)


def stored(data: bytes) -> bytes:
    """Return ``data`` as a gzip file that is no smaller."""
    return gzip.compress(data, compresslevel=0)


def many_layers() -> bytes:
    body = FEED
    for _ in range(40):
        body = gzip.compress(body)
    return body


def encoded(body: bytes, *names: str) -> bytes:
    return answer("200 OK", body, f"Content-Encoding: {', '.join(names)}")


@dataclass
class Crawl:
    results: dict[str, FetchResult]
    seconds: dict[str, float]  # from the first byte asked to the result
    peak: int


class Bombs(Server):
    """A server that notes when its bomb is asked for."""

    def __init__(self, body: bytes) -> None:
        super().__init__({"/": self._sent})
        self.body, self.asked_at = body, 0.0

    def _sent(self, connection) -> None:
        self.asked_at = time.monotonic()
        connection.sendall(self.body)


def crawled(folder: Path, bodies: dict[str, bytes], limits: Limits | None = None) -> Crawl:
    """Fetch ``bodies``, each from a server of its own, all at once."""
    folder.mkdir()
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Bombs(body)) for name, body in bodies.items()}
        requests = [
            FetchRequest(name=name, url=server.url("/"), allow_private=True)
            for name, server in servers.items()
        ]
        stage = Stage(told=str(folder / "told"))
        results = crawl(requests, workdir=folder, limits=limits, command=stage.command(folder / "stage.json"))
        noted = told(stage)
    assert noted.peak > 0
    seconds = {name: noted.at[name] - server.asked_at for name, server in servers.items()}
    return Crawl({result.name: result for result in results}, seconds, noted.peak)


@pytest.fixture(scope="module")
def idle(tmp_path_factory) -> int:
    """What a crawl of one small feed takes, in bytes."""
    return crawled(tmp_path_factory.mktemp("idle") / "crawl", {"well": answer("200 OK", FEED)}).peak


def test_700_megabytes_out_of_less_than_one_are_too_large(tmp_path, idle):
    bombs = {encoding: packed(700, encoding) for encoding in ("gzip", "deflate", "bare deflate")}
    assert max(map(len, bombs.values())) < 1_000_000
    bodies = {encoding: encoded(bomb, encoding.split()[-1]) for encoding, bomb in bombs.items()}
    done = crawled(tmp_path / "crawl", bodies)
    for result in done.results.values():
        assert (result.state, result.detail, result.body_path) == (SourceState.ERROR, TOO_LARGE, None)
    assert max(done.seconds.values()) < SECONDS
    assert done.peak - idle < MEMORY


def test_every_other_kind_at_once_is_refused_beside_a_feed_that_is_read(tmp_path, idle):
    inner = packed(700, "gzip")
    bodies = {
        "in layers": encoded(gzip.compress(inner), "gzip", "gzip"),
        "unsaid layer": encoded(stored(inner), "gzip"),
        "too many layers": encoded(many_layers(), *["gzip"] * 40),
        "no gzip": encoded(bytes(1000), "gzip"),
        "as long as it gets": encoded(
            stored(stored(stored(stored(bytes(LIMIT - 100_000))))), "gzip", "gzip", "gzip", "gzip"
        ),
        "many members": encoded(gzip.compress(b"") * (LIMIT // 20), "gzip"),
        "unasked": encoded(b"\x0b\x02\x80<rss>\x03", "br"),
        "well": answer("200 OK", FEED),
    }
    done = crawled(tmp_path / "crawl", bodies)
    details = {name: result.detail for name, result in done.results.items()}
    assert details["in layers"] == TOO_LARGE
    assert details["too many layers"] == "it is compressed 40 times over"
    assert details["no gzip"] == "the compressed data is no gzip"
    assert details["many members"] == TOO_LARGE
    assert details["unasked"] == "the encoding 'br' was not asked for"
    assert {name for name, result in done.results.items() if result.state is SourceState.OK} == {
        "unsaid layer",  # a gzip file, as some boards have their feed: what reads it counts again
        "as long as it gets",
        "well",
    }
    assert max(done.seconds.values()) < 3 * SECONDS  # seven at once
    assert done.peak - idle < MEMORY
    with pytest.raises(TooLargeError):
        gunzip(done.results["unsaid layer"].body_path.read_bytes(), limit=LIMIT, where="x")


@pytest.mark.skipif(not ARCHIVE.exists(), reason="the collection of bombs is not here")
def test_the_collected_bombs_are_refused(tmp_path, idle):
    bodies = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            stem, _, encoding = Path(member.name).stem.partition("-")
            if stem == "bomb":
                bodies[encoding] = encoded(archive.extractfile(member).read(), encoding)
    assert set(bodies) == {"br", "deflate", "gzip", "zstd"}
    done = crawled(tmp_path / "crawl", bodies, replace(crawl_limits(), body_bytes=10_000_000))
    details = {name: result.detail for name, result in done.results.items()}
    refused = {name: f"the encoding {name!r} was not asked for" for name in ("br", "zstd")}
    assert details == dict.fromkeys(("deflate", "gzip"), "too large: more than 10000000 bytes") | refused
    assert max(done.seconds.values()) < SECONDS
    assert done.peak - idle < MEMORY


@pytest.mark.parametrize("decode", [gunzip, inflate])
def test_the_time_to_decode_grows_with_the_length(decode):
    """Small members and much output made it grow with the square."""

    def work(size: int) -> None:
        whole = gzip.compress(b"") * size if decode is gunzip else zlib.compress(bytes(size * 1_000))
        assert len(decode(whole, limit=LIMIT, where="x")) == (0 if decode is gunzip else size * 1_000)

    assert_linear(work, 1_250)


def test_more_parts_than_any_honest_file_has_are_too_many():
    with pytest.raises(TooLargeError, match="more than 10000 compressed parts"):
        gunzip(gzip.compress(b"") * 10_001, limit=LIMIT, where="x")


def test_what_follows_the_data_and_what_is_missing_are_said():
    whole = gzip.compress(FEED)
    assert gunzip(whole * 3 + b"\0" * 512, limit=LIMIT, where="x") == FEED * 3
    for broken, words in ((whole + b"more", "followed by something else"), (whole[:-4], "ends early")):
        with pytest.raises(InputError, match=words):
            gunzip(broken, limit=LIMIT, where="x")
    with pytest.raises(TooLargeError):
        gunzip(whole * 3, limit=3 * len(FEED) - 1, where="x")
