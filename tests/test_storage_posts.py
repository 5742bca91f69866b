"""Job posts in the store: the same suite on SQLite in both journal modes and on PostgreSQL."""

# ruff: noqa: F811 - a fixture is imported, then named as an argument

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from domain.errors import StorageError
from domain.identity import content_hash, text_hash
from domain.pay import Pay, PayUnit
from domain.posts import Client, ContractType, JobPosting, PostText
from storage import KnownPost
from tests.fakes import NOW, FakeClock, fixed, hourly, make_post, stored
from tests.postgres import Database, database, postgres, store  # noqa: F401 - fixtures

HOUR = timedelta(hours=1)
FULL = JobPosting(
    source="wwr",
    channel="board",
    title="Søk: Django-utvikler «nå» 🚀",
    source_id="12/ab",
    url="https://jobs.example/12?ab=%20",
    description='Line one\nLine two; it\'s "quoted" \\ and 100 % fine_',
    skills=("Django", "C++", "数据库"),
    category="Back end",
    contract_type=ContractType.FIXED,
    pay=Pay(
        unit=PayUnit.FIXED,
        currency="KWD",
        low=Decimal("1.005"),
        high=Decimal("99.999"),
        raw="KD 1.005-99.999",
    ),
    date_posted=datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    valid_through=NOW + 5 * HOUR,
    experience_level="expert",
    duration="1-3 months",
    workload="20 h/week",
    location="Oslo",
    language="nb",
    proposals_min=5,
    proposals_max=10,
    interviewing=0,
    hires=1,
    connects=12,
    client=Client(
        id="c9",
        name="Fjord AS",
        country="NO",
        payment_verified=False,
        total_spent=Decimal("21500000.07"),
        hires=0,
        hire_rate=Decimal("0.333"),
        rating=Decimal("4.95"),
        reviews=0,
        member_since=datetime(2009, 1, 1, tzinfo=UTC),
    ),
    raw={"budget_raw": "KD 1.005-99.999", "skills": "Django, C++"},
    extra={"guid": "12"},
)
BARE = JobPosting(source="mail", channel="upwork", title="")


def put(store, *posts, **options):
    made = [stored(post, **options) for post in posts]
    store.run_write(lambda tx: tx.posts.insert_many(made))
    return made if len(made) > 1 else made[0]


def changed(before, seen, **fields):
    post = replace(before.post, **fields)
    return replace(
        before,
        post=post,
        first_seen=seen,
        last_seen=seen,
        content_hash=content_hash(post),
        text_hash=text_hash(post),
    )


@pytest.mark.parametrize("post", [FULL, BARE, make_post()], ids=["full", "bare", "usual"])
def test_what_is_stored_is_what_comes_back(store, post):
    made = put(store, post)
    with store.read() as tx:
        assert tx.posts.get(made.post_id) == made
        assert list(tx.posts.all()) == [made]
        assert content_hash(tx.posts.get(made.post_id).post) == made.content_hash


def test_not_stated_stays_not_stated_and_false_stays_false(store):
    full, bare = put(store, FULL, BARE)
    with store.read() as tx:
        assert tx.posts.get(full.post_id).post.client.payment_verified is False
        assert tx.posts.get(full.post_id).post.client.hires == 0
        post = tx.posts.get(bare.post_id).post
    assert (post.pay, post.hires, post.client.payment_verified, post.client.hires) == (None, None, None, None)


def test_inserting_twice_keeps_the_first(store):
    made = put(store, make_post())
    again = replace(made, first_seen=NOW + HOUR, post=replace(made.post, title="other"))
    with store.write() as tx:
        assert tx.posts.insert(again) is False
        assert tx.posts.insert(stored(make_post("new"))) is True
        assert tx.posts.insert_many([again, stored(make_post("third")), stored(make_post("new"))]) == 1
        assert tx.posts.get(made.post_id) == made
        assert tx.posts.count() == 3


