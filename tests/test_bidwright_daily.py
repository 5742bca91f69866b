"""The steps against a real server on loopback: one sick source never stops the rest, nothing is lost in silence."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bidwright.daily import STEPS, Step, run_daily
from bidwright.desk import open_desk
from bidwright.steps.fetch import anything_due, configured_sources, expire_texts, fetch_sources
from bidwright.workspace import Workspace, init_workspace
from domain.errors import ConfigError, SourceError, TemplateError
from spiders.crawl import crawl
from tests.fakes import FakeClock, FakeEmbedder
from tests.staging import Stage

pytestmark = pytest.mark.slow

SETTINGS = """
[profile]
name = "Ana Prado"
headline = "Django back ends"
time_zone = "Europe/Lisbon"
[rates]
currency = "USD"
floor = "45"
[[skills]]
name = "Django"
level = "expert"
"""
ITEM = """<item><title>{title}</title><link>https://jobs.example/{name}</link><guid>{name}</guid>
<description>{text} Pays $70 per hour.</description><pubDate>{date}</pubDate></item>"""


class Board:
    """A server whose answers can be changed while it runs; counts what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str]] = {}
        self.asked: list[str] = []
        self.offered: list[tuple[str, str | None]] = []
        board = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                board.asked.append(self.path)
                board.offered.append((self.path, self.headers.get("If-None-Match")))
                status, body = board.pages.get(self.path, (404, ""))
                self.send_response(status)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("ETag", f'"{self.path}"')
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def feed(self, path: str, *items: tuple[str, str]) -> None:
        inside = "".join(
            ITEM.format(name=name, title=text, text=text, date="Mon, 02 Mar 2026 06:00:00 GMT")
            for name, text in items
        )
        self.pages[path] = (200, f"<rss version='2.0'><channel><title>x</title>{inside}</channel></rss>")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    yield board
    board.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))


def workspace(root: Path, board: Board, *names: str) -> Workspace:
    init_workspace(root)
    sources = "".join(
        f'[[sources]]\nname = "{name}"\ntype = "rss"\nallow_private = true\n'
        f'url = "http://127.0.0.1:{board.server.server_port}/{name}"\n'
        for name in names
    )
    (root / "bidwright.toml").write_text(SETTINGS + sources, encoding="utf-8")
    return Workspace(root)


@contextmanager
def desk_on(space: Workspace, clock: FakeClock, embedder: FakeEmbedder | None = None):
    made = embedder or FakeEmbedder()
    with open_desk(space, clock=clock, load_embedder=lambda _model: made) as desk:
        yield desk


def states(daily) -> dict[str, str]:
    return {outcome.source: outcome.state.value for outcome in daily.outcomes}


def test_a_sick_source_is_named_and_the_others_are_read(tmp_path, board, clock):
    board.feed("/well", ("a", "Django API for a bakery"), ("b", "Django shop"))
    board.pages["/sick"] = (500, "")
    board.pages["/changed"] = (200, "<html><body>We moved!</body></html>")
    board.feed("/empty")
    with desk_on(workspace(tmp_path, board, "sick", "well", "changed", "empty", "gone"), clock) as desk:
        daily = run_daily(desk)
        assert states(daily) == {
            "sick": "error", "well": "ok", "changed": "changed shape", "empty": "empty", "gone": "error",
        }  # fmt: skip
        assert daily.status == 1
        assert daily.problems == []
        assert {post.stored.post.source_id for post in daily.ranking.ranked} == {"a", "b"}
        with desk.store.read() as tx:
            assert len(tx.runs.outcomes(daily.run_id)) == 5
            assert tx.runs.latest().status == "problems"


