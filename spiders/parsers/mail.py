"""Job alerts a person saved as mail (``.eml``, ``.mbox``), and pages saved as one file (``.mhtml``).

An alert is a list of links to jobs, each with its title and a few lines of facts.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from itertools import pairwise

from domain.errors import SourceError
from domain.issues import info
from domain.posts import RawPosting
from spiders.parsers import pages
from spiders.parsers.alerts import posts_of
from spiders.parsers.audit import Audit
from spiders.parsers.mail_text import Line, lines_of_html, lines_of_text
from spiders.parsers.result import ParseResult

_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]")
_TELLING = frozenset(
    {"from", "to", "subject", "date", "received", "mime-version", "message-id", "return-path", "delivered-to"}
)
_BOUNDARY = re.compile(rb"(?:\A|\n\r?\n)(?=From [^\r\n]{1,200}\r?\n[A-Za-z-]{2,60}:)")
_SNAPSHOT = "Snapshot-Content-Location"
_LONGEST_HEADER = 2_000


def looks_like_mail(head: str) -> str | None:
    """Return ``eml``, ``mbox`` or ``mhtml`` if ``head``, the start of a file, is one of them."""
    if head.startswith("From ") and _HEADER.match(head.partition("\n")[2]):
        return "mbox"
    names = set()
    for line in head.split("\n"):
        found = _HEADER.match(line)
        if found:
            names.add(found[1].lower())
        elif not line.startswith((" ", "\t")) or not names:
            break
    if len(names & _TELLING) < 2:  # noqa: PLR2004 - one such word may open any text
        return None
    return "mhtml" if _SNAPSHOT.lower() in names else "eml"


def parse(body: bytes, *, source: str, where: str) -> ParseResult:
    """Return one post for every distinct job that the mails in ``body`` link to.

    Attachments are reported and not read. Raises :class:`SourceError` if none of the mails has text.
    """
    audit = Audit()
    posts: dict[str, RawPosting] = {}
    messages = _messages(body, where)
    texts = 0
    for number, message in enumerate(messages, start=1):
        place = f"{where} mail {number}" if len(messages) > 1 else where
        if message[_SNAPSHOT] is not None:
            return _page(message, source, where)
        lines = _lines(message, place, audit)
        texts += lines is not None
        for post in posts_of(lines or [], source, place, _about(message), audit):
            posts.setdefault(post.url or "", post)
    if not posts and texts:
        audit.warn(where, "no link to a job in the mail")
    if not texts:
        raise SourceError("no text in the mail", where=where)
    return ParseResult(posts=tuple(posts.values()), issues=audit.issues)


def _messages(body: bytes, where: str) -> list[Message]:
    """Return the mails in ``body``: several where it is a mailbox."""
    if body.startswith(b"From "):
        places = [found.end() for found in _BOUNDARY.finditer(body)]
        texts = [body[start:end].partition(b"\n")[2] for start, end in pairwise([*places, len(body)])]
    else:
        texts = [body.lstrip(b"\xef\xbb\xbf\r\n ")]
    try:
        # The newer policy's parser of headers recurses without a bound on hostile ones.
        return [message_from_bytes(text, policy=policy.compat32) for text in texts]
    except RecursionError as error:
        raise SourceError("a mail's parts are nested too deeply to read", where=where) from error


def _page(message: Message, source: str, where: str) -> ParseResult:
    page = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if page is None:
        raise SourceError("no page in the file", where=where)
    return pages.parse(_payload(page), source=source, where=where)


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    try:
        return _payload(part).decode(part.get_content_charset() or "utf-8", errors="replace")
    except (LookupError, ValueError):
        return _payload(part).decode("utf-8", errors="replace")


def _lines(message: Message, where: str, audit: Audit) -> list[Line] | None:
    """Return the lines of the HTML part, else of the plain part; ``None`` without either."""
    html = plain = None
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or kind not in {"text/html", "text/plain"}:
            if not kind.startswith("image/"):
                name = str(part.get_filename() or kind)[:100]
                audit.each(
                    info(where, f"the attachment {name!r} was not read; save it and import it by itself")
                )
        elif kind == "text/html":
            html = html or part
        else:
            plain = plain or part
    if html is not None:
        return lines_of_html(_text(html).encode("utf-8", errors="replace"))
    return lines_of_text(_text(plain)) if plain is not None else None


def _about(message: Message) -> dict[str, str]:
    """Return the mail's own subject and date: the date of an alert is not that of its posts."""
    named = {"mail_subject": _header(message, "Subject"), "mail_date": _header(message, "Date")}
    return {key: text for key, text in named.items() if text}


def _header(message: Message, name: str) -> str:
    written = str(message[name] or "")[:_LONGEST_HEADER]
    try:
        parts = decode_header(written)
        text = "".join(
            part.decode(charset or "utf-8", errors="replace") if isinstance(part, bytes) else part
            for part, charset in parts
        )
    except (HeaderParseError, LookupError, ValueError):
        text = written
    return " ".join(text.split())
