"""``bidwright show``: every number it prints is made again from the parts it prints, on invented and on real posts."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from bidwright.cli.main import run
from bidwright.desk import Desk, open_desk
from bidwright.posts_json import post_json
from bidwright.sample_feeds import FEEDS, IMPORT_FILE, fill_dates, make_sample
from bidwright.steps.books import record
from bidwright.steps.importing import import_files
from bidwright.steps.preferences import give_opinion
from bidwright.steps.ranking import rank_posts
from bidwright.workspace import Workspace
from domain.pay import Pay, PayUnit
from domain.posts import Client, ContractType
from domain.preferences import Opinion
from ledger import events as ev
from ranking.results import RankedPost
from reports.ranking import explain
from reports.render_json import post_parts_json
from tests.fakes import NOW, FakeClock, FakeEmbedder, fixed, hourly, make_post, stored
from tests.recomputed import check, from_json, from_text

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
TODAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PERSON = """
[profile]
name = "Ana Prado"
headline = "Django back ends and data pipelines"
languages = ["en"]
[rates]
currency = "{currency}"
floor = "{floor}"
target = "{target}"
[connects]
price = "0.15"
[time]
minutes_per_proposal = 13
[[skills]]
name = "Django"
[[skills]]
name = "Python"
level = "good"
[[skills]]
name = "PHP"
want = false
"""


@contextmanager
def desk_in(root: Path, now: datetime) -> Iterator[Desk]:
    with open_desk(Workspace(root), clock=FakeClock(now), load_embedder=lambda _: FakeEmbedder()) as desk:
        yield desk


def write_person(root: Path, currency: str = "USD", floor: str = "45", target: str = "70") -> None:
    text = PERSON.format(currency=currency, floor=floor, target=target)
    (root / "bidwright.toml").write_text(text, encoding="utf-8")


def checked(desk: Desk, now: datetime) -> list[RankedPost]:
    """Check what both views say of every post; return the posts."""
    ranked = rank_posts(desk, desk.profile, now)
    for item in ranked:
        data = {**post_json(item.stored), "ranking": post_parts_json(item)}
        check(from_json(json.loads(json.dumps(data))))
        for width in (60, 110):
            check(from_text(explain(item, currency=desk.profile.rates.currency, now=now, width=width)))
    return ranked


def bases(ranked: list[RankedPost]) -> set[str]:
    return {item.net_hourly.basis for item in ranked if item.net_hourly is not None}


# ---- invented posts ----


def test_every_number_of_the_sample_is_made_again_from_its_parts(tmp_path):
    space = make_sample(tmp_path, NOW)
    folder = files("bidwright").joinpath("sample", "feeds")
    feeds = [
        (feed.file, fill_dates(folder.joinpath(feed.file).read_text("utf-8"), NOW).encode()) for feed in FEEDS
    ]
    with desk_in(space.root, NOW) as desk:
        import_files(desk, [*feeds, (IMPORT_FILE, tmp_path / "import" / IMPORT_FILE)])
        ranked = checked(desk, NOW)
    assert len(ranked) > 60
    assert {"hourly pay stated", "budget over estimated hours"} <= bases(ranked)


def invented():
    """Posts of every kind of pay, bound, currency and client, some with counts and warnings."""
    clients = (
        Client(),
        Client(payment_verified=False, total_spent=Decimal(0), hires=0),
        Client(payment_verified=True, total_spent=Decimal("15320.50"), hires=9, hire_rate=Decimal("0.37"),
               rating=Decimal("4.61"), reviews=7, member_since=NOW - timedelta(days=900)),
    )  # fmt: skip
    pays = [
        None,
        *(Pay(unit=unit, currency=code, low=low, high=high, raw="as told")
          for unit, times in zip(PayUnit, (1, 8, 40, 170, 2000, 12), strict=True)
          for code in ("USD", "GBP", "INR", "JPY")
          for low, high in (
              (Decimal(30 * times), Decimal("77.77") * times),
              (Decimal(33 * times), None),
              (None, Decimal(61 * times)),
              (Decimal(0), Decimal(61 * times)),
          )),
        fixed("5"), fixed("1234.56"), fixed("250000"), hourly("20", "30", "XOF"), hourly("5000", "6000"),
    ]  # fmt: skip
    for number, pay in enumerate(pays):
        yield make_post(
            f"Django job {number}{' for PHP' if number % 5 == 0 else ''}",
            pay=pay,
            contract_type=ContractType.FIXED if pay is not None and pay.unit is PayUnit.FIXED else None,
            description="Django and Python. It is about 40 hours." if number % 3 else "Build it with PHP.",
            skills=() if number % 2 else ("Django", "Kubernetes"),
            client=replace(clients[number % 3], id=str(number)),
            connects=(None, 0, 16)[number % 3],
            proposals_min=number if number % 4 else None,
            interviewing=number % 7 or None,
            hires=1 if number % 11 == 0 else None,
            extra={"invites_sent": str(number)} if number % 6 == 0 else {},
            date_posted=NOW - timedelta(hours=number * 3) if number % 8 else None,
            duration="1 to 3 months" if number % 9 == 0 else None,
            channel="upwork" if number % 2 else "freelancer",
        )
    yield make_post("Django for shares", pay=None, description="Django. Equity only.", channel="upwork")


@pytest.mark.parametrize("currency", [("USD", "45", "70"), ("EUR", "41.50", "66"), ("INR", "2500", "4000")])
def test_every_number_of_posts_of_any_kind_is_made_again_from_its_parts(tmp_path, currency):
    write_person(tmp_path, *currency)
    items = [stored(post) for post in invented()]
    with desk_in(tmp_path, NOW) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert_many(items))
        give_opinion(desk, items[3].post_id, Opinion.LIKE, ("pay", "client"))
        give_opinion(desk, items[8].post_id, Opinion.DISLIKE, ())
        ranked = checked(desk, NOW)
    assert len(ranked) == len(items)
    told = bases(ranked)
    assert {"hourly pay stated", "pay per year stated", "budget over stated hours"} <= told
    assert any(item.net_hourly is not None and not item.net_hourly.stated for item in ranked)
    assert any(item.net_hourly is None for item in ranked)
    labels = {part.label for item in ranked for part in item.score_parts}
    assert "preference" in labels
    assert {"not wanted"} <= {part.label for item in ranked for part in item.fit.parts}
    assert "invites" in {part.label for item in ranked for part in item.win_chance.parts}


def test_numbers_of_posts_of_which_nothing_like_it_is_known_are_made_again_from_their_parts(tmp_path):
    write_person(tmp_path)
    items = [stored(make_post(f"Django job {number}", pay=None)) for number in range(3)]
    with desk_in(tmp_path, NOW) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert_many(items))
        ranked = checked(desk, NOW)
    assert not any(item.net_hourly.informed for item in ranked)
    assert {item.expected_value for item in ranked} == {None}


def test_numbers_learned_from_own_bids_are_made_again_from_their_parts(tmp_path):
    write_person(tmp_path)
    now = NOW + timedelta(days=100)
    with desk_in(tmp_path, now) as desk:
        for number in range(60):
            posted = NOW + timedelta(days=number)
            post = make_post(f"Old {number}", date_posted=posted, proposals_min=60 if number % 4 else 2)
            item = stored(post, seen=posted)
            desk.store.run_write(lambda tx, item=item: tx.posts.insert(item))
            decide = ev.lose_bid if number % 4 else ev.win_bid
            for make, at in ((ev.submit_bid, posted), (decide, posted + timedelta(days=2))):
                record(desk, make(item.post_id, at=at, recorded_at=at))
        items = [stored(post) for post in list(invented())[:30]]
        desk.store.run_write(lambda tx: tx.posts.insert_many(items))
        ranked = checked(desk, now)
    intervals = {
        part.value[:4] for item in ranked for part in item.win_chance.parts if part.label == "interval"
    }
    assert intervals == {"odds"}, "the strength was learned"


def test_the_command_shows_what_was_checked(tmp_path, monkeypatch, capsys):
    """Once with the model itself, through the command line."""
    write_person(tmp_path)
    items = [stored(post) for post in list(invented())[:12]]
    with desk_in(tmp_path, NOW) as desk:
        desk.store.run_write(lambda tx: tx.posts.insert_many(items))
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(tmp_path))
    for item in items[5:7]:
        assert run(["show", item.post_id, "--json"]) == 0
        check(from_json(json.loads(capsys.readouterr().out)))
        assert run(["show", item.post_id]) == 0
        check(from_text(capsys.readouterr().out))


# ---- real posts ----

ROWS = 60


def first_rows(path: Path) -> bytes:
    """Return the beginning of a table or a list, as a file of the same kind."""
    body = path.read_bytes()
    body = gzip.decompress(body) if path.suffix == ".gz" else body
    if ".csv" in path.name:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows[: ROWS + 1])
        return out.getvalue().encode()
    if ".json" in path.name:
        data = json.loads(body)
        return json.dumps(data[:ROWS] if isinstance(data, list) else data).encode()
    return body


REAL = (
    "upwork_raoina_2025/Javascript_Developer_Scrapped_Data.csv.gz",
    "upwork_jibril_2025/upwork_jobs.csv.gz",
    "upwork_graphql_aschubbz_2025/merged_summary.json.gz",
    "upwork_graphql_milllan_2025/job_details_response.json",
    "upwork_raufh10_2024/job_data.json.gz",
    "freelancer_roshan_2023/ScrapedData.json.gz",
    "freelancer_harivonyr_2025/script_python_25_10_25.csv.gz",
    "html_pages/upwork_detail_loggedin_2025-07.html.gz",
    "html_pages/upwork_search_loggedin_2025-07.html.gz",
)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the collected posts are not here")
@pytest.mark.parametrize("currency", [("USD", "45", "70"), ("EUR", "38.25", "60")])
def test_every_number_of_real_posts_is_made_again_from_its_parts(tmp_path, currency):
    write_person(tmp_path, *currency)
    csv.field_size_limit(10**9)
    with desk_in(tmp_path, TODAY) as desk:
        reports = import_files(desk, [(name.removesuffix(".gz"), first_rows(DATA / name)) for name in REAL])
        assert [report.file for report in reports if report.outcome != "ok"] == []
        ranked = checked(desk, TODAY)
    assert len(ranked) > 300
    assert len({item.stored.post.source for item in ranked}) > 1
    assert {"hourly pay stated", "budget over estimated hours"} <= bases(ranked)
    assert any(item.net_hourly is not None and not item.net_hourly.stated for item in ranked)
