"""The thresholds and word lists of ``data/drafts.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files


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
    shares: tuple[tuple[Decimal, tuple[int, ...]], ...]
    usual_shares: tuple[int, ...]


@cache
def draft_rules() -> DraftRules:
    """Return the rules of drafting and checking; read once."""
    table = tomllib.loads(files("proposals").joinpath("data/drafts.toml").read_text(encoding="utf-8"))
    evidence, answers = table["evidence"], table["answers"]
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
        cliches=table["cliches"],
        shares=tuple((Decimal(row["below"]), tuple(row["shares"])) for row in table["milestones"]["smaller"]),
        usual_shares=tuple(table["milestones"]["usual"]),
    )
