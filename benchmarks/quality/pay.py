"""``python -m benchmarks.quality.pay [--data DIR]``: the reading of pay against labels of real strings.

Prints the figures of both halves, and the failures of the seen half. The strings of the unseen half are
never printed: who works on the parser should not know them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.util import find_spec
from math import sqrt
from pathlib import Path

from benchmarks.corpus import shared_data
from benchmarks.quality.pay_beside import Offer, naive, price_parser_alone
from benchmarks.quality.pay_sample import Drawn, draw
from pipelines.pay import parse_pay
from pipelines.pay_in_text import pay_in_text

LABELS = Path(__file__).parents[1] / "labels" / "pay.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a string states: its digest, where it is from, and its pay (``None``: it states none)."""

    digest: str
    corpus: str
    kind: str
    half: str
    pay: Offer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many of how many strings were read wholly right."""

    right: int
    total: int

    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval of the share that is right; of nothing, from 0 to 1."""
        if not self.total:
            return 0.0, 1.0
        z2 = 1.959964**2
        share = self.right / self.total
        middle = (share + z2 / (2 * self.total)) / (1 + z2 / self.total)
        spread = sqrt(z2 * (share * (1 - share) / self.total + z2 / (4 * self.total**2)))
        spread /= 1 + z2 / self.total
        return max(0.0, middle - spread), min(1.0, middle + spread)

    def __str__(self) -> str:
        low, high = self.interval()
        share = self.right / self.total if self.total else 0
        return f"{self.right}/{self.total}: {share:.1%} ({low:.0%} to {high:.0%})"


def labels() -> list[Label]:
    """Return every label, in the order of the file."""
    return [_label(json.loads(line)) for line in LABELS.read_text("utf-8").splitlines()]


def _label(line: dict[str, object]) -> Label:
    pay = line["pay"]
    offer = None
    if isinstance(pay, dict):
        low, high = (None if pay[side] is None else Decimal(pay[side]) for side in ("low", "high"))
        offer = Offer(pay["unit"], pay["currency"], low, high)
    corpus, kind, half = (str(line[name]) for name in ("corpus", "kind", "half"))
    return Label(digest=str(line["sha256"]), corpus=corpus, kind=kind, half=half, pay=offer)


def labelled(folder: Path) -> list[tuple[Label, Drawn]]:
    """Return the labels whose strings are found in ``folder``, each with its string."""
    drawn = {one.digest: one for one in draw(folder)}
    return [(label, drawn[label.digest]) for label in labels() if label.digest in drawn]


def ours(one: Drawn) -> Offer | None:
    """Read a string as the product does: a field by itself, a text as the description of a post."""
    if one.kind == "field":
        pay, _ = parse_pay(one.text)
    else:
        pay, _ = pay_in_text(title="", description=one.text, where="label")
    return None if pay is None else Offer(pay.unit.value, pay.currency, pay.low, pay.high)


def exactly(wanted: Offer | None, got: Offer | None) -> bool:
    """Return whether unit, currency, low and high are all as labelled."""
    return wanted == got


def whatever_unit(wanted: Offer | None, got: Offer | None) -> bool:
    """Return whether currency and amounts are as labelled, the period left aside."""
    return wanted == got or (wanted is not None and got is not None and wanted[1:] == got[1:])


Reader = tuple[str, Callable[[Drawn], Offer | None], Callable[[Offer | None, Offer | None], bool]]


def readers() -> list[Reader]:
    """Return who is measured, ours first; price-parser only where it is installed."""
    alone: list[Reader] = []
    if find_spec("price_parser"):
        alone = [
            ("price-parser, period left aside", lambda one: price_parser_alone(one.text), whatever_unit),
            ("price-parser", lambda one: price_parser_alone(one.text), exactly),
        ]
    return [("bidwright", ours, exactly), *alone, ("a regex", lambda one: naive(one.text), exactly)]


def score(found: list[tuple[Label, Drawn]], reader: Reader) -> Score:
    """Return how many of ``found`` the reader reads right."""
    _, read, same = reader
    return Score(right=sum(same(label.pay, read(one)) for label, one in found), total=len(found))


def section(folder: Path | None) -> list[str]:
    """Return the figures as lines of Markdown; without real posts, a line that says so."""
    if folder is None:
        return ["Pay is not measured: the labelled strings stand in real posts, which are not here (--data)."]
    found, every = labelled(folder), readers()
    missing = "" if find_spec("price_parser") else " price-parser is not installed, so it is not measured."
    return [
        f"Pay: {len(found)} of {len(labels())} labelled strings (`benchmarks/labels/README.md`). Right means",
        "that unit, currency, low and high are all as labelled, or that both found none; in",
        f"brackets Wilson's 95 % interval.{missing}",
        "",
        f"| strings | {' | '.join(name for name, _, _ in every)} |",
        f"|---|{'---|' * len(every)}",
        *(
            f"| {title} | {' | '.join(str(score(part, reader)) for reader in every)} |"
            for title, part in _parts(found)
        ),
    ]


def _parts(found: list[tuple[Label, Drawn]]) -> Iterator[tuple[str, list[tuple[Label, Drawn]]]]:
    for half in ("seen", "unseen"):
        for kind in ("field", "text"):
            part = [pair for pair in found if (pair[0].half, pair[0].kind) == (half, kind)]
            yield f"{half}, {kind}", part
            yield f"{half}, {kind}, with pay", [pair for pair in part if pair[0].pay]
            yield f"{half}, {kind}, without", [pair for pair in part if not pair[0].pay]
        yield f"**{half}, all**", [pair for pair in found if pair[0].half == half]


def failures(found: list[tuple[Label, Drawn]]) -> Iterator[str]:
    """Yield each string of the seen half that is read wrongly, with what was meant and what was read."""
    for label, one in found:
        if label.half == "seen" and not exactly(label.pay, got := ours(one)):
            yield f"{label.kind}: {one.text!r}\n    meant {_words(label.pay)}, read {_words(got)}"


def _words(offer: Offer | None) -> str:
    if offer is None:
        return "no pay"
    return f"{offer.low} to {offer.high} {offer.currency} per {offer.unit}"


def main() -> None:
    """Print the figures and the failures of the seen half."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.pay", description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data if it is there)")
    folder = shared_data(parser.parse_args().data)
    sys.stdout.write("\n".join(section(folder)) + "\n")
    if folder is not None:
        sys.stdout.write("\nRead wrongly, of the seen half:\n" + "\n".join(failures(labelled(folder))) + "\n")


if __name__ == "__main__":
    main()
