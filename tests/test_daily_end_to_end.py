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


def drafts_in(desk: Path) -> list[Path]:
    return sorted((desk / "drafts").glob("[!.]*.md"))


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


@pytest.fixture(scope="module", autouse=True)
def reference(desk) -> tuple[dict[str, list], dict[str, bytes]]:
    """What an undisturbed first run leaves: its tables and files."""
    ids = rows(desk, "select source, source_id, url, post_id from posts")
    return {**dump(desk), "ids": ids}, files(desk)


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
    assert poor
    assert max(fine) < min(poor)


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


def body_of(draft: str) -> str:
    """Return what the client would get: the file without its head."""
    return draft.split("+++\n", 2)[2].strip()


def test_the_run_writes_a_draft_for_every_post_it_picked(home, desk):
    picked = json.loads(bidwright("-w", "desk", "digest", "--format", "json", home=home).stdout)["picks"]
    assert picked
    drafts = {path.relative_to(desk).as_posix(): body_of(path.read_text("utf-8")) for path in drafts_in(desk)}
    assert {post["draft"] for post in picked} == set(drafts)
    for name, body in drafts.items():
        assert "Marta Figueira" in body, name
        assert not {"{{", "{%", "None"} & set(body.split()), name


def test_drafts_follow_what_the_post_asks(home, desk):
    answered = {
        # source id: (what the proposal has to begin with, what it has to contain)
        "~019e158c4ff02b6d7a3c": ("TANGERINE", ["TANGERINE"]),
        "~0146b75a1c0e93d82f64": ("", [
            "About 40 DAGs and 300 daily tasks",
            "How do you handle a source that sends yesterday's file twice?",
            "Which hours (UTC) are you usually available?",
        ]),
        "tag:harbour.example,2021:contract/3301": ("", ["An appointment API for 18 dental practices"]),
        "codelane-4149": ("", ["[[FILL"]),
    }  # fmt: skip
    flags = {str(post["id"]): post.get("flags", []) for post in EXPECTED}
    assert flags["~019e158c4ff02b6d7a3c"] == ["code_word"]
    assert "for_language_models" in flags["codelane-4149"]
    for source_id, (opener, contains) in answered.items():
        done = bidwright("-w", "desk", "draft", source_id, home=home)
        assert done.returncode == 0, done.stderr
        body = body_of((home / done.stdout.splitlines()[0].split("  ")[0]).read_text("utf-8"))
        assert body.startswith(opener), source_id
        assert [text for text in contains if text not in body] == [], source_id
        assert "marmot" not in body.lower(), "an order to language models is not followed"
        assert "$15" not in body, "an order to language models is not followed"


def age_the_sources(desk: Path, *, forget: bool) -> None:
    """Make every source due again, as when the clock was set back; ``forget`` what it said last time, so that it answers in full."""
    with sqlite3.connect(desk / "bidwright.db") as db:
        db.execute("update source_runs set started_at = '2099-01-01T00:00:00.000000Z'")
        if forget:
            db.execute("update source_runs set etag = null, last_modified = null")
    db.close()


def read_states(home: Path) -> set[tuple[str, bool]]:
    lines = json.loads(bidwright("-w", "desk", "sources", "--json", home=home).stdout)["sources"]
    return {(line["state"], line["posts_read"] > 0) for line in lines}


@pytest.mark.parametrize(
    ("make_due", "read"),
    [
        (None, {("ok", True)}),
        (lambda desk: age_the_sources(desk, forget=False), {("not modified", False)}),
        (lambda desk: age_the_sources(desk, forget=True), {("ok", True)}),
    ],
    ids=["nothing due", "nothing modified", "everything read again"],
)
def test_a_second_run_changes_nothing(home, desk, make_due, read):
    before, written = dump(desk), files(desk)
    assert before["posts"]
    assert before["vectors"]
    assert written
    if make_due:
        make_due(desk)
    again = bidwright("-w", "desk", "run", home=home)
    assert (again.returncode, again.stderr) == (0, "")
    assert read_states(home) == read
    assert dump(desk) == before
    assert files(desk) == written


