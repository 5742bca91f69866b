"""Reposts: marked with a score and a reason, pointing at the oldest, and never against a judgement."""

import gzip
import itertools
import json
import random
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest

from domain.posts import Client, PostText
from pipelines.duplicates import find_duplicates as find_marks
from tests.fakes import NOW, make_post, stored

WORDS = [f"word{number}" for number in range(3_000)]


def prose(seed, length=120):
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(length))


def post(key, title="Data engineer", description=None, *, days=0, **fields):
    return stored(
        make_post(
            title, source_id=key, description=prose(1) if description is None else description, **fields
        ),
        seen=NOW + timedelta(days=days),
    )


def find_duplicates(posts, **options):
    texts = [
        PostText(
            post_id=item.post_id,
            source=item.post.source,
            title=item.post.title,
            description=item.post.description,
            employer=item.post.client.name,
            first_seen=item.first_seen,
            date_posted=item.post.date_posted,
        )
        for item in posts
    ]
    return find_marks(texts, **options)


def pairs(marks, posts):
    names = {item.post_id: item.post.source_id for item in posts}
    return [(names[mark.post_id], names[mark.of_post_id]) for mark in marks]


def test_the_same_words_are_a_repeat_of_the_post_seen_first():
    posts = [post("b", days=1), post("a"), post("c", days=2)]
    marks = find_duplicates(posts)
    assert pairs(marks, posts) == [("b", "a"), ("c", "a")]
    assert [(mark.score, mark.reason) for mark in marks] == [(1.0, "same title and text")] * 2


def test_seen_together_the_post_published_first_is_the_original():
    posts = [
        post("late", date_posted=NOW),
        post("early", date_posted=NOW - timedelta(days=3)),
        post("undated", date_posted=None),
    ]
    assert pairs(find_duplicates(posts), posts) == [("late", "early"), ("undated", "early")]


def test_a_reworded_post_with_its_title_is_a_repeat():
    words = prose(2).split()
    reworded = " ".join([*words[:100], "and", "a", "new", "closing", "line"])
    posts = [post("a", description=" ".join(words)), post("b", description=reworded, days=1)]
    marks = find_duplicates(posts)
    assert pairs(marks, posts) == [("b", "a")]
    assert 0.5 < marks[0].score < 1
    assert marks[0].reason.startswith("same title, ")


def test_one_text_for_another_job_is_no_repeat():
    """A client that hires in every state: the page is the same but for the place."""
    words = prose(3).split()
    posts = [
        post(
            place,
            title=f"Website testing in {place}",
            description=" ".join([*words[:60], place, *words[60:], place]),
            days=day,
        )
        for day, place in enumerate(("ohio", "texas", "maine"))
    ]
    assert find_duplicates(posts) == []


def test_another_title_over_the_same_text_is_a_repeat():
    posts = [post("a", title="Fix my shop"), post("b", title="Mend our web shop", days=1)]
    assert [mark.reason for mark in find_duplicates(posts)] == ["another title, 100% of the text in common"]


def test_short_texts_need_the_same_title():
    short = "Please fix the checkout page of our shop"
    same = [post("a", "Fix shop", short), post("b", "Fix shop", short.upper() + "!", days=1)]
    assert pairs(find_duplicates(same), same) == [("b", "a")]
    assert find_duplicates([post("a", "Fix shop", short), post("b", "Repair shop", short, days=1)]) == []
    longer = [post("a", "Fix shop", short), post("b", "Fix shop", f"{short} {prose(4, 20)}", days=1)]
    assert find_duplicates(longer) == []


@pytest.mark.parametrize("nothing", ["", "Need a developer", "Please Sign Up or Login to see details."])
def test_texts_that_say_nothing_are_never_compared(nothing):
    assert find_duplicates([post("a", "Developer", nothing), post("b", "Developer", nothing, days=1)]) == []


def test_different_posts_are_not_marked():
    assert find_duplicates([post(str(seed), description=prose(seed)) for seed in range(50)]) == []


def test_posts_told_apart_are_never_proposed_again_and_stand_for_their_own_repeats():
    posts = [post("a"), post("b", days=1), post("c", "Another title", days=2)]
    ids = {item.post.source_id: item.post_id for item in posts}
    assert pairs(find_duplicates(posts), posts) == [("b", "a"), ("c", "a")]
    assert pairs(find_duplicates(posts, different=[(ids["a"], ids["b"])]), posts) == [("c", "a")]
    apart = [(ids["a"], ids["b"]), (ids["a"], ids["c"])]
    assert pairs(find_duplicates(posts, different=apart), posts) == [("c", "b")]


def test_the_lines_about_an_employer_under_each_of_its_jobs_make_no_repeat():
    client = Client(name="Acme Ltd")
    jobs = [post(str(day), title, days=day, client=client) for day, title in enumerate(("Editor", "Painter"))]
    assert find_duplicates(jobs) == []
    again = [*jobs, post("again", "editor", days=5, client=Client(name="ACME LTD"))]
    assert pairs(find_duplicates(again), again) == [("again", "0")]


