"""Skills: one name per skill, whole words only, and words with other meanings only where they mean the skill."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.data import table
from pipelines.skills import canonical_skill, find_skills
from tests.growth import assert_linear

SECTIONS = {name: skills for name, skills in table("skills").items() if name != "ambiguous"}


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("reactjs", "React"), ("React.js", "React"), ("NODE JS", "Node.js"), ("nodejs", "Node.js"),
        ("Microsoft Power BI", "Power BI"), ("Data Analysis Expressions", "DAX"), ("golang", "Go"), ("go", "Go"),
        ("c", "C"), ("r", "R"), ("c plus plus", "C++"), ("C# Programming", "C#"), ("dotnet", ".NET"),
        ("CICD", "CI/CD"), ("ci cd", "CI/CD"), ("Search Engine Optimization", "SEO"), ("Chatbots", "Chatbot Development"),
        ("  Beautiful\u200b Soup ", "Beautiful Soup"), ("Underwater  Basket Weaving", "Underwater Basket Weaving"),
        ("English", "English"), ("", ""),
    ],
)  # fmt: skip
def test_canonical_skill(tag, expected):
    assert canonical_skill(tag) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Only JavaScript here", ("JavaScript",)),
        ("google it while going to mango", ()),
        ("Java, JavaScript", ("Java", "JavaScript")),
        ("C++, C# and .NET; Node.js CI/CD ASP.NET", ("C++", "C#", ".NET", "Node.js", "CI/CD", "ASP.NET")),
        ("Power BI/DAX/Power Query/Tableau", ("Power BI", "DAX", "Power Query", "Tableau")),
        ("a react native app", ("React Native",)),
        ("Built with React. Native speakers only", ("React",)),
        ("React and React again", ("React",)),
        ("landing pages and dashboards", ("Landing Page", "Dashboard")),
        ("services in Go and Kubernetes", ("Go", "Kubernetes")),
        ("Go to the site and go live with docker", ("Docker",)),
        ("Statistics in R or Python", ("Statistics", "R", "Python")),
        ("our R&D team, vitamin C, C-level", ()),
        ("firmware in C for a sensor", ("Embedded Systems", "C")),
        ("the rest of the API", ()),
        ("a REST API", ("REST API",)),
        ("Swift payment by SWIFT", ()),
        ("an iOS app in Swift", ("iOS Development", "Swift")),
        ("a spring sale", ()),
        ("report to sales weekly, English required", ()),
        ("", ()),
    ],
)
def test_find_skills(text, expected):
    assert find_skills(text) == expected


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_name_is_found_as_a_tag_and_belongs_to_one_skill(section):
    for skill, aliases in SECTIONS[section].items():
        for name in (skill, *aliases):
            assert canonical_skill(name) == skill


def test_every_rule_for_an_ambiguous_word_concerns_a_known_name_and_gives_its_reason():
    for word, rule in table("skills")["ambiguous"].items():
        assert canonical_skill(word) != word, word
        assert rule["reason"], word


@given(st.text())
def test_what_is_found_is_canonical_and_named_once(text):
    found = find_skills(text)
    assert len(set(found)) == len(found)
    assert [canonical_skill(name) for name in found] == list(found)


@pytest.mark.parametrize("unit", ["go ", "react native ", "c++ ", ".net ", "a/", "power bi "])
def test_finding_takes_linear_time(unit):
    assert_linear(lambda size: find_skills(unit * (size // len(unit))), 10_000)
