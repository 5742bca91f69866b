"""Which links of a mail lead to a job: by the table in ``mail.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlencode, urlsplit

from spiders.parsers.links import UPWORK, upwork_id, whole_link

_LETTERS = re.compile("[A-Za-z]{3}")
_LONGEST = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLink:
    """Where a job is: its address without what follows the reader, its board, its id in the link."""

    url: str
    board: str | None
    source_id: str | None = None
    known: bool = True


@cache
def table() -> dict[str, Any]:
    """Return ``mail.toml``."""
    return tomllib.loads(files("spiders").joinpath("parsers", "mail.toml").read_text(encoding="utf-8"))


def job_link(written: str) -> JobLink | None:
    """Return the job that an address of a mail leads to, redirects taken off; ``None`` if to no job."""
    link = whole_link(written[:_LONGEST])
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    path = unquote(parts.path)
    for board in table()["boards"]:
        if re.fullmatch(board["host"], host):
            found = re.match(board["path"], path, re.IGNORECASE)
            return _of_board(board, parts, found) if found else None
    if re.match(table()["other"]["path"], path, re.IGNORECASE):
        return JobLink(url=f"{parts.scheme}://{parts.netloc}{parts.path}", board=None, known=False)
    return None


def _of_board(board: Mapping[str, Any], parts: SplitResult, found: re.Match[str]) -> JobLink | None:
    name = board["name"] or None
    if name == "upwork":
        identity = upwork_id(parts.path)
        return JobLink(
            url=f"{UPWORK}{parts.path}" if "/jobs/" in parts.path else f"{UPWORK}/jobs/{identity}",
            board=name,
            source_id=identity,
        )
    query = {key: values[0] for key, values in parse_qs(parts.query, max_num_fields=100).items()}
    needed = {key: query[key] for key in board.get("query", ()) if key in query}
    if "link" in board:
        values = {"host": parts.netloc, **found.groupdict(), **query}
        try:
            return JobLink(
                url=board["link"].format_map(values),
                board=name,
                source_id=values.get("id") or values.get("jk"),
            )
        except KeyError:
            return None
    tail = f"?{urlencode(needed)}" if needed else ""
    return JobLink(url=f"{parts.scheme}://{parts.netloc}{parts.path}{tail}", board=name)


def title_in(url: str) -> str | None:
    """Return the words of a job's address, where boards put the title: ``/jobs/Django-developer_~01…``."""
    slug = unquote(urlsplit(url[:_LONGEST]).path).rstrip("/").rpartition("/")[2]
    words = re.sub(r"_?~0[0-9a-f]+$", "", slug)
    text = " ".join(re.sub(r"-\d{5,}$", "", words).replace("-", " ").replace("_", " ").split())
    word = _LETTERS.search(text)
    return text if word and " " in text[word.end() :] else None
