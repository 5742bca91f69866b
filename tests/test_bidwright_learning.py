"""From the book and the stored posts to what a ranking learns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bidwright.cli.bids import list_bids, submitted
from bidwright.cli.context import App
from bidwright.desk import Desk, open_desk
from bidwright.steps.books import read_book, record
from bidwright.steps.ranking import history_of, learn_from_bids, past_bids, rank_posts, todays_ranking
from bidwright.workspace import Workspace
from domain.money import Money
from domain.posts import Client, Competition
from ledger import events as ev
from ranking.learning import Verdict
from reports.calibration import calibration_json, calibration_text
from tests.fakes import NOW, FakeClock, FakeEmbedder, make_post, stored
from tests.test_bidwright_daily import SETTINGS


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "bidwright.toml").write_text(SETTINGS, encoding="utf-8")
    clock = FakeClock(NOW + timedelta(days=200))
    with open_desk(Workspace(tmp_path), clock=clock, load_embedder=lambda _: FakeEmbedder()) as desk:
        yield desk


def bid(desk: Desk, number: int, *, won: bool, proposals: int | None = None, source: str = "board") -> str:
    """A post of its own day and a bid two hours later, decided three days after."""
    posted = NOW + timedelta(days=number)
    post = make_post(
        f"Django job {number}",
        source=source,
        date_posted=posted,
        proposals_min=proposals,
        client=Client(name=f"Client {number}"),
    )
    item = stored(post, seen=posted + timedelta(hours=1))
    desk.store.run_write(lambda tx: tx.posts.insert(item))
    sent, decided = posted + timedelta(hours=2), posted + timedelta(days=3)
    record(desk, ev.submit_bid(item.post_id, at=sent, recorded_at=sent))
    decide = ev.win_bid if won else ev.lose_bid
    record(desk, decide(item.post_id, at=decided, recorded_at=decided))
    return item.post_id


def many(desk: Desk, count: int = 60) -> list[str]:
    """Every fourth bid is won, against the curves: where many had proposed."""
    return [
        bid(desk, number, won=number % 4 == 0, proposals=60 if number % 4 == 0 else 2)
        for number in range(count)
    ]


def test_a_ranking_uses_what_the_books_teach(desk: Desk) -> None:
    many(desk)
    now = desk.clock()
    learning = learn_from_bids(desk, desk.profile, now)
    assert (learning.decided, learning.known, learning.won) == (60, 60, 15)
    assert learning.verdict is Verdict.LEARNED
    assert learning.exponent is not None
    assert learning.exponent < 0.5
    fresh = stored(make_post("Another Django job", date_posted=now), seen=now)
    desk.store.run_write(lambda tx: tx.posts.insert(fresh))
    learning = learn_from_bids(desk, desk.profile, now)
    ranked = next(
        each for each in rank_posts(desk, desk.profile, now) if each.stored.post_id == fresh.post_id
    )
    told = {part.label: part for part in ranked.win_chance.parts}
    assert told["own outcomes"].source == "learned from 60 decided bids of yours"
    strength = learning.strength
    assert told["own outcomes"].value == f"lift ^ {strength.exponent:g} x {strength.scale:g}"
    assert calibration_text(learning).startswith("Learned from 60 decided bids of yours.")
    json.dumps(calibration_json(learning), allow_nan=False)


def test_a_bid_on_a_post_whose_text_is_gone_counts_for_the_base_rate_only(desk: Desk) -> None:
    bid(desk, 1, won=True)
    gone = bid(desk, 2, won=True, source="short-lived")
    record(desk, ev.submit_bid("never stored", at=NOW, recorded_at=NOW))
    record(desk, ev.lose_bid("never stored", at=NOW, recorded_at=NOW))
    desk.store.run_write(lambda tx: tx.posts.expire_text("short-lived", desk.clock()))
    book = read_book(desk)
    history = history_of(book)
    assert (history.bids, history.won) == (3, 2)
    assert gone not in {each.stored.post_id for each in past_bids(desk, book)}
    learning = learn_from_bids(desk, desk.profile, desk.clock())
    assert (learning.decided, learning.known, learning.won) == (3, 1, 1)
    assert learning.words == "not enough outcomes to learn from: 1 of 30"


def test_open_and_withdrawn_bids_teach_nothing(desk: Desk) -> None:
    moment = {"at": NOW, "recorded_at": NOW}
    for name in ("open", "withdrawn"):
        item = stored(make_post(name), seen=NOW)
        desk.store.run_write(lambda tx, item=item: tx.posts.insert(item))
        record(desk, ev.submit_bid(item.post_id, **moment))
        if name == "withdrawn":
            record(desk, ev.withdraw_bid(item.post_id, **moment))
    book = read_book(desk)
    assert past_bids(desk, book) == ()
    assert history_of(book).bids == 0


def test_a_client_of_a_contract_is_known_again(desk: Desk) -> None:
    moment = {"at": NOW, "recorded_at": NOW}
    record(
        desk,
        ev.open_contract(
            "c1", terms="hourly", client="ACME", channel="board", rate=Money.of("60", "USD"), **moment
        ),
    )
    now = desk.clock()
    for name in ("Acme", "Another"):
        item = stored(make_post(f"for {name}", client=Client(id="7", name=name)), seen=now)
        desk.store.run_write(lambda tx, item=item: tx.posts.insert(item))
    parts = {
        each.stored.post.client.name: {part.source for part in each.win_chance.parts}
        for each in rank_posts(desk, desk.profile, now)
    }
    assert "this client hired you before" in parts["Acme"]
    assert "this client hired you before" not in parts["Another"]


def test_seeing_a_post_again_does_not_change_the_day(desk: Desk) -> None:
    ids = many(desk, 3)
    first = todays_ranking(desk).inputs_hash
    desk.store.run_write(lambda tx: tx.posts.touch(ids, desk.clock()))
    seen = todays_ranking(desk).inputs_hash
    assert seen != first, "what was read after a bid no longer counts"
    desk.store.run_write(lambda tx: tx.posts.touch(ids, desk.clock() + timedelta(hours=1)))
    assert todays_ranking(desk).inputs_hash == seen


def test_a_bid_keeps_what_its_post_showed(desk: Desk, monkeypatch, capsys) -> None:
    """Recorded when it was sent, it stays what it was; recorded after the post was read again, it is not known."""
    now = desk.clock()
    posts = [make_post(name, proposals_min=5, proposals_max=10, interviewing=1, extra={"Invites sent": "3"})
             for name in ("first", "second")]  # fmt: skip
    items = [stored(post, seen=now - timedelta(hours=1)) for post in posts]
    desk.store.run_write(lambda tx: tx.posts.insert_many(items))
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(desk.workspace.root))
    app = App(clock=lambda: now)
    for item, at in zip(items, (now, now - timedelta(hours=2)), strict=True):
        arguments = [item.post_id, "--at", at.isoformat()]
        assert submitted.main(arguments, obj=app, standalone_mode=False) in (None, 0)
    seen = {items[0].post_id: replace(posts[0], proposals_min=50, hires=1)}
    desk.store.run_write(lambda tx: tx.posts.touch(seen, now + timedelta(days=1), seen))
    book = read_book(desk)
    first, second = (book.bids[item.post_id].shown for item in items)
    assert first == Competition(proposals_min=5, proposals_max=10, interviewing=1, invites=3)
    assert second is None
    record(desk, ev.lose_bid(items[0].post_id, at=now, recorded_at=now))
    assert [each.shown for each in past_bids(desk, read_book(desk))] == [first]
    capsys.readouterr()
    assert list_bids.main(["--json"], obj=app, standalone_mode=False) in (None, 0)
    rows = {row["post_id"]: row["shown"] for row in json.loads(capsys.readouterr().out)["bids"]}
    assert rows[items[0].post_id] == asdict(first)
    assert rows[items[1].post_id] is None


def test_the_same_book_in_any_order_teaches_the_same(desk: Desk) -> None:
    many(desk, 40)
    now = desk.clock()
    found = learn_from_bids(desk, desk.profile, now)
    assert found == learn_from_bids(desk, desk.profile, now)
    bids = past_bids(desk, read_book(desk))
    assert [each.submitted_at for each in bids] == sorted(each.submitted_at for each in bids)
    assert replace(found, predicted=()) != found
