"""The Scrapy item pipeline, run as Scrapy runs it."""

import pytest
from scrapy.exceptions import DropItem

from domain.posts import RawPosting
from pipelines.items import NormalisePipeline, raw_from_item
from tests.fakes import NOW, FakeClock


def test_an_item_becomes_a_post_with_its_issues():
    item = {"source": "board", "title": "Shop in React", "url": "https://board.example/1", "skills": ["reactjs"],
            "date_posted": "2026-03-01T10:00:00", "colour": 7, "extra": {"team": "web"}}  # fmt: skip
    done = NormalisePipeline(FakeClock()).process_item(item)
    assert (done["post"].title, done["post"].skills) == ("Shop in React", ("React",))
    assert done["post"].extra == {"team": "web", "colour": "7"}
    assert [issue.where for issue in done["issues"]] == ["https://board.example/1: date_posted"]
    assert done["post"].date_posted < NOW


def test_a_raw_post_passes_as_it_is():
    raw = RawPosting(source="board", where="x", title="t")
    assert raw_from_item(raw) is raw


def test_an_empty_item_is_dropped_with_the_reason():
    with pytest.raises(DropItem, match="board: neither title nor description"):
        NormalisePipeline(FakeClock()).process_item({"source": "board"})


def test_scrapy_accepts_it_as_an_item_pipeline(tmp_path):
    """A crawl of one file in a process of its own, since a reactor runs once."""
    import json
    import subprocess
    import sys

    script = f"""
import json, scrapy
from scrapy.crawler import CrawlerProcess

class OneItem(scrapy.Spider):
    name = "one"
    async def start(self):
        yield {{"source": "board", "title": "Shop in React", "where": "here"}}
        yield {{"source": "board", "title": "", "where": "there"}}

seen = []
process = CrawlerProcess(settings={{
    "ITEM_PIPELINES": {{"pipelines.items.NormalisePipeline": 100}}, "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False,
}})
crawler = process.create_crawler(OneItem)
def note(item):
    seen.append(item["post"].title)
crawler.signals.connect(note, scrapy.signals.item_scraped)
process.crawl(crawler)
process.start()
open({str(tmp_path / "seen.json")!r}, "w").write(json.dumps([seen, crawler.stats.get_value("item_dropped_count")]))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert json.loads((tmp_path / "seen.json").read_text()) == [["Shop in React"], 1]
