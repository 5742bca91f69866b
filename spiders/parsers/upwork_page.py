"""Saved pages of Upwork: search results and single jobs."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from domain.issues import error
from domain.posts import RawPosting
from spiders.parsers.audit import Audit
from spiders.parsers.cards import facts_of, times_of
from spiders.parsers.fieldnames import CLIENT
from spiders.parsers.links import UPWORK, upwork_id, whole_link
from spiders.parsers.page_tree import attribute, every, first_line, has, line, markup, selectors

_SAVE = re.compile(r"(?:save job|job feedback)\s+(.+)", re.IGNORECASE | re.DOTALL)
_MARKED = re.compile(r"</?(?:span|em|b|mark)\b[^<>]{0,100}>", re.IGNORECASE)
_MONEY = re.compile(r"\$\s?[\d,.]+[km]?", re.IGNORECASE)
_SITE = re.compile(r"\s+[-|]\s+(?:Freelance Job in .*|Upwork)$", re.IGNORECASE | re.DOTALL)
_PROPOSALS = re.compile(r"(?:less than |more than )?\d{1,4}(?: to \d{1,4}|\+)?", re.IGNORECASE)
_CONNECTS = re.compile(
    r"(?:required connects[^:\d]{0,60}|send a proposal for):?\s*(\d{1,3})\b", re.IGNORECASE
)
_ABOUT = {
    "client.payment_verified": re.compile(r"(payment (?:method )?(?:not |un)?verified)", re.IGNORECASE),
    "client.total_spent": re.compile(r"(\$[\d,.]{1,12}[km]?\+?)(?: total)? spent", re.IGNORECASE),
    "client.hires": re.compile(r"\b(\d{1,6}) hires?,", re.IGNORECASE),
    "client.hire_rate": re.compile(r"\b(\d{1,3}%) hire rate", re.IGNORECASE),
    "client.member_since": re.compile(r"member since:? ([A-Z][a-z]{2,8} \d{1,2}, \d{4})", re.IGNORECASE),
}
_STARS = re.compile(
    r"(\d(?:\.\d{1,2})?)\s+(?:of\s+(\d{1,6})\s+reviews?|stars?, based on (\d{1,6}))", re.IGNORECASE
)
_RATED = re.compile(r"rating is (\d(?:\.\d{1,2})?) out of 5", re.IGNORECASE)
_ACTIVITY = {
    "proposals": "proposals",
    "interviewing": "interviewing",
    "hires": "hires",
    "invites sent": "invites_sent",
    "unanswered invites": "unanswered_invites",
}
_FURTHER = ("posted", "invites_sent", "unanswered_invites")
"""Facts without a field of their own."""
_LONGEST = 4_000
_Facts = dict[str, str]


def is_one(tree: LexborHTMLParser) -> bool:
    """Return whether ``tree`` is a page of Upwork's that may hold jobs."""
    return has(tree, selectors()["upwork"]["known"])


def read(tree: LexborHTMLParser, *, where: str, audit: Audit) -> list[RawPosting]:
    """Return the job a page is about and those of its search results, each once.

    The jobs that the page of a single job shows beside it as similar are not what was saved: left out, with
    an issue.
    """
    choose = selectors()["upwork"]
    found = []
    for number, tile in enumerate(every(tree, choose["tiles"]), start=1):
        post = _tile(tile, f"{where} item {number}")
        if post is None:
            audit.each(error(f"{where} item {number}", "a search result without a title; left out"))
        else:
            found.append(post)
    main = _detail(tree, where)
    if main is None:
        return found
    if found and not has(tree, choose["search"]):
        audit.info(where, f"jobs shown beside the one that was saved: {len(found)}; left out")
        return [main]
    return [main, *(tile for tile in found if tile.source_id is None or tile.source_id != main.source_id)]


def _tile(tile: LexborNode, where: str) -> RawPosting | None:
    """Return the post of one search result, ``None`` if it has no title."""
    choose = selectors()["upwork"]["tile"]
    title = first_line(tile, choose["title"]) or _label(tile)
    if title is None:
        return None
    facts: _Facts = {}
    for selector in choose["facts"]:
        node = tile.css_first(selector)
        if node is not None:
            facts = _stars(line(node)) | facts_of(line(node)) | facts
    country = first_line(tile, choose["country"])
    if country is not None:
        facts["client.country"] = _without_word(country, "location")
    posted = first_line(tile, choose["posted"])
    if posted is not None:
        facts["posted"] = _without_word(posted, "posted")
    skills = [line(node) for node in every(tile, choose["skills"])]
    link = attribute(every(tile, choose["link"]), ["href"])
    identity = attribute([tile], selectors()["upwork"]["id_attributes"])
    return _post(
        facts,
        title=title,
        link=link,
        identity=identity,
        where=where,
        skills=skills,
        description=markup(tile, choose["description"]),
    )


def _label(tile: LexborNode) -> str | None:
    """Return the title in the label of a tile's buttons: pages saved without links keep it only there."""
    labels = (node.attributes.get("aria-label") or "" for node in tile.css("button[aria-label]"))
    found = next((match for label in labels if (match := _SAVE.match(label[:_LONGEST]))), None)
    return " ".join(_MARKED.sub("", found[1]).split()) or None if found else None