def test_a_second_run_asks_nobody_and_gives_the_same_digest(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    embedder = FakeEmbedder()
    with desk_on(workspace(tmp_path, board, "one"), clock, embedder) as desk:
        first = run_daily(desk)
        asked, encoded = list(board.asked), list(embedder.encoded)
        clock.advance(minutes=20)
        assert not anything_due(desk)
        second = run_daily(desk)
        assert states(second) == {"one": "not due"}
        assert second.digest == first.digest
        assert (board.asked, embedder.encoded) == (asked, encoded)


def test_news_makes_a_new_digest_of_the_day(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        first = run_daily(desk)
        board.feed("/one", ("a", "Django API for a bakery"), ("b", "Django for a florist"))
        clock.advance(hours=2)
        second = run_daily(desk)
        assert second.digest.now == clock()
        assert (first.digest.considered, second.digest.considered) == (1, 2)
        assert second.digest.local_date == first.digest.local_date


def test_the_minimum_interval_holds_after_a_refusal_but_not_after_being_offline(tmp_path, board, clock):
    board.pages["/one"] = (429, "")
    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        assert states(run_daily(desk)) == {"one": "blocked"}
        clock.advance(minutes=10)
        assert states(run_daily(desk)) == {"one": "not due"}
        clock.advance(hours=1)
        crawl_offline = partial(crawl, command=Stage(offline=True).command(tmp_path / "stage.json"))

        def fetch(desk, daily):
            daily.outcomes = fetch_sources(desk, daily.run_id, crawl=crawl_offline)

        assert states(run_daily(desk, steps=[Step("fetch", fetch)])) == {"one": "unreachable"}
        clock.advance(minutes=1)
        assert anything_due(desk)


def test_a_clock_set_back_does_not_silence_a_source(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        run_daily(desk)
        clock.now -= timedelta(days=400)
        assert anything_due(desk)


def test_an_edited_post_is_an_update_with_its_history(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        run_daily(desk)
        board.feed("/one", ("a", "Django API for two bakeries"))
        clock.advance(hours=2)
        (outcome,) = run_daily(desk).outcomes
        assert (outcome.posts_new, outcome.posts_updated) == (0, 1)
        with desk.store.read() as tx:
            (stored,) = tx.posts.all()
            assert stored.post.title == "Django API for two bakeries"
            assert [state.title for state in tx.posts.history(stored.post_id)] == ["Django API for a bakery"]


def test_text_is_deleted_when_a_sources_terms_say_so(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        run_daily(desk)
        kept = desk.workspace.state / "kept"
        (source,) = configured_sources(desk.workspace.settings.sources, "x")
        terms = replace(source.terms, keep_text=timedelta(hours=24))
        clock.advance(hours=23)
        expire_texts(desk, [replace(source, terms=terms)])
        with desk.store.read() as tx:
            assert [stored.post.description != "" for stored in tx.posts.all()] == [True]
        assert list(kept.iterdir())
        clock.advance(hours=2)
        expire_texts(desk, [replace(source, terms=terms)])
        with desk.store.read() as tx:
            assert [(stored.post.title, stored.post.description) for stored in tx.posts.all()] == [
                ("Django API for a bakery", "")
            ]
        assert not list(kept.iterdir())


def test_a_failing_step_is_named_and_the_others_go_on(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))

    def fail(_desk, _daily):
        raise TemplateError("it broke", where="hourly:3")

    steps = [Step("drafts", fail) if step.name == "drafts" else step for step in STEPS]
    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        daily = run_daily(desk, steps=steps)
        assert daily.problems == ["drafts: hourly:3: it broke"]
        assert daily.digest.considered == 1
        assert daily.status == 1


def test_a_run_that_is_stopped_is_recorded_as_stopped(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))

    def interrupted(_desk, _daily):
        raise KeyboardInterrupt

    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        with pytest.raises(KeyboardInterrupt):
            run_daily(desk, steps=[STEPS[0], Step("drafts", interrupted)])
        with desk.store.read() as tx:
            run = tx.runs.latest()
        assert (run.status, run.finished_at, run.summary["posts_new"]) == ("stopped", clock(), 1)


def test_another_address_is_another_feed_and_asked_afresh(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    board.feed("/moved", ("b", "Django for a florist"))
    space = workspace(tmp_path, board, "one")
    with desk_on(space, clock) as desk:
        run_daily(desk)
    text = space.settings_path.read_text(encoding="utf-8").replace("/one", "/moved")
    space.settings_path.write_text(text, encoding="utf-8")
    with desk_on(Workspace(tmp_path), clock) as desk:
        assert anything_due(desk)
        assert states(run_daily(desk)) == {"one": "ok"}
        clock.advance(hours=2)
        run_daily(desk)
    offered = [(path, etag) for path, etag in board.offered if path != "/robots.txt"]
    assert offered == [("/one", None), ("/moved", None), ("/moved", '"/moved"')]


def test_what_a_killed_fetch_left_is_gone_after_the_next(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    space = workspace(tmp_path, board, "one")
    left = space.state / "fetch" / "20260301T080000-dead" / "one.body"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x" * 1000)
    with desk_on(space, clock) as desk:
        run_daily(desk)
    assert list((space.state / "fetch").iterdir()) == []


def test_a_draft_whose_record_a_kill_prevented_is_recorded_by_the_next_run(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        (report,) = run_daily(desk).drafts
        with desk.store.read() as tx:
            (whole,) = tx.drafts.for_post(report.post_id)
        with sqlite3.connect(tmp_path / "bidwright.db") as raw:
            raw.execute("DELETE FROM drafts")
        raw.close()
        run_daily(desk)
        with desk.store.read() as tx:
            assert tx.drafts.for_post(report.post_id) == [whole]


def test_a_broken_template_of_the_persons_own_costs_its_draft_only(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    space = workspace(tmp_path, board, "one")
    for name in ("hourly", "short", "audit", "fixed-milestones", "follow-up", "retainer", "plain-words"):
        (space.templates / f"{name}.md.j2").write_text(
            '+++\nname = "x"\nsummary = "x"\n+++\nHello {{ nobody }}\n'.replace('"x"', f'"{name}"'),
            encoding="utf-8",
        )
    with desk_on(space, clock) as desk:
        daily = run_daily(desk)
        assert daily.status == 1
        assert any("nobody" in problem for problem in daily.problems)
        assert daily.digest is not None


def test_an_outcome_that_gets_lost_fails_loudly(tmp_path, board, clock):
    board.feed("/one", ("a", "Django API for a bakery"))
    with desk_on(workspace(tmp_path, board, "one"), clock) as desk:
        daily_id = run_daily(desk, steps=()).run_id
        clock.advance(hours=2)
        with pytest.raises(SourceError, match="no outcome was recorded for one"):
            fetch_sources(desk, daily_id, crawl=lambda *_unused, **_also: [])


def test_a_source_type_that_is_unknown_is_a_settings_error(tmp_path, board, clock):
    space = workspace(tmp_path, board, "one")
    text = space.settings_path.read_text(encoding="utf-8").replace('type = "rss"', 'type = "rsss"')
    space.settings_path.write_text(text, encoding="utf-8")
    with desk_on(space, clock) as desk, pytest.raises(ConfigError, match="rss"):
        fetch_sources(desk, "r")
