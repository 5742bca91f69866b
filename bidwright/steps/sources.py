"""What is known of every configured source."""

from __future__ import annotations

from typing import Any

from bidwright.desk import Desk
from bidwright.steps.fetch import configured_sources, next_fetches
from domain.issues import Finding


def source_lines(desk: Desk) -> list[dict[str, Any]]:
    """Return one plain row per configured source, in their order, with its latest outcome."""
    settings = desk.workspace.settings
    configured = configured_sources(settings.sources, str(desk.workspace.settings_path))
    due = next_fetches(desk, configured, desk.clock())
    with desk.store.read() as tx:
        latest, good = tx.runs.last_asked_by_source(), tx.runs.last_good_by_source()
        counts = tx.posts.by_source()
    lines = []
    for source in configured:
        run, fetched = latest.get(source.name), good.get(source.name)
        lines.append(
            {
                "name": source.name,
                "type": source.type,
                "url": source.url,
                "state": run.state.value if run else None,
                "detail": run.detail if run else "",
                "last_run": run.finished_at.isoformat() if run else None,
                "failing_since": run.failing_since.isoformat() if run and run.failing_since else None,
                "failures": run.failures if run else 0,
                "next_fetch": due[source.name].isoformat(),
                "findings": [_finding(finding) for finding in run.findings] if run else [],
                "last_good": fetched.finished_at.isoformat() if fetched else None,
                "posts_read": run.posts_read if run else 0,
                "posts_new": run.posts_new if run else 0,
                "posts_updated": run.posts_updated if run else 0,
                "posts": counts.get(source.name, 0),
                "attribution": source.terms.attribution,
            }
        )
    return lines


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "level": finding.level.value,
        "message": finding.message,
        "where": finding.where,
        "count": finding.count,
    }
