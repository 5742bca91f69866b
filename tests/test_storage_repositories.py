"""Duplicates, vectors, runs, events, digests and drafts: one suite on every kind of database."""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from domain.errors import StorageError
from domain.events import Event, EventKind
from domain.sources import SourceRun, SourceState
from storage import DigestRecord, DraftRecord, DuplicateMark, RunRecord, Verdict
from storage.duplicates import join
from tests.fakes import NOW, make_post, stored
from tests.postgres import database, postgres, store  # noqa: F401 - fixtures

HOUR = timedelta(hours=1)


def put(store, *titles):
    """Store posts seen an hour apart, the first named first, and return their ids."""
    made = [stored(make_post(title), seen=NOW + n * HOUR) for n, title in enumerate(titles)]
    store.run_write(lambda tx: tx.posts.insert_many(made))
    return [post.post_id for post in made]


def clusters(store):
    with store.read() as tx:
        return tx.duplicates.clusters()


class TestDuplicates:
    def test_a_mark_puts_both_into_the_cluster_of_the_first_seen(self, store):
        a, b, c, d = put(store, "a", "b", "c", "d")
        with store.write() as tx:
            assert tx.duplicates.mark(b, c, "0.97", "same words", NOW) is True
            assert tx.duplicates.mark(c, a, "0.91", "same client", NOW + HOUR) is True
            assert tx.posts.get(c).cluster == a
        assert clusters(store) == {a: a, b: a, c: a}
        with store.read() as tx:
            assert [post.cluster for post in tx.posts.all()] == [a, a, a, d]
            assert tx.duplicates.all() == [
                DuplicateMark(post_id=b, of_post_id=c, score="0.97", reason="same words", marked_at=NOW),
                DuplicateMark(
                    post_id=c, of_post_id=a, score="0.91", reason="same client", marked_at=NOW + HOUR
                ),
            ]

    def test_a_pair_is_marked_once_whichever_way_round(self, store):
        a, b = put(store, "a", "b")
        with store.write() as tx:
            assert tx.duplicates.mark(b, a, "0.9", "first", NOW) is True
            assert tx.duplicates.mark(b, a, "0.8", "again", NOW) is False
            assert tx.duplicates.mark(a, b, "0.8", "turned", NOW) is False
            assert [(mark.post_id, mark.reason) for mark in tx.duplicates.all()] == [(b, "first")]

    def test_a_persons_no_is_final(self, store):
        a, b = put(store, "a", "b")
        with store.write() as tx:
            tx.duplicates.mark(b, a, "0.99", "same words", NOW)
            assert tx.duplicates.clusters() == {a: a, b: a}
            tx.duplicates.judge(a, b, Verdict.NO, NOW + HOUR)
            assert tx.duplicates.clusters() == {}
            assert tx.duplicates.mark(b, a, "1", "same words", NOW) is False
            assert tx.duplicates.mark(a, b, "1", "same words", NOW) is False
        with store.read() as tx:
            (mark,) = tx.duplicates.all()
        assert (mark.verdict, mark.judged_at, mark.score) == (Verdict.NO, NOW + HOUR, "0.99")
        assert clusters(store) == {}

    def test_a_person_may_change_their_mind(self, store):
        a, b = put(store, "a", "b")
        with store.write() as tx:
            tx.duplicates.judge(b, a, "no", NOW)
            tx.duplicates.judge(b, a, "yes", NOW + HOUR)
            assert tx.duplicates.all()[0].score is None
        assert clusters(store) == {a: a, b: a}

    def test_no_chain_of_marks_joins_what_a_person_has_parted(self, store):
        a, b, c = put(store, "a", "b", "c")
        with store.write() as tx:
            tx.duplicates.mark(b, a, "0.9", "x", NOW)
            tx.duplicates.mark(c, b, "0.95", "x", NOW)
            tx.duplicates.judge(c, a, Verdict.NO, NOW)
        assert clusters(store) == {b: b, c: b}
        with store.write() as tx:
            tx.duplicates.judge(b, a, Verdict.YES, NOW)
        assert clusters(store) == {a: a, b: a}

    @pytest.mark.parametrize("score", ["", "nan", "high", "1.01", "-0.1"])
    def test_a_score_is_a_decimal_from_0_to_1(self, store, score):
        a, b = put(store, "a", "b")
        with store.write() as tx, pytest.raises(StorageError, match="is not a score"):
            tx.duplicates.mark(a, b, score, "x", NOW)

    def test_only_two_stored_posts_can_be_marked(self, store):
        (a,) = put(store, "a")
        with store.write() as tx, pytest.raises(StorageError, match="cannot repeat itself"):
            tx.duplicates.mark(a, a, "1", "x", NOW)
        with pytest.raises(StorageError), store.write() as tx:
            tx.duplicates.mark(a, "pnobody", "1", "x", NOW)
        assert clusters(store) == {}

    def test_join(self):
        assert join([], []) == []
        assert join([("a", "b"), ("c", "d"), ("b", "c"), ("a", "d")], []) == [{"a", "b", "c", "d"}]
        assert join([("a", "b"), ("c", "d"), ("b", "c")], [("a", "d")]) == [{"a", "b"}, {"c", "d"}]
        assert join([("a", "b")], [("b", "a")]) == []


