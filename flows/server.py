"""A Prefect server of the workspace's own: its state inside the workspace, loopback only, quiet.

It starts while the model loads. One that is already running for the workspace is used again. Without one
the daily job runs just the same, only unrecorded by Prefect.
"""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

from bidwright.files import put

START_SECONDS = 60
_LINUX_PR_SET_PDEATHSIG = 1
# Loops of the server that a run by hand has no use for; the recorder of task runs stays on.
_UNUSED_SERVICES = (
    "CANCELLATION_CLEANUP",
    "CLEANUP_RECONCILER",
    "EVENT_PERSISTER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "SCHEDULER",
    "TRIGGERS",
)


@dataclass(frozen=True)
class _Address:
    port: int
    auth: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"


def prepare_environment(home: Path) -> None:
    """Set what must stand before prefect is first imported: its home, silence, no telemetry.

    Settings the person made in their own environment are left out on purpose: the workspace's server must not
    be mixed up with another installation's.
    """
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ |= {
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
        # The server is on this machine: if it does not answer it is gone, and waiting brings nothing.
        "PREFECT_CLIENT_MAX_RETRIES": "1",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
    }


@contextmanager
def prefect_server(home: Path) -> Iterator[PrefectServer]:
    """Yield the workspace's server, starting one unless one is running; stop it if it was started here."""
    home.mkdir(parents=True, exist_ok=True)
    prepare_environment(home)
    server = PrefectServer(home)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class PrefectServer:
    """A server process bound to one workspace; :meth:`ready` waits for it and says whether it answers."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home / "server.log"
        self._state = home / "server.json"
        self._process: subprocess.Popen[bytes] | None = None
        self._address = self._running()

    def start(self) -> None:
        """Start the server in the background unless one answers already; returns at once."""
        if self._address is not None:
            return
        self._address = _Address(_free_port(), f"bidwright:{secrets.token_urlsafe(24)}")
        environment = os.environ | {
            "PREFECT_SERVER_API_AUTH_STRING": self._address.auth,
            "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
            "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": self._address.url.removesuffix("/api"),
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
            **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _UNUSED_SERVICES},
        }
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
        command += ["--port", str(self._address.port), "--no-ui"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
                command,
                env=environment,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we stop the server ourselves
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        put(self._state, json.dumps(asdict(self._address)))

    def ready(self, timeout: float = START_SECONDS) -> bool:
        """Wait until the server answers and point prefect at it; ``False`` if it does not within seconds."""
        deadline = time.monotonic() + timeout
        while self._address is not None and time.monotonic() < deadline:
            if _answers(self._address):
                os.environ["PREFECT_API_URL"] = self._address.url
                os.environ["PREFECT_API_AUTH_STRING"] = self._address.auth
                return True
            if self._process is not None and self._process.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def stop(self) -> None:
        """Stop the server if it was started here; one that was found running stays."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._state.unlink(missing_ok=True)

    def _running(self) -> _Address | None:
        try:
            address = _Address(**json.loads(self._state.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return address if _answers(address) else None


def _answers(address: _Address) -> bool:
    """Return whether our own server is there: one that wants the secret, and takes it."""
    token = b64encode(address.auth.encode()).decode()
    return (
        _status(address) == HTTPStatus.UNAUTHORIZED
        and _status(address, Authorization=f"Basic {token}") == HTTPStatus.OK
    )


def _status(address: _Address, **headers: str) -> int | None:
    request = urllib.request.Request(  # noqa: S310 - http on loopback, built above
        f"{address.url}/admin/version", headers=headers
    )
    # Never through a proxy: the server is on this machine, and the secret is for it alone.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, http.client.HTTPException, ValueError):
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    """Ask the kernel to end the server when this process is killed: nobody else would stop it."""
    ctypes.CDLL(None).prctl(_LINUX_PR_SET_PDEATHSIG, signal.SIGTERM)
