"""The child that parses: killed, crashed or out of memory, it costs one body and nothing else."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SourceError
from domain.issues import IssueLevel
from spiders.errors import ChangedShapeError, TooLargeError
from spiders.limits import parsing_limits
from spiders.parsers import parse
from spiders.sandbox import ParseOutcome, ParserPool
from spiders.wire import pack_result, read_frame, unpack_result, write_frame

GOOD = b'<rss version="2.0"><channel><title>T</title><item><title>A</title></item></channel></rss>'
MANY = b"".join(b"<category>%d</category>" % number for number in range(15_000))  # each compared with all
HANGS = b'<rss version="2.0"><channel><item>' + MANY + b"</item></channel></rss>"


@pytest.fixture(scope="module")
def pool():
    with ParserPool() as shared:
        yield shared


def titles(outcome: ParseOutcome) -> list[str]:
    return [post.title for post in outcome.unwrap().posts]


def test_the_same_posts_as_without_a_child(pool):
    body = (
        '{"title": "Ação \\ud800", "skills": ["a"], "client": {"country": "PT"}, "odd": 1.50}\n{bad'.encode()
    )
    outcome = pool.parse("jsonl", body, source="s", where="w")
    assert outcome.unwrap() == parse("jsonl", body, source="s", where="w")
    assert outcome.error is None


def test_one_child_serves_many_bodies(pool):
    pool.parse("feed", GOOD, source="s", where="w")
    child = pool._child
    for _ in range(20):
        assert titles(pool.parse("feed", GOOD, source="s", where="w")) == ["A"]
    assert pool._child is child


def test_auto_says_what_it_found(pool):
    outcome = pool.parse("auto", GOOD, source="s", where="w")
    assert (outcome.kind, titles(outcome)) == ("rss", ["A"])


def test_a_body_of_another_shape(pool):
    outcome = pool.parse("feed", b"{}", source="s", where="w")
    assert isinstance(outcome.error, ChangedShapeError)
    with pytest.raises(ChangedShapeError):
        outcome.unwrap()


def test_a_body_beyond_the_limit_never_reaches_the_child():
    with ParserPool(replace(parsing_limits(), body_bytes=10)) as small:
        outcome = small.parse("feed", GOOD, source="s", where="board")
        assert isinstance(outcome.error, TooLargeError)
        assert str(outcome.error) == f"board: too large: {len(GOOD)} bytes, 10 are read at most"
        assert small._child is None


def test_an_answer_beyond_the_limit_is_an_error_and_the_next_body_parses():
    with ParserPool(replace(parsing_limits(), answer_bytes=5_000)) as small:
        many = b'{"title": "x"}\n' * 50
        assert "bytes; 5000 are allowed" in str(small.parse("jsonl", many, source="s", where="w").error)
        assert titles(small.parse("feed", GOOD, source="s", where="w")) == ["A"]


def test_a_body_that_hangs_the_parser_is_stopped_and_the_next_one_parses():
    with ParserPool(replace(parsing_limits(), wall_seconds=1.5)) as pool:
        started = time.monotonic()
        outcome = pool.parse("feed", HANGS, source="s", where="w")
        assert str(outcome.error) == "w: parsing took longer than 1.5 s and was stopped"
        assert time.monotonic() - started < 3
        started = time.monotonic()
        assert titles(pool.parse("feed", GOOD, source="s", where="w")) == ["A"]
        assert time.monotonic() - started < 1.5


def test_a_large_body_has_more_time():
    limits = replace(parsing_limits(), wall_seconds=0.3, large_bytes=len(HANGS) - 1, large_wall_seconds=0.8)
    with ParserPool(limits) as pool:
        pool.parse("feed", GOOD, source="s", where="w")
        assert "longer than 0.8 s" in str(pool.parse("feed", HANGS, source="s", where="w").error)


def test_a_child_that_was_killed_is_replaced(pool):
    assert titles(pool.parse("feed", GOOD, source="s", where="w")) == ["A"]
    pool._child.kill()
    pool._child.wait()
    assert titles(pool.parse("feed", GOOD, source="s", where="w")) == ["A"]


def test_close_ends_the_child_and_a_later_parse_starts_another():
    pool = ParserPool()
    pool.parse("feed", GOOD, source="s", where="w")
    child = pool._child
    pool.close()
    assert child.poll() is not None
    assert titles(pool.parse("feed", GOOD, source="s", where="w")) == ["A"]
    pool.close()


def test_threads_take_turns(pool):
    found: list[list[str]] = []

    def work(number: int) -> None:
        body = GOOD.replace(b"<title>A", b"<title>%d" % number)
        found.append(titles(pool.parse("feed", body, source="s", where="w")))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[str(number)] for number in range(8)]


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
@pytest.mark.slow
def test_a_body_that_needs_too_much_memory_is_an_error():
    many = b"[" + b"{}," * 4_900_000 + b"{}]"  # 15 MB of empty objects, a gigabyte once read
    with ParserPool() as pool:
        outcome = pool.parse("jsonl", many[: parsing_limits().body_bytes], source="s", where="w")
        assert outcome.error is not None
        assert titles(pool.parse("feed", GOOD, source="s", where="w")) == ["A"]


def test_the_child_imports_nothing_heavy():
    script = "import spiders.child, sys; print(sorted({'torch', 'scrapy', 'numpy', 'prefect', 'sqlalchemy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_child_is_found_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with ParserPool() as pool:
        assert titles(pool.parse("feed", GOOD, source="s", where="w")) == ["A"]


# ---- the wire --------------------------------------------------------------------------------------------


@given(st.dictionaries(st.text(), st.text() | st.integers()), st.binary())
def test_frames_come_back_as_they_were(header, body):
    stream = io.BytesIO()
    write_frame(stream, header, body)
    stream.seek(0)
    assert read_frame(stream, limit=10**6) == (header, body)
    assert read_frame(stream, limit=10**6) is None


@given(st.binary(max_size=60))
def test_a_torn_frame_is_the_end_or_an_error_of_ours(junk):
    try:
        assert read_frame(io.BytesIO(junk), limit=1_000) is None or len(junk) >= 16
    except SourceError:
        assert len(junk) >= 8


@pytest.mark.parametrize("head", [b"not json", b"[1]"])
def test_a_frame_that_is_not_ours(head):
    stream = io.BytesIO(len(head).to_bytes(8, "big") + head + bytes(8))
    with pytest.raises(SourceError):
        read_frame(stream, limit=1_000)


def test_what_is_no_post_is_refused():
    data = pack_result(parse("jsonl", b'{"title": "x"}', source="s", where="w"))
    assert unpack_result(data).posts[0].title == "x"
    for broken in ({}, data | {"posts": [{}]}, data | {"posts": 5}, data | {"issues": [{"level": "loud"}]}):
        with pytest.raises(SourceError):
            unpack_result(broken)


def test_issues_cross_with_their_level(pool):
    outcome = pool.parse("jsonl", b"{bad", source="s", where="w")
    assert [issue.level for issue in outcome.unwrap().issues] == [IssueLevel.ERROR]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
def test_replacing_children_leaks_no_files():
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(5):
        with ParserPool() as pool:
            pool.parse("feed", GOOD, source="s", where="w")
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
