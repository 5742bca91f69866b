"""``python -m benchmarks.quality.hidden_pay [--data DIR] [--tuning]``: the pay of posts whose pay is hidden.

The pay is taken off one half of the real posts that state any; what the product expects of them, knowing the
other half, is held against what they stated. The error is that of the logarithm: 0.4 is a factor of 1.5. The
figures are of the half that nothing was tuned on; ``--tuning`` gives those of the other.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks.corpus import shared_data
from benchmarks.quality.real_posts import originals, read_posts
from domain.posts import StoredPost
from ranking.evaluate import bootstrap, wilson
from ranking.exchange import reference_rates
from ranking.market import learn_market
from ranking.offers import Span, stated_budget, stated_hourly
from ranking.similarity import TextSpace

_KINDS = {False: "by the hour", True: "fixed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A post with the logarithm of the middle of its stated pay in US dollars; ``fixed`` is pay in all."""

    stored: StoredPost
    fixed: bool
    pay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What was stated, and what the product and the two medians say; all logarithms of US dollars."""

    fixed: bool
    stated: float
    low: float
    expected: float
    high: float
    by_category: float
    by_all: float


def paid(posts: Sequence[StoredPost]) -> list[Paid]:
    """Return those of ``posts`` that state pay that counts as an offer."""
    exchange = reference_rates()
    found = []
    for stored in posts:
        spans: tuple[tuple[bool, Span | None], ...] = (
            (False, stated_hourly(stored.post, exchange, "USD")),
            (True, stated_budget(stored.post, exchange, "USD")),
        )
        found += [
            Paid(stored=stored, fixed=fixed, pay=math.log(span.expected))
            for fixed, span in spans
            if span is not None
        ]
    return found


def category(stored: StoredPost) -> str:
    """Return the category of a post, or its first skill where it states none."""
    post = stored.post
    return post.category or (post.skills[0] if post.skills else "")


def guesses(folder: Path, *, tuning: bool) -> list[Guess]:
    """Return the guesses on the half to report on, or on the half to tune on."""
    posts = originals(read_posts(folder))
    known = paid([each.stored for each in posts if each.tuning is not tuning])
    asked = paid([each.stored for each in posts if each.tuning is tuning])
    hidden = [replace(one.stored, post=replace(one.stored.post, pay=None, raw={})) for one in asked]
    space = TextSpace([*(one.stored for one in known), *hidden])
    market = learn_market(space, hidden, reference_rates())
    all_of: dict[bool, list[float]] = defaultdict(list)
    of_category: dict[tuple[bool, str], list[float]] = defaultdict(list)
    for one in known:
        all_of[one.fixed].append(one.pay)
        of_category[one.fixed, category(one.stored)].append(one.pay)
    found = []
    for one, stored in zip(asked, hidden, strict=True):
        span = market.of(stored).span
        by_all = median(all_of[one.fixed])
        by_category = of_category.get((one.fixed, category(one.stored)))
        found.append(
            Guess(
                fixed=one.fixed,
                stated=one.pay,
                low=math.log(span.low),
                expected=math.log(span.expected),
                high=math.log(span.high),
                by_category=median(by_category) if by_category else by_all,
                by_all=by_all,
            )
        )
    return found


def report(found: Sequence[Guess]) -> list[str]:
    """Return the figures as a Markdown table, for each kind of pay and for both."""
    lines = [
        "| pay | posts | median error | category's median | median of all | to category's | inside 80 % |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = [(name, [guess for guess in found if guess.fixed is fixed]) for fixed, name in _KINDS.items()]
    for name, some in (*rows, ("both", list(found))):
        ours = [abs(guess.expected - guess.stated) for guess in some]
        theirs = [abs(guess.by_category - guess.stated) for guess in some]
        all_ = [abs(guess.by_all - guess.stated) for guess in some]
        inside = sum(guess.low <= guess.stated <= guess.high for guess in some)
        low, high = wilson(inside, len(some))
        middle = bootstrap(ours, of=median)
        lines.append(
            f"| {name} | {len(some):,} | {middle.mean:.3f} ({middle.low:.3f} to {middle.high:.3f}) "
            f"| {median(theirs):.3f} | {median(all_):.3f} | {middle.mean / median(theirs) - 1:+.0%} "
            f"| {inside / len(some):.1%} ({low:.1%} to {high:.1%}) |"
        )
    return lines


def section(folder: Path | None) -> list[str]:
    """Return the figures as Markdown."""
    head = ["### Pay of posts whose pay is hidden", ""]
    if folder is None:
        return [*head, "Not measured: no real posts here."]
    return [*head, *report(guesses(folder, tuning=False))]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    parser.add_argument("--tuning", action="store_true", help="on the half that was tuned on")
    given = parser.parse_args()
    folder = shared_data(given.data)
    if folder is None:
        sys.exit("no real posts: name their folder with --data")
    sys.stdout.write("\n".join(report(guesses(folder, tuning=given.tuning))) + "\n")


if __name__ == "__main__":
    main()
