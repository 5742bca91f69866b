"""Real polls of one board, one after another: what arrives is new once, what is seen again is an update.

The polls are kept outside this repository; every test is skipped where they are absent.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from bidwright.desk import open_desk
from bidwright.steps.importing import import_files
from bidwright.workspace import Workspace, init_workspace
from tests.fakes import NOW, FakeClock
from tests.test_spiders_corpora import POLLS, fact, items_of, needs_polls

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
BOARD = DATA / "feeds_wwr_snapshots_2026" / "snapshots.jsonl.gz"
OFFERS = DATA / "freelancer_roshan_2023" / "ScrapedData.json.gz"
SEARCHES = sorted((DATA / "freelancer_harivonyr_2025").glob("*.csv.gz"))


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def desk(tmp_path, clock):
    init_workspace(tmp_path / "desk")
    with open_desk(Workspace(tmp_path / "desk"), clock=clock) as opened:
        yield opened


def stored_posts(desk):
    with desk.store.read() as tx:
        return list(tx.posts.all())


def histories(desk, posts):
    with desk.store.read() as tx:
        return {stored.post_id: tx.posts.history(stored.post_id) for stored in posts}


def key_of(link):
    return re.search(r"(?:~|%7E)(\w+)", link)[1]


@needs_polls
def test_upwork_polls_bring_each_post_once_and_agree_with_what_their_items_state(desk, clock):
    seen: dict[str, str] = {}
    for path in sorted(POLLS.glob("raw_*/*.gz"), key=lambda path: (path.name[:8], path.name)):
        items = {key_of(item["link"]): item["description"] for item in items_of(path)}
        (report,) = import_files(desk, [(path.name, path)])
        assert report.outcome == "ok"
        assert report.posts_new == len(items.keys() - seen.keys())
        seen |= items
        clock.advance(days=1)
    posts = {stored.post.source_id.lstrip("~"): stored.post for stored in stored_posts(desk)}
    assert posts.keys() == seen.keys()
    agreed = Counter(
        field for key, text in seen.items() for field, same in agreement(posts[key], text).items() if same
    )
    assert agreed == dict.fromkeys(("pay", "skills", "country", "category", "date"), len(seen))


def agreement(post, text):
    """Compare a clean post with the facts that its item states, read by a few lines of another program."""
    hourly, budget = fact(text, "Hourly Range"), fact(text, "Budget")
    amounts = [Decimal(found.replace(",", "")) for found in re.findall(r"\d[\d,.]*", hourly or budget or "")]
    pay = ("hour" if hourly else "fixed", "USD", amounts[0], amounts[-1]) if any(amounts) else None
    read = (post.pay.unit.value, post.pay.currency, post.pay.low, post.pay.high) if post.pay else None
    in_text = pay is None and read is not None  # from the client's own words, checked elsewhere
    skills = [" ".join(skill.split()) for skill in (fact(text, "Skills") or "").split(",     ")]
    posted = parsedate_to_datetime(fact(text, "Posted On").replace(" UTC", ":00 +0000").replace(",", ""))
    return {
        "pay": in_text or read == pay,
        "skills": post.raw.get("skills", "") == ", ".join(filter(None, skills)),
        "country": post.client.country is not None if fact(text, "Country") else post.client.country is None,
        "category": (post.category or None) == fact(text, "Category"),
        "date": post.date_posted.replace(second=0) == posted,
    }


@pytest.mark.skipif(not BOARD.exists(), reason="the saved polls of a board are not here")
def test_fourteen_polls_of_a_board_give_exactly_the_arrivals(desk, clock):
    lines = gzip.decompress(BOARD.read_bytes()).decode().splitlines()
    polls = [json.loads(line)["ids"] for line in lines]
    seen: set[str] = set()
    arrivals = []
    for number, ids in enumerate(polls):
        links = [identity.partition(":")[2] for identity in ids]
        items = "".join(
            f"<item><title>{escape(link.rpartition('/')[2])}</title><link>{escape(link)}</link></item>"
            for link in links
        )
        feed = f'<rss version="2.0"><channel><title>b</title>{items}</channel></rss>'.encode()
        (report,) = import_files(desk, [(f"poll {number}", feed)])
        assert (report.outcome, report.posts_read) == ("ok", len(ids))
        assert report.posts_new == len(set(links) - seen), number
        assert report.posts_updated == 0
        arrivals.append(report.posts_new)
        seen |= set(links)
        clock.advance(hours=1)
    assert len(arrivals) == 14
    assert sum(arrivals) == len(stored_posts(desk)) == len(seen)


@pytest.mark.skipif(len(SEARCHES) < 2, reason="the saved Freelancer.com searches are not here")
def test_freelancer_posts_seen_again_days_later_are_updates_in_the_currency_written(desk, clock):
    rows = []
    for path in SEARCHES:
        table = list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
        links = {row["job_link"] for row in table}
        before = {row["job_link"] for row in rows}
        (report,) = import_files(desk, [(path.name, path)])
        assert report.posts_new == len(links - before)
        assert report.posts_updated <= len(links & before)
        rows += table
        clock.advance(days=4)
    assert len(SEARCHES) == 2
    posts = stored_posts(desk)
    last = {row["job_link"]: row for row in rows}
    assert len(posts) == len(last)
    again = [stored for stored in posts if stored.last_seen > stored.first_seen]
    assert len(again) == len(rows) - len(last) > 100
    symbols = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR"}
    checked, wrong = 0, []
    for stored in posts:
        row = last.get(stored.post.url.removeprefix("https://www.freelancer.com"))
        if row is None or not row["price"] or row["average_bid"] == "True":
            continue  # behind a login, or the price is the average of the bids
        checked += 1
        currency = symbols[row["price"].removeprefix("min ")[0]]
        if stored.post.pay is None or stored.post.pay.currency != currency:
            wrong.append((stored.post.pay, row["price"]))
    assert checked > 30
    assert wrong == []
    changed = {post_id for post_id, states in histories(desk, again).items() if states}
    assert changed, "a budget, a text or a bid that moved is kept with what it was before"


def doubled(budget):
    """Return ``budget``, a range, with twice its upper bound."""
    rest, high, currency = re.fullmatch(r"(.* – )([\d,]+) (\w+)", budget).groups()
    return f"{rest}{2 * int(high.replace(',', '')):,} {currency}"


@pytest.mark.skipif(not OFFERS.exists(), reason="the saved Freelancer.com posts are not here")
def test_a_budget_raised_later_is_an_update_that_keeps_the_currency_and_the_old_budget(desk, clock):
    offers = json.loads(gzip.decompress(OFFERS.read_bytes()))
    rows = {row["url"]: row for row in offers[::3]}
    (first,) = import_files(desk, [("first", json.dumps(list(rows.values())).encode())])
    assert first.posts_new == len(rows) > 600
    raised = [{**row, "Budget": doubled(row["Budget"])} for row in rows.values()]
    clock.advance(days=3)
    (second,) = import_files(desk, [("second", json.dumps(raised).encode())])
    assert (second.posts_new, second.posts_updated) == (0, len(rows))
    posts = stored_posts(desk)
    before = histories(desk, posts)
    currencies = Counter()
    for stored in posts:
        written = rows[stored.post.url]["Budget"]
        low, high = (Decimal(part.replace(",", "")) for part in re.findall(r"\d[\d,.]*", written))
        (old,) = before[stored.post_id]
        assert (old.pay.low, old.pay.high, old.pay.currency) == (low, high, written[-3:])
        assert (stored.post.pay.low, stored.post.pay.currency) == (low, written[-3:])
        assert stored.post.pay.high == 2 * high
        currencies[written[-3:]] += 1
    assert len(currencies) == 9