class TestVectors:
    def test_nothing_is_embedded_twice(self, store):
        one, two = struct.pack("<3f", 1, 0.5, -2), struct.pack("<3f", 0, 0, 1)
        store.run_write(lambda tx: tx.vectors.save("m", 3, {"h1": one, "h2": two}))
        store.run_write(lambda tx: tx.vectors.save("m", 3, {"h1": two}))
        with store.read() as tx:
            assert tx.vectors.load("m", ["h2", "h1", "h3", "h1"]) == {"h1": one, "h2": two}
            assert tx.vectors.load("other", ["h1"]) == {}
            assert tx.vectors.missing("m", ["h3", "h1", "h0", "h3"]) == ["h3", "h0"]
            assert tx.vectors.missing("other", ["h1"]) == ["h1"]
            assert struct.unpack("<3f", tx.vectors.load("m", ["h1"])["h1"]) == (1, 0.5, -2)

    def test_more_than_fit_one_statement(self, store):
        many = {f"h{n}": struct.pack("<f", n) for n in range(1203)}
        store.run_write(lambda tx: tx.vectors.save("m", 1, many))
        with store.read() as tx:
            assert tx.vectors.load("m", many) == many
            assert tx.vectors.missing("m", ["x", *many, "y"]) == ["x", "y"]

    def test_the_open_posts_with_a_vector(self, store):
        made = [
            stored(make_post("open")),
            stored(make_post("no vector")),
            stored(make_post("closes later", valid_through=NOW + HOUR)),
            stored(make_post("closed", valid_through=NOW)),
        ]
        forgotten = stored(make_post("forgotten", source="short-lived"))
        store.run_write(lambda tx: tx.posts.insert_many([*made, forgotten]))
        store.run_write(lambda tx: tx.posts.expire_text("short-lived", NOW + HOUR))
        kept = {post.text_hash: bytes(4) for post in (made[0], *made[2:], forgotten)}
        store.run_write(lambda tx: tx.vectors.save("m", 1, kept))
        store.run_write(lambda tx: tx.vectors.save("other", 1, {made[1].text_hash: bytes(4)}))
        with store.read() as tx:
            found = tx.vectors.of_open_posts("m", NOW)
            later = tx.vectors.of_open_posts("m", NOW + HOUR)
        assert sorted(found) == sorted((post.post_id, post.text_hash) for post in (made[0], made[2]))
        assert later == [(made[0].post_id, made[0].text_hash)]

    def test_a_vector_of_another_length_is_refused(self, store):
        with pytest.raises(StorageError, match="8 bytes is not 3 float32"):
            store.run_write(lambda tx: tx.vectors.save("m", 3, {"h": bytes(8)}))


