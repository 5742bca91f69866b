"""Drafts in a workspace: written, edited, kept, compared, sent. What a person wrote is never lost."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest

from bidwright.cli.clipboard import to_clipboard
from bidwright.cli.main import run
from bidwright.desk import open_desk
from bidwright.steps.books import read_book
from bidwright.steps.draft_checks import check_file, check_text, plain_text
from bidwright.steps.draft_versions import keep_all
from bidwright.steps.draft_work import (
    add_note,
    difference,
    find_draft,
    restore,
    set_lock,
    version_of,
    versions_of,
)
from bidwright.steps.drafts import DraftReport, known_drafts, write_drafts
from bidwright.steps.importing import import_files
from bidwright.steps.lookup import find_one
from bidwright.steps.sent import recent_sent
from bidwright.steps.submissions import Terms, submit
from bidwright.workspace import Workspace, init_workspace
from domain.errors import InputError, UsageError
from domain.money import Money
from proposals.template_heads import Situation
from tests.fakes import NOW, FakeClock, FakeEmbedder

pytestmark = pytest.mark.slow

DAY = "2026-03-02T08:00Z"
SETTINGS = """
[profile]
name = "Ana Prado"
headline = "Django back ends"
time_zone = "Europe/Lisbon"
working_hours = "09:00-17:00"
hours_per_week = 30
[rates]
currency = "USD"
floor = "45"
target = "70"
[[skills]]
name = "Django"
years = 6
[[evidence]]
title = "Booking API for a hotel chain"
summary = "REST API with Django for 40 hotels"
result = "Response time fell from 900 ms to 120 ms"
skills = ["Django"]
"""
POST = {
    "source_id": "b1",
    "title": "Django API for a bakery",
    "description": "We are looking for a developer to build a Django API for our bakery. "
    + "It has ovens. " * 40,
    "skills": ["Django"],
    "contract_type": "hourly",
    "budget_min": "50",
    "budget_max": "80",
    "currency": "USD",
    "period": "hour",
    "connects": 12,
    "client": {"country": "United States"},
}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def desk(tmp_path, clock):
    init_workspace(tmp_path)
    (tmp_path / "bidwright.toml").write_text(SETTINGS, encoding="utf-8")
    space = Workspace(tmp_path)
    with open_desk(space, clock=clock, load_embedder=lambda _: FakeEmbedder()) as opened:
        give(opened, POST, {**POST, "source_id": "f1", "title": "Django shop for a florist"})
        yield opened


def give(desk, *posts):
    lines = "\n".join(json.dumps(post) for post in posts)
    import_files(desk, [("posts.jsonl", lines.encode())])


def post_of(desk, title="bakery"):
    with desk.store.read() as tx:
        (found,) = tx.posts.search([title], 1)
    return found


def written(desk, **options) -> DraftReport:
    (report,) = write_drafts(desk, [post_of(desk)], **options)
    return report


def path_of(desk, report) -> Path:
    return desk.workspace.root / report.path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def origins(desk):
    versions, _ = versions_of(desk, post_of(desk).post_id)
    return [(each.number, each.origin.value) for each in versions]


# -- written, kept, started over ---------------------------------------------------------------------------


def test_a_draft_is_written_with_its_reason_and_kept_as_a_version(desk):
    report = written(desk)
    assert report.says.startswith("template hourly, 1 left for you")
    assert report.reason == "nothing closer applies"
    text = path_of(desk, report).read_text(encoding="utf-8")
    assert "My working day, 09:00 to 17:00 in Lisbon, is 04:00 to 12:00 in New York" in text
    assert "# Template hourly: nothing closer applies." in text
    (version,) = versions_of(desk, report.post_id)[0]
    assert (version.origin.value, version.template, version.opener) == ("generated", "hourly", "goal+result")
    assert version.words == len(version.body.split())
    assert written(desk).says == "template hourly"
    assert origins(desk) == [(1, "generated")]


def test_an_edit_stays_and_is_kept_through_every_rewriting(desk, clock):
    report = written(desk)
    path = path_of(desk, report)
    edit(path, "Ana Prado", "Ana Prado, with care")
    mine = path.read_bytes()
    for template in ("short", "audit", None):
        clock.advance(hours=1)
        assert written(desk, template=template).says == "kept: you have edited it"
    assert path.read_bytes() == mine
    assert origins(desk) == [(1, "generated"), (2, "edited")]


def test_an_edit_of_the_head_alone_stays_too(desk):
    path = path_of(desk, written(desk))
    edit(path, "# The post asks", "# call them on Friday\n# The post asks")
    assert written(desk, template="short").says == "kept: you have edited it"
    assert "call them on Friday" in path.read_text(encoding="utf-8")


def test_starting_over_keeps_what_was_there_first(desk):
    report = written(desk)
    path = path_of(desk, report)
    edit(path, "Ana Prado", "my own words")
    assert written(desk, template="short", start_over=True).says.startswith("template short")
    assert "my own words" not in path.read_text(encoding="utf-8")
    versions, _ = versions_of(desk, report.post_id)
    assert "my own words" in versions[1].body
    assert [each.origin.value for each in versions] == ["generated", "edited", "generated"]


def test_a_lock_holds_even_against_starting_over(desk):
    report = written(desk)
    set_lock(find_draft(desk, report.post_id), locked=True)
    before = path_of(desk, report).read_bytes()
    assert written(desk, template="short", start_over=True).says == "kept: it is locked"
    assert path_of(desk, report).read_bytes() == before
    set_lock(find_draft(desk, report.post_id), locked=False)
    assert written(desk, template="short").says.startswith("template short")


def test_a_head_that_cannot_be_read_needs_no_lock(desk):
    report = written(desk)
    path_of(desk, report).write_text("just my text\n", encoding="utf-8")
    with pytest.raises(InputError, match="counts as edited"):
        set_lock(find_draft(desk, report.post_id), locked=True)
    assert written(desk).says.startswith("kept: its head cannot be read")


def test_bytes_that_are_no_text_are_kept_byte_for_byte(desk):
    report = written(desk)
    path = path_of(desk, report)
    odd = path.read_bytes() + b"caf\xe9 \x00 end\r\n"
    path.write_bytes(odd)
    assert written(desk).says == "kept: you have edited it"
    assert path.read_bytes() == odd
    versions, _ = versions_of(desk, report.post_id)
    assert versions[-1].body.encode("utf-8", "surrogateescape").endswith(b"caf\xe9 \x00 end\n")


def test_a_post_that_changes_and_a_template_that_changes_leave_an_edit_alone(desk):
    report = written(desk)
    path = path_of(desk, report)
    edit(path, "Ana Prado", "mine")
    own = desk.workspace.templates / "hourly.md.j2"
    own.write_text('+++\nname = "hourly"\n+++\nAnother text for {{ post.title }}\n', encoding="utf-8")
    del desk.templates
    give(desk, {**POST, "description": POST["description"] + "Now with a tea room."})
    assert written(desk).says == "kept: you have edited it"
    assert "mine" in path.read_text(encoding="utf-8")


def test_an_unedited_draft_follows_the_template(desk):
    report = written(desk)
    own = desk.workspace.templates / "hourly.md.j2"
    own.write_text('+++\nname = "hourly"\n+++\nFor {{ post.title }}: a new text.\n', encoding="utf-8")
    del desk.templates
    assert written(desk).says.startswith("template hourly")
    assert "a new text" in path_of(desk, report).read_text(encoding="utf-8")
    assert origins(desk) == [(1, "generated"), (2, "generated")]


def test_a_wrong_template_of_the_persons_is_said_and_the_shipped_one_used(desk):
    (desk.workspace.templates / "hourly.md.j2").write_text("+++\nlenght = 3\n+++\n", encoding="utf-8")
    report = written(desk)
    assert report.says.startswith("template hourly")
    assert "Did you mean length" in report.notes[0]


def test_only_first_proposals_are_known_to_the_digest(desk, clock):
    report = written(desk)
    submit(desk, post_of(desk), Terms(), clock(), clock())
    second = written(desk)
    assert second.path.endswith(f"{report.post_id}.follow-up.md")
    assert known_drafts(desk) == {report.post_id: report.path}


def test_a_run_keeps_what_was_edited_since_also_of_posts_it_does_not_draft(desk):
    report = written(desk)
    edit(path_of(desk, report), "Ana Prado", "mine")
    (desk.workspace.drafts / "notes-p0123456789ab.md").write_text("of no stored post", encoding="utf-8")
    keep_all(desk)
    keep_all(desk)
    assert origins(desk) == [(1, "generated"), (2, "edited")]


# -- work on a draft ---------------------------------------------------------------------------------------


def test_what_changed_is_shown_as_a_diff(desk):
    report = written(desk)
    assert difference(desk, find_draft(desk, report.post_id), None, None) == ""
    edit(path_of(desk, report), "Ana Prado", "Ana P.")
    text = difference(desk, find_draft(desk, report.post_id), None, None)
    assert "-Ana Prado" in text
    assert "+Ana P." in text
    assert "--- version 1 (generated)" in text
    assert difference(desk, find_draft(desk, report.post_id), 1, 2).endswith("+Ana P.")


def test_an_old_version_comes_back_and_the_present_one_stays(desk):
    report = written(desk)
    first = find_draft(desk, report.post_id).body
    edit(path_of(desk, report), "Ana Prado", "Ana P.")
    restore(desk, find_draft(desk, report.post_id), 1)
    assert find_draft(desk, report.post_id).body == first
    restore(desk, find_draft(desk, report.post_id), 2)
    assert "Ana P." in find_draft(desk, report.post_id).body
    with pytest.raises(UsageError, match="no version 9"):
        version_of(desk, report.post_id, 9)


def test_notes_stay_with_the_post(desk):
    report = written(desk)
    add_note(desk, report.post_id, " ask for the schema ")
    assert [note.text for note in versions_of(desk, report.post_id)[1]] == ["ask for the schema"]
    with pytest.raises(UsageError, match="empty"):
        add_note(desk, report.post_id, " ")


def test_a_post_without_a_draft_says_how_to_get_one(desk):
    with pytest.raises(UsageError, match="Write one: bidwright draft"):
        find_draft(desk, post_of(desk).post_id)


# -- sent --------------------------------------------------------------------------------------------------


def test_what_went_out_is_frozen_with_all_it_went_out_with(desk, clock):
    report = written(desk)
    edit(
        path_of(desk, report),
        "[[FILL: what you would do first on this job, and what the client sees at the end of it]]",
        "the ovens.",
    )
    clock.advance(hours=1)
    terms = Terms(amount=Money.of("62", "USD"), boost=5)
    done = submit(desk, post_of(desk), terms, clock(), clock())
    assert done.fresh
    assert done.findings == ()
    frozen = version_of(desk, report.post_id, done.version)
    assert frozen.origin.value == "sent"
    assert "the ovens." in frozen.body
    bid = read_book(desk).bids[report.post_id]
    assert (bid.template, str(bid.amount), bid.connects, bid.boost) == ("hourly", "62.00 USD", 12, 5)
    assert (bid.draft, bid.opener, bid.words) == (done.version, "goal+result", frozen.words)
    assert bid.submitted_at == clock()

    edit(path_of(desk, report), "the ovens.", "something else.")
    assert written(desk, template="short", start_over=True).says == "kept: a proposal was sent from it"
    assert version_of(desk, report.post_id, done.version) == frozen
    again = submit(desk, post_of(desk), terms, clock(), clock())
    assert (again.fresh, again.version) == (False, done.version)
    assert version_of(desk, report.post_id, done.version) == frozen


def test_an_opening_of_the_persons_own_is_recorded_as_such(desk, clock):
    report = written(desk)
    edit(path_of(desk, report), "You want to", "Clearly you want to")
    submit(desk, post_of(desk), Terms(), clock(), clock())
    assert read_book(desk).bids[report.post_id].opener == "own"


def test_a_bid_without_a_draft_is_recorded_without_a_text(desk, clock):
    done = submit(desk, post_of(desk), Terms(template="by hand"), clock(), clock())
    assert (done.fresh, done.version, done.findings) == (True, None, ())
    bid = read_book(desk).bids[post_of(desk).post_id]
    assert (bid.template, bid.draft, bid.opener, bid.words) == ("by hand", None, None, None)


def test_what_is_sent_twice_is_said_to_repeat(desk, clock):
    report = written(desk)
    body = find_draft(desk, report.post_id).body.replace("Booking API for a hotel chain", "A thing")
    own = "Ovens of the bakery need care and the API knows about each of them by name. " * 9
    edit(path_of(desk, report), "You want to", own + "You want to")
    submit(desk, post_of(desk), Terms(), clock(), clock())
    other = post_of(desk, "florist")
    text = find_draft(desk, report.post_id).body
    assert "repeated" in {each.code for each in check_text(desk, text, other)}
    assert "repeated" not in {each.code for each in check_text(desk, text, post_of(desk))}, (
        "it is the same bid"
    )
    assert "repeated" not in {each.code for each in check_text(desk, body[:100], other)}
    assert [sent.label for sent in recent_sent(desk, read_book(desk).bids.values())] == [
        f"{report.post_id}, 2026-03-02"
    ]
    clock.advance(days=120)
    assert recent_sent(desk, read_book(desk).bids.values()) == []


def test_a_second_message_follows_a_bid_and_an_enquiry_a_direct_post(desk, clock):
    submit(desk, post_of(desk), Terms(), clock(), clock())
    report = written(desk)
    assert report.reason == "you have a proposal with this client"
    assert "Since I wrote on 2 March:" in path_of(desk, report).read_text(encoding="utf-8")
    assert written(desk, situation=Situation.INVITED).reason == "the client invited you"
    give(desk, {**POST, "source_id": "d1", "title": "Django for a friend", "source": "direct"})
    (direct,) = write_drafts(desk, [post_of(desk, "friend")])
    assert direct.reason == "the client wrote to you"


# -- checks of any text ------------------------------------------------------------------------------------


def test_any_text_is_checked_with_lines_and_places(desk):
    text = b"Dear Sir\n\nI have 12 years of Kubernetes.\n"
    found = check_file(desk, "mine.txt", text)
    assert [(each.code, each.line) for each in found.findings] == [
        ("cliche", 1), ("unstated-skill", 3), ("unstated-number", 3),
    ]  # fmt: skip
    assert found.stored is None
    against = check_file(desk, "mine.txt", text, post_of(desk).post_id)
    assert "generic-opening" in {each.code for each in against.findings}


def test_the_head_of_a_draft_names_its_post(desk):
    report = written(desk)
    found = check_file(desk, report.path, path_of(desk, report).read_bytes())
    assert found.stored.post_id == report.post_id
    assert [each.code for each in found.findings] == ["gap"]


def test_what_is_no_text_is_refused(desk):
    with pytest.raises(InputError, match="not UTF-8"):
        check_file(desk, "x.pdf", b"\xff\xfe")
    with pytest.raises(InputError, match="larger than 1 MB"):
        check_file(desk, "x.txt", b"x" * 1_100_000)


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("# Head\n**bold** and *soft* `code`", "Head\nbold and soft code"),
        ("[here](https://a.example/x)", "here (https://a.example/x)"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("1. one\n- two", "1. one\n- two"),
    ],
)
def test_plain_text_has_no_marks(markdown, plain):
    assert plain_text(markdown) == plain


# -- the command line --------------------------------------------------------------------------------------


@pytest.fixture
def command(desk, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_drafts(desk, [post_of(desk)])
    post_id = post_of(desk).post_id

    def call(*words):
        capsys.readouterr()
        status = run(["-w", str(tmp_path), *(post_id if word == "POST" else word for word in words)])
        out = capsys.readouterr()
        return status, out.out, out.err

    return call


def test_the_commands_of_a_draft(command, tmp_path):
    status, out, _ = command("draft", "note", "POST", "ask", "first")
    assert (status, out.startswith("noted on p")) == (0, True)
    status, out, _ = command("draft", "versions", "POST")
    assert "generated" in out
    assert "ask first" in out
    status, out, _ = command("draft", "versions", "POST", "--json")
    assert [each["origin"] for each in json.loads(out)["versions"]] == ["generated"]
    status, out, _ = command("draft", "show", "POST")
    assert out.startswith("You want to build a Django API")
    assert command("draft", "show", "POST", "--version", "1")[1] == out
    assert command("draft", "diff", "POST")[1] == "nothing has changed\n"
    assert command("draft", "lock", "POST")[1].endswith("locked\n")
    assert command("draft", "unlock", "POST")[1].endswith("no longer locked\n")
    assert command("draft", "restore", "POST", "1")[1].endswith("version 1 again\n")
    status, out, _ = command("draft", "check", "POST")
    assert status == 1
    assert ": fill in: what you would do first" in out
    (tmp_path / "mine.txt").write_text("Your bakery's Django API needs tests first.\n", encoding="utf-8")
    assert command("draft", "check", "mine.txt", "--post", "POST")[0] == 0
    status, out, _ = command("draft", "check", "mine.txt", "--json")
    assert json.loads(out)["files"][0] == {"file": "mine.txt", "post_id": None, "findings": []}
    assert command("draft", "nothing")[0] == 2


def test_the_editor_of_the_person_is_used_and_the_edit_checked(command, tmp_path, monkeypatch):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'I am confident.' >> \"$1\"\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VISUAL", str(editor))
    status, out, _ = command("draft", "edit", "POST")
    assert status == 0
    assert "“i am confident” stands in every other proposal" in out
    assert [each["origin"] for each in json.loads(command("draft", "versions", "POST", "--json")[1])["versions"]] == [
        "generated", "edited",
    ]  # fmt: skip
    monkeypatch.setenv("VISUAL", "false")
    assert command("draft", "edit", "POST")[0] == 2


def test_without_a_clipboard_it_says_so_and_with_one_it_copies(command, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    status, _, err = command("draft", "copy", "POST")
    assert status == 1
    assert "there is no clipboard to reach here (looked for pbcopy" in err
    tool = tmp_path / "pbcopy"
    tool.write_text(f"#!/bin/sh\n/bin/cat > {tmp_path}/clip\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    status, out, _ = command("draft", "copy", "POST")
    assert status == 0
    assert "still to fill in: what you would do first" in out
    assert (tmp_path / "clip").read_text(encoding="utf-8").startswith("You want to build a Django API")


def test_a_clipboard_tool_that_fails_or_lacks_its_screen_is_passed_over(tmp_path):
    for name in ("pbcopy", "xclip"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    assert to_clipboard("x", {"PATH": str(tmp_path)}) is None
    (tmp_path / "xsel").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "xsel").chmod(0o755)
    assert to_clipboard("x", {"PATH": str(tmp_path), "DISPLAY": ":0"}) == "xsel"


def test_bid_submitted_says_what_was_frozen_and_what_was_left_open(command):
    status, out, _ = command("bid", "submitted", "POST", "--amount", "62", "--at", DAY)
    assert status == 0
    assert "The draft as it stands is kept as what went out: version 2." in out
    assert "fill in: what you would do first" in out
    assert "Already recorded" in command("bid", "submitted", "POST", "--amount", "62", "--at", DAY)[1]


def test_the_commands_of_templates(command, tmp_path):
    status, out, _ = command("templates", "list")
    assert status == 0
    assert len(json.loads(command("templates", "list", "--json")[1])["templates"]) == 12
    assert (
        command("templates", "copy", "short", "--as", "tiny")[1] == "wrote templates/proposals/tiny.md.j2\n"
    )
    assert 'name = "tiny"' in (tmp_path / "templates" / "proposals" / "tiny.md.j2").read_text(
        encoding="utf-8"
    )
    status, out, err = command("templates", "copy", "short", "--as", "tiny")
    assert status == 2
    assert "is there already" in err
    assert command("templates", "copy", "short", "--as", "../x")[0] == 2
    assert command("templates", "copy", "../../etc/passwd")[0] == 1
    assert command("templates", "copy", "partials/close")[0] == 0
    assert command("templates", "check", "tiny") == (0, "tiny              sound  yours\n", "")
    assert command("templates", "show", "tiny")[1].startswith("+++")
    status, out, err = command("templates", "render", "tiny", "--post", "POST")
    assert out.startswith("You want to build a Django API")
    (tmp_path / "templates" / "proposals" / "typo.md.j2").write_text(
        "one\n{{ post.titel }}\n", encoding="utf-8"
    )
    (tmp_path / "templates" / "proposals" / "head.md.j2").write_text(
        "+++\nlenght = 1\n+++\n", encoding="utf-8"
    )
    status, out, err = command("templates", "check")
    assert status == 1
    assert "template typo, line 2: 'dict object' has no attribute 'titel'" in out
    assert "Did you mean length?" in out
    status, out, err = command("templates", "list", "--json")
    assert status == 1
    assert [each["name"] for each in json.loads(out)["problems"]] == ["head"]


def test_every_shipped_template_is_sound(command):
    status, out, _ = command("templates", "check")
    assert status == 0, out
    assert out.count("sound") == 12


# -- set aside ---------------------------------------------------------------------------------------------


def test_what_an_editor_saves_into_a_replaced_file_comes_back_beside_it(desk):
    report = written(desk)
    path = path_of(desk, report)
    with path.open("r+", encoding="utf-8") as held:  # an editor that writes in place
        written(desk, template="short")
        held.seek(0)
        held.write("saved too late\n")
        held.truncate()
    written(desk, template="short")
    (saved,) = path.parent.glob("*.saved-1.md")
    assert saved.read_text(encoding="utf-8") == "saved too late\n"
    assert known_drafts(desk) == {report.post_id: report.path}


def test_what_was_replaced_goes_after_a_minute(desk):
    report = written(desk)
    written(desk, template="short")
    folder = path_of(desk, report).parent
    (aside,) = folder.glob(".*.aside")
    written(desk, template="short")
    assert aside.exists()
    long_ago = time.time() - 3600
    os.utime(aside, (long_ago, long_ago))
    assert aside.exists()
    assert len(list(folder.glob("*.md"))) == 1


def test_a_file_a_crash_left_set_aside_gets_its_name_again(desk):
    report = written(desk)
    path = path_of(desk, report)
    edit(path, "Ana Prado", "mine")
    mine = path.read_bytes()
    path.rename(path.with_name(f".{path.name}.0123456789abcdef-00000000.aside"))
    assert written(desk).says == "kept: you have edited it"
    assert path.read_bytes() == mine
    assert find_one(desk, report.post_id)
    assert desk.clock() == NOW
