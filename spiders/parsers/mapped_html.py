"""Any web page that lists posts, by the person's own CSS selectors: our key = selector within the item.

``h2 a`` is the text of the first such element, ``h2 a@href`` one of its attributes, ``.text@html`` the markup
inside it, ``@data-id`` an attribute of the item itself.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from domain.errors import SourceError
from domain.posts import RawPosting
from spiders.errors import ChangedShapeError
from spiders.parsers.fieldmap import Options, constant, mapped, rules
from spiders.parsers.jsontext import as_text
from spiders.parsers.result import ParseResult

_MARKUP = "html"


def parse(body: bytes, *, source: str, where: str, options: Options) -> ParseResult:
    """Return one post for every element that ``options["item"]`` selects.

    Raise :class:`ChangedShapeError` if it selects none, unless ``options["empty"]`` selects what the page
    shows when it has no posts.
    """
    page = LexborHTMLParser(body)
    chosen = as_text(options.get("item"))
    items = _select(page, chosen)
    if not items:
        empty = as_text(options.get("empty"))
        if empty and _select(page, empty):
            return ParseResult()
        raise ChangedShapeError(f"nothing on the page matches {chosen!r}", where=where)
    posts = tuple(
        _post(item, options, source, f"{where} item {number}") for number, item in enumerate(items, start=1)
    )
    return ParseResult(posts=posts, feed_title=_title(page))


def _post(item: LexborNode, options: Options, source: str, where: str) -> RawPosting:
    return mapped(options, lambda rule: _texts(item, rule), source=source, where=where, extra={})


def wrong_selector(options: Options) -> str | None:
    """Return what is wrong with the first rule of ``options`` that is no selector, ``None`` if all are."""
    page = LexborHTMLParser("<p></p>")
    chosen = {key: options[key] for key in ("item", "empty") if options.get(key)}
    for key, rule in (*chosen.items(), *rules(options)):
        selector = "" if constant(rule) is not None else rule.rpartition("@")[0] if "@" in rule else rule
        try:
            _select(page, selector or "p")
        except SourceError as error:
            return f"{key}: {error.what}"
    return None


def _texts(item: LexborNode, rule: str) -> list[str]:
    selector, at, attribute = rule.rpartition("@") if "@" in rule else (rule, "", "")
    found = _select(item, selector.strip()) if selector.strip() else [item]
    if not at:
        return [" ".join(node.text(separator=" ").split()) for node in found]
    if attribute == _MARKUP:
        return [node.inner_html or "" for node in found]
    return [node.attributes.get(attribute) or "" for node in found]


def _select(root: LexborHTMLParser | LexborNode, selector: str) -> list[LexborNode]:
    try:
        return root.css(selector)
    except (SelectolaxError, ValueError) as error:
        raise SourceError(f"{selector!r} is not a CSS selector") from error


def _title(page: LexborHTMLParser) -> str | None:
    node = page.css_first("title")
    return (" ".join(node.text().split()) or None) if node else None