def outcome(run, source, state, at=NOW, **fields):
    return SourceRun(
        run_id=run, source=source, state=SourceState(state), started_at=at, finished_at=at + HOUR, **fields
    )


class TestRuns:
    def test_a_run_from_start_to_end(self, store):
        with store.write() as tx:
            assert tx.runs.latest() is None
            tx.runs.start("r1", NOW)
            tx.runs.start("r1", NOW + HOUR)
            assert tx.runs.latest() == RunRecord(run_id="r1", started_at=NOW, finished_at=None, status=None)
            tx.runs.finish("r1", NOW + HOUR, "done", {"posts_new": 3, "problems": "none «at all»"})
            assert tx.runs.latest() == RunRecord(
                run_id="r1", started_at=NOW, finished_at=NOW + HOUR, status="done",
                summary={"posts_new": 3, "problems": "none «at all»"},
            )  # fmt: skip

    def test_the_outcomes_of_a_day_are_those_of_sources_that_were_due(self, store):
        with store.write() as tx:
            for number, (state, hours) in enumerate([("ok", -9), ("ok", 0), ("not due", 1), ("error", 2)]):
                tx.runs.start(f"r{number}", NOW + hours * HOUR)
                tx.runs.record_source(outcome(f"r{number}", "a", state, NOW + hours * HOUR, url="http://a/"))
            tx.runs.record_source(outcome("r1", "b", "empty"))
            found = tx.runs.asked_since(NOW)
        assert {name: [run.state.value for run in runs] for name, runs in found.items()} == {
            "a": ["ok", "error"], "b": ["empty"],
        }  # fmt: skip
        assert found["a"][0].url == "http://a/"

    def test_the_latest_run_is_the_last_recorded_whatever_the_clock_said(self, store):
        with store.write() as tx:
            tx.runs.start("z", NOW)
            tx.runs.start("a", NOW - 99 * HOUR)
            assert tx.runs.latest().run_id == "a"

    def test_what_was_never_started_is_refused(self, store):
        with pytest.raises(StorageError, match="not started cannot finish"):
            store.run_write(lambda tx: tx.runs.finish("r1", NOW, "done", {}))
        with pytest.raises(StorageError):
            store.run_write(lambda tx: tx.runs.record_source(outcome("r1", "wwr", "ok")))

    def test_outcomes(self, store):
        full = outcome("r1", "wwr", "ok", detail="«ok»", posts_read=9, posts_new=3, posts_updated=2, issues=1,
                       etag='W/"1"', last_modified="Mon, 02 Mar 2026 08:00:00 GMT")  # fmt: skip
        other = outcome("r1", "a-board", "blocked")
        with store.write() as tx:
            tx.runs.start("r1", NOW)
            tx.runs.record_source(outcome("r1", "wwr", "error", detail="first try"))
            tx.runs.record_source(other)
            tx.runs.record_source(full)
            assert tx.runs.outcomes("r1") == [full, other]
            assert tx.runs.outcomes("r0") == []

    def test_the_last_outcome_and_the_last_that_was_answered(self, store):
        told = [
            ("r1", {"a": "ok", "b": "empty", "c": "error", "d": "not modified", "e": "not due"}),
            ("r2", {"a": "not due", "b": "unreachable", "d": "blocked", "e": "changed shape"}),
        ]
        with store.write() as tx:
            for number, (run, states) in enumerate(told):
                tx.runs.start(run, NOW)
                for source, state in states.items():
                    # The clock is set back between the runs: it must not decide.
                    tx.runs.record_source(
                        outcome(run, source, state, NOW - number * HOUR, etag=f"{run}-{source}")
                    )
            last = tx.runs.last_by_source()
            good = tx.runs.last_good_by_source()
            asked, answered = tx.runs.last_asked_by_source(), tx.runs.last_answered_by_source()
        assert {name: (run.run_id, run.state.value) for name, run in last.items()} == {
            "a": ("r2", "not due"), "b": ("r2", "unreachable"), "c": ("r1", "error"), "d": ("r2", "blocked"),
            "e": ("r2", "changed shape"),
        }  # fmt: skip
        assert {name: run.etag for name, run in good.items()} == {"a": "r1-a", "b": "r1-b", "d": "r1-d"}
        assert good["a"].started_at == NOW
        assert {name: (run.run_id, run.state.value) for name, run in asked.items()} == {
            "a": ("r1", "ok"), "b": ("r2", "unreachable"), "c": ("r1", "error"), "d": ("r2", "blocked"),
            "e": ("r2", "changed shape"),
        }  # fmt: skip
        assert {name: run.etag for name, run in answered.items()} == {
            "a": "r1-a", "b": "r1-b", "c": "r1-c", "d": "r2-d", "e": "r2-e",
        }  # fmt: skip

    def test_an_unknown_state_is_reported(self, store, database):
        with store.write() as tx:
            tx.runs.start("r1", NOW)
            tx.runs.record_source(outcome("r1", "wwr", "ok"))
        with database.raw() as connection:
            connection.exec_driver_sql("UPDATE source_runs SET state = 'dreaming'")
        with store.read() as tx, pytest.raises(StorageError, match="unknown value .*'dreaming'"):
            tx.runs.last_by_source()


