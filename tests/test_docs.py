"""What the documents say is held against the code: commands, options, make targets, dependencies, links."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from bidwright.cli.main import cli
from spiders.catalogue import source_types

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/sources.md",
    "docs/writing-a-source.md",
    "docs/decisions.md",
    "docs/drafting.md",
    "bidwright/skeleton/README.md",
    "bidwright/skeleton/templates.md",
]
COMMAND = re.compile(r"(?:^|`|\s)(?:\.\./)?(?:\.venv/bin/)?bidwright ((?:-w \S+ )?[a-z][^`\n#|…]*)")


def commands():
    for name in DOCUMENTS:
        text = (ROOT / name).read_text(encoding="utf-8")
        code = re.findall(r"```\n(.*?)```", text, re.DOTALL) + re.findall(r"`(bidwright [^`]+)`", text)
        for block in code:
            for line in block.splitlines():
                found = COMMAND.search(line)
                if found:
                    yield pytest.param(
                        re.sub(r"\s{2,}.*", "", found[1]).strip(), id=f"{name}: {found[1].strip()[:60]}"
                    )


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_in_the_documents_exists_with_its_options(line):
    words = shlex.split(line)
    if words[0] == "-w":
        words = words[2:]
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        with click.Context(command) as context:
            found = command.get_command(context, name)
        assert found is not None, f"there is no command {name!r}"
        command = found
    known = {option for param in command.params for option in getattr(param, "opts", [])}
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in known, f"{word} is no option of {command.name}"


def test_the_documents_name_only_make_targets_there_are():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for name in DOCUMENTS:
        text = (ROOT / name).read_text(encoding="utf-8")
        named = set(re.findall(r"^make ([a-z]+)", text, re.MULTILINE)) | set(
            re.findall(r"`make ([a-z]+)", text)
        )
        assert named <= targets, name


def test_every_direct_dependency_has_its_reason_and_its_pin():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.match(r"[a-z0-9-]+", line)[0] for line in direct}
    reasons = (ROOT / "docs/decisions.md").read_text(encoding="utf-8").rpartition("## Direct dependencies")[2]
    pins = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    assert {name for name in names if not re.search(rf"\b{re.escape(name)}\b", reasons)} == set()
    assert names <= pins
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def row_of(kind) -> str:
    """The row of docs/sources.md that tells all the catalogue has of one source type."""
    kept = f"{kind.terms.keep_text.days} day unseen" if kind.terms.keep_text else "no limit stated"
    interval = f"{kind.terms.min_interval.total_seconds() / 3600:g} h"
    terms = f"[stated]({kind.terms_at})" if kind.terms_at else "the board's own"
    cells = [
        f"`{kind.name}`",
        ", ".join(kind.fields),
        terms,
        kind.terms.attribution or "none",
        interval,
        kept,
    ]
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("name", source_types())
def test_every_source_type_stands_in_the_table_as_the_catalogue_has_it(name):
    lines = (ROOT / "docs/sources.md").read_text(encoding="utf-8").splitlines()
    assert row_of(source_types()[name]) in lines


def test_the_table_of_source_types_names_no_other():
    text = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    table = text.partition("## What each gives and asks")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(source_types())


def test_every_key_and_permission_is_described():
    text = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    for kind in source_types().values():
        for secret in kind.secrets:
            assert f"| `{kind.name}` | `BIDWRIGHT_<NAME>_{secret.name.upper()}` |" in text
        assert not kind.permission or f"`{kind.name}` asks nothing until `permitted = true`" in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_relative_links_lead_somewhere(name):
    document = ROOT / name
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target
