"""Run after run beside another program that writes: nobody meets a lock, and Prefect keeps to a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUNS = int(os.environ.get("BIDWRIGHT_TESTS_SOAK_RUNS", "2"))

WRITER = """
import sys, time
from storage import open_store
from tests.fakes import make_post, stored
number = 0
with open_store(sys.argv[1], migrate=False) as store:
    print("ready", flush=True)
    while True:
        number += 1
        store.run_write(lambda tx: tx.posts.insert(stored(make_post(f"from beside {number}"))))
        print(number, flush=True)
        time.sleep(0.1)
"""

SOAK = """
import json, os, sys
from pathlib import Path
from bidwright.desk import open_desk
from bidwright.steps.importing import import_files
from bidwright.workspace import Workspace, init_workspace
from flows.server import prefect_server
from tests.fakes import FakeEmbedder

root, runs = Path(sys.argv[1]), int(sys.argv[2])
init_workspace(root)
settings = root / "bidwright.toml"
settings.write_text(settings.read_text().partition("[[sources]]")[0])

def files_of(process):
    return {os.path.realpath(f"/proc/{process}/fd/{name}") for name in os.listdir(f"/proc/{process}/fd")}

with prefect_server(root / ".bidwright/prefect") as server, open_desk(
    Workspace(root), load_embedder=lambda _: FakeEmbedder()
) as desk:
    desk.store
    print("ready", flush=True)
    sys.stdin.readline()
    assert server.ready()
    from flows.daily import daily_flow
    problems, opened, statuses = [], set(), []
    for number in range(runs):
        post = {"title": f"Python API {number}", "budget_raw": "$90/hr", "skills": ["Python"], "source_id": str(number)}
        (report,) = import_files(desk, [("post", json.dumps(post).encode())])
        daily = daily_flow(desk)
        problems += [*daily.problems, *daily.notes, *(str(issue) for issue in report.issues if report.outcome == "error")]
        opened |= files_of(server._process.pid)
        statuses.append(daily.digest.considered)
print(json.dumps({"problems": problems, "opened": sorted(opened), "considered": statuses}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc for open files")
def test_runs_beside_a_writer_meet_no_lock(tmp_path):
    root = tmp_path / "desk"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    command = [sys.executable, "-c", SOAK, str(root), str(RUNS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, **pipes) as soak:
        assert soak.stdout.readline() == "ready\n"
        url = f"sqlite:///{root / 'bidwright.db'}"
        with subprocess.Popen([sys.executable, "-c", WRITER, url], **pipes) as writer:
            assert writer.stdout.readline() == "ready\n"
            said, noise = soak.communicate("\n", timeout=60 + 20 * RUNS)
            assert writer.poll() is None, "the writer met no error either"
            writer.kill()
            written, writers_noise = writer.communicate()
    assert (soak.returncode, noise, writers_noise) == (0, "", "")
    told = json.loads(said.splitlines()[-1])
    assert told["problems"] == []
    assert len(told["considered"]) == RUNS
    assert told["considered"] == sorted(told["considered"])
    assert int(written.split()[-1]) >= 5 * RUNS, "both did write"
    databases = [name for name in told["opened"] if name.endswith((".db", ".db-wal", ".db-shm"))]
    assert databases
    assert all(str(root / ".bidwright" / "prefect") in name for name in databases), "Prefect opened ours"
    logs = [path for path in root.rglob("*") if path.is_file() and path.suffix in {".log", ".stderr"}]
    assert [
        path.name for path in logs if "locked" in path.read_text(encoding="utf-8", errors="replace")
    ] == []
