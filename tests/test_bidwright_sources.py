"""Sources in a workspace: their settings, keys and permissions, second requests, plug-ins, recorded fixtures."""

from __future__ import annotations

import json
import re
import sqlite3
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bidwright.cli.main import run
from bidwright.daily import READING, run_daily
from bidwright.settings import load_settings
from bidwright.source_tables import ClientMap, PostMap
from bidwright.steps.asking import configured_source, variable_of, why_off
from bidwright.steps.fetch import anything_due
from bidwright.workspace import Workspace, init_workspace
from domain.errors import ConfigError
from domain.posts import Client, RawPosting
from spiders.catalogue import source_type, source_types
from spiders.plugins import GROUP
from spiders.sandbox import ParserPool
from tests.fakes import FakeClock
from tests.test_bidwright_daily import SETTINGS, Board, desk_on, states

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
CANARY = "canary-0123456789-token"


@pytest.fixture
def board():
    board = Board()
    yield board
    board.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))


def space_with(root: Path, text: str) -> Workspace:
    init_workspace(root)
    (root / "bidwright.toml").write_text(SETTINGS + textwrap.dedent(text), encoding="utf-8")
    return Workspace(root)


def source(kind: str, board: Board, path: str, more: str = "", name: str = "board") -> str:
    url = f"http://127.0.0.1:{board.server.server_port}{path}"
    head = f'[[sources]]\nname = "{name}"\ntype = "{kind}"\nurl = "{url}"\nallow_private = true\n'
    return head + textwrap.dedent(more)


# ---- settings --------------------------------------------------------------------------------------------


def test_a_field_map_knows_every_key_of_a_post():
    posts = {name for name in RawPosting.__dataclass_fields__ if name not in ("source", "where", "extra")}
    assert set(PostMap.model_fields) == posts
    assert set(ClientMap.model_fields) == set(Client.__dataclass_fields__)


