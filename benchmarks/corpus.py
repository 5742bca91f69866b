"""What is measured on: real feeds given by path, else the sample's feeds with varied words."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bidwright.sample_feeds import fill_dates
from domain.clock import utc_now

ROOT = Path(__file__).parents[1]
POLLS = "upwork_rss_lougse_2024/raw_xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Feeds as files to import, and the words that describe them."""

    name: str
    feeds: list[tuple[str, bytes]]


def shared_data(given: str | None) -> Path | None:
    """Return the folder of real posts: the given one, else ``../shared/data`` if it is there."""
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    return folder if (folder / "upwork_rss_lougse_2024").is_dir() else None


def load(given: str | None) -> Corpus:
    """Return the corpus to measure on; where there are no real posts, the sample's, fifty times reworded."""
    folder = shared_data(given)
    if folder is not None:
        polls = sorted(folder.glob("upwork_rss_lougse_2024/raw_*/*.gz"))
        feeds = [(path.name, gzip.decompress(path.read_bytes())) for path in polls]
        return Corpus(name=f"{len(feeds)} polls of Upwork's former RSS (real posts, 2024)", feeds=feeds)
    text = fill_dates(
        files("bidwright").joinpath("sample", "feeds", "codelane.rss").read_text("utf-8"), utc_now()
    )
    feeds = [(f"copy {copy}", reworded(text, copy).encode()) for copy in range(50)]
    return Corpus(name="the sample's feed, 50 times reworded", feeds=feeds)


def reworded(feed: str, copy: int) -> str:
    """Return ``feed`` as another feed: other ids, other words here and there."""
    return (
        feed.replace("<guid", f"<!-- {copy} --><guid")
        .replace(" the ", f" the {copy}th ")
        .replace("codelane.example", f"codelane{copy}.example")
    )