def test_a_thousand_and_one_posts_go_in_and_out_in_chunks(store):
    many = [stored(make_post(f"post {n}"), seen=NOW + timedelta(seconds=n)) for n in range(1001)]
    with store.write() as tx:
        assert tx.posts.insert_many(iter(many)) == 1001
    with store.read() as tx:
        assert list(tx.posts.all()) == many
        known = tx.posts.known([post.post_id for post in many] + ["pnobody"])
        assert known == {
            post.post_id: KnownPost(
                post_id=post.post_id,
                content_hash=post.content_hash,
                text_hash=post.text_hash,
                last_seen=post.last_seen,
            )
            for post in many
        }
    later = [changed(post, NOW + 99 * HOUR, title=f"{post.post.title}!") for post in many]
    store.run_write(lambda tx: tx.posts.update_many(later))
    with store.read() as tx:
        assert [post.post.title for post in tx.posts.all()] == [f"post {n}!" for n in range(1001)]
        assert [state.title for state in tx.posts.history(many[1000].post_id)] == ["post 1000"]


def test_an_update_keeps_first_seen_and_the_earlier_state(store):
    made = put(store, make_post("Fix a bug", pay=hourly("20", "30"), proposals_min=0, proposals_max=5))
    later = changed(made, NOW + HOUR, title="Fix two bugs", pay=fixed("900", "JPY"), proposals_max=20)
    store.run_write(lambda tx: tx.posts.update(later))
    with store.read() as tx:
        assert tx.posts.get(made.post_id) == replace(later, first_seen=made.first_seen)
        (before,) = tx.posts.history(made.post_id)
    assert (before.title, before.pay, before.proposals_min, before.proposals_max, before.changed_at) == (
        "Fix a bug", hourly("20", "30"), 0, 5, NOW + HOUR,
    )  # fmt: skip
    assert (before.text_hash, before.content_hash) == (made.text_hash, made.content_hash)


def test_the_same_update_twice_adds_no_history(store):
    made = put(store, make_post())
    later = changed(made, NOW + HOUR, pay=None)
    for _ in range(2):
        store.run_write(lambda tx: tx.posts.update(later))
    with store.read() as tx:
        assert [state.pay for state in tx.posts.history(made.post_id)] == [made.post.pay]


def test_a_change_of_no_consequence_adds_no_history(store):
    made = put(store, make_post())
    store.run_write(lambda tx: tx.posts.update(changed(made, NOW + HOUR, location="Oslo")))
    with store.read() as tx:
        assert tx.posts.get(made.post_id).post.location == "Oslo"
        assert tx.posts.history(made.post_id) == []


def test_history_keeps_the_newest_24_states(store):
    made, other = put(store, make_post("v0"), make_post("other"))
    with store.write() as tx:
        tx.posts.update(changed(other, NOW, title="other 1"))
        for n in range(1, 31):
            tx.posts.update(changed(made, NOW + n * HOUR, title=f"v{n}"))
    with store.read() as tx:
        assert [state.title for state in tx.posts.history(made.post_id)] == [f"v{n}" for n in range(6, 30)]
        assert [state.title for state in tx.posts.history(other.post_id)] == ["other"]
        assert tx.posts.get(made.post_id).post.title == "v30"


def test_an_unknown_post_cannot_be_updated(store):
    with pytest.raises(StorageError, match="not stored"):
        store.run_write(lambda tx: tx.posts.update(stored(make_post())))


def test_seen_again(store):
    one, two = put(store, make_post("one", proposals_min=1, proposals_max=5, hires=None), make_post("two"))
    now_shown = {
        one.post_id: replace(
            one.post, proposals_min=20, proposals_max=None, interviewing=0, hires=0, connects=16
        )
    }
    store.run_write(lambda tx: tx.posts.touch([one.post_id, two.post_id, "pnobody"], NOW + HOUR, now_shown))
    with store.read() as tx:
        shown, other = tx.posts.get(one.post_id), tx.posts.get(two.post_id)
        assert tx.posts.history(one.post_id) == []
    assert (shown.last_seen, shown.first_seen) == (NOW + HOUR, NOW)
    counts = (shown.post.proposals_min, shown.post.proposals_max, shown.post.interviewing, shown.post.hires)
    assert counts == (20, 5, 0, 0)
    assert (shown.post.connects, other.post.connects) == (16, None)
    assert other == replace(two, last_seen=NOW + HOUR)


