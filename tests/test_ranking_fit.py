"""Fit: mentions on word boundaries, words shared, closeness of meaning, levels and wants; vectors and their cache."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from domain.errors import ModelError
from domain.profile import Skill, SkillLevel
from ranking.fit import fit_posts, profile_queries
from ranking.inference import infer_skills
from ranking.lexical import WordIndex
from ranking.mentions import SkillMatcher
from ranking.rank import post_text
from ranking.similarity import TextSpace
from ranking.tables import on_curve, table
from ranking.vectors import embed_missing, from_bytes, load_vectors, text_key, to_bytes
from tests.fakes import FakeEmbedder, make_post, make_profile, stored


def skill(name, *aliases, level=SkillLevel.EXPERT, want=True):
    return Skill(name=name, aliases=aliases, level=level, want=want)


def found(skills, *, title="Help wanted", text="", tags=()):
    return SkillMatcher(skills).find(make_post(title, description=text, skills=tags))


# ---- mentions ----


@pytest.mark.parametrize(
    ("name", "text", "mentioned"),
    [
        ("Django", "We use DJANGO, daily.", True),
        ("Django", "djangonaut", False),
        ("C", "C++ and C# only", False),
        ("C", "written in C.", True),
        ("C++", "modern C++, please", True),
        ("C#", "C#/.NET", True),
        (".NET", "C#/.NET", True),
        (".NET", "ASP.NET", False),
        ("Go", "ready to go live", False),
        ("Go", "services in Go and gRPC", True),
        ("Go", "golang microservices", True),
        ("excel", "you excel at this", False),
        ("excel", "Excel sheets", True),
        ("React", "a ReactJS front end", True),
        ("React.js", "a React front end", True),
        ("React", "react.js", True),
        ("Node.js", "nodejs backend", True),
        ("Node.js", "a node in the tree", False),
        ("Power BI", "Power\n  BI reports", True),
        ("Power BI", "PowerBI reports", True),
        ("DAX", "Data Analysis Expressions", True),
        ("Java", "JavaScript", False),
        ("SQL", "MySQL", False),
        ("Django", "mail @django or #django", False),
    ],
)
def test_mentions_in_running_text(name, text, mentioned):
    assert (found([skill(name)], text=text).told == (name,)) is mentioned


def test_aliases_count_as_the_skill_and_title_and_tags_come_before_text():
    skills = [skill("Python"), skill("Django", "DRF"), skill("PostgreSQL", "Postgres")]
    result = found(skills, title="DRF expert", text="Postgres, Python and DRF", tags=("python",))
    assert result.named == ("Python", "Django")
    assert result.told == ("PostgreSQL",)


def test_tags_nobody_covers_are_missing_unless_they_are_broad():
    tags = ("Microsoft Power BI", "Kubernetes", "Web Development", "Go", "Kubernetes")
    result = found([skill("Power BI"), skill("golang")], tags=tags)
    assert result.named == ("Power BI", "golang")
    assert result.missing == ("Kubernetes",)


def test_an_empty_alias_matches_nothing():
    assert found([skill("Django", " ")], text="anything").told == ()


# ---- lexical ----


def test_rare_words_count_more_than_common_ones():
    texts = ["django api python", "python script", "python report", "nurse shift"]
    scores = WordIndex(texts).similarity("python django")
    assert list(np.argsort(-scores)) == [0, 1, 2, 3]
    assert scores[3] == 0
    assert scores.max() <= 1


def test_texts_without_words_share_none():
    assert list(WordIndex(["", "!!"]).similarity("python")) == [0, 0]
    assert list(WordIndex(["the and of"]).similarity("python")) == [0]


def test_c_plus_plus_is_a_word_of_its_own():
    scores = WordIndex(["c++ engine", "engine in c#", "an engine"]).similarity("c++")
    assert scores[0] > 0
    assert scores[1] == scores[2] == 0


# ---- fit ----


def fits(posts, profile, *, vectors=True):
    embedder = FakeEmbedder()
    items = [stored(post) for post in posts]
    texts = [post_text(post) for post in posts]
    rows = (
        dict(zip((item.text_hash for item in items), embedder.encode(texts), strict=True)) if vectors else {}
    )
    queries = profile_queries(profile)
    asked = dict(zip(queries, embedder.encode(queries), strict=True)) if vectors else {}
    space = TextSpace(items)
    return fit_posts(
        items,
        space,
        profile,
        post_vectors=rows,
        profile_vectors=asked,
        inference=infer_skills(space, items),
    )


DJANGO = make_post()
NURSE = make_post("Night nurse", description="Registered nurse for a clinic.", skills=("Nursing",))


@pytest.mark.parametrize("vectors", [True, False])
def test_the_persons_work_fits_and_somebody_elses_does_not(vectors):
    django, nurse = fits([DJANGO, NURSE], make_profile(), vectors=vectors)
    assert django.score > 0.35
    assert nurse.score < 0.25
    assert django.matched == ("Django", "PostgreSQL")
    assert nurse.missing == ("Nursing",)
    source = next(part.source for part in django.parts if part.label == "meaning")
    assert ("no vector" not in source) is vectors


def test_the_score_comes_from_the_parts_shown():
    for result in fits([DJANGO, NURSE, replace(DJANGO, skills=())], make_profile()):
        pairs = {part.label: part.value.split(" x ") for part in result.parts if " x " in part.value}
        values = {label: (float(value), float(weight)) for label, (value, weight) in pairs.items()}
        near = [values[label] for label in ("meaning", "words shared", "named")]
        closeness = sum(value * weight for value, weight in near) / sum(weight for _, weight in near)
        assert closeness == pytest.approx(values["closeness"][0], abs=1e-4)
        index = sum(value * weight for value, weight in (values["skills asked for"], values["closeness"]))
        shown = next(part.value for part in result.parts if part.label == "sum")
        assert index == pytest.approx(float(shown), abs=1e-4)
        curve = table("fit")["calibration"]["score"]
        assert on_curve(curve, index) == pytest.approx(result.score, abs=2e-4)
        assert values["skills asked for"][0] == result.asked


def test_a_skill_held_better_fits_better_and_one_not_wanted_fits_less():
    def score(**fields):
        profile = make_profile(headline="x", skills=(skill("Django", **fields),))
        return fits([DJANGO, NURSE], profile)[0]

    expert, basic = score(), score(level=SkillLevel.BASIC)
    unwanted = score(want=False)
    assert expert.score > basic.score > unwanted.score
    assert "not wanted" in {part.label for part in unwanted.parts}


def test_a_post_without_a_vector_is_judged_by_words_beside_those_with():
    profile, embedder = make_profile(), FakeEmbedder()
    items = [stored(DJANGO), stored(replace(DJANGO, title="Django back end"))]
    texts = [post_text(item.post) for item in items]
    queries = profile_queries(profile)
    result = fit_posts(
        items,
        TextSpace(items),
        profile,
        post_vectors={items[0].text_hash: embedder.encode(texts[:1])[0]},
        profile_vectors=dict(zip(queries, embedder.encode(queries), strict=True)),
    )
    sources = [next(part.source for part in each.parts if part.label == "meaning") for each in result]
    assert sources == ["your best three skills", "no vector, estimated from words"]
    assert result[1].score > 0


def test_a_profile_without_skills_and_an_empty_list_are_no_error():
    assert fits([DJANGO], make_profile(skills=()))[0].asked == 0
    assert fit_posts([], TextSpace([]), make_profile(), post_vectors={}, profile_vectors={}) == []


def test_the_queries_are_the_skills_each_once():
    profile = make_profile(headline="Django", skills=(skill("Django"), skill("Python")))
    assert profile_queries(profile) == ["Django", "Python"]


# ---- vectors ----


class MemoryCache:
    def __init__(self):
        self.kept = {}

    def load(self, model_id, hashes):
        return {name: self.kept[model_id, name] for name in hashes if (model_id, name) in self.kept}

    def save(self, model_id, dimensions, vectors):
        self.kept.update({(model_id, name): vector for name, vector in vectors.items()})


def test_nothing_is_embedded_twice():
    cache, embedder, shown = MemoryCache(), FakeEmbedder(), []
    texts = {"h1": "long text about django", "h2": "python", "h3": "python"}
    first = embed_missing(texts, cache, embedder, lambda done, total: shown.append((done, total)))
    assert embedder.encoded == ["python", "long text about django"]
    assert list(first) == ["h1", "h2", "h3"]
    assert shown == [(2, 2)]
    again = embed_missing(texts | {"h4": "go"}, cache, embedder)
    assert embedder.encoded[2:] == ["go"]
    assert all(np.array_equal(first[name], again[name]) for name in texts)
    assert list(load_vectors(cache, embedder.model_id, 64, ["h1", "nobody"])) == ["h1"]


def test_what_was_embedded_before_an_interruption_is_kept():
    class Tired(FakeEmbedder):
        def encode(self, texts):
            if self.encoded:
                raise KeyboardInterrupt
            return super().encode(texts)

    cache, texts = MemoryCache(), {f"h{number}": f"text {number}" for number in range(200)}
    with pytest.raises(KeyboardInterrupt):
        embed_missing(texts, cache, Tired())
    assert len(cache.kept) == 128


@pytest.mark.parametrize(
    "stored_bytes", [b"", b"\x00" * 255, b"\x00\x00\xc0\x7f" * 64, b"\x00\x00\x80\x7f" * 64]
)
def test_stored_vectors_that_are_none_are_refused(stored_bytes):
    cache = MemoryCache()
    cache.kept["fake-bag-of-words", "h1"] = stored_bytes
    with pytest.raises(ModelError, match="stored vector"):
        embed_missing({"h1": "python"}, cache, FakeEmbedder())


def test_a_model_that_gives_something_else_is_refused_and_nothing_is_kept():
    class Wrong(FakeEmbedder):
        def encode(self, texts):
            return np.full((len(texts), self.dimensions), np.nan, dtype=np.float32)

    cache = MemoryCache()
    with pytest.raises(ModelError, match="fake-bag-of-words"):
        embed_missing({"h1": "python"}, cache, Wrong())
    assert cache.kept == {}


def test_bytes_are_little_endian_float32():
    assert to_bytes(np.array([1.0, -2.0], dtype=np.float32)).hex() == "0000803f000000c0"
    assert list(from_bytes(bytes.fromhex("0000803f000000c0"), 2, "x")) == [1.0, -2.0]
    assert text_key("a") != text_key("b")
    assert text_key("a") == "q:ca978112ca1bbdcafac231b39a23dc4d"
