"""Pages a person saved: Upwork's and Freelancer.com's, and any that describes its jobs for search engines."""

from __future__ import annotations

from domain.errors import SourceError
from domain.posts import RawPosting
from spiders.parsers import freelancer_page, jsonld, upwork_page
from spiders.parsers.alerts import posts_of
from spiders.parsers.audit import Audit
from spiders.parsers.mail_text import lines_of_html
from spiders.parsers.page_tree import tree_of
from spiders.parsers.result import ParseResult
from spiders.parsers.walls import looks_like_login

_LINKED = frozenset({"upwork", "freelancer.com"})
LOGIN = "a login page was saved, not the posts"


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return the posts of the page ``body``; a page of search results without any gives none.

    Raises :class:`SourceError` for a page that asks for a login, and for one that holds no job posts.
    """
    tree = tree_of(body)
    audit = Audit()
    upwork, freelancer = upwork_page.is_one(tree), freelancer_page.is_one(tree)
    posts = upwork_page.read(tree, where=where, audit=audit) if upwork else []
    posts = posts or (freelancer_page.read(tree, where=where, audit=audit) if freelancer else [])
    posts = posts or jsonld.read(tree, source=source, where=where)
    posts = posts or _linked(body, source, where, audit)
    if posts or ((upwork or freelancer) and not looks_like_login(body)):
        return ParseResult(posts=tuple(posts), issues=audit.issues)
    if looks_like_login(body):
        raise SourceError(LOGIN, where=where)
    raise SourceError(
        "the page holds no job posts that can be read; what can: search and job pages of Upwork and"
        " Freelancer.com, and pages that describe their jobs as schema.org JobPosting",
        where=where,
    )


def _linked(body: bytes, source: str, where: str, audit: Audit) -> list[RawPosting]:
    """Return the jobs a page of another layout links to, with what stands below each link."""
    found = posts_of(lines_of_html(body), source, where, {}, Audit())
    posts = [post for post in found if post.source in _LINKED and post.title]
    if posts:
        audit.warn(where, "the page's layout is not known; its jobs were read from its links")
    return posts
