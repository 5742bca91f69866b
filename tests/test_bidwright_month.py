"""A month of misbehaving servers: every fault is named, pleas are heard, nobody is given up, nothing is late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from bidwright.daily import READING, run_daily
from bidwright.desk import Desk, open_desk
from bidwright.steps.fetch import fetch_sources
from bidwright.steps.sources import source_lines
from bidwright.workspace import Workspace
from domain.posts import StoredPost
from domain.sources import HEALTHY, SourceRun, SourceState
from spiders.crawl import crawl
from spiders.limits import crawl_limits
from tests.certificates import DAY
from tests.fakes import FakeClock, FakeEmbedder
from tests.marks import LINUX
from tests.misbehaving_month import (
    DAYS,
    EVERY,
    HOUR,
    NOT_WORDS,
    OFFLINE,
    START,
    STEP,
    TIMETABLE,
    Board,
    Fault,
    certificates,
    published,
)
from tests.staging import Stage, WarmCrawls, warm_crawls
from tests.test_bidwright_daily import SETTINGS

LIMITS = replace(
    crawl_limits(), timeout_seconds=1.0, fetch_seconds=4.0, deadline_seconds=60.0, body_bytes=1_000_000
)
SECOND = "busy-too"  # another source of the server of "busy"


@dataclass
class Month:
    """What happened."""

    boards: dict[str, Board]
    runs: dict[str, list[SourceRun]]  # readings by source, in order
    posts: list[StoredPost]


def day_of(moment: datetime) -> float:
    return (moment - START) / DAY


def workspace(root: Path, boards: Mapping[str, Board]) -> Workspace:
    urls = {name: board.url for name, board in boards.items()}
    urls[SECOND] = urls["busy"].replace("/feed", "/second")
    tables = "".join(
        f'[[sources]]\nname = "{name}"\ntype = "rss"\nevery = "12h"\nallow_private = true\nurl = "{url}"\n'
        for name, url in urls.items()
    )
    (root / "bidwright.toml").write_text(SETTINGS + tables, encoding="utf-8")
    return Workspace(root)


def stage_of(boards: Mapping[str, Board], now: datetime) -> Stage:
    """Return the network of this hour: who has a name, and whether this machine has a network at all."""
    named = [board for board in boards.values() if board.beneath != "no such name"]
    return Stage(
        names={f"{board.name}.example": [[board.host]] for board in named},
        offline=OFFLINE[0] <= day_of(now) < OFFLINE[1],
    )


def live_through(root: Path, boards: dict[str, Board], clock: FakeClock, warm: WarmCrawls) -> Month:
    """Run the reading steps every few hours for a month."""
    names = [*boards, SECOND]
    runs: dict[str, list[SourceRun]] = {name: [] for name in names}

    def read(desk: Desk, daily) -> None:
        command = warm.command(stage_of(boards, clock()), root / "stage.json")
        daily.outcomes = fetch_sources(
            desk, daily.run_id, crawl=partial(crawl, limits=LIMITS, command=command)
        )

    step = replace(READING[0], work=read)
    with open_desk(workspace(root, boards), clock=clock, load_embedder=lambda _: FakeEmbedder()) as desk:
        while clock() < START + DAYS * DAY:
            for board in boards.values():
                board.arrange()
            daily = run_daily(desk, steps=[step])
            assert [outcome.source for outcome in daily.outcomes] == names, "one outcome each"
            assert daily.problems == []
            fresh = [outcome for outcome in daily.outcomes if outcome.state is not SourceState.NOT_DUE]
            assert_shown(desk, fresh)
            for outcome in fresh:
                runs[outcome.source].append(outcome)
            clock.advance(seconds=STEP.total_seconds())
        with desk.store.read() as tx:
            return Month(boards, runs, list(tx.posts.all()))


def assert_shown(desk: Desk, outcomes: list[SourceRun]) -> None:
    """Assert that what `bidwright sources` shows of a source is what became of it."""
    lines = {line["name"]: line for line in source_lines(desk)}
    for outcome in outcomes:
        line = lines[outcome.source]
        assert (line["state"], line["detail"], line["failures"]) == (
            outcome.state.value, outcome.detail, outcome.failures,
        )  # fmt: skip
        assert (line["failing_since"] is None) == (outcome.failing_since is None)
        assert outcome.finished_at >= outcome.started_at


@pytest.fixture(scope="module")
def month(tmp_path_factory) -> Iterator[Month]:
    root, clock = tmp_path_factory.mktemp("month"), FakeClock(START)
    contexts = certificates(root)
    boards = {
        name: Board(name, number, clock, faults, contexts if name == "secure" else {})
        for number, (name, faults) in enumerate(TIMETABLE.items(), start=1)
    }
    for board in boards.values():
        board.arrange()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(root / "known.pem"))
            with warm_crawls(root) as warm:
                yield live_through(root, boards, clock, warm)
    finally:
        for board in boards.values():
            board.server.listen(False)


pytestmark = [pytest.mark.slow, LINUX]
FAULTS = [(name, fault) for name, faults in TIMETABLE.items() for fault in faults]


def offline(run: SourceRun) -> bool:
    return OFFLINE[0] <= day_of(run.started_at) < OFFLINE[1]


@pytest.mark.parametrize(
    ("name", "fault"), FAULTS, ids=[f"{name} on day {fault.begins}" for name, fault in FAULTS]
)
def test_the_fault_is_named_and_the_source_asked_again(month, name, fault: Fault):
    during = [run for run in month.runs[name] if fault.begins <= day_of(run.started_at) < fault.ends]
    if fault.ends - fault.begins >= 1:  # longer than any wait that an earlier fault can have left
        assert during
    for run in during:
        assert (run.state, run.detail[: len(fault.words)]) == (fault.state, fault.words)
        assert NOT_WORDS.search(run.detail) is None, run.detail
        assert run.failures > 0
        assert run.failing_since <= run.started_at
    back = [run for run in month.runs[name] if fault.ends <= day_of(run.started_at) <= fault.ends + 26 / 24]
    assert back, "asked again within 26 hours"
    if name != "flapping":
        assert (back[0].state in HEALTHY, back[0].failures, back[0].failing_since) == (True, 0, None)


def test_a_server_that_is_down_every_night_is_read_all_the_same(month):
    read = [day_of(run.started_at) for run in month.runs["flapping"] if run.state in HEALTHY]
    during = [day for day in read if 2 <= day < 20]
    assert len(during) >= 6
    assert max(later - earlier for earlier, later in pairwise([2, *during, 20])) <= 5, (
        "days without a reading"
    )


def test_outside_of_its_faults_every_source_is_well(month):
    for name, runs in month.runs.items():
        faults = TIMETABLE.get(name, [])
        for run in runs:
            if offline(run) or any(fault.begins <= day_of(run.started_at) < fault.ends for fault in faults):
                continue
            if name == SECOND and run.state is SourceState.BLOCKED:
                assert "asked to be left alone" in run.detail  # its neighbour was told so in the same crawl
                continue
            assert run.state in HEALTHY, (name, day_of(run.started_at), run)
    for name, runs in month.runs.items():
        assert runs[-1].state in HEALTHY, (name, runs[-1])


def test_no_server_is_asked_before_it_said(month):
    assert {name: board.too_early for name, board in month.boards.items() if board.too_early} == {}
    assert month.boards["busy"].rests_until > START + 26 * DAY


def test_healthy_sources_are_read_on_time_whatever_the_others_do(month):
    dark = DAY * (OFFLINE[1] - OFFLINE[0])
    for name in ("well-1", "well-2"):
        read = [run.started_at for run in month.runs[name] if run.state in HEALTHY]
        gaps = [later - earlier for earlier, later in pairwise([START, *read])]
        assert max(gaps) <= EVERY + dark + STEP
        assert sorted(gaps)[-2] <= EVERY, "only the days without a network made one late"
        assert min(gaps[1:]) >= EVERY, "nor was it asked more often than its interval allows"
        assert len(read) >= DAYS * 2 - 4


def test_every_post_of_a_healthy_source_is_there_in_time_and_none_twice_or_in_half(month):
    seen = {(post.post.source, post.post.source_id): post for post in month.posts}
    assert len(seen) == len(month.posts)
    for post in month.posts:
        assert post.post.title == f"Job number {post.post.source_id[1:]}"
        assert post.post.description.startswith("Work. Pays $70 per hour.")
    for name in ("well-1", "well-2"):
        for number in range(12, published(START + (DAYS - 1) * DAY)):
            appeared = START + ((number - 12) // 2 + 1) * DAY
            late = seen[name, f"n{number}"].first_seen - appeared
            allowed = EVERY + STEP
            if OFFLINE[0] - 1 < day_of(appeared) < OFFLINE[1]:
                allowed += DAY * (OFFLINE[1] - OFFLINE[0])
            assert late <= allowed, (name, number, late)


def test_a_machine_without_a_network_holds_nothing_against_anyone(month):
    dark = [run for runs in month.runs.values() for run in runs if offline(run)]
    assert {run.source for run in dark} == set(month.runs)
    assert {run.state for run in dark} == {SourceState.UNREACHABLE}
    assert {run.failures for run in dark} == {0}
    for runs in month.runs.values():
        back = next(run for run in runs if day_of(run.started_at) >= OFFLINE[1])
        assert back.started_at <= START + OFFLINE[1] * DAY + STEP


def test_patience_grows_to_a_day_and_never_ends(month):
    for name, days in (("dead", 14), ("nameless", 10)):
        down = [run for run in month.runs[name] if run.state is SourceState.UNREACHABLE and not offline(run)]
        assert days - 1 <= len(down) <= days / 0.75 + 2
        assert [run.failures for run in down] == list(range(1, len(down) + 1))
        assert {run.failing_since for run in down} == {down[0].started_at}
        gaps = [later.started_at - earlier.started_at for earlier, later in pairwise(down)]
        assert gaps[0] <= EVERY + STEP
        assert 18 * HOUR <= max(gaps) <= 24 * HOUR
