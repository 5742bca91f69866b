"""From a fetched body to posts: one state for every source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from domain.errors import BidwrightError
from domain.issues import Issue
from domain.posts import RawPosting
from domain.sources import Source, SourceState
from spiders.catalogue import source_type
from spiders.decode import GZIP_MAGIC, gunzip
from spiders.errors import ChangedShapeError
from spiders.fetching import FetchResult
from spiders.limits import parsing_limits
from spiders.parsers.walls import looks_like_login
from spiders.sandbox import ParserPool
from spiders.sniff import is_html
from spiders.torn import is_torn

_PAGES = "html"  # the parser that reads web pages


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead:
    """What a source gave: its state with the words for it, and posts and issues where there are any."""

    state: SourceState
    detail: str = ""
    posts: tuple[RawPosting, ...] = ()
    issues: tuple[Issue, ...] = ()


def read_source(fetch: FetchResult, source: Source, pool: ParserPool) -> SourceRead:
    """Return what ``fetch`` brought from ``source``; never raises for what its body holds.

    A fetch that brought no body keeps its own state. No items is EMPTY; a page where a feed was expected is
    CHANGED_SHAPE, or LOGIN_PAGE if it asks for a login; a body that stops in its middle, or that cannot be
    parsed, is an ERROR.
    """
    if fetch.state is not SourceState.OK or fetch.body_path is None:
        return SourceRead(state=fetch.state, detail=fetch.detail)
    try:
        body = fetch.body_path.read_bytes()
        if body.startswith(GZIP_MAGIC):
            body = gunzip(body, limit=parsing_limits().body_bytes, where=source.name)
    except (OSError, BidwrightError) as error:
        return SourceRead(state=SourceState.ERROR, detail=str(error))
    if source_type(source.type).parser != _PAGES:
        return _page(body) or _cut_short(body) or _parsed(body, fetch, source, pool)
    # Here a page is what was expected, and a form to log in may stand in the corner of any.
    read = _parsed(body, fetch, source, pool)
    page = _page(body) if read.state is SourceState.CHANGED_SHAPE else None
    return read if page is None or page.state is SourceState.CHANGED_SHAPE else page


def _page(body: bytes) -> SourceRead | None:
    """Return the state of a page that came where data was expected, or ``None`` if it is no page."""
    if not body.strip():
        return SourceRead(state=SourceState.EMPTY, detail="the answer was empty")
    if not is_html(body):
        return None
    if looks_like_login(body):
        return SourceRead(
            state=SourceState.LOGIN_PAGE, detail="it answered with a page that asks for a login"
        )
    return SourceRead(state=SourceState.CHANGED_SHAPE, detail="it answered with a web page instead of a feed")


def _cut_short(body: bytes) -> SourceRead | None:
    if not is_torn(body):
        return None
    return SourceRead(state=SourceState.ERROR, detail="the answer was cut short: it stops within the feed")


def _parsed(body: bytes, fetch: FetchResult, source: Source, pool: ParserPool) -> SourceRead:
    parser = source_type(source.type).parser
    outcome = pool.parse(parser, body, source=source.name, where=source.name, options=source.options)
    if outcome.error is not None:
        changed = isinstance(outcome.error, ChangedShapeError)
        state = SourceState.CHANGED_SHAPE if changed else SourceState.ERROR
        return SourceRead(state=state, detail=outcome.error.what)
    result = outcome.unwrap()
    base = fetch.final_url or source.url
    return SourceRead(
        state=SourceState.OK if result.posts else SourceState.EMPTY,
        posts=tuple(_absolute(post, base) for post in result.posts),
        issues=result.issues,
    )


def _absolute(post: RawPosting, base: str) -> RawPosting:
    """Return ``post`` with a link that is relative to the feed's own address made whole."""
    if post.url is None:
        return post
    try:
        if urlsplit(post.url).scheme:
            return post
        return replace(post, url=urljoin(base, post.url))
    except ValueError:
        return post  # not a URL at all; whoever reads it next says so
