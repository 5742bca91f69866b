"""Asks the endpoint that the person has named to polish a draft; with or without it, there is a draft."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bidwright.desk import Desk
from bidwright.polish_table import PolishTable
from bidwright.steps.draft_checks import check_text
from domain.errors import InputError
from domain.posts import StoredPost
from proposals.asks import read_asks
from proposals.polish import objection, polish_request, polish_rules, read_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "BIDWRIGHT_POLISH_KEY"
"""The environment variable that holds the endpoint's key; without it the system's keyring is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polished:
    """A text and what is to be said of it: ``body`` is ``None`` where the draft stays as it is."""

    body: str | None
    note: str


def polish(desk: Desk, stored: StoredPost, body: str) -> Polished:
    """Return ``body`` polished, or ``None`` and one line that says why it stays.

    The settings must name an endpoint.
    """
    from pipelines.skills import find_skills

    table = desk.workspace.settings.polish
    assert table is not None
    post = stored.post
    asks = read_asks(f"{post.title}\n\n{post.description}")
    try:
        data = _asked(table, polish_request(body, post, asks, table.model), os.environ)
    except InputError as error:
        return Polished(body=None, note=f"not polished: {error.what}")
    text = read_answer(data)
    if text is None:
        return Polished(body=None, note="not polished: the endpoint's answer is no chat completion")
    against = objection(body, text, lambda each: check_text(desk, each, stored), find_skills)
    if against is not None:
        return Polished(body=None, note=f"not polished: the answer was refused, {against}")
    return Polished(body=text, note=f"polished by {table.model}")


def _asked(table: PolishTable, request: Mapping[str, object], environment: Mapping[str, str]) -> bytes:
    """Return the body of the endpoint's answer; raise :class:`InputError` in one line for anything but a 200.

    One request, no redirects, no proxy, within ``table.seconds`` in all however slowly the answer drips.
    """
    parts = urlsplit(table.url)
    connection = _connection(table)
    lapsed = threading.Event()
    open_socket: list[socket.socket] = []

    def give_up() -> None:
        lapsed.set()
        for each in open_socket:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)  # ends a read that waits; closing would not

    clock = threading.Timer(table.seconds, give_up)
    clock.daemon = True
    clock.start()
    key = _key(environment)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    try:
        connection.connect()
        open_socket.append(connection.sock)
        path = f"{parts.path.rstrip('/')}/chat/completions"
        connection.request("POST", path, body=json.dumps(request).encode("ascii"), headers=headers)
        response = connection.getresponse()
        data = response.read(polish_rules().answer_bytes + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise InputError(_silence(table, error, lapsed=lapsed.is_set())) from error
    finally:
        clock.cancel()
        connection.close()
    if lapsed.is_set():
        raise InputError(_silence(table, TimeoutError(), lapsed=True))
    if response.status != http.client.OK:
        raise InputError(f"{parts.hostname} answered {response.status}")
    if len(data) > polish_rules().answer_bytes:
        raise InputError(f"the answer of {parts.hostname} is too large")
    return data


def _silence(table: PolishTable, error: Exception, *, lapsed: bool) -> str:
    host = urlsplit(table.url).hostname
    if lapsed or isinstance(error, TimeoutError):
        return f"{host} did not answer within {table.seconds} s"
    return f"{host} does not answer ({type(error).__name__})"


def _connection(table: PolishTable) -> http.client.HTTPConnection:
    parts = urlsplit(table.url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=table.seconds, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=table.seconds)


def _key(environment: Mapping[str, str]) -> str | None:
    """Return the endpoint's key: from the environment, else from the keyring if the package is installed."""
    key = environment.get(KEY, "").strip()
    if key:
        return key
    try:
        import keyring
    except ImportError:
        return None
    try:
        found = keyring.get_password("bidwright", "polish")
    except keyring.errors.KeyringError:
        return None
    return str(found) if found else None
