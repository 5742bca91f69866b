"""The sample workspace: made from packaged files, its feeds served on loopback.

Dates in the sample are written relative to the moment the workspace was made (``@@iso:-26h@@``), so that
a newcomer always sees fresh posts and a second run sees the very same ones.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

from bidwright.desk import Address, as_written
from bidwright.durations import parse_duration
from bidwright.files import put
from bidwright.workspace import Workspace, require_vacant, write_skeleton
from domain.errors import ConfigError

_PLACEHOLDER = re.compile(r"@@(iso|rfc822|epoch):([+-])(\w+?)@@")
_HOST = "http://sample.invalid/"  # a name that RFC 6761 keeps from ever being anyone's
_STATE = "sample.json"


@dataclass(frozen=True)
class _Feed:
    name: str
    type: str
    file: str


FEEDS = (
    _Feed("codelane", "rss", "codelane.rss"),
    _Feed("harbour", "rss", "harbour.atom"),
    _Feed("oldmill", "rss", "oldmill.rdf"),
    _Feed("northwind", "jsonfeed", "northwind-jobfeed.json"),
    _Feed("remotive", "remotive", "remotive.json"),
    _Feed("remoteok", "remoteok", "remoteok.json"),
    _Feed("himalayas", "himalayas", "himalayas.json"),
)
IMPORT_FILE = "upwork-saved.jsonl"


def fill_dates(text: str, anchor: datetime) -> str:
    """Return ``text`` with every placeholder replaced by ``anchor`` plus or minus its duration."""

    def filled(match: re.Match[str]) -> str:
        span: timedelta = parse_duration(match[3])
        moment = (anchor + span if match[2] == "+" else anchor - span).replace(microsecond=0)
        if match[1] == "iso":
            return moment.isoformat()
        return format_datetime(moment) if match[1] == "rfc822" else str(int(moment.timestamp()))

    return _PLACEHOLDER.sub(filled, text)


def make_sample(root: Path, now: datetime) -> Workspace:
    """Make the sample workspace in ``root``, or what an interrupted making left out of it, and return it.

    Raise :class:`UsageError` if another workspace is there.
    """
    workspace = Workspace(root)
    state = workspace.state / _STATE
    if not state.is_file():
        require_vacant(root)
        # First of all: from here on the folder is known as a sample, and the rest can be made at any time.
        put(state, json.dumps({"anchor": now.astimezone(UTC).isoformat()}))
    anchor = _anchor(state)
    packaged = files("bidwright").joinpath("sample")
    saved = root / "import" / IMPORT_FILE
    if not saved.exists():
        text = packaged.joinpath("import", IMPORT_FILE).read_text(encoding="utf-8")
        put(saved, fill_dates(text, anchor))
    profile = packaged.joinpath("profile.toml").read_text(encoding="utf-8")
    write_skeleton(root, profile + _source_tables())
    return workspace


def _anchor(state: Path) -> datetime:
    """Return the moment the sample's dates count from."""
    try:
        return datetime.fromisoformat(json.loads(state.read_text(encoding="utf-8"))["anchor"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            "is not what a sample workspace keeps there",
            where=str(state),
            remedy="Remove the folder of the sample and make it again",
        ) from error


def _source_tables() -> str:
    head = "\n# The sample's feeds, served by this program on this computer while a run reads them.\n"
    tables = (
        f'[[sources]]\nname = "{feed.name}"\ntype = "{feed.type}"\n'
        f'url = "{_HOST}{feed.file}"\nallow_private = true\n'
        for feed in FEEDS
    )
    return head + "\n".join(tables)


@contextmanager
def sample_feeds(workspace: Workspace) -> Iterator[Address]:
    """Serve the sample's feeds while the block runs, and yield where each address really is.

    In any workspace but a sample every address stays as it is.
    """
    state = workspace.state / _STATE
    if not state.is_file():
        yield as_written
        return
    server = _Server(_anchor(state))
    thread = threading.Thread(target=server.serve_forever, name="sample feeds", daemon=True)
    thread.start()
    here = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield lambda url: here + url.removeprefix(_HOST) if url.startswith(_HOST) else url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, anchor: datetime) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        folder = files("bidwright").joinpath("sample", "feeds")
        self.bodies = {
            f"/{feed.file}": fill_dates(folder.joinpath(feed.file).read_text("utf-8"), anchor).encode()
            for feed in FEEDS
        }


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "bidwright-sample"

    def do_GET(self) -> None:
        body = self.server.bodies.get(self.path)
        if body is None:
            self.send_error(404)
            return
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/json" if self.path.endswith("json") else "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Stay silent: requests are counted by the run itself."""
