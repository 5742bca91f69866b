"""The workspace's own Prefect server: closed to others, gone when its owner is gone, used again when found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOLD = """
import sys, time
from pathlib import Path
from flows.server import prefect_server
with prefect_server(Path(sys.argv[1])) as server:
    print("ready" if server.ready() else "not ready", flush=True)
    sys.stdin.readline()
print("left", flush=True)
"""


class Owner:
    """A process that holds a workspace's server open."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(home)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        self.said = self.process.stdout.readline().strip()

    @property
    def address(self) -> dict:
        return json.loads((self.home / "server.json").read_text())

    def leave(self) -> str:
        said, noise = self.process.communicate("\n", timeout=30)
        assert noise == ""
        return said.strip()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=30)

    def __enter__(self) -> Owner:
        return self

    def __exit__(self, *unused: object) -> None:
        if self.process.poll() is None:
            self.kill()


def ask(
    port: int, *, auth: str | None = None, path: str = "ready", method: str = "GET", **headers: str
) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/{path}", headers=headers, method=method)
    if auth:
        request.add_header("Authorization", "Basic " + b64encode(auth.encode()).decode())
    if method == "POST":
        request.data = b"{}"
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, ConnectionError):
        return 0


def gone(port: int, auth: str) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if ask(port, auth=auth) == 0:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.mark.slow
def test_the_server_asks_for_its_secret_and_ends_with_its_owner(home):
    with Owner(home) as owner:
        assert owner.said == "ready"
        port, auth = owner.address["port"], owner.address["auth"]
        assert ask(port, path="admin/version") == 401
        assert ask(port, path="admin/version", auth="bidwright:guess") == 401
        assert ask(port, path="admin/version", auth=auth) == 200
        assert ask(port, path="flows/count", method="POST", auth=auth) == 403  # no CSRF token
        assert oct((home / "server.json").stat().st_mode)[-3:] == "600"

        with Owner(home) as second:
            assert (second.said, second.address["port"]) == ("ready", port)
            assert second.leave() == "left"
        assert ask(port, auth=auth) == 200, "one who found the server running must leave it running"

        assert owner.leave() == "left"
        assert gone(port, auth)
        assert not (home / "server.json").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the server only on Linux")
def test_a_killed_owner_leaves_no_server_behind_and_the_next_one_starts(home):
    with Owner(home) as owner:
        port, auth = owner.address["port"], owner.address["auth"]
        owner.kill()
    assert gone(port, auth)
    with Owner(home) as later:
        assert later.said == "ready"
        assert later.leave() == "left"


@pytest.mark.parametrize(("open_to_all", "wanted"), [(True, False), (False, True)])
def test_what_answers_everybody_at_the_recorded_port_is_not_our_server(tmp_path, open_to_all, wanted):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            welcome = open_to_all or "Authorization" in self.headers
            self.send_response(200 if welcome else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        state = {"port": other.server_port, "auth": "bidwright:old"}
        (tmp_path / "server.json").write_text(json.dumps(state))
        script = "import sys; from pathlib import Path; from flows.server import PrefectServer; print(PrefectServer(Path(sys.argv[1])).ready(1))"
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        other.shutdown()
    assert done.stdout.strip() == str(wanted)


def test_foreign_settings_and_telemetry_are_switched_off_before_prefect_is_imported(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from flows.server import prepare_environment;"
        "prepare_environment(Path(sys.argv[1])); assert 'prefect' not in sys.modules;"
        "import prefect.settings as s; current = s.get_current_settings();"
        "print(current.home, current.server.analytics_enabled, current.api.url, os.environ['DO_NOT_TRACK'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "PREFECT_API_URL": "http://prefect.example/api", "PREFECT_PROFILE": "other"},
    )  # fmt: skip
    assert done.stdout.split() == [str(tmp_path), "False", "None", "1"]
