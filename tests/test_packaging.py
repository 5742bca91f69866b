"""The wheel holds all that runs: built, unpacked elsewhere, and used from there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "domain", "pipelines", "ranking", "proposals", "ledger", "spiders", "storage", "reports", "bidwright", "flows",
)  # fmt: skip
CODE_OR_DATA = {
    ".py",
    ".toml",
    ".j2",
    ".md",
    ".rss",
    ".atom",
    ".rdf",
    ".json",
    ".jsonl",
    ".css",
    ".typed",
    ".mako",
}


def expected_files() -> set[str]:
    """Return what the wheel must hold: every package file, and the templates where they are installed to."""
    found = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in CODE_OR_DATA and "__pycache__" not in path.parts
    }
    templates = ROOT / "templates" / "proposals"
    return found | {
        f"proposals/shipped/{path.relative_to(templates).as_posix()}"
        for path in templates.rglob("*")
        if path.suffix in CODE_OR_DATA
    }


def missing(names: set[str]) -> set[str]:
    return expected_files() - names


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check",
         "--no-index", "--target", str(target), str(wheel)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return target


def from_elsewhere(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed copy; -P and the path keep the checkout out of sight."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "HOME": str(cwd)}
    return subprocess.run(
        [sys.executable, "-P", "-m", "bidwright", *arguments],
        capture_output=True, text=True, cwd=cwd, env=environment, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_wheel_holds_everything_that_runs(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert missing(names) == set()
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_a_missing_template_or_table_is_noticed():
    everything = expected_files()
    template = next(name for name in sorted(everything) if name.startswith("proposals/shipped/"))
    assert missing(everything - {template}) == {template}
    assert missing(everything - {"domain/currencies.toml"}) == {"domain/currencies.toml"}


@pytest.mark.slow
def test_the_installed_wheel_runs_from_elsewhere(installed, tmp_path):
    script = "import bidwright, domain, sys; print(bidwright.__file__); print(domain.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    places = subprocess.run(
        [sys.executable, "-P", "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=True,
    ).stdout.split()
    assert all(Path(place).is_relative_to(installed) for place in places)

    made = from_elsewhere(installed, tmp_path, "init", "desk")
    assert (made.returncode, made.stderr) == (0, "")
    posts = tmp_path / "posts.jsonl"
    posts.write_text('{"title": "Django API for a bakery", "budget_raw": "$60/hr", "skills": ["Django"]}\n')
    read = from_elsewhere(installed, tmp_path, "-w", "desk", "import", "posts", str(posts))
    assert read.returncode == 0, read.stderr
    drafted = from_elsewhere(installed, tmp_path, "-w", "desk", "draft", "p")
    assert drafted.returncode == 0, drafted.stderr
    (draft,) = (tmp_path / "desk" / "drafts").glob("*.md")
    assert "Django API for a bakery" in draft.read_text(encoding="utf-8")
