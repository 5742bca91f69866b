"""Pay fields, pay lines and sentences with numbers, taken out of the real posts as their files hold them.

Nothing here reads pay: the patterns only choose what is to be labelled. They stand apart from the
readers of the product on purpose, so that a change there never changes what is measured.
"""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LONGEST = 300
_BREAK = re.compile(r"<\s*/?\s*(?:p|br|li|ul|ol|div|h\d|tr|td)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,500}>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(•\-*])")
_MONEY = re.compile(
    r"[$€£₹¥]\s?\d|\d\s?[$€£₹]|\b(?:USD|EUR|GBP|INR|AUD|CAD|CHF|PLN|SEK|USDT)\b|\d\s?k\b|\d\s?(?:/|per )\s?h"
    r"|\b(?:salary|compensation|budget|hourly rate|pay rate|payment|bucks|dollars|rupees|euros)\b",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"^[\W_]{0,6}(?:\w+ ){0,2}"
    r"(?:budget|rate|salary|compensation|pay|payment|price|range|stipend|fee|comp|ote)\b"
    r"[^:\u2013-]{0,25}[:\u2013-]",
    re.IGNORECASE,
)
_EST = re.compile(r" - Est\. Budget")

Found = Iterator[tuple[str, str]]
"""Pairs of stratum and string."""


def text_of(path: Path) -> str:
    """Return the text of ``path``, unpacked; files in UTF-8 but for one in cp1252."""
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the records of a CSV, JSON or JSON-lines file; in a JSON object, those of its first list."""
    text = text_of(path)
    if ".csv" in path.name:
        return list(csv.DictReader(io.StringIO(text)))
    if ".jsonl" in path.name:
        return [json.loads(line) for line in text.split("\n") if line]
    held = json.loads(text)
    return held if isinstance(held, list) else next(one for one in held.values() if isinstance(one, list))


def passages(text: str) -> Iterator[str]:
    """Yield the lines of ``text`` (HTML or not) that hold a digit, longer ones as sentences."""
    plain = _TAG.sub("", _BREAK.sub("\n", html.unescape(html.unescape(text))))
    for line in plain.splitlines():
        tidy = " ".join(line.split())
        for part in [tidy] if len(tidy) <= LONGEST else _SENTENCE.split(tidy):
            if 12 <= len(part) <= LONGEST and any(map(str.isdigit, part)) and "H^" not in part:
                yield part


def described(text: str, group: str) -> Found:
    """Yield the passages of a description under the strata ``group.line``, ``.money`` and ``.number``."""
    for part in passages(text):
        if len(part) <= 120 and _LINE.match(part):
            yield f"{group}.line", part
        else:
            yield f"{group}.{'money' if _MONEY.search(part) else 'number'}", part


def _labelled(group: str, name: str, value: object) -> Found:
    """Yield a field's value as written, and as the line a page shows: its name before it."""
    text = str(value or "").strip()
    if any(map(str.isdigit, text)):
        yield f"{group}.bare", text
        yield f"{group}.named", f"{name}: {text}"


def _rss(folder: Path) -> Found:
    for path in sorted(folder.glob("raw_*/*.gz")):
        text = html.unescape(text_of(path))
        for name, value in re.findall(r"<b>(Hourly Range|Budget)</b>: ([^\s<\\]{2,40})", text):
            yield f"rss.{name[0].lower()}", f"{name}: {value}"
        for body in re.findall(r'"description": "((?:[^"\\]|\\.)+)"', text_of(path)):
            yield from described(json.loads(f'"{body}"').partition("<b>Hourly Range")[0], "upwork")


def _dawn(folder: Path) -> Found:
    for row in rows(folder / "output.json.gz"):
        yield from _labelled("dawn.hourly", "Hourly", row["hourly"])
        yield from _labelled("dawn.budget", "Budget", row["budget"])
        yield from described(row["content"], "upwork")


def _raoina(folder: Path) -> Found:
    for path in sorted(folder.glob("*.gz")):
        for row in rows(path):
            yield from _labelled(f"raoina.{row['job_type'][:1].lower()}", row["job_type"], row["min_budget"])
            if row["fixed_price"].count("$") > 1:
                yield from _labelled("raoina.list", row["job_type"], row["fixed_price"])
            yield from described(row["description"], "upwork")


def _jesse(folder: Path) -> Found:
    for path in sorted(folder.glob("*.json.gz")):
        for row in rows(path):
            yield f"jesse.{'budget' if _EST.search(row['time_money']) else 'time'}", row["time_money"].strip()
            yield "jesse.client", " ".join(row["payment_info"].split())
            yield from described(row["project_description"], "upwork")


