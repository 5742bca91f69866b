"""A hundred kilobytes of one thing over and over: every function that reads foreign text is done within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields

import pytest

from domain.identity import canonical_url, content_hash, text_hash
from domain.posts import JobPosting, PostText, RawPosting
from pipelines.channels import channel_for
from pipelines.clients import CLIENT_KEYS
from pipelines.contracts import contract_type
from pipelines.countries import country_code
from pipelines.dates import parse_date
from pipelines.duplicates import find_duplicates
from pipelines.fields import count, count_span, dollars, experience, rating, read_field, share, truth
from pipelines.language import detect_language
from pipelines.normalise import normalise
from pipelines.pay import parse_pay
from pipelines.pay_in_text import pay_in_text
from pipelines.pay_text import currency_of, find_offer, unit_named
from pipelines.skills import canonical_skill, find_skills
from pipelines.text import clean_text, html_to_text, looks_like_html
from pipelines.upwork import id_in, time_in
from proposals.asks import read_asks
from spiders.parsers.cards import facts_of, times_of
from spiders.parsers.links import unwrapped, upwork_id, whole_link
from spiders.parsers.mail_links import job_link, title_in
from spiders.parsers.values import skills_of, stated
from tests.fakes import NOW, make_post
from tests.growth import assert_linear
from tests.hostile import NO_HANG

pytestmark = pytest.mark.slow

LENGTH = 100_000
UNITS = {
    "letters": "a", "capitals": "A", "digits": "1", "thousands": "1 000 ", "grouped": "1,000,", "decimals": "1.",
    "dollars": "$", "prices": "$1 ", "ranges": "$1-", "rates": "10 USD/hour ", "hyphens": "-", "dots": "a.",
    "addresses": "a.a@", "lists": "a, ", "spaces": " ", "lines": "\n", "tabs": "x\t", "angles": "<", "tags": "<b>",
    "blocks": "<div>", "comments": "<!--", "attributes": "<a b=", "ampersands": "&", "entities": "&amp;lt;",
    "quotes": "\"'", "brackets": "([{", "slashes": "/%2F", "marks": "\u0301\u0316", "wide": "漢", "unseen": "\u200b\u202e\ud800",
    "labels": "<b>Budget</b>: ", "ids": "~01", "dates": "Jan 1, 2026 ", "sentences": 'Include the word "x". ',
}  # fmt: skip


def in_every_field(text: str) -> None:
    texts = {field.name: text for field in fields(RawPosting) if field.type == "str | None"}
    raw = RawPosting(
        source="s",
        where="w",
        title=text,
        skills=(text,) * 200,
        client=dict.fromkeys(CLIENT_KEYS, text),
        extra={"x": text},
        **texts,
    )
    normalise(raw, now=NOW)


def cleaned(text: str) -> JobPosting:
    return make_post(description=clean_text(text))


def duplicates(text: str) -> None:
    posts = [
        PostText(
            post_id=str(number),
            source="s",
            title="t",
            description=clean_text(f"{text}{number}"),
            first_seen=NOW,
        )
        for number in range(4)
    ]
    find_duplicates(posts)


READERS: dict[str, Callable[[str], object]] = {
    "clean_text": clean_text,
    "clean_text, one line": lambda text: clean_text(text, single_line=True),
    "html_to_text": html_to_text,
    "looks_like_html": looks_like_html,
    "parse_pay": parse_pay,
    "pay_in_text": lambda text: pay_in_text(text, text, where="w"),
    "find_offer": lambda text: find_offer(text, bare_number_is_pay=False, where="w"),
    "currency_of": currency_of,
    "unit_named": unit_named,
    "find_skills": find_skills,
    "canonical_skill": canonical_skill,
    "detect_language": detect_language,
    "parse_date": lambda text: parse_date(text, now=NOW),
    "country_code": country_code,
    "contract_type": contract_type,
    "experience": experience,
    "fields": lambda text: [
        read_field(text, reader, "w", []) for reader in (count, count_span, dollars, share, rating, truth)
    ],
    "id_in, time_in": lambda text: (id_in(text), time_in(text, now=NOW)),
    "channel_for": lambda text: channel_for(text, f"https://{text}"),
    "canonical_url": lambda text: [
        canonical_url(f"https://a.example/{mark}{text}") for mark in ("", "?", "#")
    ],
    "hashes": lambda text: (content_hash(cleaned(text)), text_hash(cleaned(text))),
    "normalise": in_every_field,
    "find_duplicates": duplicates,
    "read_asks": read_asks,
    "values": lambda text: (stated(text), skills_of(text), stated(f"[{text}]"), skills_of(f"['{text}']")),
    "lines of cards": lambda text: (facts_of(text), times_of(text)),
    "links": lambda text: (
        unwrapped(text),
        upwork_id(text),
        whole_link(text),
        job_link(text),
        title_in(text),
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_takes_a_hundred_kilobytes_of_anything(reader):
    slow = {}
    for unit, piece in UNITS.items():
        text = piece * (LENGTH // len(piece))
        started = time.process_time()
        READERS[reader](text)
        took = time.process_time() - started
        if took >= NO_HANG:
            slow[unit] = round(took, 1)
    assert slow == {}


@pytest.mark.parametrize("unit", ["letters", "thousands", "ranges", "tags", "marks", "lists", "ids"])
def test_the_work_grows_with_the_text_and_not_with_its_square(unit):
    def read(length: int) -> None:
        text = UNITS[unit] * (length // len(UNITS[unit]))
        pay_in_text("", clean_text(html_to_text(text)), where="w")
        find_skills(text)

    assert_linear(read, 20_000)
