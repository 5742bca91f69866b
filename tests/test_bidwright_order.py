"""The same posts give the same ranking, whatever the order they came in, and whatever database holds them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bidwright.desk import open_desk
from bidwright.posts_json import post_json
from bidwright.sample_feeds import FEEDS, IMPORT_FILE, fill_dates
from bidwright.steps.books import record
from bidwright.steps.importing import import_files
from bidwright.steps.preferences import give_opinion
from bidwright.steps.ranking import embed_posts, rank_posts
from bidwright.workspace import Workspace
from domain.preferences import Opinion
from ledger import events as ev
from ranking.weights import score_weights
from reports.render_json import post_parts_json, ranked_json
from spiders.parsers.jsonl import OWN_KEYS
from tests.fakes import NOW, FakeClock, FakeEmbedder
from tests.postgres import database, postgres  # noqa: F401 - fixtures
from tests.test_bidwright_show import DATA, PERSON, REAL, first_rows

pytestmark = pytest.mark.slow

Rows = list[dict[str, Any]]


def space_at(root: Path, url: str) -> Workspace:
    text = PERSON.format(currency="USD", floor="45", target="70")
    root.mkdir(exist_ok=True)
    (root / "bidwright.toml").write_text(f'{text}\n[storage]\nurl = "{url}"\n', encoding="utf-8")
    return Workspace(root)


def lines(rows: Rows) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def ranking(root: Path, url: str, batches: Sequence[Rows]) -> dict[str, Any]:
    """Return all that ``rank --json`` and ``show --json`` say once ``batches`` were imported, one file each."""
    with open_desk(space_at(root, url), clock=FakeClock(NOW), load_embedder=lambda _: FakeEmbedder()) as desk:
        reports = import_files(
            desk, [(f"{number}.jsonl", lines(batch)) for number, batch in enumerate(batches)]
        )
        posts = _posts(desk)
        assert sum(report.posts_new for report in reports) == len(posts)
        known = {(stored.post.source, stored.post.title): stored.post_id for stored in posts}
        chosen = [known[key] for key in sorted(known)]
        give_opinion(desk, chosen[2], Opinion.LIKE, ("skills",))
        give_opinion(desk, chosen[5], Opinion.DISLIKE, ())
        record(desk, ev.submit_bid(chosen[8], at=NOW, recorded_at=NOW))
        embed_posts(desk, desk.profile)
        ranked = rank_posts(desk, desk.profile, NOW)
        person = desk.profile
    return {
        "weights": dict(score_weights(person.weights)),
        **ranked_json(ranked),
        "parts": [post_parts_json(item) for item in ranked],
    }


def _posts(desk: Any) -> list[Any]:
    with desk.store.read() as tx:
        return list(tx.posts.all())


def as_they_are(rows: Rows) -> list[Rows]:
    return [rows]


def backwards(rows: Rows) -> list[Rows]:
    return [rows[::-1]]


def shuffled_in_files(rows: Rows) -> list[Rows]:
    mixed = rows[:]
    random.Random(4).shuffle(mixed)
    return [mixed[start::3] for start in range(3)]


def one_file_each(rows: Rows) -> list[Rows]:
    """Every post in a file of its own, repeats before what they repeat as often as after it."""
    mixed = rows[:]
    random.Random(9).shuffle(mixed)
    return [[row] for row in mixed]


ORDERS = (as_they_are, backwards, shuffled_in_files, one_file_each)


def own_keys(rows: Sequence[dict[str, Any]]) -> Rows:
    return [{key: value for key, value in row.items() if key in OWN_KEYS} for row in rows]


def read_rows(root: Path, contents: Sequence[tuple[str, Path | bytes]]) -> Rows:
    """Return the posts of ``contents`` in the keys of the JSON Lines contract."""
    space = space_at(root, f"sqlite:///{root / 'read.db'}")
    with open_desk(space, clock=FakeClock(NOW), load_embedder=lambda _: FakeEmbedder()) as desk:
        import_files(desk, contents)
        return own_keys([post_json(stored) for stored in _posts(desk)])


@pytest.fixture(scope="module")
def sample_rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """The posts of the sample, some of them repeats of others, and twins that only their source tells apart."""
    packaged = files("bidwright").joinpath("sample")
    places = [("feeds", feed.file) for feed in FEEDS] + [("import", IMPORT_FILE)]
    contents = [
        (name, fill_dates(packaged.joinpath(folder, name).read_text("utf-8"), NOW).encode())
        for folder, name in places
    ]
    rows = read_rows(tmp_path_factory.mktemp("rows"), contents)
    twins = [{**row, "source": f"{row['source']}-too", "url": None} for row in rows[::9]]
    return rows + twins


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, sample_rows: Rows) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("expected")
    return ranking(root, f"sqlite:///{root / 'bidwright.db'}", [sample_rows])


def test_what_is_compared_has_ties_repeats_and_every_kind_of_verdict(expected):
    posts = expected["posts"]
    assert len(posts) > 70
    scores = [post["score"] for post in posts]
    assert len(set(scores)) < len(scores)
    reasons = {(post["left_out_because"] or "").partition(":")[0] for post in posts}
    assert {"duplicate", "disliked", "already bid", "pays below floor"} <= reasons
    assert any(post["picked"] for post in posts)
    assert any(post["preference"]["parts"] for post in posts)


@pytest.mark.parametrize("order", ORDERS)
def test_posts_in_any_order_on_any_database_give_the_same_ranking(
    database, tmp_path, sample_rows, expected, order: Callable[[Rows], list[Rows]]  # noqa: F811 - the fixture
):  # fmt: skip
    found = ranking(tmp_path / "space", database.url, order(sample_rows))
    assert json.dumps(found, indent=1) == json.dumps(expected, indent=1)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the collected posts are not here")
@pytest.mark.parametrize("order", [shuffled_in_files, backwards])
def test_real_posts_in_any_order_on_any_database_give_the_same_ranking(
    database, tmp_path, order: Callable[[Rows], list[Rows]]  # noqa: F811 - the fixture
):  # fmt: skip
    contents = [(name.removesuffix(".gz"), first_rows(DATA / name)) for name in REAL]
    rows = read_rows(tmp_path / "read", contents)
    assert len(rows) > 300
    here = ranking(tmp_path / "here", f"sqlite:///{tmp_path / 'here.db'}", [rows])
    found = ranking(tmp_path / "there", database.url, order(rows))
    assert json.dumps(found, indent=1) == json.dumps(here, indent=1)
