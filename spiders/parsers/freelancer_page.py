"""Saved pages of Freelancer.com: search results and single projects."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from domain.issues import error
from domain.posts import RawPosting
from spiders.parsers.audit import Audit
from spiders.parsers.links import whole_link
from spiders.parsers.offers import read_offer
from spiders.parsers.page_tree import attribute, every, first_line, has, line, markup, selectors

HOST = "freelancer.com"
_HOME = "https://www.freelancer.com"
_BIDS = re.compile(r"(\d{1,6})\s+(?:bids?|entries|proposals?)\b", re.IGNORECASE)
_BUDGET = re.compile(r"^(?:project )?budget:?\s*", re.IGNORECASE)


def is_one(tree: LexborHTMLParser) -> bool:
    """Return whether ``tree`` is a page of Freelancer.com's that may hold projects."""
    return has(tree, selectors()["freelancer"]["known"])


def read(tree: LexborHTMLParser, *, where: str, audit: Audit) -> list[RawPosting]:
    """Return the projects of a page of search results, or the project a page is about.

    The average bid that a search shows where a project has bids is no pay: kept in ``extra``.
    """
    tiles = every(tree, selectors()["freelancer"]["tiles"])
    if not tiles:
        post = _detail(tree, where)
        return [post] if post is not None else []
    found = []
    for number, tile in enumerate(tiles, start=1):
        post = _tile(tile, f"{where} item {number}")
        if post is None:
            audit.each(error(f"{where} item {number}", "a search result without a title; left out"))
        else:
            found.append(post)
    return found


def _tile(tile: LexborNode, where: str) -> RawPosting | None:
    choose = selectors()["freelancer"]["tile"]
    title = first_line(tile, choose["title"])
    if title is None:
        return None
    verified = first_line(tile, choose["verified"])
    left = first_line(tile, choose["time_left"])
    return _post(
        tile, choose, title=title, link=attribute(every(tile, choose["link"]), ["href"]), where=where,
        client={"payment_verified": verified} if verified else {}, extra={"time_left": left} if left else {},
    )  # fmt: skip


def _detail(tree: LexborHTMLParser, where: str) -> RawPosting | None:
    choose = selectors()["freelancer"]["detail"]
    title = first_line(tree, choose["title"])
    if title is None or not has(tree, choose["description"]):
        return None
    canonical = attribute(tree.css("link[rel=canonical]"), ["href"])
    shared = attribute(tree.css("meta[property='og:url']"), ["content"])
    return _post(tree, choose, title=title, link=canonical or shared, where=where, client={}, extra={})


def _post(
    node: LexborNode | LexborHTMLParser,
    choose: dict[str, list[str]],
    *,
    title: str,
    link: str | None,
    where: str,
    client: dict[str, str],
    extra: dict[str, str],
) -> RawPosting:
    pay = first_line(node, choose["pay"])
    offer = read_offer({"budget_raw": _BUDGET.sub("", pay[:400]) if pay else None}, board_currency=None)
    bids = _BIDS.search(first_line(node, choose["bids"]) or "")
    count = bids[1] if bids else None
    url = whole_link(link, home=_HOME) if link else None
    return RawPosting(
        source=HOST,
        where=where,
        title=title,
        url=url,
        description=_paragraphs(node, choose) or markup(node, choose["description"]),
        skills=tuple(dict.fromkeys(name for tag in every(node, choose["skills"]) if (name := line(tag)))),
        proposals_min=count,
        proposals_max=count,
        client=client,
        extra=extra | offer.extra,
        **offer.fields,
    )


def _paragraphs(node: LexborNode | LexborHTMLParser, choose: dict[str, list[str]]) -> str | None:
    """Return the HTML of a text whose paragraphs stand among others."""
    found = every(node, choose.get("paragraphs", []))
    return "".join(paragraph.html or "" for paragraph in found if line(paragraph)) or None
