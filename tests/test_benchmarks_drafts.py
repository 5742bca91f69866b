"""Every shipped template on real posts: it renders, leaves nothing unfilled, and claims nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.drafts import draft_all, freelancers, load_posts, nearest, unsupported
from domain.posts import StoredPost
from domain.profile import Profile
from proposals.drafts import Draft, draft_proposal
from proposals.render import Renderer
from proposals.sample_posts import sample_posts
from proposals.templates import load_templates

DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
LIBRARY = load_templates()


def by_words(_stored: StoredPost, _person: Profile) -> None:
    return None


@pytest.mark.slow
def test_every_template_on_real_posts_says_only_what_is_so() -> None:
    if not (DATA / "upwork_rss_dawn_2023").is_dir():
        pytest.skip("the real posts are not beside the repository")
    posts = load_posts(DATA, 100_000)[::55]
    outcome = draft_all(posts, freelancers(), LIBRARY, sorted(LIBRARY.templates), by_words)
    assert len(posts) > 90
    assert outcome.drafts == len(posts) * len(LIBRARY.templates)
    assert (outcome.failed, outcome.unfilled, outcome.unsupported) == ([], [], [])
    assert not {"unstated-skill", "unstated-number", "contact", "machine-order"} & set(outcome.findings)
    assert outcome.seconds / outcome.drafts < 0.06, "1,000 drafts in less than a minute of processor"


def test_every_template_on_invented_posts_says_only_what_is_so() -> None:
    outcome = draft_all(sample_posts(), freelancers(), LIBRARY, [None, *sorted(LIBRARY.templates)], by_words)
    assert (outcome.failed, outcome.unfilled, outcome.unsupported) == ([], [], [])


@pytest.fixture(scope="module")
def made() -> tuple[StoredPost, Profile, Draft]:
    stored = sample_posts()[0]
    person = nearest(stored, freelancers())
    with Renderer() as renderer:
        return stored, person, draft_proposal(stored, person, price=None, library=LIBRARY, renderer=renderer)


@pytest.mark.parametrize(
    "claim",
    [
        "I have 17 years of Kubernetes.",
        "My team built it for NASA.",
        "I connected a booking calendar to a till for bicycle workshops.",  # the post's own words, as one's own
        "It will cost $4,321.",
    ],
)
def test_a_claim_that_no_fact_holds_is_found(made: tuple[StoredPost, Profile, Draft], claim: str) -> None:
    stored, person, draft = made
    template = LIBRARY.get(draft.template)
    assert unsupported(stored, person, draft, template) == []
    assert unsupported(stored, person, replace(draft, body=f"{draft.body}\n{claim}\n"), template)
