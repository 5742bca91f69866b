"""kill -9 at any moment of writing drafts anew: a person's text is in its file or among the versions, always."""

from __future__ import annotations

import os
import random
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from bidwright.desk import open_desk
from bidwright.steps.draft_versions import keep_present
from bidwright.steps.draft_work import find_draft, restore, versions_of
from bidwright.steps.drafts import write_drafts
from bidwright.workspace import Workspace, init_workspace
from proposals.draft_files import read_draft, recover_drafts
from proposals.draft_text import is_as_generated, plan_draft
from tests.fakes import FakeClock, FakeEmbedder
from tests.nursery import nurse, nursery, say
from tests.test_bidwright_drafts import POST, SETTINGS, give, post_of

KILLS = int(os.environ.get("BIDWRIGHT_TESTS_STORE_KILLS", "10"))
_EDIT = re.compile(r"edit \d+\.\d+\b")


class HereRenderer:
    """Renders without a process of its own, which takes longer to start than what is killed here."""

    def render(self, template, context):
        return f"{context['post']['title']}\n\nmade by {template.name}\n"


@contextmanager
def desk_at(root: str):
    with open_desk(Workspace(Path(root)), clock=FakeClock(), load_embedder=lambda _: FakeEmbedder()) as desk:
        desk.renderer = HereRenderer()
        yield desk


def writing(root: str, name: str) -> None:
    """Write a draft, edit it, have it written over in every way there is; acknowledge each edit once saved."""
    with desk_at(root) as desk:
        post = post_of(desk)
        say("ready")
        for number in range(1_000_000):
            write_drafts(desk, [post], template="short", start_over=True)
            path = find_draft(desk, post.post_id).path
            mine = f"edit {name}.{number}"
            saved = path.with_suffix(".person")
            saved.write_text(path.read_text(encoding="utf-8") + mine, encoding="utf-8")
            saved.replace(path)
            say(mine)
            write_drafts(desk, [post], template="hourly")
            assert mine in path.read_text(encoding="utf-8")
            if number % 3 == 0:
                restore(desk, find_draft(desk, post.post_id), 1)
            write_drafts(desk, [post], template="audit", start_over=True)


def kept_texts(root: Path) -> str:
    """Return everything that a person could still find: the files by their names, and the versions."""
    recover_drafts(root / "drafts")
    with desk_at(str(root)) as desk:
        post = post_of(desk)
        keep_present(desk, post)
        versions, _ = versions_of(desk, post.post_id)
    files = [path.read_text(encoding="utf-8") for path in (root / "drafts").glob("*.md")]
    return "\n".join([*files, *(each.body for each in versions)])


def check(root: Path, acknowledged: list[str]) -> None:
    """Assert that every acknowledged edit can be found, and that the draft is whole and under its name."""
    texts = kept_texts(root)
    found = set(_EDIT.findall(texts))
    assert set(acknowledged) <= found
    for path in (root / "drafts").glob("*.md"):
        text = read_draft(path)
        assert text.startswith("+++\n")
        assert is_as_generated(text) or plan_draft(text, "fresh").reason == "you have edited it"


@pytest.mark.slow
def test_an_edit_survives_every_kill(tmp_path):
    init_workspace(tmp_path)
    (tmp_path / "bidwright.toml").write_text(SETTINGS, encoding="utf-8")
    with desk_at(str(tmp_path)) as desk:
        give(desk, POST)
    moments = random.Random(20260302)
    acknowledged: list[str] = []
    with nursery("tests.test_bidwright_drafts_kills") as place:
        for number in range(KILLS):
            victim = place.victim("writing", str(tmp_path), str(number))
            acknowledged += victim.killed_after(moments.uniform(0.0, 0.6))
            check(tmp_path, acknowledged)
    assert len(acknowledged) > KILLS, "kills come while drafts are written"


if __name__ == "__main__":
    nurse(globals())