def test_further_fields_are_those_last_seen(store):
    """How many a client invited changes daily, and is no edit of the post."""
    one, two = put(store, make_post("one", extra={"invites_sent": "1"}), make_post("two", extra={"x": "y"}))
    later = {
        one.post_id: replace(one.post, extra={"invites_sent": "7"}),
        two.post_id: replace(two.post, extra={}),
    }
    store.run_write(lambda tx: tx.posts.touch(later, NOW + HOUR, later))
    with store.read() as tx:
        shown, other = tx.posts.get(one.post_id), tx.posts.get(two.post_id)
    assert (dict(shown.post.extra), dict(other.post.extra)) == ({"invites_sent": "7"}, {"x": "y"})


def test_a_clock_set_back_never_moves_last_seen_back(store):
    made = put(store, make_post())
    store.run_write(lambda tx: tx.posts.touch([made.post_id], NOW - HOUR))
    store.run_write(lambda tx: tx.posts.update(changed(made, NOW - HOUR, title="earlier")))
    with store.read() as tx:
        assert tx.posts.get(made.post_id).last_seen == NOW


def test_expired_text_goes_and_the_facts_stay(store):
    old, new, elsewhere = (
        stored(make_post("old", source="a", raw={"x": "y"}, extra={"e": "f"})),
        stored(make_post("new", source="a"), seen=NOW + 2 * HOUR),
        stored(make_post("elsewhere", source="b")),
    )
    store.run_write(lambda tx: tx.posts.insert_many([old, new, elsewhere]))
    with store.write() as tx:
        assert tx.posts.expire_text("a", NOW + HOUR) == 1
        assert tx.posts.expire_text("a", NOW + HOUR) == 0
    with store.read() as tx:
        kept = tx.posts.get(old.post_id)
        assert kept == replace(old, post=replace(old.post, description="", raw={}, extra={}))
        assert list(tx.posts.live(NOW)) == [elsewhere, new]
        assert tx.posts.search(["rest", "old"], 9) == []
        assert tx.posts.search(["old"], 9) == [kept]
        assert tx.posts.known([old.post_id])[old.post_id].content_hash == ""
    store.run_write(lambda tx: tx.posts.update(replace(old, last_seen=NOW + 3 * HOUR)))
    with store.read() as tx:
        assert tx.posts.get(old.post_id).post == old.post
        assert tx.posts.known([old.post_id])[old.post_id].content_hash == old.content_hash
        assert tx.posts.history(old.post_id) == []
        assert len(list(tx.posts.live(NOW))) == 3


def test_live_posts_are_those_still_open(store):
    put(
        store,
        make_post("open end"),
        make_post("till later", valid_through=NOW + timedelta(microseconds=1)),
        make_post("over", valid_through=NOW),
    )
    with store.read() as tx:
        assert {post.post.title for post in tx.posts.live(NOW)} == {"open end", "till later"}


def test_many_are_fetched_by_id_and_unknown_ids_are_left_out(store):
    made = [stored(make_post(f"post {number}")) for number in range(3)]
    store.run_write(lambda tx: tx.posts.insert_many(made))
    with store.read() as tx:
        found = tx.posts.get_many([made[0].post_id, "nothing", made[2].post_id])
    assert found == {made[0].post_id: made[0], made[2].post_id: made[2]}


def test_texts_carry_what_posts_are_compared_by(store):
    later = stored(make_post("b", client=Client(name="Acme"), date_posted=NOW), seen=NOW + timedelta(days=1))
    first = stored(make_post("a", description="Words.", date_posted=None))
    store.run_write(lambda tx: tx.posts.insert_many([later, first]))
    with store.read() as tx:
        assert list(tx.posts.texts()) == [
            PostText(
                post_id=one.post_id,
                source=one.post.source,
                title=one.post.title,
                description=one.post.description,
                employer=one.post.client.name,
                first_seen=one.first_seen,
                date_posted=one.post.date_posted,
            )
            for one in (first, later)
        ]


def test_find_by_the_beginning_of_an_id_a_source_id_or_a_url(store):
    one, two = put(
        store,
        make_post("one", source_id="abc_1", url="https://jobs.example/One"),
        make_post("two", source_id="abc%2", url="https://jobs.example/One/more"),
    )
    with store.read() as tx:
        assert tx.posts.find(one.post_id) == [one]
        assert tx.posts.find(two.post_id[:8]) == [two]
        assert tx.posts.find("abc%") == [two]
        assert tx.posts.find("abc_") == [one]
        assert {post.post_id for post in tx.posts.find("abc")} == {one.post_id, two.post_id}
        assert tx.posts.find("https://jobs.example/One") == [one]
        assert tx.posts.find("ABC") == tx.posts.find("nothing") == tx.posts.find("") == []


