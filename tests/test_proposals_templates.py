"""Template heads, the person's own files over the shipped ones, and the choice for a post."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import TemplateError
from domain.posts import ContractType
from proposals.choice import choose_template, jargon
from proposals.template_heads import OVER, OWN, SHIPPED, Situation, parse_template
from proposals.templates import TemplateLibrary, load_templates
from tests.fakes import make_post


def test_the_shipped_ones() -> None:
    library = load_templates()
    assert set(library.templates) == {
        "audit", "enquiry", "fixed-milestones", "follow-up", "hourly", "invitation", "plain-words", "position",
        "questions", "rescue", "retainer", "short",
    }  # fmt: skip
    assert not library.problems
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
        (
            '[when]\nsituations = ["lost"]',
            "unknown situation 'lost'. Known are: enquiry, invited, open, submitted",
        ),
        ("[when]\nmax_words = 0", "max_words must be a number of at least 1"),
        ("[when]\nmin_questions = true", "min_questions must be a number of at least 1"),
        ("[when]\nmax_jargon = -1", "max_jargon must be a number of at least 0"),
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


def test_files_that_are_no_templates_are_named_and_the_others_used(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "proposals"
    (own / "partials").mkdir(parents=True)
    (own / "hourly.md.j2").write_bytes(b"\xff\xfe\xff")
    (own / "endless.md.j2").write_bytes(b"x" * 65_537)
    (own / "typo.md.j2").write_text("+++\nlenght = [1, 2]\n+++\nx")
    (own / "partials" / "close.md.j2").write_bytes(b"\xff")
    (own / "mine.md.j2").write_text("mine")
    library = load_templates(tmp_path)
    assert set(library.problems) == {"hourly", "endless", "typo", "partials/close"}
    with pytest.raises(TemplateError, match="cannot be read"):
        library.get("hourly")
    with pytest.raises(TemplateError, match="larger than 64 KB"):
        library.get("endless")
    with pytest.raises(TemplateError, match="Did you mean length"):
        library.get("typo")
    shipped = load_templates().get("hourly")
    assert library.templates["hourly"].body == shipped.body
    assert library.get("mine").partials["partials/close"] == shipped.partials["partials/close"]


def test_each_template_says_whose_it_is(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "proposals"
    own.mkdir(parents=True)
    (own / "hourly.md.j2").write_text("my hourly")
    (own / "shop.md.j2").write_text("my shop")
    library = load_templates(tmp_path)
    origins = {name: library.get(name).origin for name in ("hourly", "shop", "short")}
    assert origins == {"hourly": OVER, "shop": OWN, "short": SHIPPED}


LONG = "We run a booking site and it has grown. " * 12


@pytest.mark.parametrize(
    ("title", "kind", "description", "chosen", "because"),
    [
        ("Django developer", ContractType.HOURLY, LONG, "hourly", "nothing closer applies"),
        ("Django developer", ContractType.FIXED, LONG, "fixed-milestones", "fixed contract"),
        ("Django developer", None, LONG, "hourly", "nothing closer applies"),
        ("Django developer", ContractType.EMPLOYMENT, LONG, "position", "employment contract"),
        ("Fix our Django site", ContractType.EMPLOYMENT, LONG, "position", "employment contract"),
        ("Django developer", ContractType.FIXED, "Add a header.", "short", "only 3 words long"),
        ("Security audit of a Django shop", ContractType.FIXED, LONG, "audit", "the title says “audit”"),
        ("Auditorium booking site", ContractType.FIXED, LONG, "fixed-milestones", "fixed contract"),
        ("Fix the login", ContractType.FIXED, LONG, "rescue", "the title says “fix”"),
        ("Shop", None, LONG + "The previous developer left.", "rescue", "the post says “previous developer”"),
        (
            "Django developer",
            ContractType.HOURLY,
            LONG + "It is ongoing work.",
            "retainer",
            "the post says “ongoing”, hourly contract",
        ),
        (
            "New site",
            ContractType.FIXED,
            "I don’t know much about sites. " * 20,
            "plain-words",
            "the post says “don't know much”, in plain words",
        ),
        (
            "New site",
            ContractType.FIXED,
            "I don't know much about React, Docker and GraphQL. " * 20,
            "fixed-milestones",
            "fixed contract",
        ),
    ],
)
def test_the_choice(
    title: str, kind: ContractType | None, description: str, chosen: str, because: str
) -> None:
    post = make_post(title, contract_type=kind, description=description)
    choice = choose_template(post, load_templates())
    assert (choice.template.name, choice.reason) == (chosen, because)


@pytest.mark.parametrize(
    ("situation", "chosen", "because"),
    [
        (Situation.SUBMITTED, "follow-up", "you have a proposal with this client"),
        (Situation.INVITED, "invitation", "the client invited you"),
        (Situation.ENQUIRY, "enquiry", "the client wrote to you"),
    ],
)
def test_a_situation_admits_only_its_own(situation: Situation, chosen: str, because: str) -> None:
    choice = choose_template(make_post("Fix it"), load_templates(), situation=situation, asked=9)
    assert (choice.template.name, choice.reason) == (chosen, because)


def test_many_questions_are_answered_first() -> None:
    choice = choose_template(make_post("Fix it", description=LONG), load_templates(), asked=3)
    assert (choice.template.name, choice.reason) == ("questions", "it asks 3 questions")
    assert (
        choose_template(make_post("Fix it", description=LONG), load_templates(), asked=2).template.name
        == "rescue"
    )


def test_technical_words_count_once_each() -> None:
    assert jargon("React, react and Docker; reactive dockers") == {"react", "docker"}


def test_the_choice_can_fail_with_a_remedy() -> None:
    only = {"f": parse_template("f", '+++\n[when]\ncontract_types = ["fixed"]\n+++\nx')}
    with pytest.raises(TemplateError, match="no template applies to 'Lamp'.*Name one with --template"):
        choose_template(make_post("Lamp"), TemplateLibrary(templates=only))
