"""The whole line on the sample workspace: real crawl, real model, real templates; then everything again."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXPECTED = tomllib.loads((ROOT / "bidwright/sample/expected.toml").read_text(encoding="utf-8"))["posts"]
LIVE = [post for post in EXPECTED if "expired" not in post.get("flags", [])]
pytestmark = [pytest.mark.slow, pytest.mark.model]


def bidwright(*arguments: str, home: Path, **options) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("BIDWRIGHT_WORKSPACE", None)
    return subprocess.run(
        [sys.executable, "-m", "bidwright", *arguments],
        capture_output=True, text=True, cwd=home, env=environment, check=False, **options,
    )  # fmt: skip


def dump(desk: Path) -> dict[str, list]:
    """Return every table that a person would miss, without the log of runs and the times of looking."""
    with sqlite3.connect(f"file:{desk / 'bidwright.db'}?mode=ro", uri=True) as db:
        names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        kept = [name for name in names if name not in {"runs", "source_runs", "alembic_version"}]
        found = {}
        for name in kept:
            columns = [row[1] for row in db.execute(f"pragma table_info({name})") if row[1] != "last_seen"]
            found[name] = sorted(map(repr, db.execute(f"select {', '.join(columns)} from {name}")))
    db.close()
    return found


def files(desk: Path) -> dict[str, bytes]:
    return {
        path.relative_to(desk).as_posix(): path.read_bytes()
        for folder in ("drafts", "digests")
        for path in sorted((desk / folder).iterdir())
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def first(home) -> subprocess.CompletedProcess[str]:
    return bidwright("sample", "desk", home=home)


@pytest.fixture(scope="module")
def desk(home, first) -> Path:
    assert first.returncode == 0, first.stderr
    return home / "desk"


@pytest.fixture(scope="module")
def ranked(home, desk) -> list[dict]:
    done = bidwright("-w", "desk", "rank", "--json", home=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["posts"]


def place_of(ranked: list[dict]) -> dict[tuple[str, str], dict]:
    return {
        (post["source"], str(post["source_id"])): {**post, "place": place}
        for place, post in enumerate(ranked)
    }


def test_the_first_run_speaks_only_for_itself(first, desk):
    assert first.stderr == ""
    assert "Traceback" not in first.stdout
    for foreign in ("prefect", "scrapy", "INFO", "WARNING", "http://127.0.0.1"):
        assert foreign not in first.stdout, f"{foreign!r} is not a word of ours"
    assert "bidwright init my-desk" in first.stdout


def test_every_source_ends_in_a_state(home, desk):
    lines = json.loads(bidwright("-w", "desk", "sources", "--json", home=home).stdout)["sources"]
    assert len(lines) == 7
    assert {line["state"] for line in lines} == {"ok"}
    assert all(line["posts"] > 0 for line in lines)


def test_posts_labelled_excellent_stand_above_those_that_do_not_fit(ranked):
    places = place_of(ranked)
    eligible = [post for post in LIVE if places[post["source"], str(post["id"])]["eligible"]]
    fine = [places[post["source"], str(post["id"])]["place"] for post in eligible if post.get("excellent")]
    poor = [places[post["source"], str(post["id"])]["place"] for post in eligible if post["fits"] == "no"]
    assert len(fine) >= 8
    assert max(fine) < min(poor, default=len(ranked))


def test_what_has_expired_is_not_ranked_but_counted_in_the_digest(home, desk, ranked):
    (expired,) = [post for post in EXPECTED if post not in LIVE]
    assert (expired["source"], str(expired["id"])) not in place_of(ranked)
    assert "expired" in bidwright("-w", "desk", "digest", home=home).stdout


def test_pay_below_the_floor_is_left_out_and_says_so(ranked):
    places = place_of(ranked)
    below = [post for post in LIVE if post["pays"] == "below"]
    assert len(below) >= 8
    left_out = [post for post in below if not places[post["source"], str(post["id"])]["eligible"]]
    assert len(left_out) / len(below) >= 0.8
    assert all(places[post["source"], str(post["id"])]["left_out_because"] for post in left_out)


def test_what_is_a_scam_never_reaches_the_list(ranked):
    places = place_of(ranked)
    scams = [post for post in LIVE if "scam" in post.get("flags", [])]
    honest = [post for post in LIVE if "scam" not in post.get("flags", []) and post.get("excellent")]
    assert scams
    for post in scams:
        seen = places[post["source"], str(post["id"])]
        assert not seen["eligible"]
        assert seen["risk"], "a warning shows the words it rests on"
    assert all(not places[post["source"], str(post["id"])]["risk"] for post in honest)


def test_pay_is_read_as_a_person_reads_it(home, desk):
    stored = json.loads(bidwright("-w", "desk", "posts", "--json", home=home).stdout)["posts"]
    by_id = {(post["source"], str(post["source_id"])): post["pay"] for post in stored}
    wrong = []
    for post in EXPECTED:
        pay = by_id[post["source"], str(post["id"])]
        expected = post.get("pay")
        read = None if pay is None else {key: pay[key] for key in ("unit", "currency", "low", "high")}
        if (read is None) != (expected is None) or (
            expected and any(not same(expected.get(key), read[key]) for key in read)
        ):
            wrong.append((post["source"], post["id"], expected, pay))
    assert wrong == []


def same(expected: str | None, read: str | None) -> bool:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(expected) == Decimal(read)
    except (InvalidOperation, TypeError):
        return (expected or None) == (read or None)


def test_repeats_are_marked_and_only_one_of_them_is_offered(home, desk, ranked):
    stored = json.loads(bidwright("-w", "desk", "posts", "--json", home=home).stdout)["posts"]
    cluster = {(post["source"], str(post["source_id"])): post["cluster"] for post in stored}
    places = place_of(ranked)
    repeats = [post for post in EXPECTED if post.get("duplicate_of")]
    assert len(repeats) >= 5
    for post in repeats:
        one, other = (post["source"], str(post["id"])), tuple(post["duplicate_of"].split(" ", 1))
        assert cluster[one] == cluster[other], (one, other)
        assert not (places[one]["eligible"] and places[other]["eligible"])


def test_drafts_follow_what_the_post_asks(desk):
    drafts = {path.name: path.read_text(encoding="utf-8") for path in (desk / "drafts").glob("*.md")}
    assert drafts
    for name, text in drafts.items():
        assert "{{" not in text, name
        assert "{%" not in text, name


def test_a_second_run_changes_nothing(home, desk):
    before, written = dump(desk), files(desk)
    again = bidwright("-w", "desk", "run", home=home)
    assert (again.returncode, again.stderr) == (0, "")
    assert dump(desk) == before
    assert files(desk) == written


def test_an_edited_draft_survives_every_further_run(home, desk):
    draft = min((desk / "drafts").glob("*.md"))
    mine = draft.read_text(encoding="utf-8") + "\nOne more thing, in my own words.\n"
    draft.write_text(mine, encoding="utf-8")
    post_id = draft.stem.rpartition("-")[2]
    for arguments in (("run",), ("draft", post_id), ("draft", post_id, "--template", "short")):
        done = bidwright("-w", "desk", *arguments, home=home)
        assert done.returncode == 0, done.stderr
        assert draft.read_text(encoding="utf-8") == mine
    assert "you have edited it" in done.stdout


def integrity(desk: Path) -> str:
    with sqlite3.connect(desk / "bidwright.db") as db:
        answer = db.execute("pragma integrity_check").fetchone()[0]
    db.close()
    return answer


KILLS = int(os.environ.get("BIDWRIGHT_TESTS_KILLS", "12"))


def test_killed_at_any_moment_nothing_is_lost_or_doubled(home, desk, tmp_path):
    """Runs killed at random moments, each in the half-done workspace the one before left behind."""
    moments = random.Random(20260302)
    work = tmp_path / "killed"
    reached = set()
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    known: set[str] = set()
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", "bidwright", "sample", str(work)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=tmp_path,
            start_new_session=True,
        )  # fmt: skip
        time.sleep(moments.uniform(0.3, 14.0))
        reached.add(process.poll() is None)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (work / "bidwright.db").exists():
            assert integrity(work) == "ok"
            now = set(dump(work).get("posts", []))
            ids = {row.split(",")[0] for row in now}
            assert known <= ids, "a stored post was lost"
            assert len(ids) == len(now), "a post was stored twice"
            known = ids
    assert True in reached, "no run was killed in its middle"
    done = bidwright("sample", str(work), home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    whole, reference = dump(work), dump(desk)
    for table in ("posts", "vectors", "duplicates"):
        if table in reference:
            assert len(whole[table]) == len(reference[table]), table
    assert len(list((work / "digests").glob("*.html"))) == len(list((work / "digests").glob("*.md"))) >= 1
    assert not list(work.rglob("*.tmp"))
