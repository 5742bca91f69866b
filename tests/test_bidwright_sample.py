"""The sample workspace: made whole however often it was interrupted, its settings never touched again."""

from __future__ import annotations

import os
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bidwright.files import put, sweep
from bidwright.sample_feeds import FEEDS, make_sample, sample_feeds
from bidwright.workspace import Workspace, init_workspace
from domain.errors import ConfigError, UsageError

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_a_sample_whose_making_was_interrupted_is_completed_with_the_same_dates(tmp_path, monkeypatch):
    make_sample(tmp_path / "whole", NOW)
    whole = contents(tmp_path / "whole")
    assert len(whole) == 5
    for kept in range(len(whole)):
        root = tmp_path / f"cut-{kept}"
        left = kept

        def full_disk(path, text):
            nonlocal left
            if left == 0:
                raise OSError(28, "No space left on device", str(path))
            left -= 1
            put(path, text)

        for module in ("bidwright.sample_feeds", "bidwright.workspace"):
            monkeypatch.setattr(f"{module}.put", full_disk)
        with pytest.raises(OSError, match="No space"):
            make_sample(root, NOW)
        monkeypatch.undo()
        assert len(contents(root)) == kept if root.exists() else kept == 0
        make_sample(root, NOW if kept == 0 else NOW + timedelta(days=3))
        assert contents(root) == whole


def test_a_workspace_of_the_persons_own_is_no_sample(tmp_path):
    init_workspace(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="already a bidwright.toml"):
        make_sample(tmp_path, NOW)
    with sample_feeds(Workspace(tmp_path)) as address:
        assert address("http://sample.invalid/codelane.rss") == "http://sample.invalid/codelane.rss"
    assert contents(tmp_path) == before


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"anchor": 5}', '{"anchor": "soon"}'])
def test_a_state_that_cannot_be_read_names_the_file_and_the_way_out(tmp_path, text):
    make_sample(tmp_path, NOW)
    (tmp_path / ".bidwright" / "sample.json").write_text(text)
    with pytest.raises(ConfigError, match="make it again") as caught:
        make_sample(tmp_path, NOW)
    assert caught.value.where.endswith("sample.json")


def test_feeds_are_served_at_their_addresses_and_the_settings_stay_as_they_are(tmp_path):
    space = make_sample(tmp_path, NOW)
    mine = space.settings_path.read_text(encoding="utf-8") + (
        '[[sources]]\nname = "mine"\ntype = "rss"\nurl = "http://127.0.0.1:8000/feed"\nallow_private = true\n'
    )
    space.settings_path.write_text(mine, encoding="utf-8")
    with sample_feeds(space) as address:
        assert [source.url for source in space.settings.sources][:-1] == [
            f"http://sample.invalid/{feed.file}" for feed in FEEDS
        ]
        for source in space.settings.sources[:-1]:
            with urllib.request.urlopen(address(source.url), timeout=5) as answer:
                assert answer.status == 200
                assert b"@@" not in answer.read()
        assert address("http://127.0.0.1:8000/feed") == "http://127.0.0.1:8000/feed"
    assert space.settings_path.read_text(encoding="utf-8") == mine


def test_what_a_killed_writer_left_is_swept_and_what_is_being_written_stays(tmp_path):
    old = [tmp_path / ".bidwright-abc.tmp", tmp_path / ".draft-abc.tmp"]
    others = [tmp_path / ".bidwright-new.tmp", tmp_path / "mine.tmp", tmp_path / "draft.md"]
    for path in (*old, *others):
        path.write_text("x")
    for path in (*old, *others[1:]):
        os.utime(path, (time.time() - 3600, time.time() - 3600))
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(others)
    sweep(tmp_path / "nowhere")


def test_a_file_is_replaced_whole_or_not_at_all_and_left_alone_when_it_would_not_change(tmp_path):
    path = tmp_path / "new" / "digest.md"
    put(path, "one\n")
    before = path.stat()
    put(path, "one\n")
    assert path.stat() == before
    put(path, "two\n")
    assert path.read_bytes() == b"two\n"
    with pytest.raises(UnicodeEncodeError):
        put(path, "half \ud800")
    assert path.read_bytes() == b"two\n"
    assert list(path.parent.iterdir()) == [path]
