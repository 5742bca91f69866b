"""Today's digest: made from a ranking, kept with a hash of all that went into it, written as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bidwright.desk import Desk
from bidwright.files import put
from bidwright.steps.books import read_book
from bidwright.steps.fetch import configured_sources
from bidwright.steps.ranking import Ranking
from domain.clock import local_date
from ledger.winrate import win_rate_of
from proposals.asks import Asks, read_asks
from reports.digest import Digest, Plan, build_digest
from reports.render_html import render_html
from reports.render_json import render_json
from reports.render_markdown import render_markdown
from reports.render_text import render_text

if TYPE_CHECKING:
    from storage import Transaction

RENDERERS: Mapping[str, Callable[[Digest], str]] = {
    "html": render_html,
    "markdown": render_markdown,
    "json": render_json,
    "text": render_text,
}


def make_digest(desk: Desk, ranking: Ranking, drafts: Mapping[str, str]) -> Digest:
    """Return the digest of ``ranking``, keep it, and write its page and Markdown into the workspace.

    ``drafts`` gives the paths of drafts by post id. The same ranking gives the same digest, and files that
    would not change are left alone.
    """
    digest = _digest(desk, ranking, drafts)
    payload = render_json(digest)

    def write(tx: Transaction) -> None:
        tx.digests.save(ranking.key, digest.local_date, ranking.inputs_hash, payload, ranking.now)

    desk.store.run_write(write)
    for suffix, render in ((".html", render_html), (".md", render_markdown)):
        put(desk.workspace.digests / f"{digest.local_date}{suffix}", render(digest))
    return digest


def _digest(desk: Desk, ranking: Ranking, drafts: Mapping[str, str]) -> Digest:
    settings = desk.workspace.settings
    sources = configured_sources(settings.sources, str(desk.workspace.settings_path))
    with desk.store.read() as tx:
        marks = len(tx.duplicates.all())
    (win,) = win_rate_of(read_book(desk).bids.values())
    picked = [post.stored for post in ranking.ranked if post.picked]
    titles = {item.stored.post_id: item.stored for item in ranking.ranked}
    today = ranking.today
    with desk.store.read() as tx:
        gone = [each.post_id for each in today.follow_ups if each.post_id not in titles]
        titles |= tx.posts.get_many(gone)
    return build_digest(
        ranking.ranked,
        profile=desk.profile,
        local_date=local_date(ranking.now, desk.profile.time_zone),
        now=ranking.now,
        sources=ranking.sources,
        attribution={source.name: source.terms.attribution for source in sources},
        duplicates=marks,
        drafts=drafts,
        asks={stored.post_id: asked(stored.post.title, stored.post.description) for stored in picked},
        win=win,
        plan=Plan(
            follow_ups=tuple((each, titles.get(each.post_id)) for each in today.follow_ups),
            follow_ups_later=today.follow_ups_later,
            minutes_each=desk.profile.time.minutes_per_follow_up,
            bids_in_play=today.bids_in_play,
            bids_limit=desk.profile.time.bids_in_play,
            hours_taken=today.hours_taken,
            hours_per_week=desk.profile.hours_per_week,
        ),
    )


def asked(title: str, description: str) -> tuple[str, ...]:
    """Return what a post asks for, each in a few words, for a person to read."""
    asks: Asks = read_asks(f"{title}\n\n{description}")
    lines = [f"begin with “{asks.opener.what}”"] if asks.opener else []
    lines += [
        f"include “{ask.what}”" + (" in the subject" if ask.place == "subject" else "")
        for ask in asks.include
    ]
    lines += [f"do not use “{ask.what}”" for ask in asks.forbidden]
    lines += [ask.what for ask in asks.questions]
    lines += [ask.what for ask in asks.attachments]
    lines += [f"form of the reply: {kind}" for kind in dict.fromkeys(ask.what for ask in asks.formats)]
    lines += [f"not wanted: {kind}" for kind in dict.fromkeys(ask.what for ask in asks.prohibitions)]
    lines += [f"an order to language models, not followed: “{ask.what}”" for ask in asks.for_language_models]
    return tuple(lines)
