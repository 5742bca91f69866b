"""The child's own functions, called in this process on harmless templates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from proposals import child


def _answer(body: str, context: dict[str, Any], most: int = 1000) -> dict[str, Any]:
    environment = child._environment((("t", body),))
    return child._answer(environment, {"name": "t", "context": context, "output_bytes": most})


def test_an_answer_is_text_or_an_error_with_its_line() -> None:
    assert _answer("Hello {{ a }}", {"a": "you"}) == {"text": "Hello you"}
    assert _answer("x\n{{ b }}", {}) == {"error": "'b' is undefined", "template": "t", "line": 2}
    assert _answer("x\n\n{% if %}", {})["line"] == 3
    assert _answer("abc", {}, most=2)["error"] == "the output is larger than 0 KB"
    assert (
        _answer("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", {})["error"]
        == "it calls itself without end"
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{{ 2 ** 10 }}", "1024"),
        ("{{ 'ab' * 3 }}", "ababab"),
        ("{{ 3 * n }}", "1.50"),
        ("{{ [1] * 2 }}", "[1, 1]"),
    ],
)
def test_ordinary_arithmetic_works(body: str, text: str) -> None:
    assert _answer(body, {"n": {"$decimal": "0.50"}}) == {"text": text}


@pytest.mark.parametrize(
    "body", ["{{ 2 ** 65 }}", "{{ 99 ** 2 }}", "{{ 'a' * 100001 }}", "{{ 100001 * [1] }}"]
)
def test_explosive_arithmetic_is_refused_before_it_starts(body: str) -> None:
    assert _answer(body, {})["error"].endswith("is not allowed")


def test_values_are_restored() -> None:
    data = {"a": [1, {"$decimal": "0.10"}], "b": {"$date": "2026-03-02"}, "c": {"d": "e"}}
    assert child._value(data) == {"a": (1, Decimal("0.10")), "b": date(2026, 3, 2), "c": {"d": "e"}}


def test_lines_are_told_for_every_template_that_compiles() -> None:
    environment = child._environment((("bad", "{% if %}"), ("good", "a\n{{ b }}")))
    lines = child._compiled_lines(environment, ["bad", "good"])
    assert set(lines) == {"good"}
    assert 2 in {pair[0] for pair in lines["good"]}


def test_the_words_of_an_error() -> None:
    assert child._words(MemoryError()) == "it needs more memory than a template may use"
    assert child._words(KeyError()) == "KeyError"
