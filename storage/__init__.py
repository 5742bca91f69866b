"""The only SQL: tables, migrations, repositories; SQLite or PostgreSQL. Start at :func:`open_store`."""

from storage.store import Store, Transaction, open_store
from storage.types import (
    DigestRecord,
    DraftRecord,
    DuplicateMark,
    KnownPost,
    PostState,
    RunRecord,
    StorageReport,
    Verdict,
)

__all__ = [
    "DigestRecord",
    "DraftRecord",
    "DuplicateMark",
    "KnownPost",
    "PostState",
    "RunRecord",
    "StorageReport",
    "Store",
    "Transaction",
    "Verdict",
    "open_store",
]
