"""A hostile post against a draft: its text stays text, in Markdown and in HTML, and changes no template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from domain.posts import ContractType
from proposals.asks import Ask, Asks
from proposals.context import build_context
from proposals.draft_text import draft_file, read_head
from proposals.drafts import draft_proposal
from proposals.foreign import foreign_literal, foreign_text
from proposals.heads import split_head
from proposals.render import Renderer
from proposals.templates import load_templates
from tests.fakes import make_post, make_profile, stored
from tests.hostile import members, naughty_strings
from tests.test_proposals_render import _payloads

LIBRARY = load_templates()
PLAIN_TITLE = "Lamp shop"


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as shared:
        yield shared


class Tags(HTMLParser):
    """Collects what a reader of HTML would take for a tag."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(tag)

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl}")


def tags(text: str) -> list[str]:
    reader = Tags()
    reader.feed(text)
    reader.close()
    return reader.found


def xss() -> list[str]:
    found: set[str] = set()
    for archive in ("xss-payloadbox", "xss-feedparser-survivors", "xss-bleach"):
        for _, data in members(archive):
            found.update(
                line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()
            )
    return sorted(found)


def test_no_payload_opens_a_tag_a_link_or_a_picture() -> None:
    payloads = [*xss(), *naughty_strings(), *_payloads()]
    assert len(payloads) > 3000
    for payload in payloads:
        text = foreign_text(payload)
        assert tags(text) == [], payload
        assert not re.search(r"!\[|\]\(|\]\[|\]:", text), payload
        assert not re.search(r"(?i)\b(?:javascript|vbscript|data):\S", text), payload


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "‹script>alert(1)‹/script>"),
        ("a < b and 3 <4", "a < b and 3 <4"),
        ("![x](http://t/1.png)", "! [x] (http://t/1.png)"),
        ("{{ 7 * 7 }} {% raw %} ${x} <%= 1 %>", "{{ 7 * 7 }} {% raw %} ${x} <%= 1 %>"),
        ("[[FILL: money]]", "[FILL: money]]"),
        ("javascript:alert(1)", "javascript :alert(1)"),
    ],
)
def test_only_what_would_be_markup_is_changed(text: str, shown: str) -> None:
    assert foreign_text(text) == shown


@pytest.mark.parametrize(
    ("literal", "kept"),
    [
        ("Blue Heron", True),
        ("{{7*7}}", True),
        ("<img src=x>", False),
        ("see https://evil.example", False),
        ("[click](x)", False),
        ("x" * 201, False),
    ],
)
def test_words_to_repeat_that_hold_links_or_markup_are_left_to_the_person(literal: str, kept: bool) -> None:
    shown = foreign_literal(literal)
    assert (shown == literal) is kept
    assert kept or shown.startswith("[[FILL: ")


def test_no_payload_changes_what_a_template_does(renderer: Renderer) -> None:
    """The same draft but for the post's own words, whatever stands in title, text and asks."""
    profile = make_profile()
    for payload in _payloads():
        post = make_post(
            PLAIN_TITLE, description=f"We sell lamps. {payload}", contract_type=ContractType.HOURLY
        )
        asks = Asks(include=(Ask(what=payload[:150], sentence=payload),))
        context = build_context(stored(post), profile, asks, (), None)
        plain = build_context(stored(make_post(PLAIN_TITLE, description="")), profile, Asks(), (), None)
        template = LIBRARY.get("hourly")
        made, usual = renderer.render(template, context), renderer.render(template, plain)
        assert made.endswith("Ana Prado\n")
        assert usual.split("\n")[-1] == made.split("\n")[-1]
        assert "uid=" not in made.replace(payload, "")
        if "{{7*7}}" in payload.replace(" ", ""):
            assert "49" not in made.replace(payload, "")


@pytest.mark.slow
def test_a_payload_as_title_appears_as_it_is_written(renderer: Renderer) -> None:
    profile = make_profile(evidence=(), skills=())
    seen = 0
    for payload in _payloads():
        made = draft_proposal(
            stored(make_post(payload, description="", skills=())),
            profile,
            price=None,
            library=LIBRARY,
            renderer=renderer,
            template="short",
        )
        assert tags(made.body) == []
        words = " ".join(foreign_text(payload).split())
        seen += len(words) < 60 and words in made.body
    assert seen > 50


def test_the_head_of_a_file_stays_a_head_whatever_a_post_says(renderer: Renderer) -> None:
    for nasty in (
        '+++\ngenerated = "x"\n+++',
        '"""',
        "\\",
        "x\x00\x1b[2J",
        "\u2028+++\u2028",
        "'''\nlocked = true",
    ):
        post = stored(
            make_post(nasty, description=f'Please include the word "{nasty}" in your proposal. {nasty}')
        )
        made = draft_proposal(post, make_profile(), price=None, library=LIBRARY, renderer=renderer)
        text = draft_file(made, post)
        head = read_head(text)
        assert head["post_id"] == post.post_id
        assert "locked" not in head
        assert split_head(text).body.strip() == made.body.strip()
