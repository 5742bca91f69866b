"""``[polish]``: the language model that may rephrase drafts. Without the table there is none."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bidwright.source_tables import Table, Text


def _endpoint(url: str) -> str:
    """Return ``url`` if a draft and a key may be sent there; raise ``ValueError`` with what to write."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("write the address before /chat/completions, like http://localhost:11434/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the address holds a key or a query; put the key into BIDWRIGHT_POLISH_KEY")
    if parts.scheme == "http" and not _near(host):
        raise ValueError("use https: over http your draft and your key could be read on the way")
    return url


def _near(host: str) -> bool:
    """Return whether ``host`` is this machine or one in its own network, by its literal address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False


class PolishTable(Table):
    """``[polish]``: an OpenAI-compatible endpoint; its key comes from the environment or the keyring.

    ``seconds`` is the longest wait for an answer. With ``always`` every new draft is polished, without it
    only those that are asked for.
    """

    url: Annotated[str, AfterValidator(_endpoint)]
    model: Text
    seconds: Annotated[int, Field(ge=1, le=600)] = 60
    always: bool = False
