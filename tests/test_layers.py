"""The architecture as a test: layers, third-party fences, import weight. Each rule is shown to catch a breach."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RULES = tomllib.loads((ROOT / "tests" / "architecture.toml").read_text(encoding="utf-8"))
LAYERS, FENCES, LAZY = RULES["layers"], RULES["fences"], RULES["lazy"]


def imports(tree: ast.Module):
    """Yield (top-level package, line, whether it stands inside a function) of every import."""
    inside = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(outer)
    }
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." if node.level else node.module or ""]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, (ast.Attribute, ast.Name))
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in {"import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            names = [str(node.args[0].value)]
        for name in names:
            yield name.partition(".")[0] or ".", node.lineno, id(node) in inside


def breaches(path: str, source: str) -> list[str]:
    """Return what ``source``, standing at ``path`` in the repository, does against the rules."""
    package = path.partition("/")[0]
    found = []
    for name, line, inside in imports(ast.parse(source)):
        where = f"{path}:{line}"
        if name == ".":
            found.append(f"{where} uses a relative import")
        elif name in LAYERS and name != package:
            lazily = inside and any(path.startswith(folder) for folder in LAZY.get(name, []))
            if name not in LAYERS[package] and not lazily:
                found.append(f"{where} {package} imports {name}")
        elif name in FENCES and not any(path.startswith(place) for place in FENCES[name]):
            found.append(f"{where} {name} is fenced")
        elif package == "domain" and name not in sys.stdlib_module_names and name != "domain":
            found.append(f"{where} domain imports {name}")
    return found


def project_files():
    for package in LAYERS:
        yield from sorted((ROOT / package).rglob("*.py"))


def test_every_package_is_in_the_rules():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages == set(LAYERS)


def test_nobody_breaks_the_rules():
    found = [
        problem
        for path in project_files()
        for problem in breaches(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("domain/x.py", "import pipelines.pay", "domain imports pipelines"),
        ("domain/x.py", "import pydantic", "domain imports pydantic"),
        ("ranking/x.py", "from ledger import fees", "ranking imports ledger"),
        ("ledger/x.py", "def f():\n    from storage import open_store", "ledger imports storage"),
        ("storage/x.py", "import bidwright.desk", "storage imports bidwright"),
        ("bidwright/steps/x.py", "def f():\n    import flows.daily", "bidwright imports flows"),
        ("bidwright/cli/x.py", "import flows.daily", "bidwright imports flows"),
        ("reports/x.py", "from . import digest", "relative import"),
        (
            "bidwright/x.py",
            "import importlib\nimportlib.import_module('flows.daily')",
            "bidwright imports flows",
        ),
        *[
            ("bidwright/cli/x.py", f"def f():\n    import {name}.anything", f"{name} is fenced")
            for name in FENCES
        ],
    ],
)
def test_a_planted_breach_is_caught(path, source, expected):
    assert any(expected in problem for problem in breaches(path, source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("bidwright/cli/x.py", "def f():\n    import flows.daily"),
        ("pipelines/items.py", "import scrapy"),
        ("ranking/backends/x.py", "import faiss, torch"),
        ("storage/x.py", "import sqlalchemy as sa"),
        ("flows/x.py", "import prefect\nimport bidwright.daily"),
    ],
)
def test_what_is_allowed_is_not_called_a_breach(path, source):
    assert breaches(path, source) == []


HEAVY = (
    "torch",
    "prefect",
    "scrapy",
    "sentence_transformers",
    "faiss",
    "sqlalchemy",
    "sklearn",
    "pydantic",
    "numpy",
)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["bid", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    script = (
        "import sys; from bidwright.cli.main import run; run(sys.argv[1:]);"
        f"print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_no_module_shadows_a_package_when_its_folder_is_on_the_path():
    """Prefect puts the folder of a flow file first on ``sys.path``: flows/ranking.py would hide ranking."""
    names = {path.stem for path in (ROOT / "flows").glob("*.py")}
    assert names & (set(LAYERS) | set(FENCES) | set(sys.stdlib_module_names)) == set()
