"""We Work Remotely's RSS (https://weworkremotely.com/remote-job-rss-feed): companies stand in titles."""

from __future__ import annotations

from dataclasses import replace

from domain.posts import RawPosting
from spiders.parsers import feed
from spiders.parsers.audit import Audit
from spiders.parsers.result import ParseResult

_BETWEEN = ": "


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return every job of the feed ``body``; raise :class:`ChangedShapeError` if it is no feed.

    "Company: Title" is taken apart at the first colon; a title without one is kept whole and reported.
    """
    result = feed.parse(body, source=source, where=where)
    audit = Audit()
    posts = tuple(_post(post, audit) for post in result.posts)
    return replace(result, posts=posts, issues=(*result.issues, *audit.issues))


def _post(post: RawPosting, audit: Audit) -> RawPosting:
    if post.category is None:
        # Its categories are always categories, also where no skills are listed beside them.
        post = replace(post, category=", ".join(post.skills) or None, skills=())
    company, colon, title = post.title.partition(_BETWEEN)
    if not (colon and company.strip() and title.strip()):
        audit.warn(post.where, 'the title is not "Company: Title"; the company is not known')
        return post
    return replace(post, title=title.strip(), company=post.company or company.strip())
