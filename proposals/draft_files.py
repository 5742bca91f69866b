"""Draft files: found by their post, written in one step, never in place of what a person has saved."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
import time
import unicodedata
from pathlib import Path

from domain.clock import local_date
from domain.errors import InputError
from domain.posts import StoredPost
from domain.profile import Profile
from proposals.draft_text import Keep, Write

_POST_ID = re.compile(r"p[0-9a-f]{12}")
_FILE = re.compile(r".*-(?P<post>p[0-9a-f]{12})\.md")
_ASIDE = ".aside"
_SETTLED_SECONDS = 60.0  # by then an editor that had the file open has written what it was writing
FOLLOW_UP = "follow-up"
"""What stands between post id and ``.md`` in the name of a second message."""


def draft_name(stored: StoredPost, profile: Profile, kind: str = "") -> str:
    """Return the file name of a post's draft: day first seen (the person's zone), words of the title, id.

    Nothing of the title but ASCII letters and digits gets into the name. ``kind`` tells other texts on the
    same post apart (:data:`FOLLOW_UP`). Raise :class:`InputError` for an id that is none of ours.
    """
    if not _POST_ID.fullmatch(stored.post_id):
        raise InputError(
            "not a post id", where=ascii(stored.post_id[:40]), remedy="Ids look like p0123456789ab"
        )
    flat = unicodedata.normalize("NFKD", stored.post.title).encode("ascii", "ignore").decode().casefold()
    slug = "-".join(re.findall(r"[a-z0-9]+", flat)[:8])[:60].strip("-") or "post"
    day = local_date(stored.first_seen, profile.time_zone)
    return f"{day}-{slug}-{_ending(stored.post_id, kind)}"


def _ending(post_id: str, kind: str) -> str:
    return f"{post_id}.{kind}.md" if kind else f"{post_id}.md"


def draft_path(folder: Path, stored: StoredPost, profile: Profile, kind: str = "") -> Path:
    """Return where the draft of a post is kept: the file that already carries its id, else its new name."""
    name = draft_name(stored, profile, kind)
    ending = _ending(stored.post_id, kind)
    existing = sorted(folder.glob(f"*-{ending}")) if folder.is_dir() else []
    return existing[0] if existing else folder / name


def read_draft(path: Path) -> str | None:
    """Return the text of a draft file as it stands, ``None`` if there is none.

    Raise :class:`InputError` if it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"cannot be read: {error}", where=str(path), remedy="Check the file") from error


def post_of(path: Path) -> str | None:
    """Return the post id that the name of a first proposal carries, ``None`` for any other file."""
    found = _FILE.fullmatch(path.name)
    return found["post"] if found else None


def write_draft(path: Path, text: str, *, planned_on: str | None) -> Write | Keep:
    """Put ``text`` at ``path`` in one step, unless the file is no longer what ``planned_on`` says it was.

    Return what was done. A crash leaves the old file or the new one, whole, at ``path`` or set aside where
    :func:`recover_drafts` finds it. The old file is set aside first and looked at there, so that nothing an
    editor saves meanwhile is ever in the way of a rename.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".draft-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        if planned_on is not None and not _set_aside(path, planned_on):
            return Keep(reason="it was changed while this draft was being made")
        if not _link(Path(temporary), path):
            return Keep(reason="a file has appeared there meanwhile")
        _sync_folder(path.parent)
        return Write(text=text)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _set_aside(path: Path, planned_on: str) -> bool:
    """Move the file out of the way if it is what it was; what is not goes back."""
    known = planned_on.encode("utf-8", "surrogateescape")
    # The name says what text was replaced knowingly: any other in the file has been saved there since.
    aside = path.with_name(f".{path.name}.{_fingerprint(known)}-{secrets.token_hex(4)}{_ASIDE}")
    try:
        path.rename(aside)
        found = aside.read_bytes()
    except FileNotFoundError:
        return False
    if found == known:
        return True
    _put_back(aside)
    return False


def _fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _link(source: Path, path: Path) -> bool:
    """Give ``source`` the name ``path`` too, unless something has it."""
    try:
        os.link(source, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        source.replace(path)
    return True


def _aside_of(aside: Path) -> tuple[str, str]:
    """Return the name that a file set aside had, and the fingerprint of the text that was replaced."""
    name, _, mark = aside.name.removeprefix(".").removesuffix(_ASIDE).rpartition(".")
    return name, mark.partition("-")[0]


def _put_back(aside: Path) -> Path | None:
    """Give what was set aside its name again, or a visible one beside it; ``None`` if it is gone."""
    name, _ = _aside_of(aside)
    path = aside.with_name(name)
    number = 0
    while True:
        try:
            linked = _link(aside, path)
        except FileNotFoundError:
            return None
        if linked:
            aside.unlink(missing_ok=True)
            return path
        number += 1
        path = aside.with_name(f"{name.removesuffix('.md')}.saved-{number}.md")


def recover_drafts(folder: Path) -> list[Path]:
    """Give back what a crash left set aside in ``folder``, and return the files given back.

    What was replaced knowingly goes once a minute has passed; what somebody has saved there since never does:
    it gets its name again, or a visible one beside the newer file.
    """
    given: list[Path] = []
    oldest = time.time() - _SETTLED_SECONDS
    for aside in sorted(folder.glob(f".*{_ASIDE}")):
        name, replaced = _aside_of(aside)
        try:
            same = _fingerprint(aside.read_bytes()) == replaced
        except FileNotFoundError:  # another process has seen to it
            continue
        if not same or not aside.with_name(name).exists():
            path = _put_back(aside)
            given += [path] if path else []
        elif aside.stat().st_ctime < oldest:
            aside.unlink(missing_ok=True)
    return given


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a loss of power, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
