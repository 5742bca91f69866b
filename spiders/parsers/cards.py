"""Lines of facts as Upwork prints them on its pages and in its mails, and people copy them.

"Hourly: $15.00-$35.00 - Intermediate - Est. Time: 1 to 3 months, 10-30 hrs/week - Posted 2 hours ago"
"Payment verified   $70k+ spent   United States"
"""

from __future__ import annotations

import re

from pipelines.contracts import contract_type
from pipelines.countries import country_code
from pipelines.fields import experience

_LONGEST = 600
_PART = re.compile(r"\s+[-–—|·•]\s+(?![$€£₹]|\d[\d,.]*(?:\s|/|$))|\s{3,}|\n")  # noqa: RUF001 - as pages and mails write
_LEVELS = frozenset({"Entry", "Intermediate", "Expert"})
_NOTE = re.compile(r"\s*\([^()]{0,20}\)$")
_TIME = re.compile(r"est(?:imated|\.)? ?time:? ?", re.IGNORECASE)
_BUDGET = re.compile(r"(?:est(?:imated|\.)? ?)?budget:? ?", re.IGNORECASE)
_POSTED = re.compile(r"posted:?\s+(?:on )?", re.IGNORECASE)
_PROPOSALS = re.compile(
    r"proposals:?\s+((?:less than |more than )?\d{1,4}(?: to \d{1,4}|\+)?)", re.IGNORECASE
)
_SPENT = re.compile(r"\$[\d,.]{1,12}[km]?\+?(?: total)? spent", re.IGNORECASE)
_VERIFIED = re.compile(r"payment (?:method )?(?:un|not )?verified", re.IGNORECASE)
_WEEKLY = re.compile(r"hrs?/w|hours per week|not sure", re.IGNORECASE)
_SKILLS = re.compile(r"skills?:\s+", re.IGNORECASE)


def facts_of(line: str) -> dict[str, str]:
    """Return the facts in ``line`` by contract key, ``client.…`` for the client, ``posted`` for when.

    What is not recognised is not returned; only the first 600 characters are read.
    """
    facts: dict[str, str] = {}
    for part in _PART.split(line[:_LONGEST]):
        for key, text in _fact(part.strip()).items():
            facts.setdefault(key, text)
    return facts


def _fact(part: str) -> dict[str, str]:
    word, colon, rest = part.partition(":")
    if contract_type(word.strip()) is not None and len(word) <= len("fixed-price") + 1:
        return {"contract_type": word.strip(), **({"budget_raw": part} if colon and rest.strip() else {})}
    for pattern, read in _READERS:
        found = pattern.match(part)
        if found:
            return read(part, found)
    level = _NOTE.sub("", part)
    if experience(level) in _LEVELS:
        return {"experience_level": level}
    return {"client.country": part} if country_code(part) else {}


def _estimated(part: str, found: re.Match[str]) -> dict[str, str]:
    return times_of(part[found.end() :])


def times_of(text: str) -> dict[str, str]:
    """Return duration and workload of "1 to 3 months, 10-30 hrs/week"; either may be missing."""
    first, _, second = text.strip().partition(",")
    pairs = {"duration": first.strip(), "workload": second.strip()}
    if _WEEKLY.search(first) and not second:
        pairs = {"workload": first.strip()}
    return {key: value for key, value in pairs.items() if value}


_READERS = (
    (_TIME, _estimated),
    (_BUDGET, lambda part, found: {"budget_raw": part} if part[found.end() :] else {}),
    (_POSTED, lambda part, found: {"posted": part[found.end() :]}),
    (_PROPOSALS, lambda _part, found: {"proposals": found[1]}),
    (_SPENT, lambda part, found: {"client.total_spent": found[0]} | _fact(part[found.end() :].strip())),
    (
        _VERIFIED,
        lambda part, found: {"client.payment_verified": found[0]} | _fact(part[found.end() :].strip()),
    ),
    (_SKILLS, lambda part, found: {"skills": part[found.end() :]}),
)
