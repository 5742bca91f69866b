"""The digest as Markdown, with whatever a post says escaped so that it stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from reports.digest import Digest
from reports.view import Card, View, build_view

_CONTROL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&^=])")
_AUTOLINK = re.compile(r"(?i)(:)(?=//)|(?<=www)(\.)|(@)")
_LIST = re.compile(r"^(\s*)(?:([-+])|(\d+)([.)]))(?=\s|$)")


def escape(text: str) -> str:
    """Return ``text`` so that Markdown shows exactly it: no markup, no HTML, no links of its own."""
    marked = _AUTOLINK.sub(lambda hit: "\\" + hit[0], _CONTROL.sub(r"\\\1", text))
    return _LIST.sub(lambda hit: f"{hit[1]}{hit[3] or ''}\\{hit[2] or hit[4]}", marked)


def link(text: str, href: str | None) -> str:
    """Return ``text`` as a link to ``href``, which :func:`reports.links.safe_href` has let through."""
    if href is None:
        return escape(text)
    return f"[{escape(text)}](<{quote(href, safe=':/?#@!$&*+,;=%-._~')}>)"


def _card(card: Card) -> Iterator[str]:
    yield f"### {card.place}. {link(card.title, card.href)}"
    yield ""
    yield escape(" · ".join((*card.facts, card.post_id)))
    yield ""
    yield f"- **Net pay** {escape(card.net.value)} ({escape(card.net.note)})"
    for figure in card.figures:
        yield f"- **{figure.label}** {escape(figure.value)} ({escape(figure.note)})"
    for label, skills in (("Has", card.matched), ("Missing", card.missing)):
        if skills:
            yield f"- **{label}** {escape(', '.join(skills))}"
    yield f"- **Client** {escape(card.client)}"
    if card.urgent:
        yield f"- **Hurry** {escape(card.urgent)}"
    for flag in card.flags:
        yield f"- **Careful** {escape(flag.message)}" + (f": “{escape(flag.words)}”" if flag.words else "")
    for ask in card.asks:
        yield f"- **Asks** {escape(ask)}"
    for reason in card.reasons:
        yield f"- **Why** {escape(reason)}"
    if card.draft:
        yield f"- **Draft** {escape(card.draft)}"
    if card.attribution:
        yield f"- **Thanks to** {escape(card.attribution)}"
    yield ""


def _follow_ups(view: View) -> Iterator[str]:
    if view.follow_ups:
        yield "## Follow up first"
        yield ""
        for row in view.follow_ups:
            yield f"- {link(row.title, row.href)}: {escape(f'{row.told} · {row.post_id}')}"
        if view.follow_ups_later:
            yield f"- {view.follow_ups_later}"
        yield ""


def _lists(view: View) -> Iterator[str]:
    if view.next_best:
        yield "## Next best"
        yield ""
        yield "| Post | Net | Win | Posted | Source |"
        yield "| --- | ---: | ---: | --- | --- |"
        for row in view.next_best:
            cells = (link(row.title, row.href), *map(escape, (row.net, row.win, row.age, row.source)))
            yield f"| {' | '.join(cells)} |"
        yield ""
    if view.not_picked:
        yield escape(view.not_picked)
        yield ""
    if view.left_out or view.duplicates:
        yield "## Left out"
        yield ""
        for left in view.left_out:
            more = (f"and {left.more} more",) if left.more else ()
            yield f"- **{left.count}** {escape(left.reason)}: {escape('; '.join((*left.examples, *more)))}"
        if view.duplicates:
            yield f"- {view.duplicates}"
        yield ""
    if view.sources:
        yield "## Sources"
        yield ""
        for source in view.sources:
            told = (part for part in (source.state, source.told, source.attribution) if part)
            yield f"- **{escape(source.name)}** {escape(' · '.join(told))}"
            yield from (f"  - {escape(note)}" for note in source.notes)
        yield ""


def _body(view: View) -> Iterator[str]:
    yield f"# {view.date}"
    yield ""
    yield escape(" · ".join(f"{figure.label}: {figure.value} {figure.note}" for figure in view.headline))
    yield ""
    yield escape(view.win)
    if view.in_play:
        yield escape(view.in_play)
    yield ""
    yield from _follow_ups(view)
    yield "## Picks"
    yield ""
    if view.picks_empty:
        yield escape(view.picks_empty)
        yield ""
    for card in view.cards:
        yield from _card(card)
    yield from _lists(view)


def render_markdown(digest: Digest) -> str:
    """Return the digest as CommonMark with one table, ending with a newline."""
    return "\n".join(_body(build_view(digest))).rstrip("\n") + "\n"