BID = Event(
    event_id="e1",
    kind=EventKind.BID_SUBMITTED,
    at=NOW - HOUR,
    recorded_at=NOW,
    subject="p1",
    data={"amount_minor": 2**51 - 1, "currency": "USD", "note": "«first»\nsecond"},
)


class TestEvents:
    def test_what_is_recorded_is_what_comes_back_in_that_order(self, store):
        late = replace(
            BID, event_id="e0", at=NOW - 99 * HOUR, recorded_at=NOW + HOUR, subject="p2", corrects="e1"
        )
        with store.write() as tx:
            assert tx.events.append(BID) is True
            assert tx.events.append_many([late, BID]) == 1
        with store.read() as tx:
            assert list(tx.events.all()) == [BID, late]
            assert list(tx.events.all(NOW)) == [BID]
            assert list(tx.events.all(NOW - HOUR)) == []
            assert tx.events.for_subject("p2") == [late]
            assert tx.events.for_subject("p3") == []

    def test_the_same_event_told_again_later_adds_nothing(self, store):
        with store.write() as tx:
            tx.events.append(BID)
            assert tx.events.append(replace(BID, recorded_at=NOW + HOUR)) is False
            assert list(tx.events.all()) == [BID]

    @pytest.mark.parametrize(
        "other",
        [
            {"at": NOW},
            {"subject": "p2"},
            {"kind": EventKind.BID_LOST},
            {"data": {"amount_minor": 1}},
            {"corrects": "e0"},
        ],
    )
    def test_an_id_that_stands_for_something_else_is_refused(self, store, other):
        store.run_write(lambda tx: tx.events.append(BID))
        with pytest.raises(StorageError, match="event e1: this id was recorded with other content"):
            store.run_write(lambda tx: tx.events.append(replace(BID, **other)))
        with store.read() as tx:
            assert list(tx.events.all()) == [BID]

    @pytest.mark.parametrize("value", [1.5, True, None, ["a"]])
    def test_data_is_texts_and_whole_numbers(self, store, value):
        with store.write() as tx, pytest.raises(StorageError, match="amount_minor is neither"):
            tx.events.append(replace(BID, data={"amount_minor": value}))

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE events SET data = '{}'",
            "DELETE FROM events",
            "DELETE FROM events WHERE event_id = 'e1'",
            "TRUNCATE events",
            "INSERT OR REPLACE INTO events SELECT * FROM events",
        ],
    )
    def test_no_statement_changes_an_event(self, store, database, statement):
        store.run_write(lambda tx: tx.events.append(BID))
        with pytest.raises(DBAPIError) as caught, database.raw() as connection:
            connection.exec_driver_sql(statement)
        foreign = "syntax error" in str(caught.value)  # TRUNCATE is PostgreSQL's, OR REPLACE SQLite's
        assert foreign or "events are never changed or deleted" in str(caught.value)
        assert foreign == (statement.startswith("TRUNCATE" if database.path else "INSERT OR"))
        with store.read() as tx:
            assert list(tx.events.all()) == [BID]

    def test_there_is_no_method_to_change_one(self, store):
        with store.read() as tx:
            assert {name for name in dir(tx.events) if not name.startswith("_")} == {
                "all", "append", "append_many", "for_subject",
            }  # fmt: skip

    def test_a_kind_of_a_newer_program_is_reported(self, store, database):
        with database.raw() as connection:
            now = "'2026-03-02T08:00:00.000000Z'"
            connection.exec_driver_sql(
                "INSERT INTO events (event_id, kind, at, recorded_at, subject, data)"
                f" VALUES ('e9', 'bid.teleported', {now}, {now}, 'p1', '{{}}')"
            )
        with (
            store.read() as tx,
            pytest.raises(StorageError, match="event e9: .*bid.teleported.* newer bidwright"),
        ):
            list(tx.events.all())


