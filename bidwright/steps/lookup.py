"""Find the one post a person means."""

from __future__ import annotations

from bidwright.desk import Desk
from domain.errors import UsageError
from domain.posts import StoredPost


def find_one(desk: Desk, given: str) -> StoredPost:
    """Return the post whose id, source id or URL is or begins with ``given``; UsageError unless it is one."""
    with desk.store.read() as tx:
        found = tx.posts.find(given)
    if not found:
        raise UsageError("no such post", where=given, remedy="See: bidwright posts WORDS")
    if len(found) > 1:
        some = ", ".join(stored.post_id for stored in found[:3])
        raise UsageError(
            f"means {len(found)} or more posts ({some}, …)", where=given, remedy="Write more of it"
        )
    return found[0]
