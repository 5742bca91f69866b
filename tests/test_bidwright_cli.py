"""The command line as a person uses it: in process, on a workspace of their own, with exit statuses."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bidwright.cli.main import run

POSTS = """\
{"source": "board", "source_id": "1", "title": "Django API for a bakery", "description": "Orders and stock. Start your proposal with \\"SOURDOUGH\\".", "budget_raw": "$60/hr", "skills": ["Django", "PostgreSQL"], "connects": 8, "mood": "sunny"}
{"source": "board", "source_id": "2", "title": "Shopify theme fix", "budget_raw": "$50", "contract_type": "fixed"}
not json
"""


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys) -> Path:
    root = tmp_path / "desk"
    assert run(["init", str(root)]) == 0
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(root))
    (root / "posts.jsonl").write_text(POSTS, encoding="utf-8")
    assert run(["import", "posts", str(root / "posts.jsonl")]) == 0
    capsys.readouterr()
    return root


def said(capsys, *arguments: str, status: int = 0) -> str:
    got = run(list(arguments))
    out, err = capsys.readouterr()
    assert got == status, err or out
    assert "Traceback" not in err
    return out if status == 0 else out + err


def told(capsys, *arguments: str) -> dict:
    return json.loads(said(capsys, *arguments, "--json"))


def post_id(capsys, word: str) -> str:
    (post,) = told(capsys, "posts", word)["posts"]
    return post["post_id"]


def test_import_gives_every_file_one_outcome_and_loses_nothing(desk, capsys):
    missing = str(desk / "missing.jsonl")
    assert run(["import", "posts", str(desk / "posts.jsonl"), missing, "--json"]) == 1
    files = json.loads(capsys.readouterr().out)["files"]
    assert [(file["outcome"], file["posts_read"], file["posts_new"]) for file in files] == [
        ("ok", 2, 0), ("error", 0, 0),
    ]  # fmt: skip
    messages = " ".join(issue["message"] for issue in files[0]["issues"])
    assert "mood" in messages, "an unknown key is reported"
    assert any(issue["where"].endswith(":3") for issue in files[0]["issues"]), "the bad line is named"
    assert files[1]["issues"][0]["level"] == "error"
    (bakery,) = told(capsys, "posts", "bakery")["posts"]
    assert bakery["extra"]["mood"] == "sunny"


def test_posts_are_printed_in_the_shape_of_the_contract(desk, capsys):
    (bakery,) = told(capsys, "posts", "bakery", "django")["posts"]
    assert {key: bakery["pay"][key] for key in ("unit", "currency", "low", "high", "raw")} == {
        "unit": "hour", "currency": "USD", "low": "60.00", "high": "60.00", "raw": "$60/hr",
    }  # fmt: skip
    assert bakery["asks"]["opener"]["what"] == "SOURDOUGH"
    assert "SOURDOUGH" in bakery["asks"]["opener"]["sentence"]
    assert bakery["client"]["total_spent"] is None
    assert (bakery["source"], bakery["source_id"], bakery["connects"]) == ("board", "1", 8)
    assert bakery["cluster"] == bakery["post_id"]
    assert "1 of 2 stored posts" in said(capsys, "posts", "shopify")
    assert "Nothing found" in said(capsys, "posts", "haskell")


def test_standard_input_is_a_file_too(desk, capsys, monkeypatch):
    monkeypatch.setattr(
        "sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"title": "Odd job", "source": "paste"}\n'))
    )
    assert "1 read, 1 new" in said(capsys, "import", "posts", "-")


def test_a_bid_from_sending_to_winning(desk, capsys):
    bakery = post_id(capsys, "bakery")
    assert "Recorded: bid submitted" in said(
        capsys, "bid", "submitted", bakery, "--amount", "62.50", "--boost", "4"
    )
    assert "Already recorded" in said(
        capsys, "bid", "submitted", bakery, "--amount", "62.50", "--boost", "4", "--at",
        told(capsys, "bid", "list")["bids"][0]["submitted_at"],
    )  # fmt: skip
    assert "Recorded: bid replied" in said(capsys, "bid", "replied", bakery[:8])
    assert "Recorded: bid won" in said(capsys, "bid", "won", bakery)
    (bid,) = told(capsys, "bid", "list")["bids"]
    assert (bid["state"], bid["amount"], bid["connects"], bid["boost"]) == ("won", "62.50 USD", 8, 4)
    rows = told(capsys, "report", "winrate")
    assert '"submitted": 1' in json.dumps(rows)
    assert "not enough yet" in said(capsys, "report", "winrate").lower()
    table = list(csv.reader(io.StringIO(said(capsys, "report", "winrate", "--csv"))))
    assert len(table) == 2
    calibration = told(capsys, "report", "calibration")
    assert (calibration["verdict"], calibration["known"], calibration["won"]) == ("too few", 1, 1)
    assert said(capsys, "report", "calibration").startswith("Not enough outcomes to learn from: 1 of 30.")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["bid", "won", "POST"], "no bid was submitted"),
        (["bid", "submitted", "POST", "--amount", "-5"], "-5"),
        (["bid", "submitted", "POST", "--amount", "60", "--currency", "XYZ"], "unknown currency 'XYZ'"),
        (["bid", "submitted", "POST", "--at", "20206-01-01"], "year 20206"),
        (["bid", "submitted", "POST", "--at", "2999-01-01"], "future"),
        (["contract", "end", "c1"], "no contract 'c1'"),
        (["milestone", "fund", "c1", "m1", "500"], "no contract 'c1'"),
    ],
)
def test_the_impossible_gets_one_line_and_changes_nothing(desk, capsys, arguments, expected):
    bakery = post_id(capsys, "bakery")
    out = said(capsys, *[bakery if word == "POST" else word for word in arguments], status=1)
    assert expected in out
    assert len(out.strip().splitlines()) == 1
    assert told(capsys, "bid", "list")["bids"] == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["bid", "submitted", "nonsense"], "no such post"),
        (["contract", "open", "c1", "--client", "A", "--channel", "direct"], "either --rate or --amount"),
        (["posts", "--nonsense"], "No such option"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_usage_is_status_two(desk, capsys, arguments, expected):
    assert expected in said(capsys, *arguments, status=2)


def test_a_contract_and_its_escrow(desk, capsys):
    said(capsys, "contract", "open", "bakery", "--client", "Bakery Ltd", "--channel", "upwork", "--amount", "1000",
         "--fee-rate", "0.10", "--at", "2026-03-01")  # fmt: skip
    said(capsys, "milestone", "fund", "bakery", "first", "400", "--at", "2026-03-01")
    said(capsys, "milestone", "submit", "bakery", "first", "--at", "2026-03-02T14:10Z")
    lines = json.dumps(told(capsys, "report", "escrow"))
    assert "2026-03-16T14:10:00" in lines, "silence releases 14 days after the submission"
    refused = said(capsys, "milestone", "release", "bakery", "first", "900", "--at", "2026-03-09", status=1)
    assert "400.00 USD is held" in refused
    said(capsys, "milestone", "release", "bakery", "first", "400", "--at", "2026-03-09T10:00Z")
    said(capsys, "feedback", "received", "bakery", "--stars", "4.9", "--note", "Fast", "--at", "2026-03-10")
    (contract,) = told(capsys, "contract", "list")["contracts"]
    assert (contract["stars"], contract["fee_rate"], contract["milestones"]) == ("4.9", "0.10", 1)
    assert "360.00" in said(capsys, "report", "escrow")
    assert "Taken back: feedback received" in said(capsys, "undo", "bakery")
    assert told(capsys, "contract", "list")["contracts"][0]["stars"] is None
    assert "no contract and no post" in said(capsys, "undo", "unheard-of", status=2)


def test_undo_means_the_contract_or_the_post_and_never_guesses(desk, capsys):
    bakery, shop = post_id(capsys, "bakery"), post_id(capsys, "shopify")
    said(capsys, "bid", "submitted", bakery, "--amount", "60")
    assert f"Taken back: bid submitted, {bakery}" in said(
        capsys, "undo", "1"
    )  # the post's own name on the board
    said(capsys, "contract", "open", "2", "--client", "Ltd", "--channel", "direct", "--amount", "1000")
    assert "Taken back: contract opened, 2," in said(capsys, "undo", "2"), "nothing is recorded of the post"
    said(capsys, "contract", "open", "2", "--client", "Ltd", "--channel", "direct", "--amount", "900")
    said(capsys, "bid", "submitted", shop, "--amount", "50")
    assert f"is a contract and a name of post {shop}" in said(capsys, "undo", "2", status=2)
    assert "Taken back: contract opened, 2," in said(capsys, "undo", "2", "--contract")
    assert "Taken back: bid submitted" in said(capsys, "undo", shop)
    assert "means 2 or more posts" in said(capsys, "undo", "p", status=2)
    assert "nothing about it is recorded" in said(capsys, "undo", bakery, status=2)


def test_json_gives_all_posts_unless_a_limit_is_given(desk, capsys):
    lines = [
        json.dumps({"title": f"Django job number {number}", "source_id": f"n{number}"})
        for number in range(60)
    ]
    (desk / "many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    said(capsys, "import", "posts", str(desk / "many.jsonl"))
    assert len(told(capsys, "posts", "number")["posts"]) == 60
    assert len(told(capsys, "posts", "number", "--limit", "7")["posts"]) == 7
    table = said(capsys, "posts", "number")
    assert "50 of 62 stored posts" in table
    assert max(map(len, table.splitlines())) <= 110
    assert told(capsys, "posts", "nosuchword")["posts"] == []


@pytest.mark.parametrize("broken", ["bytes", "folder"])
def test_doctor_names_a_database_that_cannot_be_read_and_goes_on(desk, capsys, broken):
    database = desk / "bidwright.db"
    database.unlink()
    if broken == "folder":
        database.mkdir()
    else:
        database.write_bytes(b"no database at all" * 100)
    told_all = said(capsys, "doctor", status=1)
    assert "WRONG  database" in told_all
    assert "sources" in told_all


def test_a_mistyped_command_names_the_nearest_one(capsys):
    assert "No such command 'rnu'. Did you mean 'run'?" in said(capsys, "rnu", status=2)
    assert "No such command 'xyzzy'. See: bidwright --help" in said(capsys, "xyzzy", status=2)


def test_a_workspace_of_nobody_is_a_wrong_setting(capsys):
    assert "Write the whole path" in said(capsys, "-w", "~nosuchperson/desk", "posts", status=2)


def test_a_terminal_that_cannot_show_a_title_shows_an_escape(desk):
    post = {"title": "Übersetzung 日本語 → English", "source_id": "x"}
    (desk / "one.jsonl").write_text(json.dumps(post), encoding="utf-8")
    for arguments in (["import", "posts", str(desk / "one.jsonl")], ["posts", "English"]):
        done = subprocess.run(
            [sys.executable, "-m", "bidwright", *arguments], capture_output=True, check=False,
            env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
    assert "Übersetzung".encode("cp1252") in done.stdout
    assert rb"\u65e5" in done.stdout


def test_two_posts_with_one_beginning_are_not_guessed(desk, capsys):
    out = said(capsys, "bid", "submitted", "p", status=2)
    assert "means 2 or more posts" in out


def test_doctor_finds_nothing_wrong_here_and_says_what_is_wrong_there(desk, capsys):
    assert "WRONG" not in said(capsys, "doctor")
    settings = desk / "bidwright.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("floor", "flor"), encoding="utf-8")
    out = said(capsys, "doctor", status=1)
    assert "did you mean 'floor'?" in out
    checks = json.loads(said(capsys, "doctor", "--json", status=1))["checks"]
    assert {check["level"] for check in checks} == {"ok", "wrong"}


def test_what_the_system_refuses_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    out = said(capsys, "init", str(tmp_path / "file" / "desk"), status=1)
    assert "file" in out
    assert "Not a directory" in out
    assert len(out.strip().splitlines()) == 1


def test_a_workspace_is_made_where_the_option_names_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    said(capsys, "-w", str(tmp_path / "desk"), "init")
    assert (tmp_path / "desk" / "bidwright.toml").exists()
    assert not (tmp_path / "bidwright.toml").exists()


def test_no_workspace_is_status_two_with_the_remedy(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("BIDWRIGHT_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert "bidwright init DIR" in said(capsys, "posts", status=2)


TABLE = "Name of it,Where,Hourly Rate\nLedger app,https://board.example/jobs/7,$40-$60\n"


def test_a_table_is_read_by_the_columns_a_person_names(desk, capsys):
    (desk / "jobs.csv").write_text(TABLE, encoding="utf-8")
    table = str(desk / "jobs.csv")
    refused = said(capsys, "import", "posts", table, status=1)
    assert "no column for titles; choose one with --columns title=…; the columns are 'Name of it'" in refused
    (file,) = told(capsys, "import", "posts", table, "--columns", "title=Name of it,url=Where")["files"]
    assert (file["kind"], file["outcome"], file["posts_read"], file["posts_new"]) == ("csv", "ok", 1, 1)
    (post,) = told(capsys, "posts", "Ledger")["posts"]
    assert (post["url"], post["pay"]["unit"], post["pay"]["low"], post["pay"]["high"]) == (
        "https://board.example/jobs/7", "hour", "40.00", "60.00",
    )  # fmt: skip


def test_a_field_there_is_not_is_refused_before_anything_is_read(desk, capsys):
    refused = said(capsys, "import", "posts", str(desk / "posts.jsonl"), "--columns", "titel=x", status=2)
    assert "there is no field 'titel'. Did you mean 'title'?" in refused


def test_any_mix_of_files_has_one_outcome_each(desk, capsys):
    fixtures = Path(__file__).parent / "fixtures" / "spiders"
    names = [
        "csv/input.csv",
        "page-upwork-search/input.html",
        "mail-upwork/input.eml",
        "upwork-graphql/input.json",
    ]
    (desk / "login.html").write_text("<html><input type='password'></html>", encoding="utf-8")
    paths = [*(str(fixtures / name) for name in names), str(desk / "login.html")]
    assert run(["import", "posts", *paths, "--json"]) == 1
    files = json.loads(capsys.readouterr().out)["files"]
    assert [(file["kind"], file["outcome"], file["posts_read"]) for file in files] == [
        ("csv", "ok", 6), ("html", "ok", 2), ("eml", "ok", 2), ("upwork-graphql", "ok", 2), (None, "error", 0),
    ]  # fmt: skip
    assert files[-1]["issues"][0]["message"] == "a login page was saved, not the posts"