DAY = date(2026, 3, 2)


class TestDigests:
    def test_the_same_inputs_write_nothing(self, store):
        with store.write() as tx:
            assert tx.digests.save("me", DAY, "h1", '{"a": 1}', NOW) is True
            assert tx.digests.save("me", DAY, "h1", '{"a": 2}', NOW + HOUR) is False
            assert tx.digests.get("me", DAY).payload_json == '{"a": 1}'
            assert tx.digests.save("me", DAY, "h2", '{"a": 3}', NOW + HOUR) is True
            assert tx.digests.get("me", DAY) == DigestRecord(
                profile_key="me",
                local_date=DAY,
                inputs_hash="h2",
                payload_json='{"a": 3}',
                created_at=NOW + HOUR,
            )

    def test_the_latest_is_that_of_the_latest_date(self, store):
        with store.write() as tx:
            assert tx.digests.latest("me") is None
            tx.digests.save("me", DAY + timedelta(days=1), "h", "{}", NOW)
            tx.digests.save("me", DAY, "h", "{}", NOW + HOUR)
            tx.digests.save("you", DAY + timedelta(days=9), "h", "{}", NOW)
            assert tx.digests.latest("me").local_date == DAY + timedelta(days=1)
            assert tx.digests.get("you", DAY) is None


class TestDrafts:
    def test_a_draft_written_again_replaces_its_record(self, store):
        (post,) = put(store, "a")
        with store.write() as tx:
            tx.drafts.record(post, "drafts/a.md", "short", "h1", NOW)
            tx.drafts.record(post, "drafts/b.md", "long", "h2", NOW)
            tx.drafts.record(post, "drafts/a.md", "long", "h3", NOW + HOUR)
            assert tx.drafts.for_post(post) == [
                DraftRecord(
                    post_id=post,
                    path="drafts/a.md",
                    template="long",
                    generated_hash="h3",
                    created_at=NOW + HOUR,
                ),
                DraftRecord(
                    post_id=post, path="drafts/b.md", template="long", generated_hash="h2", created_at=NOW
                ),
            ]
            assert tx.drafts.for_post("pnobody") == []

    def test_a_draft_belongs_to_a_stored_post(self, store):
        with pytest.raises(StorageError):
            store.run_write(lambda tx: tx.drafts.record("pnobody", "x", "t", "h", NOW))
