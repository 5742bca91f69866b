"""Mentions of skills against marked spans: the measure itself, and that whole words of our table beat ESCO's names."""

from __future__ import annotations

import pytest

from benchmarks.corpus import shared_data
from benchmarks.quality.skills import esco_names, exact, is_test, marked, ours, score, substring

FOLDER = shared_data(None)
needs_data = pytest.mark.skipif(FOLDER is None, reason="the marked sentences are not here")


def test_a_find_is_right_where_it_covers_half_of_a_marked_span():
    sentences = {"write Java code": {(6, 10), (0, 15)}}
    got = score(sentences, lambda _: {(6, 10), (11, 15)}, share=0.5)
    assert (got.found, got.right, got.marked, got.met) == (2, 1, 2, 1)
    touching = score(sentences, lambda _: {(6, 10), (11, 15)}, share=0.0)
    assert (touching.right, touching.met) == (2, 2)


def test_substrings_are_found_inside_words_and_whole_words_are_not():
    names = {"java", "go", "work in teams"}
    text = "javascript at google; we work in teams"
    assert substring(names)(text) == {(0, 4), (14, 16), (25, 38)}
    assert exact(names)(text) == {(25, 38)}


def test_our_finder_says_where():
    text = "Needs React.js, never javascriptish"
    assert [text[start:end] for start, end in sorted(ours(text))] == ["React.js"]


@needs_data
def test_our_table_beats_escos_names_on_the_test_half():
    test = {sentence: spans for sentence, spans in marked(FOLDER).items() if is_test(sentence)}
    names = esco_names(FOLDER)
    mine, whole, inside = (score(test, find, share=0.5) for find in (ours, exact(names), substring(names)))
    assert mine.marked > 200
    assert mine.right / mine.found > max(one.right / one.found for one in (whole, inside))
    assert mine.met > max(whole.met, inside.met)
