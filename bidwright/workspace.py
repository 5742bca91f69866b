"""A workspace: one folder with the settings, the person's templates, drafts, digests and the database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from bidwright.files import put
from bidwright.settings import SETTINGS_FILE, Settings, load_settings
from domain.errors import ConfigError, UsageError

ENVIRONMENT = "BIDWRIGHT_WORKSPACE"
_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Workspace:
    """A folder that holds ``bidwright.toml``; ``root`` is absolute."""

    root: Path

    @property
    def settings_path(self) -> Path:
        """The settings file."""
        return self.root / SETTINGS_FILE

    @cached_property
    def settings(self) -> Settings:
        """The checked settings; raises :class:`ConfigError`."""
        return load_settings(self.settings_path)

    @property
    def state(self) -> Path:
        """What the program keeps for itself: logs, fetched bodies, the orchestrator's home."""
        return self.root / ".bidwright"

    @property
    def drafts(self) -> Path:
        """Proposal drafts, one Markdown file per post."""
        return self.root / "drafts"

    @property
    def digests(self) -> Path:
        """Digests by local date, as HTML and Markdown."""
        return self.root / "digests"

    @property
    def templates(self) -> Path:
        """The person's own templates, used before the shipped ones of the same name."""
        return self.root / "templates" / "proposals"

    @property
    def storage_url(self) -> str:
        """The database URL, with a relative SQLite path resolved against the workspace."""
        url = self.settings.storage_url
        if not url.startswith(_SQLITE):
            return url
        path = Path(url.removeprefix(_SQLITE))
        return _SQLITE + str(path if path.is_absolute() else self.root / path)


def find_workspace(given: str | None = None, *, start: Path | None = None) -> Workspace:
    """Return the workspace to work in; raise :class:`ConfigError` when there is none.

    It is the given folder, else ``BIDWRIGHT_WORKSPACE``, else the nearest folder at or above ``start`` (the
    current one) with a settings file.
    """
    named = given or os.environ.get(ENVIRONMENT)
    if named:
        root = _expanded(named).resolve()
        if not (root / SETTINGS_FILE).is_file():
            raise ConfigError(
                f"no {SETTINGS_FILE} here", where=str(root), remedy=f"Make one with: bidwright init {named}"
            )
        return Workspace(root)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return Workspace(folder)
    raise ConfigError(
        f"no {SETTINGS_FILE} here or in any folder above",
        where=str(here),
        remedy="Make a workspace with: bidwright init DIR",
    )


def _expanded(named: str) -> Path:
    try:
        return Path(named).expanduser()
    except RuntimeError as error:  # ~somebody, and there is no such person
        raise ConfigError(str(error), where=named, remedy="Write the whole path") from error


def init_workspace(root: Path) -> list[Path]:
    """Make a workspace in ``root`` and return the files written; existing files are never touched.

    Raise :class:`UsageError` if there is already a settings file or ``root`` is a file.
    """
    require_vacant(root)
    return write_skeleton(root, _skeleton(SETTINGS_FILE))


def require_vacant(root: Path) -> None:
    """Raise :class:`UsageError` if ``root`` is a file, or a folder with a settings file."""
    if root.exists() and not root.is_dir():
        raise UsageError("is a file, not a folder", where=str(root), remedy="Name another folder")
    if (root / SETTINGS_FILE).exists():
        raise UsageError(
            f"there is already a {SETTINGS_FILE}", where=str(root), remedy="Edit it, or name another folder"
        )


def write_skeleton(root: Path, settings: str) -> list[Path]:
    """Write those files of a workspace that ``root`` lacks, ``settings`` among them, and return them."""
    wanted = {
        root / "README.md": _skeleton("README.md"),
        root / "templates" / "proposals" / "README.md": _skeleton("templates.md"),
        root / SETTINGS_FILE: settings,
    }
    missing = {path: text for path, text in wanted.items() if not path.exists()}
    for path, text in missing.items():
        put(path, text)
    return list(missing)


def _skeleton(name: str) -> str:
    return files("bidwright").joinpath("skeleton", name).read_text(encoding="utf-8")
