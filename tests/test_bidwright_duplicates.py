"""What was marked as a repeat, as a person sees it, and their word on it, which stands for good."""

from __future__ import annotations

import json

import pytest

from bidwright.cli.main import run
from bidwright.desk import open_desk
from bidwright.steps.duplicates import mark_duplicates
from bidwright.workspace import Workspace

PROSE = (
    "We sell garden tools and need our stock to follow what the till says every night without anybody "
    "copying numbers by hand. You will read the export of the till and write to the shop by its interface."
)
POSTS = [
    {"source": "x", "source_id": "1", "title": "Nightly stock sync", "description": PROSE},
    {"source": "x", "source_id": "2", "title": "Nightly stock sync -- 2", "description": PROSE},
    {"source": "x", "source_id": "3", "title": "Sync of our stock", "description": PROSE},
    {"source": "x", "source_id": "4", "title": "Logo", "description": "Draw us a logo with a tomato in it"},
]


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    root = tmp_path / "desk"
    assert run(["init", str(root)]) == 0
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(root))
    (root / "posts.jsonl").write_text("\n".join(json.dumps(post) for post in POSTS), encoding="utf-8")
    assert run(["import", "posts", str(root / "posts.jsonl")]) == 0
    assert "2 marked as repeats" in capsys.readouterr().out
    return root


@pytest.fixture
def call(desk, capsys):
    def call(*arguments, status=0):
        assert run(list(arguments)) == status
        out, err = capsys.readouterr()
        return out if status == 0 else err

    return call


def groups(call):
    found = json.loads(call("duplicates", "--json"))["clusters"]
    return [{one["source_id"]} | {repeat["source_id"] for repeat in one["repeats"]} for one in found]


def again(desk):
    with open_desk(Workspace(desk)) as opened:
        return mark_duplicates(opened)


def test_each_group_is_shown_with_its_reasons(call):
    out = " ".join(call("duplicates").split())
    assert out.count("Nightly stock sync") == 2
    assert "100% of the text in common" in out
    assert "2 repeats of 1 post." in out
    (cluster,) = json.loads(call("duplicates", "--json"))["clusters"]
    assert {repeat["score"] for repeat in cluster["repeats"]} == {1.0}
    assert {repeat["reason"] for repeat in cluster["repeats"]} <= {
        "same title and text",
        "another title, 100% of the text in common",
    }


def test_a_wrong_mark_is_undone_for_good(call, desk):
    assert groups(call) == [{"1", "2", "3"}]
    assert call("duplicates", "unmark", "3").count("is another job than") == 2
    assert groups(call) == [{"1", "2"}]
    assert again(desk) == []
    (desk / "later.jsonl").write_text(json.dumps({**POSTS[2], "source_id": "5"}), encoding="utf-8")
    assert "1 marked" in call("import", "posts", str(desk / "later.jsonl"))
    assert sorted(map(sorted, groups(call))) in ([["1", "2"], ["3", "5"]], [["1", "2", "5"]])
    assert "3" not in {member for group in groups(call) if "1" in group for member in group}


def test_one_pair_is_told_apart_and_joined_again(call):
    call("duplicates", "unmark", "2", "1")
    assert not any({"1", "2"} <= group for group in groups(call))
    assert "are one job" in call("duplicates", "mark", "2", "1")
    assert any({"1", "2"} <= group for group in groups(call))


def test_a_post_taken_out_of_its_group_can_be_put_back(call):
    call("duplicates", "unmark", "1")
    call("duplicates", "mark", "1", "2")
    assert any({"1", "2"} <= group for group in groups(call))


def test_a_person_may_join_what_the_program_would_not(call):
    call("duplicates", "mark", "4", "1")
    assert groups(call) == [{"1", "2", "3", "4"}]
    assert "you said so" in call("duplicates")


def test_a_name_of_no_use_is_refused(call):
    assert "repeats no other post" in call("duplicates", "unmark", "4", status=2)
    assert "one and the same post" in call("duplicates", "mark", "4", "4", status=2)
    assert "no such post" in call("duplicates", "mark", "4", "nothing", status=2)


def test_without_repeats_that_is_said(tmp_path, capsys):
    assert run(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    assert run(["-w", str(tmp_path), "duplicates"]) == 0
    assert "No stored post repeats another." in capsys.readouterr().out
