"""The ``+++`` head of a template or a draft: TOML above, text below."""

from __future__ import annotations

from dataclasses import dataclass

FENCE = "+++"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A file cut in two: the TOML of its head (``None``: it has none), the text, and the lines above it."""

    head: str | None
    body: str
    head_lines: int


def split_head(text: str) -> Parts:
    """Return the head and the body of ``text``; line ends may be of any system."""
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    if lines[0].strip() == FENCE:
        for number, line in enumerate(lines[1:], 1):
            if line.strip() == FENCE:
                return Parts(
                    head="\n".join(lines[1:number]),
                    body="\n".join(lines[number + 1 :]),
                    head_lines=number + 1,
                )
    return Parts(head=None, body="\n".join(lines), head_lines=0)