def _detail(tree: LexborHTMLParser, where: str) -> RawPosting | None:
    """Return the job that a page is about, ``None`` if it is a page of search results only."""
    choose = selectors()["upwork"]["detail"]
    description = markup(tree, choose["description"])
    main = next((node for selector in choose["main"] if (node := tree.css_first(selector)) is not None), None)
    if description is None or main is None:
        return None
    title = first_line(main, choose["title"]) or _SITE.sub("", line(tree.css_first("title")))
    if not title:
        return None
    facts = _features(main) | _activity(main)
    about = next(
        (node for selector in choose["client"] if (node := tree.css_first(selector)) is not None), None
    )
    facts |= _about(line(about)[:_LONGEST]) if about is not None else {}
    for fact, key in (
        ("country", "client.country"),
        ("location", "location"),
        ("category", "category"),
        ("posted", "posted"),
    ):
        text = first_line(about if fact == "country" and about is not None else main, choose[fact])
        if text is not None:
            facts[key] = _without_word(text, "posted") if fact == "posted" else text
    connects = _CONNECTS.search(line(main)[-_LONGEST:])
    if connects:
        facts["connects"] = connects[1]
    questions = [line(node) for node in every(main, choose["questions"])]
    skills = [line(node) for node in every(main, choose["skills"])]
    return _post(
        facts,
        title=title,
        link=_own_link(tree),
        identity=attribute(
            [main, *tree.css("[data-ev-opening_uid], [job-uid]")], selectors()["upwork"]["id_attributes"]
        ),
        where=where,
        skills=skills,
        description=_with_questions(description, questions),
    )


def _own_link(tree: LexborHTMLParser) -> str | None:
    """Return the page's own address, as it states it for search engines and for being shared."""
    links = [node.attributes.get("href") for node in tree.css("link[rel=canonical]")]
    links += [node.attributes.get("content") for node in tree.css("meta[property='og:url']")]
    links += [node.attributes.get("data-test-key") for node in tree.css("[data-test-key*='/jobs/']")]
    found = next((link for link in links if link and upwork_id(link)), None)
    return found if found is None or "://" in found else found[found.find("/jobs/") :]


def _features(main: LexborNode) -> _Facts:
    """Return the facts of the list of features: each an amount, a time or a level above its label."""
    choose = selectors()["upwork"]["detail"]
    facts: _Facts = {}
    for item in every(main, choose["features"]):
        label = (first_line(item, choose["label"]) or "").lower()
        values = [line(node.css_first("span") or node) for node in item.css("strong")] or [line(item)]
        text = " - ".join(value for value in values if value)[:_LONGEST]
        for key, value in _feature(text, label).items():
            facts.setdefault(key, value)
    return facts


def _feature(text: str, label: str) -> _Facts:
    if _MONEY.search(text):
        kind = "fixed" if "fixed" in label else "hourly" if "hour" in label else None
        pay = {"budget_raw": f"{text} / hour" if kind == "hourly" else text}
        return pay | ({"contract_type": kind} if kind else {})
    found = facts_of(text) or (times_of(text) if re.search(r"hrs|hours|month|week", text) else {})
    if "hour" in label and "workload" in found:
        found["contract_type"] = "hourly"
    return found


def _activity(main: LexborNode) -> _Facts:
    facts: _Facts = {}
    for item in every(main, selectors()["upwork"]["detail"]["activity"]):
        label = line(item).partition(":")[0].strip().lower()
        value = first_line(item, [".value"]) or line(item).partition(":")[2].strip()
        if label in _ACTIVITY and _PROPOSALS.fullmatch(value):
            facts[_ACTIVITY[label]] = value
    return facts


def _about(text: str) -> _Facts:
    facts = {key: found[1] for key, pattern in _ABOUT.items() if (found := pattern.search(text))}
    return facts | _stars(text)


def _stars(text: str) -> _Facts:
    found = _STARS.search(text)
    if found:
        return {"client.rating": found[1], "client.reviews": found[2] or found[3]}
    rated = _RATED.search(text)
    return {"client.rating": rated[1]} if rated and rated[1].strip("0.") else {}


def _without_word(text: str, word: str) -> str:
    return text[len(word) :].strip(" :") if text.lower().startswith(word) else text


def _with_questions(description: str, questions: list[str]) -> str:
    """Return the description with the questions that a proposal must answer: they are part of the post."""
    asked = "".join(f"<li>{question}</li>" for question in questions if question)
    return (
        f"{description}<p>Questions to answer with a proposal:</p><ul>{asked}</ul>" if asked else description
    )


def _post(
    facts: _Facts,
    *,
    title: str,
    link: str | None,
    identity: str | None,
    where: str,
    skills: list[str],
    description: str | None,
) -> RawPosting:
    known = upwork_id(link) or upwork_id(identity)
    url = whole_link(link, home=UPWORK) if link else None
    if known is not None and (url is None or "/jobs/" not in url):
        url = f"{UPWORK}/jobs/{known}"
    return RawPosting(
        source="upwork",
        where=where,
        title=title,
        source_id=known,
        url=url,
        description=description,
        skills=tuple(dict.fromkeys(skill for skill in skills if skill)),
        category=facts.get("category"),
        contract_type=facts.get("contract_type"),
        budget_raw=facts.get("budget_raw"),
        currency="USD" if "budget_raw" in facts else None,  # Upwork quotes every job in US dollars
        experience_level=facts.get("experience_level"),
        duration=facts.get("duration"),
        workload=facts.get("workload"),
        location=facts.get("location"),
        proposals_min=facts.get("proposals"),
        proposals_max=facts.get("proposals"),
        interviewing=facts.get("interviewing"),
        hires=facts.get("hires"),
        connects=facts.get("connects"),
        client={key.removeprefix(CLIENT): text for key, text in facts.items() if key.startswith(CLIENT)},
        extra={key: facts[key] for key in _FURTHER if key in facts},
    )
