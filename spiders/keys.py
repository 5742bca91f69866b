"""Keys of sources: put into a request at the last moment, to its own origin only, and seen nowhere else.

Every layer above the download handler, Scrapy's log and every stored address among them, knows the request
without its keys. What a server repeats of them is taken out of answers and of log lines.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode, urlsplit, urlunsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from spiders.addresses import endpoint
from spiders.fetching import Key

KEYS = "keys"
"""In ``Request.meta``: the :class:`Keyring` of its source, or ``None``."""

REMOVED = "***"


class KeyLeakError(IgnoreRequest):
    """A redirect would have taken a key to another server."""


class Keyring:
    """The keys of one source and the origin they belong to."""

    def __init__(self, url: str, keys: Sequence[Key]) -> None:
        self._origin = _origin(url)
        self._keys = tuple(keys)

    def put(self, request: Request) -> Request:
        """Return ``request`` with the keys if it goes to their origin, unchanged if it goes elsewhere.

        Raise :class:`KeyLeakError` if it goes elsewhere with a key in its address.
        """
        if _origin(request.url) != self._origin:
            if any(key.secret in unquote(request.url) or key.secret in request.url for key in self._keys):
                raise KeyLeakError("it redirects to another server and hands it the key")
            return request
        headers = request.headers.copy()
        for key in self._keys:
            if key.header:
                headers[key.header] = key.prefix + key.secret
        return request.replace(url=self._with_query(request.url), headers=headers)

    def _with_query(self, url: str) -> str:
        added = {key.query: key.secret for key in self._keys if key.query}
        if not added:
            return url
        parts = urlsplit(url)
        kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in added]
        return urlunsplit(parts._replace(query=urlencode([*kept, *added.items()])))


def _origin(url: str) -> tuple[str, tuple[str, int] | None]:
    return urlsplit(url).scheme, endpoint(url)


class Redactor:
    """Takes secrets, also percent-encoded ones, out of text and bytes."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in (secret, quote(secret, safe=""), quote_plus(secret))}
        self._forms = sorted((form for form in forms if form), key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return ``text`` without the secrets."""
        for form in self._forms:
            text = text.replace(form, REMOVED)
        return text

    def data(self, data: bytes) -> bytes:
        """Return ``data`` without the secrets."""
        for form in self._forms:
            data = data.replace(form.encode(), REMOVED.encode())
        return data

    def guard_logs(self) -> None:
        """Take the secrets out of everything this process logs from now on."""
        if not self._forms:
            return
        make = logging.getLogRecordFactory()

        def guarded(*args: Any, **kwargs: Any) -> logging.LogRecord:
            record = make(*args, **kwargs)
            if record.exc_info:
                # Formatted here, so that what is formatted later has nothing left to tell.
                record.exc_text = self.text(logging.Formatter().formatException(record.exc_info))
                record.exc_info = None
            record.msg, record.args = self.text(record.getMessage()), ()
            return record

        logging.setLogRecordFactory(guarded)
