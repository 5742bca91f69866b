"""Real bodies kept outside this repository; every test is skipped where they are absent."""

from __future__ import annotations

import gzip
import html
import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from spiders.importing import read_file
from spiders.parsers import parse
from spiders.sandbox import ParserPool
from tests.hostile import SHARED

pytestmark = pytest.mark.slow

POLLS = SHARED / "data" / "upwork_rss_lougse_2024"
FEEDS = SHARED / "data" / "feeds_remote_2026"

needs_polls = pytest.mark.skipif(not POLLS.exists(), reason="the saved Upwork polls are not here")
needs_feeds = pytest.mark.skipif(not FEEDS.exists(), reason="the captured feeds are not here")


def fact(text: str, label: str) -> str | None:
    """Read one labelled fact out of an item's HTML, independently of the parser."""
    found = re.search(rf"<b>{label}</b>:(.*?)(?=<br|\Z)", text, re.DOTALL)
    return html.unescape(found[1]).strip() if found else None


def items_of(path: Path) -> list[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()).decode()
    if path.suffixes[0] != ".xml":
        return json.loads(text)["rss"]["channel"]["item"]
    found = []
    for item in re.findall(r"<item>(.*?)</item>", text, re.DOTALL):
        parts = {
            tag: re.search(rf"<{tag}>(.*?)</{tag}>", item, re.DOTALL)[1]
            for tag in ("title", "link", "description", "pubDate")
        }
        found.append({tag: re.sub(r"^<!\[CDATA\[|\]\]>$", "", value) for tag, value in parts.items()})
    return found


@needs_polls
@pytest.mark.parametrize("path", sorted(POLLS.glob("raw_*/*.gz")), ids=lambda path: path.name)
def test_upwork_polls_agree_with_what_their_items_say(path):
    items = items_of(path)
    kind = "feed" if ".xml" in path.name else "upwork-json"
    result = parse(kind, gzip.decompress(path.read_bytes()), source="upwork", where=path.name)
    assert result.issues == ()
    assert len(result.posts) == len(items)
    for item, post in zip(items, result.posts, strict=True):
        text = item["description"]
        hourly, budget = fact(text, "Hourly Range"), fact(text, "Budget")
        amounts = [amount.replace(",", "") for amount in re.findall(r"[\d,.]+", hourly or budget or "")]
        assert post.budget_raw == (hourly or budget)
        assert (post.budget_min, post.budget_max) == ((amounts[0], amounts[-1]) if amounts else (None, None))
        assert post.period == ("hour" if hourly else "fixed" if budget else None)
        assert post.category == fact(text, "Category")
        assert post.client.get("country") == fact(text, "Country")
        skills = [" ".join(skill.split()) for skill in (fact(text, "Skills") or "").split(",     ")]
        assert list(post.skills) == [skill for skill in skills if skill]
        assert parsedate_to_datetime(post.date_posted).strftime("%B %d, %Y %H:%M UTC") == fact(
            text, "Posted On"
        )
        assert post.source_id == "~" + re.search(r"(?:~|%7E)(\w+)", item["link"])[1]
        assert "<b>Posted On</b>" not in (post.description or "")
        assert text.startswith((post.description or "").rstrip())


@needs_polls
def test_every_distinct_upwork_item_is_kept():
    seen: dict[str, str] = {}
    wanted = set()
    with ParserPool() as pool:
        for path in sorted(POLLS.glob("raw_*/*.gz")):
            wanted |= {re.search(r"(?:~|%7E)(\w+)", item["link"])[1] for item in items_of(path)}
            found = read_file(path, name=path.name, pool=pool)
            assert found.outcome == "ok"
            seen |= {post.source_id: post.source for post in found.posts}
    assert {identity.lstrip("~") for identity in seen} == wanted
    assert set(seen.values()) == {"upwork"}


@needs_feeds
@pytest.mark.parametrize("name", ["remotive", "remoteok", "himalayas"])
def test_captured_feeds_are_understood_to_the_last_key(name):
    body = (FEEDS / f"brete_{name}.json").read_bytes()
    result = parse(name, body, source=name, where=name)
    document = json.loads(body)
    jobs = document["jobs"] if isinstance(document, dict) else document[1:]
    assert len(result.posts) == len(jobs)
    assert [issue.message for issue in result.issues if "unknown" in issue.message] == []
    assert all(post.title and post.url and post.source_id and post.description for post in result.posts)
    assert not any("Please mention the word" in (post.description or "") for post in result.posts)