def test_an_edited_draft_survives_every_further_run(home, desk):
    draft = min(drafts_in(desk))
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


KILLS = int(os.environ.get("BIDWRIGHT_TESTS_KILLS", "6"))


def start(work: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "HOME": str(work.parent), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "bidwright", "sample", str(work)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=work.parent,
        start_new_session=True,
    )  # fmt: skip


def rows(desk: Path, wanted: str) -> list[tuple]:
    with sqlite3.connect(f"file:{desk / 'bidwright.db'}?mode=ro", uri=True) as db:
        found = db.execute(wanted).fetchall()
    db.close()
    return found


def stored_ids(desk: Path) -> dict[tuple, str]:
    """Return the id of each post by what its source calls it; a post stored twice is an error."""
    found = rows(desk, "select source, source_id, url, post_id from posts") if dump(desk).get("posts") else []
    ids = {key: post_id for *key_parts, post_id in found for key in [tuple(key_parts)]}
    assert len(ids) == len(found), "a post was stored twice"
    return ids


def test_killed_at_any_moment_nothing_is_lost_or_doubled(home, desk, reference, tmp_path):
    """Runs killed at random moments, each in the half-done workspace the one before left behind."""
    moments = random.Random(20260302)
    work = tmp_path / "killed"
    killed, bid = 0, None
    known: dict[tuple, str] = {}
    drafts: dict[str, bytes] = {}
    for _ in range(KILLS):
        process = start(work)
        time.sleep(moments.uniform(0.3, 20.0))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if (work / "bidwright.db").exists():
            assert integrity(work) == "ok"
            now = stored_ids(work)
            assert known.items() <= now.items(), "a stored post was lost"
            known = now
        written = {path.name: path.read_bytes() for path in drafts_in(work)}
        assert drafts.items() <= written.items(), "a draft was lost or changed"
        drafts = written
        if known and bid is None:
            bid = bidwright(
                "-w", str(work), "bid", "submitted", min(known.values()), "--amount", "60", home=tmp_path
            )
            assert bid.returncode == 0, bid.stderr
            events = dump(work)["events"]
        assert bid is None or dump(work)["events"] == events, "what was recorded is not what it was"
    assert killed > KILLS / 3, "too few runs were killed in their middle to say anything"

    process = start(work)
    _, noise = process.communicate(timeout=120)
    assert (process.returncode, noise) == (0, "")
    whole, (tables, written) = dump(work), reference
    assert stored_ids(work) == {key: post_id for *rest, post_id in tables["ids"] for key in [tuple(rest)]}
    assert len(events) == 1
    assert whole["events"] == events
    for table in ("vectors", "duplicates", "drafts"):
        assert len(whole[table]) == len(tables[table]), table
    bodies = {path.name[11:]: body_of(path.read_text("utf-8")) for path in drafts_in(work)}
    assert bodies == {
        name.partition("/")[2][11:]: body_of(text.decode()) for name, text in written.items() if name.startswith("drafts/")
    }  # fmt: skip
    suffixes = sorted(path.suffix for path in (work / "digests").iterdir() if not path.name.startswith("."))
    assert suffixes == [".html", ".md"] * (len(suffixes) // 2)
    again = bidwright("-w", str(work), "run", home=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert dump(work) == whole


@pytest.mark.parametrize("seconds", [0.5, 4.0, 8.0])
def test_ctrl_c_stops_the_run_in_one_line_and_the_next_completes_it(desk, tmp_path, seconds):
    work = tmp_path / "stopped"
    process = start(work)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    said, noise = process.communicate(timeout=60)
    if process.returncode == 0:  # it was done before
        assert "This was a sample" in said
        return
    assert (process.returncode, noise.strip()) in {(1, "Stopped."), (-signal.SIGINT, "")}
    if (work / "bidwright.db").exists() and "runs" in {
        name for (name,) in rows(work, "select name from sqlite_master")
    }:
        assert rows(work, "select count(*) from runs where status is null") == [(0,)]
    done = start(work)
    _, noise = done.communicate(timeout=120)
    assert (done.returncode, noise) == (0, "")
    assert len(stored_ids(work)) == len(stored_ids(desk))
