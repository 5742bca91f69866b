"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, TypeDecorator
from sqlalchemy.types import TypeEngine

from domain.clock import as_utc

_DIGIT = "[0-9]"
_DATE_GLOB = f"{_DIGIT * 4}-{_DIGIT * 2}-{_DIGIT * 2}"
UTC_TIME_GLOB = f"{_DATE_GLOB}T{_DIGIT * 2}:{_DIGIT * 2}:{_DIGIT * 2}.{_DIGIT * 6}Z"
"""SQLite GLOB pattern of a time stored as text, ``YYYY-MM-DDTHH:MM:SS.ffffffZ``, which sorts as time does."""


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime to the microsecond; a naive one is refused.

    PostgreSQL stores ``timestamptz``. SQLite has no time type, and SQLAlchemy's own drops the zone, so it
    gets fixed-width text in which alphabetical order is time order.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of ``dialect``."""
        text = dialect.name == "sqlite"
        return dialect.type_descriptor(String(27) if text else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return ``value`` as the driver takes it; raise ``ValueError`` if it is naive."""
        if value is None:
            return None
        moment = as_utc(value)
        if dialect.name == "sqlite":
            return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        return moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - its signature
        """Return what the driver gave as an aware UTC datetime."""
        if value is None:
            return None
        moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


RowNumber = BigInteger().with_variant(Integer(), "sqlite")
"""A number the database gives out, growing with every row; SQLite counts up only its own INTEGER key."""

Minor = BigInteger
"""Minor units of a currency that stands beside it. No float and no Numeric ever holds money."""
