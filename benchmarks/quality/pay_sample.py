"""Draws the strings that were labelled: the same ones each time, whatever else the code has become.

``python -m benchmarks.quality.pay_sample [--data DIR]`` prints them as JSON lines, to label more of them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from benchmarks.corpus import shared_data
from benchmarks.quality.pay_sources import READERS

_PLAN = Path(__file__).with_suffix(".toml")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One string of the sample: where it is from, and whether it is a pay field or running text.

    The text is not in the representation, so that no traceback shows a string of the unseen half.
    """

    corpus: str
    kind: str
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """The first 16 hex digits of the SHA-256 of the text."""
        return _hash(self.text)[:16]

    @property
    def half(self) -> str:
        """``seen`` while the parser is worked on, or ``unseen``: by the first byte of the digest."""
        return "unseen" if int(self.digest[:2], 16) % 2 else "seen"


def draw(folder: Path) -> list[Drawn]:
    """Return the sample of the real posts in ``folder``, each string once."""
    plan = tomllib.loads(_PLAN.read_text("utf-8"))
    by_stratum = _strata(folder)
    drawn: dict[str, Drawn] = {}
    for kind in ("field", "text"):
        shapes: Counter[str] = Counter()
        for stratum, quota in plan[kind].items():
            left = quota
            found = by_stratum.get(stratum, {})
            for text in sorted(found, key=lambda one: _hash(f"{plan['seed']}\n{one}")):
                shape = _NUMBER.sub("9", text)
                if left and text not in drawn and shapes[shape] < plan["most_of_one_shape"][kind]:
                    drawn[text] = Drawn(corpus=found[text], kind=kind, text=text)
                    shapes[shape] += 1
                    left -= 1
    return list(drawn.values())


def _strata(folder: Path) -> dict[str, dict[str, str]]:
    """Return by stratum its strings, each with the first corpus that holds it."""
    found: dict[str, dict[str, str]] = {}
    for corpus, read in READERS.items():
        for stratum, text in read(folder / corpus):
            found.setdefault(stratum, {}).setdefault(text, corpus)
    return found


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def main() -> None:
    """Print the sample."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality.pay_sample", description=__doc__)
    parser.add_argument("--data", help="folder of real posts (default: ../shared/data)")
    folder = shared_data(parser.parse_args().data)
    if folder is None:
        sys.exit("no real posts: give their folder with --data")
    for one in draw(folder):
        line = {
            "sha256": one.digest,
            "corpus": one.corpus,
            "kind": one.kind,
            "half": one.half,
            "text": one.text,
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