def test_an_ambiguous_beginning_gives_at_most_twenty(store):
    put(store, *(make_post(f"post {n}") for n in range(30)))
    with store.read() as tx:
        assert len(tx.posts.find("p")) == 20


def test_search_wants_every_word_in_any_case_and_script(store):
    put(
        store,
        make_post(
            "Straße und Brücke", description="100% remote_ok", skills=("ПИТОН",), date_posted=NOW - 9 * HOUR
        ),
        make_post("Strasse", description="100 remote", skills=("Python",), date_posted=NOW - HOUR),
        make_post("İstanbul \\ API", description="", skills=(), date_posted=None),
    )

    with store.read() as tx:

        def titles(words, limit=9):
            return [post.post.title for post in tx.posts.search(words, limit)]

        assert titles(["strasse"]) == ["Strasse", "Straße und Brücke"]
        assert titles(["STRASSE", "питон"]) == ["Straße und Brücke"]
        assert titles("BRÜCKE питон") == ["Straße und Brücke"]
        assert titles(["strasse", "java"]) == []
        assert titles(["100%"]) == ["Straße und Brücke"]
        assert titles(["remote_"]) == ["Straße und Brücke"]
        assert titles(["\\"]) == ["İstanbul \\ API"]
        assert titles([]) == ["İstanbul \\ API", "Strasse", "Straße und Brücke"]
        assert titles([], limit=1) == ["İstanbul \\ API"]


def test_counts_by_source(store):
    put(store, make_post("a", source="x"), make_post("b", source="x"), make_post("c", source="y"))
    with store.read() as tx:
        assert (tx.posts.by_source(), tx.posts.count()) == ({"x": 2, "y": 1}, 3)


def test_an_unknown_or_impossible_amount_is_refused_by_post(store):
    for pay in (fixed("1", "XXX"), fixed("99999999999999999")):
        made = stored(make_post(pay=pay))
        with pytest.raises(StorageError, match=f"post {made.post_id}"):
            store.run_write(lambda tx, made=made: tx.posts.insert(made))


def test_money_is_minor_units_in_the_tables(database):
    with database.open() as opened:
        put(opened, FULL)
        put(opened, make_post("yen", pay=fixed("1200", "JPY"), client=Client(total_spent=Decimal("0.5"))))
        put(
            opened,
            make_post(
                "unstated", pay=Pay(unit=PayUnit.HOUR, currency=None, low=None, high=Decimal("7.129"), raw="")
            ),
        )
    with database.raw() as connection:
        rows = connection.exec_driver_sql(
            "SELECT pay_currency, pay_low, pay_high, client_total_spent_usd FROM posts ORDER BY pay_high"
        ).all()
    assert [tuple(row) for row in rows] == [
        (None, None, 713, None),
        ("JPY", 1200, 1200, 50),
        ("KWD", 1005, 99999, 2150000007),
    ]


def test_times_are_fixed_text_in_a_sqlite_file(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'desk.db'}", FakeClock())
    with made.open() as opened:
        put(opened, FULL)
    with made.raw() as connection:
        ask = connection.exec_driver_sql
        assert ask("SELECT date_posted, first_seen FROM posts").one() == (
            "2026-02-28T23:59:59.999999Z", "2026-03-02T08:00:00.000000Z",
        )  # fmt: skip
        with pytest.raises(IntegrityError, match="CHECK constraint failed: posts_last_seen_form"):
            ask("UPDATE posts SET last_seen = '2026-03-02 08:00:00'")


def test_a_row_of_a_newer_program_is_reported_not_guessed(store, database):
    made = put(store, make_post())
    with database.raw() as connection:
        connection.exec_driver_sql("UPDATE posts SET contract_type = 'barter'")
    with (
        store.read() as tx,
        pytest.raises(StorageError, match=f"post {made.post_id}: the stored row cannot be read"),
    ):
        tx.posts.get(made.post_id)
