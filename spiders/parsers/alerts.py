"""Jobs in lines with links, as job alerts list them: a title, a few lines of facts, the next title."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.issues import info
from domain.posts import RawPosting
from pipelines.pay import parse_pay
from spiders.parsers.audit import Audit
from spiders.parsers.cards import facts_of
from spiders.parsers.fieldnames import CLIENT
from spiders.parsers.mail_links import JobLink, job_link, table, title_in
from spiders.parsers.mail_text import Line
from spiders.parsers.values import skills_of

_COMPANY = re.compile(r"(.{2,80}?)\s+[·•]\s+(.{2,80})")
_BLOCK = 14
_LONGEST = 300
_PAY_LINE = 120
_CARD = 200
_BEFORE = 6


def posts_of(
    lines: list[Line], source: str, where: str, about: dict[str, str], audit: Audit
) -> Iterator[RawPosting]:
    """Yield the jobs that ``lines`` link to in their order; ``about`` is kept in the extra of each."""
    links = _job_links(lines)
    first: dict[str, int] = {}
    for number, found in enumerate(links):
        for link in found:
            first.setdefault(_key(link), number)
    starts = sorted(set(first.values()))
    for number, (key, start) in enumerate(first.items(), start=1):
        place = f"{where} link {number}"
        before = max((other for other in starts if other < start), default=-1)
        after = min((other for other in starts if other > start), default=len(lines))
        own = [other for other in range(start, after) if any(_key(link) == key for link in links[other])]
        link = next(link for link in links[start] if _key(link) == key)
        begin, title = _title(lines, own, before, start) or (start, title_in(link.url))
        if title is None:
            audit.each(info(place, f"a link to a job without a title: {link.url[:200]}"))
        block = lines[min(begin, start) : _upper(lines, links, after, start)]
        yield _post(link, title or "", block, where=place, source=source, about=about)


def _job_links(lines: list[Line]) -> list[list[JobLink]]:
    """Return the jobs each line links to; other hosts than the known ones count where none of those is."""
    links = [[link for written in line.links if (link := job_link(written))] for line in lines]
    if any(link.known for found in links for link in found):
        return [[link for link in found if link.known] for found in links]
    return links


def _key(link: JobLink) -> str:
    return link.source_id or link.url


def _upper(lines: list[Line], links: list[list[JobLink]], after: int, start: int) -> int:
    """Return where a job's lines end: at the next job's title, the mail's footer, or after a few lines."""
    end = min(after, start + _BLOCK)
    for place in range(start, end):
        if _is_footer(lines[place].text):
            return place
    if after < len(lines) and end == after and _is_button(lines[after].text) and links[after]:
        # The next job's title stands before its button: its lines begin with that title.
        heading = next((place for place in range(after - 1, start, -1) if lines[place].heading), None)
        blank = next((place for place in range(after - 1, start, -1) if not lines[place].text), None)
        return heading or blank or end
    return end


def _title(lines: list[Line], own: list[int], before: int, start: int) -> tuple[int, str] | None:
    """Return the place and words of a title: its link's text, else the heading or paragraph before it."""
    for place in own:
        if lines[place].text and not _is_button(lines[place].text) and len(lines[place].text) <= _LONGEST:
            return place, lines[place].text
    earlier = range(start - 1, max(before, start - 1 - _BLOCK), -1)
    for place in earlier:
        if lines[place].heading and not _is_button(lines[place].text):
            return place, lines[place].text
    paragraph = []
    for place in earlier:
        if lines[place].text:
            paragraph.append(place)
        elif paragraph:
            break
    chosen = [place for place in reversed(paragraph) if not _is_button(lines[place].text)][:_BEFORE]
    return (chosen[0], lines[chosen[0]].text) if chosen else None


def _is_button(text: str) -> bool:
    return text.lower().strip(" .:!>»→") in table()["words"]["buttons"]


def _is_footer(text: str) -> bool:
    low = text.lower()
    return any(
        low.startswith(word) or (len(low) < _LONGEST and f" {word}" in low)
        for word in table()["words"]["footer"]
    )


def _post(
    link: JobLink, title: str, lines: list[Line], *, where: str, source: str, about: dict[str, str]
) -> RawPosting:
    facts: dict[str, str] = {}
    told: list[str] = []
    for line in lines:
        if line.text == title or _is_button(line.text) or not line.text:
            continue
        found = _facts(line.text, first=not told, paid="budget_raw" in facts)
        facts = found | facts
        if not found:
            told.append(line.text)
    return RawPosting(
        source=link.board or source,
        where=where,
        title=title,
        source_id=link.source_id,
        url=link.url,
        description="\n".join(told) or None,
        skills=skills_of(facts.get("skills")),
        contract_type=facts.get("contract_type"),
        budget_raw=facts.get("budget_raw"),
        # Upwork quotes every job in US dollars.
        currency="USD" if link.board == "upwork" and "budget_raw" in facts else None,
        experience_level=facts.get("experience_level"),
        duration=facts.get("duration"),
        workload=facts.get("workload"),
        location=facts.get("location"),
        company=facts.get("company"),
        proposals_min=facts.get("proposals"),
        proposals_max=facts.get("proposals"),
        client={key.removeprefix(CLIENT): text for key, text in facts.items() if key.startswith(CLIENT)},
        extra=about | ({"posted": facts["posted"]} if "posted" in facts else {}),
    )


def _facts(text: str, *, first: bool, paid: bool) -> dict[str, str]:
    """Return what a line below a title states: a card's facts, the pay, or company and place in the first."""
    found = facts_of(text) if len(text) <= _CARD else {}
    if not found and not paid and len(text) <= _PAY_LINE and parse_pay(text)[0] is not None:
        return {"budget_raw": text}
    company = _COMPANY.fullmatch(text) if first and not found else None
    return {"company": company[1], "location": company[2]} if company else found