def test_one_job_offered_in_two_countries_is_two_jobs():
    posts = [
        post(c, "Photo editor", f"{prose(3)} Based in {c}.", days=d) for d, c in enumerate(("Chile", "Peru"))
    ]
    assert find_duplicates(posts) == []
    posts[1] = post("nowhere", "Photo editor", f"{prose(3)} Based anywhere.", days=1)
    assert pairs(find_duplicates(posts), posts) == [("nowhere", "Chile")]


def test_one_job_of_an_employer_on_two_boards_is_a_repeat_under_a_near_title():
    client = Client(name="Acme Ltd")
    posts = [
        post("a", "Analytics engineer (dbt)", client=client, source="one"),
        post("b", "Analytics engineer, dbt, remote", client=client, source="two", days=1),
        post("c", "Painter", client=client, source="three", days=2),
    ]
    assert pairs(find_duplicates(posts), posts) == [("b", "a")]


@pytest.mark.parametrize("added", [" -- 2", " - 25/10/2025 01:25 EDT"])
def test_what_a_marketplace_adds_to_a_title_is_not_the_title(added):
    reworded = " ".join([*prose(2).split()[:90], *prose(9, 30).split()])
    posts = [post("a", description=prose(2)), post("b", f"Data engineer{added}", reworded, days=1)]
    marks = find_duplicates(posts)
    assert pairs(marks, posts) == [("b", "a")]
    assert marks[0].reason.startswith("same title, ")
    plain = [posts[0], post("b", "Data engineer for Paris", reworded, days=1)]
    assert find_duplicates(plain) == []


def test_texts_that_differ_by_what_their_titles_differ_by_are_two_jobs():
    page = prose(3, 400)
    posts = [
        post(role, f"Survey of every {role}", f"{page} Only a {role} can answer.", days=day)
        for day, role in enumerate(("engineer", "publisher"))
    ]
    assert find_duplicates(posts) == []
    posts[1] = post("third", "Survey of all", posts[1].post.description, days=1)
    assert pairs(find_duplicates(posts), posts) == [("third", "engineer")]


def test_the_order_of_the_posts_does_not_matter():
    posts = [post(str(number), description=prose(number % 7), days=number) for number in range(40)]
    expected = find_duplicates(posts)
    assert len(expected) == 33
    random.Random(3).shuffle(posts)
    assert find_duplicates(posts) == expected


@pytest.mark.slow
def test_work_grows_with_the_number_of_posts_not_with_its_square():
    def seconds(number):
        footer = prose("footer", 40)
        posts = [post(str(seed), f"t{seed}", f"{prose(seed, 80)} {footer}") for seed in range(number)]
        started = time.perf_counter()
        assert find_duplicates(posts) == []
        return time.perf_counter() - started

    small = seconds(500)
    assert seconds(4_000) < small * 8 * 3 + 1


def test_measured_on_published_posts():
    data = Path(__file__).parents[1] / ".." / "shared" / "data" / "derived_reposts" / "groups.jsonl.gz"
    if not data.exists():
        pytest.skip("the published reposts are not beside the repository")
    groups = {}
    with gzip.open(data, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            groups.setdefault(row["k"], {})[row["ext_id"]] = row["title"]
    # The rows carry the opening of the text only: enough to check that no group is torn apart or joined.
    posts = [
        post(key, title, description=text.partition("|")[2])
        for text, members in groups.items()
        for key, title in members.items()
    ]
    names = {item.post_id: item.post.source_id for item in posts}
    of = {names[mark.post_id]: names[mark.of_post_id] for mark in find_duplicates(posts)}
    words_of = {
        key: re.findall(r"\w+", text.partition("|")[2].lower())
        for text, members in groups.items()
        for key in members
    }
    right = [words_of[repeat] == words_of[original] for repeat, original in of.items()]
    assert sum(right) / len(right) >= 0.98
    together = [
        of.get(a, a) == of.get(b, b)
        for members in groups.values()
        for a, b in itertools.combinations(sorted(members), 2)
    ]
    assert sum(together) / len(together) >= 0.9


def test_a_post_with_a_line_put_before_it_is_a_repeat_but_another_role_on_the_same_page_is_not():
    words = [f"word{number}" for number in range(120)]
    page = " ".join(words)
    original = stored(make_post("Nightly stock sync", description=page), seen=NOW - timedelta(days=2))
    passed_on = stored(
        make_post("Stock sync wanted", description="Posting this for my brother in law. " + page)
    )
    other_role = " ".join("nurse" if number in (9, 50, 90) else word for number, word in enumerate(words))
    template = stored(make_post("Another role", description=other_role))
    marks = find_duplicates([original, passed_on, template])
    assert [(mark.post_id, mark.of_post_id) for mark in marks] == [(passed_on.post_id, original.post_id)]
