"""Text to the clipboard, by whatever tool the system has."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

_TOOLS: Sequence[tuple[str, tuple[str, ...], str]] = (
    # the tool, its arguments, and the variable without which it has no clipboard to reach
    ("pbcopy", (), ""),
    ("wl-copy", (), "WAYLAND_DISPLAY"),
    ("xclip", ("-selection", "clipboard"), "DISPLAY"),
    ("xsel", ("--clipboard", "--input"), "DISPLAY"),
    ("clip.exe", (), ""),
    ("termux-clipboard-set", (), ""),
)
NO_TOOL = f"there is no clipboard to reach here (looked for {', '.join(name for name, _, _ in _TOOLS)})."
_SECONDS = 5.0


def to_clipboard(text: str, environment: Mapping[str, str] | None = None) -> str | None:
    """Put ``text`` on the clipboard and return the tool that did; ``None`` where none works.

    ``environment`` is the process's own unless given; its PATH says where tools are looked for.
    """
    known = os.environ if environment is None else environment
    for name, arguments, needs in _TOOLS:
        program = shutil.which(name, path=known.get("PATH", ""))
        if program is None or (needs and not known.get(needs)):
            continue
        encoding = "utf-16-le" if name == "clip.exe" else "utf-8"
        try:
            done = subprocess.run(  # noqa: S603 - a tool of the person's own system, without a shell
                [program, *arguments],
                input=text.encode(encoding, "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(known),
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return name
    return None
