"""The ranking on a terminal: a table of posts, and one post with every number opened into its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.posts import StoredPost
from ranking.results import Part, RankedPost
from reports import words
from reports.layout import NARROWEST, labelled, table, wrap
from reports.links import safe_href
from reports.view import chance_basis
from reports.words import NOT_STATED, clean, clip

_GAP = 24
_LIKE_GAP = 8


def rank_table(
    ranked: Sequence[RankedPost], *, currency: str, limit: int | None = None, width: int = 100
) -> str:
    """Return the first ``limit`` posts as an aligned table, and all of the day's picks, in the order given.

    The picks are numbered as in the digest; posts left out say why before the title. ``currency`` is the
    profile's, in which ``worth`` is.
    """
    if not ranked:
        return "No posts to rank. Read some with: bidwright run, or bidwright import posts FILE\n"
    places = _places(ranked)
    shown = [
        post
        for row, post in enumerate(ranked)
        if limit is None or row < limit or post.stored.post_id in places
    ]
    rows = [
        (
            places.get(post.stored.post_id, ""),
            post.stored.post_id,
            f"{post.score:.2f}",
            _net(post),
            words.percent(post.fit.score),
            words.percent(post.win_chance.p),
            NOT_STATED if post.expected_value is None else words.estimate(post.expected_value),
            _title(post),
        )
        for post in shown
    ]
    header = ("pick", "post", "score", "net/h", "fit", "win", "worth", "title")
    lines = table(header, rows, width=max(width, NARROWEST), right=frozenset({0, 2, 3, 4, 5, 6}))
    lines += ["", *wrap(_legend(ranked, len(shown), len(places), currency), max(width, NARROWEST))]
    return "\n".join(lines) + "\n"


def _legend(ranked: Sequence[RankedPost], shown: int, picks: int, currency: str) -> str:
    out = sum(not post.eligible for post in ranked)
    return (
        f"Shown: {shown:,} of {words.count(len(ranked), 'post')}, of which {out:,} are left out. "
        f"Picked for today: {f'{picks}, numbered' if picks else 'none'}. "
        f"Worth is {currency} per bid, on average. Every number: bidwright show POST"
    )


def _places(ranked: Sequence[RankedPost]) -> dict[str, str]:
    """Return the number that each of the day's picks has in the digest, by post id."""
    picked = (post.stored.post_id for post in ranked if post.eligible and post.picked)
    return {post_id: str(place) for place, post_id in enumerate(picked, start=1)}


def _net(post: RankedPost) -> str:
    net = post.net_hourly
    return NOT_STATED if net is None else f"{words.estimate(net.expected)} {net.currency}"


def _title(post: RankedPost) -> str:
    out = "" if post.eligible else f"[{clean(post.left_out_because or 'left out')}] "
    return f"{out}{clip(post.stored.post.title, 120)} · {clean(post.stored.post.source)}"


def _section(name: str, value: str, parts: Sequence[Part], width: int) -> Iterator[str]:
    yield ""
    yield from labelled(name, value, width=width, gap=_GAP)
    for part in parts:
        source = f"  [{clean(part.source)}]" if part.source else ""
        text = clean(part.value) + source
        yield from labelled(f"  {clip(part.label, _GAP - 3)}", text, width=width, gap=_GAP)


def _head(post: RankedPost, now: datetime, width: int) -> Iterator[str]:
    item = post.stored.post
    yield from wrap(clean(item.title) or "(no title)", width)
    facts = (
        post.stored.post_id,
        clean(item.source),
        words.posted(item.date_posted, now),
        words.contract(item),
    )
    yield from wrap(" · ".join(facts), width)
    yield safe_href(item.url) or "no link given"
    yield ""
    yield from labelled("Pay as stated", words.pay(item.pay), width=width, gap=_GAP)
    raw = clip(item.pay.raw, 200) if item.pay else NOT_STATED
    yield from labelled("  in the post's words", raw, width=width, gap=_GAP)
    yield from labelled("Client as stated", words.client(item.client), width=width, gap=_GAP)


def _verdict(post: RankedPost) -> str:
    if not post.eligible:
        return f"left out: {clean(post.left_out_because or 'no reason given')}"
    if post.picked:
        return "picked for today"
    because = f": {clean(post.not_picked_because)}" if post.not_picked_because else ""
    return f"eligible, not among today's picks{because}"


def _numbers(post: RankedPost, currency: str, width: int) -> Iterator[str]:
    net, chance, fit = post.net_hourly, post.win_chance, post.fit
    skills = f"matched {', '.join(fit.matched) or 'none'}; missing {', '.join(fit.missing) or 'none'}"
    if fit.inferred:
        skills += f"; inferred {', '.join(f'{name} {words.percent(part)}' for name, part in fit.inferred)}"
    if fit.inferred_missing:
        skills += f"; probably also {', '.join(fit.inferred_missing)}"
    yield from _section("Fit", f"{words.percent(fit.score)} ({clean(skills)})", fit.parts, width)
    if net is None:
        yield from _section("Net pay per hour", NOT_STATED, (), width)
    else:
        interval = words.spread(words.number(net.low), words.number(net.high))
        value = f"{words.number(net.expected)} {net.currency} ({interval}; {clean(net.basis)})"
        yield from _section("Net pay per hour", value, net.parts, width)
    yield from _section("Client", words.percent(post.client.score), post.client.parts, width)
    interval = words.spread(words.percent(chance.low), words.percent(chance.high))
    value = f"{words.percent(chance.p)} ({interval}; {chance_basis(chance.n)})"
    yield from _section("Win chance", value, chance.parts, width)
    worth = post.expected_value
    value = NOT_STATED if worth is None else f"{words.number(worth)} {currency} per bid"
    yield from _section("Expected value", value, post.value_parts, width)
    yield from _section("Score", f"{post.score:.4f}", post.score_parts, width)
    if post.urgent is not None:
        yield from _section("In today's pick", "counts more than its score", (post.urgent,), width)


def explain(post: RankedPost, *, currency: str, now: datetime, width: int = 80) -> str:
    """Return one post with every number opened into its parts.

    ``currency`` is the profile's, in which the expected value is; ``now`` dates the post.
    """
    wide = max(width, NARROWEST)
    lines = [*_head(post, now, wide), *_numbers(post, currency, wide), ""]
    for flag in post.risk:
        quoted = f": “{clip(flag.words, 160)}”" if flag.words else ""
        lines += labelled("Careful", f"{clean(flag.message)}{quoted}", width=wide, gap=_GAP)
    for place, reason in enumerate(post.reasons):
        lines += labelled("" if place else "Why", clean(reason), width=wide, gap=_GAP)
    lines += labelled("Verdict", _verdict(post), width=wide, gap=_GAP)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def similar_text(similar: Sequence[tuple[StoredPost, float]], *, width: int = 80) -> str:
    """Return the posts most like one, nearest first, with their likeness and what they pay."""
    lines = ["Most like it"]
    for stored, cosine in similar:
        told = f"{words.pay(stored.post.pay)} · {clean(stored.post.title)} · {stored.post_id}"
        lines += labelled(f"  {cosine:.2f}", told, width=max(width, NARROWEST), gap=_LIKE_GAP)
    return "\n".join(line.rstrip() for line in lines) + "\n"
