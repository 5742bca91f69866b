"""Line breaks at the end of HTML. By hand: a pattern for this takes quadratic time on a run of spaces."""

from __future__ import annotations

_BREAKS = ("<br />", "<br/>", "<br>")


def without_ending_breaks(text: str) -> str:
    """Return ``text`` without the white space and ``<br>`` tags it ends with."""
    end = len(text)
    while end:
        tag = next((tag for tag in _BREAKS if text.endswith(tag, 0, end)), None)
        if tag is None and not text[end - 1].isspace():
            break
        end -= len(tag) if tag else 1
    return text[:end]
