"""The digest and the ranking as JSON: stable keys, amounts as text, ``null`` for what is not stated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.clock import as_utc
from ledger.winrate import Interval, WinRow
from ranking.results import NetHourly, Part, RankedPost
from reports.digest import Digest, LeftOut, Pick, Plan, SourceLine

_DIGITS = 6
Json = dict[str, Any]


def decimal_text(value: Decimal | None) -> str | None:
    """Return ``value`` in full as text."""
    return None if value is None else f"{value:f}"


def when(value: datetime | None) -> str | None:
    """Return an aware time as ISO 8601 in UTC."""
    return None if value is None else as_utc(value).isoformat().replace("+00:00", "Z")


def _share(value: float) -> float:
    return round(value, _DIGITS)


def _net(net: NetHourly | None) -> Json | None:
    if net is None:
        return None
    return {
        "low": decimal_text(net.low),
        "expected": decimal_text(net.expected),
        "high": decimal_text(net.high),
        "basis": net.basis,
        "currency": net.currency,
    }


def _parts(parts: Sequence[Part]) -> list[Json]:
    return [{"label": part.label, "value": part.value, "source": part.source} for part in parts]


def post_json(ranked: RankedPost) -> Json:
    """Return one ranked post in the keys of ``bidwright rank --json``.

    Amounts are decimal text in the currency beside them (``expected_value`` in the profile's), shares floats
    from 0 to 1.
    """
    item, chance = ranked.stored.post, ranked.win_chance
    return {
        "post_id": ranked.stored.post_id,
        "source": item.source,
        "source_id": item.source_id,
        "title": item.title,
        "eligible": ranked.eligible,
        "left_out_because": ranked.left_out_because,
        "fit": _share(ranked.fit.score),
        "net_hourly": _net(ranked.net_hourly),
        "client": _share(ranked.client.score),
        "risk": [
            {"code": flag.code, "message": flag.message, "words": flag.words, "severe": flag.severe}
            for flag in ranked.risk
        ],
        "win_chance": {
            "p": _share(chance.p),
            "low": _share(chance.low),
            "high": _share(chance.high),
            "n": chance.n,
        },
        "expected_value": decimal_text(ranked.expected_value),
        "score": _share(ranked.score),
        "reasons": list(ranked.reasons),
        "picked": ranked.picked,
        "not_picked_because": ranked.not_picked_because,
        "minutes": ranked.minutes,
        "urgent": None if ranked.urgent is None else ranked.urgent.source,
        "preference": _preference(ranked),
    }


def _preference(ranked: RankedPost) -> Json:
    """Return what likes and dislikes did to the score: the sum, and each with its reason."""
    parts = [part for part in ranked.score_parts if part.label.startswith("preference")]
    return {"shift": _share(sum((float(part.value) for part in parts), 0.0)), "parts": _parts(parts)}


def post_parts_json(ranked: RankedPost) -> Json:
    """Return :func:`post_json` with every number opened into its parts, for ``bidwright show --json``."""
    net = ranked.net_hourly
    opened = {
        "fit": ranked.fit.parts,
        "net_hourly": net.parts if net else (),
        "client": ranked.client.parts,
        "win_chance": ranked.win_chance.parts,
        "expected_value": ranked.value_parts,
        "score": ranked.score_parts,
    }
    return {
        **post_json(ranked),
        "url": ranked.stored.post.url,
        "matched": list(ranked.fit.matched),
        "missing": list(ranked.fit.missing),
        "inferred": [{"skill": name, "share": part} for name, part in ranked.fit.inferred],
        "inferred_missing": list(ranked.fit.inferred_missing),
        "parts": {name: _parts(parts) for name, parts in opened.items()},
    }


def ranked_json(ranked: Sequence[RankedPost]) -> Json:
    """Return the posts as ``bidwright rank --json`` prints them: eligible ones first, best first."""
    order = sorted(ranked, key=lambda post: (not post.eligible, -post.score))
    return {"posts": [post_json(post) for post in order]}


def interval_json(interval: Interval | None) -> Json | None:
    """Return a share with its interval, as floats."""
    if interval is None:
        return None
    return {name: _share(float(getattr(interval, name))) for name in ("p", "low", "high")}


def win_json(row: WinRow) -> Json:
    """Return one row of win rates."""
    return {
        "group": row.group,
        "submitted": row.submitted,
        "viewed": row.viewed,
        "replied": row.replied,
        "interviewed": row.interviewed,
        "won": row.won,
        "lost": row.lost,
        "withdrawn": row.withdrawn,
        "open": row.open,
        "decided": row.decided,
        "win_rate": interval_json(row.observed),
        "with_prior": interval_json(row.posterior),
        "enough": row.enough,
        "needed": row.needed,
        "connects": row.connects,
    }


def _pick(pick: Pick) -> Json:
    item = pick.ranked.stored.post
    return {
        "place": pick.place,
        **post_json(pick.ranked),
        "url": item.url,
        "matched": list(pick.ranked.fit.matched),
        "missing": list(pick.ranked.fit.missing),
        "connects": item.connects,
        "minutes": pick.minutes,
        "date_posted": when(item.date_posted),
        "asks": list(pick.asks),
        "draft": pick.draft,
        "attribution": pick.attribution,
    }


def _source(line: SourceLine) -> Json:
    run = line.run
    return {
        "source": run.source,
        "state": run.state.value,
        "healthy": line.healthy,
        "detail": run.detail,
        "posts_read": run.posts_read,
        "posts_new": run.posts_new,
        "posts_updated": run.posts_updated,
        "issues": run.issues,
        "findings": [
            {"level": each.level.value, "message": each.message, "where": each.where, "count": each.count}
            for each in run.findings
        ],
        "failing_since": None if run.failing_since is None else when(run.failing_since),
        "attribution": line.attribution,
    }


def _counted(rows: Sequence[LeftOut]) -> list[Json]:
    return [
        {"reason": row.reason, "count": row.count, "examples": [title for title, _ in row.examples]}
        for row in rows
    ]


def _plan(plan: Plan) -> Json:
    return {
        "follow_ups": [
            {
                "post_id": each.post_id,
                "title": None if stored is None else stored.post.title,
                "url": None if stored is None else stored.post.url,
                "waiting_for": each.waiting_for,
                "since": when(each.since),
                "days": each.days,
                "minutes": plan.minutes_each,
            }
            for each, stored in plan.follow_ups
        ],
        "follow_ups_later": plan.follow_ups_later,
        "follow_up_minutes": plan.minutes,
        "bids_in_play": plan.bids_in_play,
        "bids_in_play_limit": plan.bids_limit,
        "hours_taken": decimal_text(plan.hours_taken),
        "hours_per_week": plan.hours_per_week,
    }


def digest_json(digest: Digest) -> Json:
    """Return the digest as plain data."""
    return {
        "date": digest.local_date.isoformat(),
        "made_at": when(digest.now),
        "time_zone": digest.time_zone,
        "currency": digest.currency,
        "floor": decimal_text(digest.floor),
        "considered": digest.considered,
        "eligible": digest.eligible,
        "duplicates": digest.duplicates,
        "minutes": digest.minutes,
        "minutes_per_day": digest.minutes_per_day,
        "connects": digest.connects,
        "expected_value": decimal_text(digest.expected_value),
        "picks": [_pick(pick) for pick in digest.picks],
        "next_best": [post_json(post) for post in digest.next_best],
        "plan": _plan(digest.plan),
        "not_picked": _counted(digest.not_picked),
        "left_out": _counted(digest.left_out),
        "sources": [_source(line) for line in digest.sources],
        "win": None if digest.win is None else win_json(digest.win),
    }


def to_text(data: Json) -> str:
    """Return ``data`` as indented JSON ending with a newline; text outside ASCII is escaped."""
    # ASCII keeps lone surrogates and terminal controls from reaching whatever reads the stream.
    return json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def render_json(digest: Digest) -> str:
    """Return the digest as JSON."""
    return to_text(digest_json(digest))