FIELDS = """
[[sources]]
name = "board"
type = "json"
url = "https://board.example/api?x=1&page=2"
params = { page = 1, remote = true, q = "django api" }
[sources.fields]
items = "data.jobs"
title = "name"
skills = "tags.name"
currency = "=EUR"
client.country = "employer.country"
ignore = ["logo"]
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "bidwright.toml"
    path.write_text(SETTINGS + text, encoding="utf-8")
    return load_settings(path).sources


def test_a_field_map_and_parameters(tmp_path):
    (table,) = load(tmp_path, FIELDS)
    configured = configured_source(table, "here")
    assert configured.url == "https://board.example/api?x=1&page=1&remote=true&q=django+api"
    assert configured.options == {
        "items": "data.jobs", "title": "name", "skills": "tags.name", "currency": "=EUR",
        "client.country": "employer.country", "ignore": ("logo",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("title =", "titel ="), "sources[1].fields.titel: unknown key; did you mean 'title'?"),
        (("client.country", "client.contry"), "sources[1].fields.client.contry: unknown key; did you mean"),
        (('title = "name"\n', ""), "sources[1].fields.title: missing"),
        (('title = "name"', "title = 3"), "sources[1].fields.title: input should be a valid string"),
        (("page = 1", "page = [1]"), "sources[1].params.page: input should be a valid string"),
        (("params", "parms"), "sources[1].parms: unknown key; did you mean 'params'?"),
        (("[sources.fields]", "[sources.feilds]"), "sources[1].feilds: unknown key; did you mean 'fields'?"),
    ],
)
def test_each_mistake_in_a_map_is_named(tmp_path, change, expected):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, FIELDS.replace(*change))
    assert expected in str(caught.value)


def test_a_parameter_of_the_wrong_kind_is_not_repeated(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, FIELDS.replace("page = 1", f'page = ["{CANARY}"]'))
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type = 'json'\nurl = 'https://a.example'", "needs [sources.fields]. docs/sources.md shows one"),
        ("type = 'html'\nurl = 'https://a.example'", "needs [sources.select]"),
        (
            "type = 'rss'\nurl = 'https://a.example'\n[sources.fields]\ntitle = 'x'",
            "a source of type 'rss' has no use for fields",
        ),
        (
            "type = 'html'\nurl = 'https://a.example'\n[sources.select]\nitem = 'li..x'\ntitle = 'h2'",
            "sources.a.select.item: 'li..x' is not a CSS selector",
        ),
        (
            "type = 'rss'\nurl = 'https://a.example'\npermitted = true",
            "permitted says nothing for type 'rss'",
        ),
        ("type = 'adzuna'", "needs a url"),
        (
            "type = 'adzuna'\nurl = 'https://a.example'\nparams = { app_key = 'hunter22hunter' }",
            "params: app_key is a key. Put it in BIDWRIGHT_A_APP_KEY",
        ),
        ("type = 'freelanser'", "Did you mean 'freelancer'?"),
        ("type = 'no_such_module_x:plugin'", "cannot be loaded: No module named 'no_such_module_x'"),
        ("type = 'tests.fakes:NOW'", "is a datetime. It must be a SourcePlugin"),
    ],
)
def test_each_mistake_in_a_source_is_named(tmp_path, text, expected):
    (table,) = load(tmp_path, f"[[sources]]\nname = 'a'\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        configured_source(table, "here")
    assert expected in str(caught.value)
    assert "hunter22" not in str(caught.value)


# ---- permission and keys ---------------------------------------------------------------------------------


def off(tmp_path, text: str, **environ: str) -> str | None:
    (table,) = load(tmp_path, f"[[sources]]\nname = 'my-board'\n{text}\n")
    return why_off(configured_source(table, "here"), table, environ)


def test_a_source_that_wants_permission_does_nothing_without(tmp_path):
    detail = off(tmp_path, "type = 'freelancer'")
    assert detail == (
        "its terms want the permission of Freelancer.com (https://www.freelancer.com/about/apiterms);"
        " once you have it, set permitted = true"
    )
    assert off(tmp_path, "type = 'freelancer'\npermitted = true") is None


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    [
        ("type = 'freelancehunt'", {}, "set BIDWRIGHT_MY_BOARD_TOKEN in the environment"),
        ("type = 'freelancehunt'", {"BIDWRIGHT_MY_BOARD_TOKEN": CANARY}, None),
        ("type = 'freelancehunt'", {"BIDWRIGHT_MY_BOARD_TOKEN": "short"}, "shorter than 8 characters"),
        ("type = 'freelancehunt'", {"BIDWRIGHT_MY_BOARD_TOKEN": CANARY + "\r\nX: y"}, "cannot be sent"),
        (
            "type = 'freelancehunt'\nurl = 'http://a.example'",
            {"BIDWRIGHT_MY_BOARD_TOKEN": CANARY},
            "would be sent unencrypted",
        ),
        (
            "type = 'adzuna'\nurl = 'https://a.example'",
            {"BIDWRIGHT_MY_BOARD_APP_ID": CANARY},
            "set BIDWRIGHT_MY_BOARD_APP_KEY in",
        ),
    ],
)
def test_a_source_that_needs_a_key_says_where_it_goes(tmp_path, text, environ, expected):
    detail = off(tmp_path, text, **environ)
    assert (expected in detail) if expected else detail is None
    assert CANARY not in (detail or "")


def test_off_is_a_state_and_waits_for_nothing(tmp_path, board, clock):
    board.pages["/api?limit=5"] = (200, json.dumps({"result": {"projects": [{"id": 1, "title": "A"}]}}))
    space = space_with(tmp_path, source("freelancer", board, "/api", "params = { limit = 5 }\n"))
    with desk_on(space, clock) as desk:
        daily = run_daily(desk, steps=READING)
        assert states(daily) == {"board": "off"}
        assert (daily.status, board.asked) == (1, [])
        assert not anything_due(desk)
    text = space.settings_path.read_text(encoding="utf-8")
    space.settings_path.write_text(text + "permitted = true\n", encoding="utf-8")
    with desk_on(Workspace(tmp_path), clock) as desk:
        assert states(run_daily(desk, steps=READING)) == {"board": "ok"}
        clock.advance(minutes=59)
        assert states(run_daily(desk, steps=READING)) == {"board": "not due"}


def test_text_of_freelancer_goes_after_a_day_unseen(tmp_path, board, clock):
    project = {"id": 1, "title": "Django shop", "description": "Sell buns."}
    board.pages["/api"] = (200, json.dumps({"result": {"projects": [project]}}))
    space = space_with(tmp_path, source("freelancer", board, "/api", "permitted = true\n"))
    with desk_on(space, clock) as desk:
        assert states(run_daily(desk, steps=READING)) == {"board": "ok"}
        board.pages["/api"] = (200, json.dumps({"result": {"projects": []}}))
        clock.advance(hours=25)
        run_daily(desk, steps=READING)
        with desk.store.read() as tx:
            (stored,) = tx.posts.search([], 10)
    assert (stored.post.title, stored.post.description) == ("Django shop", "")


def test_a_key_is_in_no_file_row_or_output(tmp_path, board, clock, monkeypatch, capsys):
    monkeypatch.setenv(variable_of("board", "app_id"), CANARY + "-id")
    monkeypatch.setenv(variable_of("board", "app_key"), CANARY)
    link = f"https://www.adzuna.co.uk/land/1?utm_source={CANARY}-id"
    body = {"results": [{"id": 1, "title": "Django", "redirect_url": link, "odd": CANARY}]}
    path = f"/search?what=django&app_id={CANARY}-id&app_key={CANARY}"
    board.pages[path] = (200, json.dumps(body))
    text = source("adzuna", board, "/search", "params = { what = 'django' }\n")
    text += source("adzuna", board, "/broken", name="other")
    space = space_with(tmp_path, text)
    for key in ("app_id", "app_key"):
        monkeypatch.setenv(variable_of("other", key), CANARY)
    with desk_on(space, clock) as desk:
        daily = run_daily(desk, steps=READING)
        assert states(daily) == {"board": "ok", "other": "error"}
        assert CANARY not in repr(daily)
    assert path in board.asked
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(tmp_path))
    for arguments in (["sources"], ["sources", "--json"], ["posts", "--json"]):
        run(arguments)
    assert CANARY not in "".join(capsys.readouterr())
    rows = "".join(sqlite3.connect(space.root / "bidwright.db").iterdump())
    assert "utm_source=***" in rows
    held = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert held == []
    assert CANARY not in rows


# ---- second requests, maps -------------------------------------------------------------------------------


def test_hacker_news_is_asked_twice_and_read_once(tmp_path, board, clock):
    stories = [
        {"objectID": "11", "title": "Ask HN: Who is hiring? (March 2026)"},
        {"objectID": "12", "title": "Ask HN: Freelancer? Seeking freelancer? (March 2026)"},
    ]
    ad = {"objectID": "21", "parent_id": 11, "story_id": 11, "story_title": stories[0]["title"],
          "comment_text": "Acme | Engineer | Remote | Contract"}  # fmt: skip
    board.pages["/v1/stories"] = (200, json.dumps({"hits": stories}))
    board.pages["/v1/search_by_date?tags=comment,(story_11,story_12)&hitsPerPage=1000"] = (
        200,
        json.dumps({"hits": [ad], "nbHits": 1}),
    )
    space = space_with(tmp_path, source("hn-hiring", board, "/v1/stories"))
    with desk_on(space, clock) as desk:
        daily = run_daily(desk, steps=READING)
        assert states(daily) == {"board": "ok"}, daily.outcomes
        assert daily.outcomes[0].posts_new == 1
        clock.advance(hours=2)
        run_daily(desk, steps=READING)
        assert [path for path, etag in board.offered if etag] == []
        board.pages["/v1/stories"] = (200, '{"hits": []}')
        clock.advance(hours=2)
        (outcome,) = run_daily(desk, steps=READING).outcomes
    assert (outcome.state.value, outcome.detail) == (
        "changed shape", "no hiring thread among the newest stories",
    )  # fmt: skip


PAGE = '<html><title>B</title><form><input type="password"></form><ul>{}</ul>'
SELECT = "[sources.select]\nitem = 'li'\ntitle = 'a'\nurl = 'a@href'\nempty = 'p.none'\n"


@pytest.mark.parametrize(
    ("body", "state", "words"),
    [
        (PAGE.format("<li><a href=/7>Django shop</a>"), "ok", ""),
        (PAGE.format("<p class=none>"), "empty", ""),
        (PAGE.format(""), "blocked|login page", "login"),
        ("<html><p>We moved", "changed shape", "nothing on the page matches 'li'"),
        ("", "empty", ""),
    ],
)
def test_a_page_is_read_by_selectors(tmp_path, board, clock, *, body, state, words):
    board.pages["/p"] = (200, body)
    space = space_with(tmp_path, source("html", board, "/p", SELECT))
    with desk_on(space, clock) as desk:
        (outcome,) = run_daily(desk, steps=READING).outcomes
        assert outcome.state.value in state.split("|"), outcome
        assert words in outcome.detail
        if state == "ok":
            with desk.store.read() as tx:
                (stored,) = tx.posts.search([], 10)
            assert stored.post.url == f"http://127.0.0.1:{board.server.server_port}/7"


# ---- plug-ins --------------------------------------------------------------------------------------------


def example() -> tuple[str, str, str]:
    """Return the module, the settings and the body that docs/writing-a-source.md shows."""
    text = (ROOT / "docs" / "writing-a-source.md").read_text(encoding="utf-8")
    return tuple(re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in ("python", "toml", "csv"))


@pytest.fixture
def plugin(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "harbour_board.py").write_text(example()[0], encoding="utf-8")
    (folder / "loud_board.py").write_text("raise RuntimeError('no')\n", encoding="utf-8")
    info = folder / "harbour-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: harbour\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nharbour = harbour_board:plugin\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    source_type.cache_clear()
    yield
    source_type.cache_clear()


@pytest.mark.parametrize("name", ["harbour_board:plugin", "harbour"])
def test_the_documented_plugin_reads_a_body_in_the_sandbox(plugin, name):
    kind = source_type(name)
    assert kind.terms.min_interval == timedelta(hours=2)
    with ParserPool() as pool:
        outcome = pool.parse(kind.parser, example()[2].encode(), source="harbour", where="w")
        result = outcome.unwrap()
        assert [(post.title, post.budget_raw) for post in result.posts] == [
            ("Django developer", "$70 per hour"), ("Tide tables", None),
        ]  # fmt: skip
        assert [issue.message for issue in result.issues] == ["a line of 1 fields; left out"]
        assert pool.parse(kind.parser, b"<html>", source="s", where="w").error is not None


def test_the_documented_plugin_is_a_source_like_any_other(plugin, tmp_path, board, clock):
    board.pages["/jobs.csv"] = (200, example()[2])
    settings = example()[1].replace("https://harbour.example", f"http://127.0.0.1:{board.server.server_port}")
    space = space_with(tmp_path, settings + "allow_private = true\n")
    with desk_on(space, clock) as desk:
        (outcome,) = run_daily(desk, steps=READING).outcomes
    assert (outcome.state.value, outcome.posts_read, outcome.detail) == ("ok", 2, "")


def test_a_plugin_that_cannot_be_imported_is_one_line(plugin):
    with pytest.raises(ConfigError) as caught:
        source_type("loud_board:plugin")
    assert str(caught.value).startswith("the source type 'loud_board:plugin' cannot be loaded: no.")


def test_an_unknown_type_may_be_a_plugin_misspelt(plugin):
    with pytest.raises(ConfigError, match="Did you mean 'harbour'"):
        source_type("harbor")


def test_a_builtin_type_is_never_replaced(plugin):
    assert source_type("rss") is source_types()["rss"]


# ---- recording -------------------------------------------------------------------------------------------


def test_an_answer_is_recorded_as_a_fixture_and_read_as_a_fetch(tmp_path, board, monkeypatch, capsys):
    monkeypatch.setenv("BIDWRIGHT_BOARD_TOKEN", CANARY)
    board.pages["/jobs"] = (200, json.dumps({"jobs": [{"name": "Django", "you": CANARY}]}))
    fields = "[sources.fields]\nitems = 'jobs'\ntitle = 'name'\n"
    desk = tmp_path / "desk"
    space_with(desk, source("json", board, "/jobs", fields))
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(desk))
    folder = tmp_path / "fixtures" / "case"
    assert run(["sources", "record", "board", "--to", str(folder)]) == 0
    assert f"wrote {folder / 'input.json'}" in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == ["expected.json", "input.json"]
    assert json.loads((folder / "expected.json").read_text(encoding="utf-8")) == {
        "parser": "json",
        "options": {"title": "name", "items": "jobs"},
        "feed_title": None,
        "posts": [{"where": "w item 1", "title": "Django", "extra": {"you": "***"}}],
        "issues": [["warning", "w item 1", "unknown key 'you'; kept in extra"]],
    }
    assert CANARY not in (folder / "input.json").read_text(encoding="utf-8")
    run(["posts"])
    assert "Django" in capsys.readouterr().out, "what was fetched is stored like any other fetch"
    assert run(["sources", "record", "board", "--to", str(folder)]) == 1
    assert "not due" in capsys.readouterr().out
    assert board.asked.count("/jobs") == 1
    assert run(["sources"]) == 0
    assert "board" in capsys.readouterr().out


def test_nothing_is_recorded_over_something_else(tmp_path, board, monkeypatch, capsys):
    board.feed("/feed", ("a", "Django"))
    desk = tmp_path / "desk"
    space_with(desk, source("rss", board, "/feed"))
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(desk))
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "input.json").write_text("{}", encoding="utf-8")
    assert run(["sources", "record", "board", "--to", str(folder)]) == 1
    assert "holds input.json already. Choose another folder" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["input.json"]


def test_a_source_that_is_not_there_names_the_nearest(tmp_path, board, monkeypatch, capsys):
    space_with(tmp_path, source("rss", board, "/feed"))
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(tmp_path))
    assert run(["sources", "record", "bord"]) == 2
    assert "no source is called 'bord'. Did you mean 'board'?" in capsys.readouterr().err
    assert board.asked == []
