"""The digest for a terminal: wrapped to its width, aligned, and readable without colour."""

from __future__ import annotations

from collections.abc import Iterator

from reports.digest import Digest
from reports.layout import NARROWEST, Ink, ink, labelled, table, wrap
from reports.view import Card, Figure, FollowUpRow, LeftOutRow, NextRow, SourceRow, View, build_view

_GAP = 15
_INDENT = "   "


def _heading(text: str, *, width: int, colour: bool) -> list[str]:
    return ["", ink(text, Ink.BOLD, colour=colour), ink("─" * min(width, 78), Ink.DIM, colour=colour)]


def _pair(figure: Figure) -> str:
    return f"{figure.value} ({figure.note})" if figure.note else figure.value


def _head(view: View, *, width: int, colour: bool) -> Iterator[str]:
    yield ink(view.date, Ink.BOLD, colour=colour)
    figures = " · ".join(f"{figure.label}: {figure.value} {figure.note}" for figure in view.headline)
    yield from wrap(figures, width)
    for line in (*wrap(view.win, width), *wrap(view.in_play, width)):
        yield ink(line, Ink.DIM, colour=colour)


def _rows(card: Card) -> Iterator[tuple[str, str, Ink]]:
    """Yield label, text and ink of a card's lines."""
    yield "Net pay", _pair(card.net), Ink.GOOD
    fit = [f"has {', '.join(card.matched)}"] if card.matched else []
    fit += [f"missing {', '.join(card.missing)}"] if card.missing else []
    for figure in card.figures:
        note = "; ".join(fit) if figure.label == "Fit" and fit else figure.note
        yield figure.label, f"{figure.value} ({note})", Ink.PLAIN
    yield "Client", card.client, Ink.PLAIN
    if card.urgent:
        yield "Hurry", card.urgent, Ink.PLAIN
    for flag in card.flags:
        yield "Careful", f"{flag.message}: “{flag.words}”" if flag.words else flag.message, Ink.WARN
    for place, ask in enumerate(card.asks):
        yield "" if place else "Asks", ask, Ink.PLAIN
    for place, reason in enumerate(card.reasons):
        yield "" if place else "Why", reason, Ink.PLAIN
    if card.draft:
        yield "Draft", card.draft, Ink.PLAIN
    yield "Open", card.href or "no link given", Ink.DIM
    if card.attribution:
        yield "Thanks to", card.attribution, Ink.DIM


def _card(card: Card, *, width: int, colour: bool) -> Iterator[str]:
    yield ""
    title = wrap(card.title, width - len(_INDENT))
    for place, line in enumerate(title):
        number = f"{card.place}." if not place else ""
        yield ink(f"{number:<3}{line}", Ink.BOLD, colour=colour)
    for line in wrap(" · ".join((*card.facts, card.post_id)), width - len(_INDENT)):
        yield ink(_INDENT + line, Ink.DIM, colour=colour)
    for label, text, code in _rows(card):
        for line in labelled(f"{_INDENT}{label}", text, width=width, gap=_GAP):
            yield ink(line, code, colour=colour)


def _next(rows: tuple[NextRow, ...], *, width: int) -> list[str]:
    cells = [(row.post_id, row.net, row.win, row.age, f"{row.title} · {row.source}") for row in rows]
    return table(("post", "net", "win", "posted", "title"), cells, width=width, right=frozenset({1, 2}))


def _follow_up(row: FollowUpRow, *, width: int, colour: bool) -> Iterator[str]:
    yield from wrap(row.title, width)
    for line in (*wrap(f"{row.told} · {row.post_id}", width - 2), *((row.href,) if row.href else ())):
        yield ink(f"  {line}", Ink.DIM, colour=colour)


def _left_out(row: LeftOutRow, *, width: int, colour: bool) -> Iterator[str]:
    yield f"{row.count:>4,}  {row.reason}"
    for example in row.examples:
        for line in labelled("      ·", example, width=width, gap=8):
            yield ink(line, Ink.DIM, colour=colour)
    if row.more:
        yield ink(f"        and {row.more:,} more", Ink.DIM, colour=colour)


def _source(row: SourceRow, *, width: int, colour: bool) -> Iterator[str]:
    mark = "  " if row.healthy else "! "
    text = " · ".join(part for part in (row.state, row.told, row.attribution) if part)
    for line in labelled(f"{mark}{row.name} ", text, width=width, gap=max(16, len(row.name) + 4)):
        yield ink(line, Ink.PLAIN if row.healthy else Ink.WARN, colour=colour)
    for note in row.notes:
        for line in labelled("", note, width=width, gap=max(16, len(row.name) + 4)):
            yield ink(line, Ink.DIM, colour=colour)


def _picks(view: View, *, width: int, colour: bool) -> Iterator[str]:
    if view.follow_ups:
        yield from _heading("Follow up first", width=width, colour=colour)
    for follow_up in view.follow_ups:
        yield from _follow_up(follow_up, width=width, colour=colour)
    yield from wrap(view.follow_ups_later, width)
    yield from _heading("Picks", width=width, colour=colour)
    yield from wrap(view.picks_empty, width)
    for card in view.cards:
        yield from _card(card, width=width, colour=colour)


def _body(view: View, *, width: int, colour: bool) -> Iterator[str]:
    yield from _head(view, width=width, colour=colour)
    yield from _picks(view, width=width, colour=colour)
    if view.next_best:
        yield from _heading("Next best", width=width, colour=colour)
        yield from _next(view.next_best, width=width)
    yield from wrap(view.not_picked, width)
    if view.left_out or view.duplicates:
        yield from _heading("Left out", width=width, colour=colour)
    for left in view.left_out:
        yield from _left_out(left, width=width, colour=colour)
    yield from wrap(view.duplicates, width)
    if view.sources:
        yield from _heading("Sources", width=width, colour=colour)
    for source in view.sources:
        yield from _source(source, width=width, colour=colour)


def render_text(digest: Digest, *, width: int = 80, colour: bool = False) -> str:
    """Return the digest as text of at most ``width`` columns (links stay whole), ending with a newline."""
    lines = _body(build_view(digest), width=max(width, NARROWEST), colour=colour)
    return "\n".join(line.rstrip() for line in lines) + "\n"
