"""Text of a post on its way into a draft: shown as it is, unable to be anything but text.

A draft is Markdown that people preview, and may be shown in a page or a mail. So a tag, a link, a picture or
one of our own gaps that stands in a post is written so that no reader of Markdown or HTML takes it for one.
"""

from __future__ import annotations

import re

from proposals.words import one_line

GAP = "[[FILL:"
"""How a place that the person must fill begins; it ends with ``]]``."""

FILL = re.compile(r"\[\[FILL:?\s*(?P<what>[^\]\n]{0,200})")
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")
_LINK = re.compile(r"\](?=[(\[:])")
_PICTURE = re.compile(r"!(?=\[)")
_SCHEME = re.compile(r"\b(?:javascript|data|vbscript)\s*:(?=\S)", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:https?|ftp)://|\bwww\.", re.IGNORECASE)
_LITERAL_MOST = 200


def foreign_text(text: str) -> str:
    """Return ``text`` of a post with what would be markup written as text; braces stay, they mean nothing."""
    text = text.replace(GAP, "[FILL:")
    text = _TAG.sub("‹", text)  # noqa: RUF001 - looks alike, and opens no tag
    text = _PICTURE.sub("! ", text)
    text = _LINK.sub("] ", text)
    return _SCHEME.sub(lambda found: found[0].replace(":", " :"), text)


def foreign_line(text: str) -> str:
    """Return :func:`foreign_text` in one line without control characters."""
    return foreign_text(one_line(text))


def foreign_literal(text: str) -> str:
    """Return words a post wants to see in the reply, or a gap where that is for a person to decide.

    Words with an address, markup or more than 200 characters are not what clients hide to see who has read;
    they may be what a hostile post wants sent.
    """
    line = one_line(text)
    odd = foreign_text(line) != line or _ADDRESS.search(line) or len(line) > _LITERAL_MOST
    if not odd:
        return line
    return f"{GAP} the post wants words here that hold a link or markup; read them above and decide]]"


def open_gaps(text: str) -> tuple[str, ...]:
    """Return what the person must still fill in, in order."""
    return tuple(gap["what"].strip() for gap in FILL.finditer(text)) if GAP in text else ()
