"""Strict interpretation: known keys are popped, whatever is left is reported and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.issues import Issue, IssueLevel
from spiders.parsers.jsontext import as_text


class Audit:
    """Collects the issues of one body; the same finding is reported once, where it was met first."""

    def __init__(self) -> None:
        self._issues: dict[str, Issue] = {}

    def add(self, level: IssueLevel, where: str, message: str) -> None:
        """Record ``message`` unless the body has it already."""
        self._issues.setdefault(message, Issue(level=level, where=where, message=message))

    def info(self, where: str, message: str) -> None:
        """Record that something was cleaned."""
        self.add(IssueLevel.INFO, where, message)

    def warn(self, where: str, message: str) -> None:
        """Record that something was dropped, kept aside or is doubtful."""
        self.add(IssueLevel.WARNING, where, message)

    def each(self, issue: Issue) -> None:
        """Record ``issue`` even if the same message stands elsewhere: for what happens to single posts."""
        self._issues[f"{issue.where}\n{issue.message}"] = issue

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Everything recorded, in order."""
        return tuple(self._issues.values())


class Fields:
    """One foreign object whose known keys are popped one by one.

    ``prefix`` is what its keys are called by, for an object inside another: ``budget.`` for instance.
    """

    def __init__(self, values: Mapping[Any, Any], where: str, audit: Audit, prefix: str = "") -> None:
        self._left = {str(key): value for key, value in values.items()}
        self._where = where
        self._audit = audit
        self._prefix = prefix
        self._kept: dict[str, str] = {}
        self._inner: list[Fields] = []

    def text(self, key: str) -> str | None:
        """Pop ``key`` as the source's own text; ``None`` if absent, null or blank.

        A list or an object where text belongs is reported and kept in :meth:`extra`.
        """
        value = self._left.pop(key, None)
        if isinstance(value, (list, dict)):
            self._audit.warn(self._where, f"{self._prefix + key!r} is not text; kept in extra")
            self._kept[self._prefix + key] = as_text(value)
            return None
        text = as_text(value)
        return text if text.strip() else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Pop ``key`` as a list of texts; a single text is a list of one, blanks are left out."""
        value = self._left.pop(key, None)
        items = value if isinstance(value, list) else [value]
        texts = (as_text(item).strip() for item in items)
        return tuple(dict.fromkeys(text for text in texts if text))

    def take(self, key: str) -> Any:
        """Pop ``key`` as it is."""
        return self._left.pop(key, None)

    def inner(self, key: str) -> Fields:
        """Pop ``key`` as an object with fields of its own; what is left of it ends in this one's extra.

        Absent or null is an object without fields; anything else is reported and kept in :meth:`extra`.
        """
        value = self._left.pop(key, None)
        name = self._prefix + key
        if value is not None and not isinstance(value, dict):
            self._audit.warn(self._where, f"{name!r} is not an object; kept in extra")
            self._kept[name] = as_text(value)
        fields = Fields(value if isinstance(value, dict) else {}, self._where, self._audit, f"{name}.")
        self._inner.append(fields)
        return fields

    def drop(self, keys: Iterable[str]) -> None:
        """Pop ``keys`` that are known and of no use."""
        for key in keys:
            self._left.pop(key, None)

    def keep(self, *keys: str) -> None:
        """Pop known ``keys`` that have no field of their own into :meth:`extra`, without an issue."""
        for key in keys:
            text = as_text(self._left.pop(key, None))
            if text.strip():
                self._kept[self._prefix + key] = text

    def extra(self) -> dict[str, str]:
        """Return what was kept and what nobody asked for; each unknown key is reported once a body."""
        for key, value in self._left.items():
            text = as_text(value)
            if text.strip():
                self._audit.warn(self._where, f"unknown key {self._prefix + key!r}; kept in extra")
                self._kept[self._prefix + key] = text
        self._left = {}
        for inner in self._inner:
            self._kept |= inner.extra()
        return dict(self._kept)
