"""One row of a foreign table, or one object of a foreign list, as a post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from domain.issues import info, warning
from domain.posts import RawPosting
from pipelines.contracts import contract_type, is_open
from spiders.parsers.audit import Audit
from spiders.parsers.cards import facts_of
from spiders.parsers.fieldnames import CLIENT, Path, Plan, plan_for, table
from spiders.parsers.jsontext import as_text
from spiders.parsers.links import UPWORK, looks_like_project, upwork_id, whole_link
from spiders.parsers.offers import PAY_FIELDS, read_offer
from spiders.parsers.upwork_rss import is_upwork
from spiders.parsers.values import amount_of, money, skills_of, stated

_FIELDS = frozenset(field.name for field in fields(RawPosting))
_APART = frozenset({*PAY_FIELDS, "skills", "proposals", "card", "client_card"})
_RELATIVE = re.compile(
    r"\b(?:ago|yesterday|today|just now|last (?:week|month|quarter|year))\b", re.IGNORECASE
)
_KIND_WITH_PAY = re.compile(r"[A-Za-z -]{3,20}:.{0,100}[0-9]", re.DOTALL)
_UNDERSCORED = frozenset({"experience_level", "client.payment_verified"})
_TEXTUAL_PAY = frozenset({"contract_type", "budget_raw", "currency", "period"})
_TAG = re.compile(r"<[^<>]*>")
_NO_LETTER = re.compile(r"[\W_]+")
_AMOUNTS = frozenset({"client.total_spent"})
_SHORT = 400
_COMPARED = 40
_FREELANCER = "freelancer.com"


class RecordReader:
    """Reads the rows of one body; says once, at the end, which of their names have no field."""

    def __init__(
        self, *, source: str, where: str, audit: Audit, chosen: Mapping[str, Path] | None = None
    ) -> None:
        """Read for ``source``; ``chosen`` are the fields whose column a person named."""
        self._source, self._where, self._audit = source, where, audit
        self._chosen = chosen or {}
        self._plans: dict[tuple[Path, ...], Plan] = {}
        self._unknown: dict[str, None] = {}

    def read(self, values: Mapping[Path, Any], names: Mapping[Path, str], where: str) -> RawPosting:
        """Return the post in ``values``, by path; ``names`` are the names as the file writes them."""
        plan = self._plan(tuple(values))
        row = _Row(values, names, plan)
        board = self._board(row, plan)
        facts = row.facts()
        offer = read_offer(row.pay(facts), board_currency=_of_board(board, "currency"))
        if offer.contradiction:
            self._audit.each(warning(where, offer.contradiction))
        texts, skills = row.texts(), row.skills()
        proposals = _proposals(row.first("proposals")) or facts.get("proposals")
        extra = row.extra() | offer.extra
        self._unknown.update((names[path], None) for path in plan.unknown if names[path] in extra)
        client = {name: text for name, text in (facts | texts).items() if name.startswith(CLIENT)}
        given = {
            name: text for name, text in (facts | texts).items() if name in _FIELDS and name not in _APART
        }
        _place(given, extra, board)
        self._dated(given, facts, extra)
        values_of = {"proposals_min": proposals, "proposals_max": proposals, "source": board or self._source}
        values_of |= given | offer.fields | {"title": _title(given.get("title"))}
        return RawPosting(
            where=where,
            skills=skills,
            client={name.removeprefix(CLIENT): text for name, text in client.items()},
            extra=extra,
            **values_of,  # type: ignore[arg-type] # its text fields, by name
        )

    def finish(self) -> None:
        """Record what was met in all rows: names without a field, and a board known by its names alone."""
        if self._unknown:
            listed = ", ".join(repr(name[:60]) for name in list(self._unknown)[:40])
            more = f" and {len(self._unknown) - 40} more" if len(self._unknown) > 40 else ""  # noqa: PLR2004
            self._audit.each(warning(self._where, f"no field for {listed}{more}; kept in extra"))

    def _plan(self, paths: tuple[Path, ...]) -> Plan:
        plan = self._plans.get(paths)
        if plan is None:
            plan = self._plans[paths] = plan_for(paths, self._chosen)
        return plan

    def _board(self, row: _Row, plan: Plan) -> str | None:
        """Return the marketplace the row is from: by its link, else by names and ids only one board uses."""
        link, identity = whole_link(row.first("url") or ""), row.first("source_id") or ""
        if (
            is_upwork(link)
            or upwork_id(link if link.startswith("/") else identity)
            or identity.startswith("~0")
        ):
            return "upwork"
        if looks_like_project(link) and row.first("proposals"):
            return _FREELANCER
        if plan.board is not None and "://" not in link:
            self._audit.info(self._where, f"read as posts of {plan.board}: only it uses some of these names")
            return plan.board
        return None

    def _dated(self, given: dict[str, str], facts: Mapping[str, str], extra: dict[str, str]) -> None:
        """Put a date that counts from an unknown day ("2 hours ago") aside."""
        text = given.get("date_posted")
        if text is not None and _RELATIVE.search(text[:_SHORT]):
            extra["posted"] = given.pop("date_posted")
            self._audit.each(info(self._where, "dates such as '2 hours ago' say no day; kept in extra"))
        elif text is None and "posted" in facts:
            extra["posted"] = facts["posted"]


class _Row:
    """The values of one row with the plan for them; what is not used in a field ends in :meth:`extra`."""

    def __init__(self, values: Mapping[Path, Any], names: Mapping[Path, str], plan: Plan) -> None:
        self._values, self._names, self._plan = values, names, plan
        self._used: set[Path] = set()

    def first(self, field: str) -> str | None:
        """Return what the best path for ``field`` states; the path counts as used."""
        for path in self._plan.fills.get(field, ()):
            value = self._values[path]
            text = amount_of(value)[0] if isinstance(value, dict) and field in _AMOUNTS else stated(value)
            if text is not None:
                self._used.add(path)
                return text
        return None

    def texts(self) -> dict[str, str]:
        """Return the text of every field that is taken as it stands."""
        found = {}
        for field in self._plan.fills:
            text = None if field in _APART else self.first(field)
            if text is not None:
                found[field] = text.replace("_", " ") if field in _UNDERSCORED else text
        return found

    def skills(self) -> tuple[str, ...]:
        """Return the skills of the first path that lists any."""
        for path in self._plan.fills.get("skills", ()):
            skills = skills_of(self._values[path])
            if skills:
                self._used.add(path)
                return skills
        return ()

    def facts(self) -> dict[str, str]:
        """Return the facts of copied lines."""
        lines = [line for field in ("card", "client_card") if (line := self.first(field))]
        found: dict[str, str] = {}
        for line in lines:
            found = facts_of(line) | found
        return found

    def pay(self, facts: Mapping[str, str]) -> dict[str, Any]:
        """Return the values of the pay fields, those of copied lines where no column states one."""
        found: dict[str, Any] = {
            name: facts[name] for name in ("contract_type", "budget_raw") if name in facts
        }
        for field in PAY_FIELDS:
            for path in self._plan.fills.get(field, ()):
                value = self._values[path]
                if _says_something(field, value):
                    self._used.add(path)
                    found[field] = value
                    break
                if field not in _TEXTUAL_PAY:
                    self._used.add(path)  # zero, or a word for "not stated"
        return found

    def extra(self) -> dict[str, str]:
        """Return what no field took, by the names the file uses, and nothing twice."""
        paths = [path for paths in self._plan.fills.values() for path in paths if path not in self._used]
        paths = [path for path in paths if not self._repeats_description(path)]
        kept = {}
        for path in (*paths, *self._plan.kept, *self._plan.unknown):
            value = self._values[path]
            if isinstance(value, dict) or any(path[:length] in self._used for length in range(1, len(path))):
                continue
            if stated(value) is not None:
                kept[self._names[path]] = as_text(value)
        return kept

    def _repeats_description(self, path: Path) -> bool:
        """Return whether ``path`` holds the description once more, as plain text or as an excerpt."""
        known = self._plan.fills.get("description", ())
        first = next((each for each in known if each in self._used), None)
        return (
            path in known
            and first is not None
            and _opening(self._values[path]) == _opening(self._values[first])
        )


def _opening(value: Any) -> str:
    """Return the first letters of a text or of HTML, for comparison."""
    return _NO_LETTER.sub("", _TAG.sub("", as_text(value)[:_SHORT]).lower())[:_COMPARED]


def _says_something(field: str, value: Any) -> bool:
    if field == "contract_type":
        words = (stated(value) or "")[:_SHORT]
        return (
            words.strip().lower() not in table()["kinds"]["no_contract"]
            and bool(words)
            and (contract_type(words) is not None or is_open(words) or bool(_KIND_WITH_PAY.match(words)))
        )
    if field in _TEXTUAL_PAY:
        return stated(value) is not None
    return money(value)[0] is not None


def _proposals(text: str | None) -> str | None:
    """Return a count of proposals without what scrapers copy along ("Proposals: 5 to 10  Number of …")."""
    return facts_of(text).get("proposals", text) if text else None


def _of_board(board: str | None, fact: str) -> str | None:
    found = table()["boards"].get(board, {}).get(fact)
    return None if found is None else str(found)


def _place(given: dict[str, str], extra: dict[str, str], board: str | None) -> None:
    """Make the link whole and, for Upwork, the id what its links and feeds call it."""
    link = given.pop("url", None)
    if link is not None:
        if board == _FREELANCER and "://" not in link and not link.startswith("/"):
            link = f"/projects/{link}"  # its API gives "python/some-project-123"
        given["url"] = whole_link(link, home=_of_board(board, "home"))
    if board != "upwork":
        return
    identity = given.pop("source_id", None)
    known = upwork_id(identity) or upwork_id(given.get("url"))
    if known is not None:
        given["source_id"] = known
        for name in [name for name, text in extra.items() if upwork_id(text) == known]:
            del extra[name]
        given.setdefault("url", f"{UPWORK}/jobs/{known}")
    elif identity is not None:
        extra["source_id"] = identity


def _title(text: str | None) -> str:
    # Upwork's search marks the words searched for so.
    return (text or "").replace("H^", "").replace("^H", "")
