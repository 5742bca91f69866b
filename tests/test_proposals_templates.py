"""Template heads, the person's own files over the shipped ones, and the choice for a post."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import TemplateError
from domain.posts import ContractType
from proposals.templates import choose_template, load_templates, parse_template
from tests.fakes import make_post


def test_the_shipped_ones() -> None:
    library = load_templates()
    assert set(library.templates) == {"audit", "fixed-milestones", "follow-up", "hourly", "short"}
    for template in library.templates.values():
        assert template.summary
        assert template.tone
        assert template.length[0] < template.length[1]
        assert "partials/opener" in template.partials


def test_a_head_is_read_whole() -> None:
    text = """+++
name = "mine"
summary = "For shops"
length = [50, 90]
tone = "dry"
automatic = false
[when]
contract_types = ["fixed"]
any_words = ["shop"]
channels = ["upwork"]
max_words = 80
+++
Hello
"""
    template = parse_template("mine", text)
    assert (template.summary, template.length, template.tone) == ("For shops", (50, 90), "dry")
    assert template.automatic is False
    assert template.when.contract_types == ("fixed",)
    assert template.when.any_words == ("shop",)
    assert template.when.channels == ("upwork",)
    assert template.when.max_words == 80
    assert (template.body, template.head_lines) == ("Hello\n", 12)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("lenght = [1, 2]", "unknown key 'lenght'. Did you mean length?"),
        ("zzz = 1", "unknown key 'zzz'. Known are: name"),
        ('name = "other"', "name 'other' is not the file's name"),
        ("length = [90, 50]", "length must be two numbers of words"),
        ("length = 90", "length must be two numbers of words"),
        ("summary = 3", "summary must be text"),
        ("when = 3", "when must be a table"),
        ("[when]\nany_word = []", "unknown key 'any_word'. Did you mean any_words?"),
        ('[when]\nany_words = "shop"', "any_words must be a list of texts"),
        (
            '[when]\ncontract_types = ["weekly"]',
            "unknown contract type 'weekly'. Known are: employment, fixed, hourly",
        ),
        ("[when]\nmax_words = 0", "max_words must be a number above 0"),
        ("name = ", "its head is not TOML"),
    ],
)
def test_a_wrong_head_is_refused_with_the_remedy(head: str, says: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template("mine", f"+++\n{head}\n+++\nx")
    assert says in str(caught.value)


def test_own_files_stand_over_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "proposals"
    (own / "partials").mkdir(parents=True)
    (own / "hourly.md.j2").write_text("my hourly")
    (own / "rescue.md.j2").write_text("my rescue")
    (own / "partials" / "close.md.j2").write_text("my close")
    (own / "notes.txt").write_text("not a template")
    library = load_templates(tmp_path)
    shipped = load_templates()
    assert library.get("hourly").body == "my hourly"
    assert library.get("rescue").body == "my rescue"
    assert library.get("short").body == shipped.get("short").body
    assert library.get("short").partials["partials/close"] == "my close"
    assert (
        library.get("short").partials["partials/opener"] == shipped.get("short").partials["partials/opener"]
    )


def test_a_workspace_without_templates_has_the_shipped_ones(tmp_path: Path) -> None:
    assert set(load_templates(tmp_path).templates) == set(load_templates().templates)


def test_unreadable_and_endless_files_are_refused(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "proposals"
    own.mkdir(parents=True)
    (own / "bad.md.j2").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(TemplateError, match="cannot be read"):
        load_templates(tmp_path)
    (own / "bad.md.j2").write_bytes(b"x" * 65_537)
    with pytest.raises(TemplateError, match="larger than 64 KB"):
        load_templates(tmp_path)


LONG = "We run a booking site and it has grown. " * 12


@pytest.mark.parametrize(
    ("title", "kind", "description", "chosen"),
    [
        ("Django developer", ContractType.HOURLY, LONG, "hourly"),
        ("Django developer", ContractType.FIXED, LONG, "fixed-milestones"),
        ("Django developer", None, LONG, "hourly"),
        ("Django developer", ContractType.EMPLOYMENT, LONG, "hourly"),
        ("Django developer", ContractType.FIXED, "Fix a header.", "short"),
        ("Security audit of a Django shop", ContractType.FIXED, LONG, "audit"),
        ("Auditorium booking site", ContractType.FIXED, LONG, "fixed-milestones"),
    ],
)
def test_the_choice(title: str, kind: ContractType | None, description: str, chosen: str) -> None:
    post = make_post(title, contract_type=kind, description=description)
    assert choose_template(post, load_templates()).name == chosen


def test_the_choice_can_fail_with_a_remedy() -> None:
    from proposals.templates import TemplateLibrary

    only = {"f": parse_template("f", '+++\n[when]\ncontract_types = ["fixed"]\n+++\nx')}
    with pytest.raises(TemplateError, match="no template applies to 'Lamp'.*Name one with --template"):
        choose_template(make_post("Lamp"), TemplateLibrary(templates=only))
