"""The thresholds and word lists of ``data/drafts.toml`` and ``data/cliches.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRules:
    """See the comments in ``data/drafts.toml`` for what each number means and where it comes from."""

    most_evidence: int
    skill_weight: float
    title_weight: float
    likeness_weight: float
    told_weight: float
    least_evidence: float
    least_of_smaller: float
    least_of_larger: float
    shown: int
    shared_words: int
    length_slack: float
    claim: re.Pattern[str]
    claim_reach: int
    cliches: Mapping[str, str]
    cliche: re.Pattern[str]
    told: re.Pattern[str]
    worded: re.Pattern[str]
    number_words: Mapping[str, int]
    shingle: int
    repeat_days: int
    most_repeated: float
    least_repeated_words: int
    longest_sentence: int
    longest_paragraph: int
    exclamations: int
    capitals: int
    shares: tuple[tuple[Decimal, tuple[int, ...]], ...]
    usual_shares: tuple[int, ...]


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("proposals").joinpath(f"data/{name}.toml").read_text(encoding="utf-8"))


@cache
def draft_rules() -> DraftRules:
    """Return the rules of drafting and checking; read once."""
    table = _table("drafts")
    cliches = _table("cliches")["cliches"]
    evidence, answers = table["evidence"], table["answers"]
    numbers, repeats, reading = table["numbers"], table["repeats"], table["readability"]
    return DraftRules(
        most_evidence=evidence["most"],
        skill_weight=evidence["skill_weight"],
        title_weight=evidence["title_weight"],
        likeness_weight=evidence["likeness_weight"],
        told_weight=evidence["told_weight"],
        least_evidence=evidence["least"],
        least_of_smaller=answers["least_of_smaller"],
        least_of_larger=answers["least_of_larger"],
        shown=table["opening"]["shown"],
        shared_words=table["opening"]["shared_words"],
        length_slack=table["length"]["slack"],
        claim=re.compile(rf"\b(?:{'|'.join(table['skills']['claims'])})\b", re.IGNORECASE),
        claim_reach=table["skills"]["within"],
        cliches=cliches,
        cliche=re.compile(
            rf"(?<![\w+#])(?:{'|'.join(map(re.escape, sorted(cliches, key=len, reverse=True)))})(?![\w+#])"
        ),
        told=re.compile(rf"\b(?:{'|'.join(numbers['told'])})", re.IGNORECASE),
        worded=re.compile(
            rf"\b(?P<number>{'|'.join(numbers['words'])})\s+(?:\w+\s+)?(?P<counted>{'|'.join(numbers['counted'])})\b",
            re.IGNORECASE,
        ),
        number_words=numbers["words"],
        shingle=repeats["shingle"],
        repeat_days=repeats["days"],
        most_repeated=repeats["most"],
        least_repeated_words=repeats["least_words"],
        longest_sentence=reading["sentence"],
        longest_paragraph=reading["paragraph"],
        exclamations=reading["exclamations"],
        capitals=reading["capitals"],
        shares=tuple((Decimal(row["below"]), tuple(row["shares"])) for row in table["milestones"]["smaller"]),
        usual_shares=tuple(table["milestones"]["usual"]),
    )
