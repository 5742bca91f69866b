"""The daily job as a flow: the same steps, one task each, recorded by the server, nothing on the screen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bidwright.daily import STEPS

ROOT = Path(__file__).parents[1]
SCRIPT = """
import json, sys
from pathlib import Path
from bidwright.desk import open_desk
from bidwright.steps.importing import import_files
from bidwright.workspace import Workspace, init_workspace
from domain.errors import ModelError
from flows.server import prefect_server
from tests.fakes import FakeEmbedder

root = Path(sys.argv[1])
init_workspace(root)
settings = root / "bidwright.toml"
settings.write_text(settings.read_text().partition("[[sources]]")[0])
broken = len(sys.argv) > 2
post = b'{"title": "Python API for a bakery", "budget_raw": "$90/hr", "skills": ["Python"], "source": "a", "source_id": "1"}'
class Broken(FakeEmbedder):
    def encode(self, texts):
        raise ModelError("the model is gone", remedy="Install it again")

embedder = Broken() if broken else FakeEmbedder()
with prefect_server(root / ".bidwright/prefect") as server, open_desk(
    Workspace(root), load_embedder=lambda _: embedder
) as desk:
    import_files(desk, [("post", post)])
    assert server.ready()
    from flows.daily import daily_flow
    daily = daily_flow(desk)
    from prefect.client.orchestration import get_client
    with get_client(sync_client=True) as client:
        flows = [run.state_name for run in client.read_flow_runs()]
        tasks = {run.name.rpartition("-")[0]: run.state_name for run in client.read_task_runs()}
print(json.dumps({"flows": flows, "tasks": tasks, "problems": daily.problems, "drafts": len(daily.drafts),
                  "considered": daily.digest.considered if daily.digest else None}))
"""


def flow_run(folder: Path, *more: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder / "desk"), *more],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.slow
def test_every_step_is_a_task_of_the_flow(tmp_path):
    told = flow_run(tmp_path)
    assert told["flows"] == ["Completed"]
    assert told["tasks"] == dict.fromkeys([step.name for step in STEPS], "Completed")
    assert (told["problems"], told["drafts"], told["considered"]) == ([], 1, 1)


@pytest.mark.slow
def test_a_step_that_fails_is_a_failed_task_and_the_others_go_on(tmp_path):
    told = flow_run(tmp_path, "broken")
    assert told["flows"] == ["Completed"]
    failed = {name for name, state in told["tasks"].items() if state == "Failed"}
    assert failed == {"embed", "rank"}
    assert told["tasks"]["digest"] == "Completed"
    assert told["problems"] == [f"{name}: the model is gone. Install it again" for name in ("embed", "rank")]
    assert told["considered"] is None


GONE = """
import os, sys
from pathlib import Path
from bidwright.desk import open_desk
from bidwright.workspace import Workspace, init_workspace
from flows.server import prepare_environment
from tests.fakes import FakeEmbedder

root = Path(sys.argv[1])
init_workspace(root)
settings = root / "bidwright.toml"
settings.write_text(settings.read_text().partition("[[sources]]")[0])
prepare_environment(root / "prefect")
os.environ["PREFECT_API_URL"] = "http://127.0.0.1:9/api"
with open_desk(Workspace(root), load_embedder=lambda _: FakeEmbedder()) as desk:
    from flows.daily import daily_flow
    daily = daily_flow(desk)
    print(daily.digest is not None, daily.problems, len(daily.notes), "complete" in daily.notes[0])
"""


@pytest.mark.slow
def test_a_server_that_is_gone_costs_the_record_and_not_the_run(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", GONE, str(tmp_path / "desk")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["True", "[]", "1", "True"]


DIES = """
import os, signal, subprocess, sys, time
from pathlib import Path
from bidwright.daily import STEPS, Step
from bidwright.desk import open_desk
from bidwright.workspace import Workspace, init_workspace
from domain.errors import TemplateError
from flows.server import prefect_server
from tests.fakes import FakeEmbedder

root, fails = Path(sys.argv[1]), sys.argv[2]
init_workspace(root)
settings = root / "bidwright.toml"
sick = '[[sources]]\\nname = "sick"\\ntype = "rss"\\nurl = "http://127.0.0.1:9/feed"\\nallow_private = true\\n'
settings.write_text(settings.read_text().partition("[[sources]]")[0] + sick)
done = []

def kill(server):
    server._process.send_signal(signal.SIGKILL)
    server._process.wait()

def step(name, work):
    def counted(desk, daily):
        done.append(name)
        if name == fails == "bug":
            raise RuntimeError("a bug of ours")
        work(desk, daily)
        if name == fails:
            kill(server)
    return Step(name, counted)

steps = [step(each.name, each.work) for each in STEPS] + [step("bug", lambda desk, daily: None)]
with prefect_server(root / ".bidwright/prefect") as server, open_desk(
    Workspace(root), load_embedder=lambda _: FakeEmbedder()
) as desk:
    assert server.ready()
    from flows.daily import daily_flow
    try:
        daily = daily_flow(desk, steps=steps)
    except RuntimeError as error:
        print(error)
    else:
        print(*(f"{outcome.source} {outcome.state}" for outcome in daily.outcomes), "status", daily.status)
        print(*daily.notes)
    with desk.store.read() as tx:
        print(tx.runs.latest().status)
print(*done)
"""


def flow_with_a_failure(folder: Path, fails: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", DIES, str(folder / "desk"), fails],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=90,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("last_seen", ["fetch", "drafts"])
def test_a_server_that_dies_in_the_middle_costs_nothing_but_its_record(tmp_path, last_seen):
    outcomes, note, status, done = flow_with_a_failure(tmp_path, last_seen)
    assert outcomes == "sick unreachable status 1"
    assert (status, done.split()) == ("problems", [*(step.name for step in STEPS), "bug"])
    assert "the run itself is complete" in note


@pytest.mark.slow
def test_an_error_of_a_step_of_ours_is_not_blamed_on_prefect(tmp_path):
    said, status, done = flow_with_a_failure(tmp_path, "bug")
    assert (said, status) == ("a bug of ours", "stopped")
    assert done.split() == [*(step.name for step in STEPS), "bug"]
