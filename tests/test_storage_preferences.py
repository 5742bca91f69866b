"""Likes and dislikes as stored: every word kept, the last one of a post in force, on every kind of database."""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.errors import StorageError
from domain.preferences import Opinion
from storage import open_store
from storage.engine import for_writing, make_engine, parse_url
from storage.migrate import SCHEMA, _config
from storage.types import PreferenceRecord
from tests.fakes import NOW, make_post, stored
from tests.postgres import database, empty_database, postgres, store  # noqa: F401 - fixtures

LATER = NOW + timedelta(hours=1)


def put(store, *titles):
    made = [stored(make_post(title)) for title in titles]
    store.run_write(lambda tx: tx.posts.insert_many(made))
    return [post.post_id for post in made]


def known(store):
    with store.read() as tx:
        return [(each.post_id, each.opinion.value, each.because, each.at) for each in tx.preferences.all()]


def test_the_last_word_on_a_post_is_in_force(store):
    a, b = put(store, "a", "b")
    with store.write() as tx:
        assert tx.preferences.record(a, Opinion.LIKE, ("pay", "Ünïcode “because”"), NOW)
        assert tx.preferences.record(b, Opinion.LIKE, (), NOW)
        assert tx.preferences.record(a, Opinion.DISLIKE, (), LATER)
    assert known(store) == [(b, "like", (), NOW), (a, "dislike", (), LATER)]


def test_the_same_word_again_adds_nothing(store):
    (a,) = put(store, "a")
    with store.write() as tx:
        assert tx.preferences.record(a, Opinion.LIKE, ("pay",), NOW)
        assert not tx.preferences.record(a, Opinion.LIKE, ("pay",), LATER)
    assert known(store) == [(a, "like", ("pay",), NOW)]


def test_what_is_taken_back_is_not_in_force_but_every_word_stays(store, database):
    (a,) = put(store, "a")
    with store.write() as tx:
        assert tx.preferences.take_back(a, NOW) is None
        tx.preferences.record(a, Opinion.LIKE, ("pay",), NOW)
        assert tx.preferences.take_back(a, LATER) == PreferenceRecord(
            post_id=a, opinion=Opinion.LIKE, because=("pay",), at=NOW
        )
        assert tx.preferences.take_back(a, LATER) is None
    assert known(store) == []
    with database.raw() as connection:
        rows = connection.exec_driver_sql("SELECT opinion FROM preferences ORDER BY row_number").scalars()
        assert list(rows) == ["like", None]


def test_an_opinion_on_no_post_and_one_that_is_none_are_refused(store, database):
    with pytest.raises(StorageError), store.write() as tx:
        tx.preferences.record("p0", Opinion.LIKE, (), NOW)
    (a,) = put(store, "a")
    with pytest.raises(DBAPIError), database.raw() as connection:
        connection.exec_driver_sql(
            "INSERT INTO preferences (post_id, opinion, because, at)"
            f" VALUES ('{a}', 'adore', '[]', '2026-03-02T08:00:00.000000Z')"
        )


def test_a_database_of_the_schema_before_keeps_its_posts_and_takes_opinions(empty_database):
    engine = make_engine(parse_url(empty_database.url))
    with for_writing(engine).begin() as connection:
        config = _config(SCHEMA)
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(
            text(
                "INSERT INTO posts (post_id, source, channel, title, description, skills, raw, extra, first_seen,"
                " last_seen, content_hash, text_hash, search_text)"
                " VALUES ('p1', 'board', 'board', 'T', '', '[]', '{}', '{}', :at, :at, 'c', 't', 't')"
            ),
            {"at": "2026-03-02T08:00:00.000000Z"},
        )
    engine.dispose()
    with open_store(empty_database.url, journal_mode=empty_database.journal_mode) as opened:
        opened.run_write(lambda tx: tx.preferences.record("p1", Opinion.DISLIKE, ("far",), NOW))
        assert known(opened) == [("p1", "dislike", ("far",), NOW)]