def _columns(**names: str) -> Callable[[Path], Found]:
    """Return a reader of every record's columns: ``stratum="column"``; no rows without a digit."""

    def read(folder: Path) -> Found:
        for path in sorted([*folder.glob("*.gz"), *folder.glob("*.json")]):
            for row in rows(path):
                for stratum, column in names.items():
                    value = str(row.get(column) or "").strip()
                    if any(map(str.isdigit, value)):
                        yield f"{folder.name}.{stratum}", value
                text = row.get("description") or row.get("content") or row.get("shortDesc") or ""
                yield from described(str(text), _group(folder.name))

    return read


def _group(folder: str) -> str:
    start = folder.split("_", maxsplit=1)[0]
    return start if start in {"upwork", "freelancer", "feeds", "scam"} else "other"


def _freelancer(column: str, title: str) -> Callable[[Path], Found]:
    def read(folder: Path) -> Found:
        for path in sorted(folder.glob("*.gz")):
            for row in rows(path):
                price = f"{row.get('Currency', '')}{row.get(column) or ''}"
                stratum = "bid" if "Avg Bid" in price else re.sub(r"[^₹€£A-Z]", "", price)[-3:] or "usd"
                for form, text in _labelled(f"{folder.name}.{stratum}", title, price):
                    yield form, text
                text = row.get("description") or row.get("Description") or row.get("shortDesc") or ""
                yield from described(text, "freelancer")

    return read


def _hn(folder: Path) -> Found:
    for path in sorted(folder.glob("*.gz")):
        for row in rows(path):
            text = row.get("text") or row.get("commentBody") or ""
            head, *body = re.split(r"<p>", text)
            for part in _TAG.sub("", html.unescape(head)).split("|"):
                if _MONEY.search(part) and any(map(str.isdigit, part)) and len(part) < 60:
                    yield "hn.head", " ".join(part.split())
            yield from (("hn.whole", one) for one in passages(head) if "|" in one and _MONEY.search(one))
            yield from described("\n".join(body), "hn")


def _titles(column: str) -> Callable[[Path], Found]:
    """Return a reader of the titles that hold a number beside a sign of money, and of pay columns."""
    fields = _columns(budget="Budget")

    def read(folder: Path) -> Found:
        for path in sorted(folder.glob("*.gz")):
            titles = (" ".join(row[column].split()) for row in rows(path))
            yield from (
                ("titles", one) for one in titles if _MONEY.search(one) and any(map(str.isdigit, one))
            )
        yield from fields(folder)

    return read


def _profiles(folder: Path) -> Found:
    for row in rows(folder / "profiles.jsonl.gz"):
        yield "profiles.rate", str(row["price_per_hour"])


def _pages(folder: Path) -> Found:
    for path in sorted(folder.glob("*.gz")):
        bare = re.sub(r"</?(?:span|b|strong|em|i|small)\b[^>]*>", "", text_of(path))
        for line in re.sub(r"<[^>]+>", "\n", html.unescape(bare)).splitlines():
            if re.search(r"[$€£₹]\s?\d", line) and len(line.split()) < 12:
                yield "pages.line", " ".join(line.split())


READERS: dict[str, Callable[[Path], Found]] = {
    "upwork_rss_lougse_2024": _rss,
    "upwork_rss_dawn_2023": _dawn,
    "upwork_raoina_2025": _raoina,
    "upwork_jesse_2018": _jesse,
    "upwork_moise_2023": _columns(type="job_type"),
    "upwork_iscrape_2025": _columns(rate="rate"),
    "upwork_raufh10_2024": _columns(),
    "upwork_graphql_aschubbz_2025": _columns(),
    "upwork_jibril_2025": _columns(price="Price"),
    "upwork_titles_kadiroruc_2025": _titles("Job Title"),
    "upwork_60k_muzairaslam_2023": _titles("job_title"),
    "freelancer_roshan_2023": _freelancer("Budget", "Budget"),
    "freelancer_harivonyr_2025": _freelancer("price", "Price"),
    "freelancer_small_2024": _freelancer("Price", "Price"),
    "feeds_remote_2026": _columns(salary="salary", text="salary_text"),
    "scam_emscad_subset": _columns(salary="salary_range"),
    "hn_hiring": _hn,
    "profiles_freelancer_2021": _profiles,
    "html_pages": _pages,
}
"""By folder of the real data: the reader of what stands in it. Parquet is left out: nothing here reads it."""
