"""``bidwright.toml``: read, checked and turned into domain values.

Everything wrong with the file is reported at once, one line each: file, key, what is wrong, what to do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError, model_validator

from bidwright.polish_table import PolishTable
from bidwright.source_tables import SourceTable, Table, Text
from domain.errors import BidwrightError, ConfigError
from domain.money import decimals
from domain.profile import (
    Answer,
    Avoid,
    ConnectsBudget,
    Evidence,
    Profile,
    Rates,
    ScoreWeights,
    Skill,
    SkillLevel,
    TimeBudget,
)
from pipelines.countries import country_code
from pipelines.skills import canonical_skill
from ranking.exchange import Exchange, reference_rates
from ranking.weights import score_weights

SETTINGS_FILE = "bidwright.toml"
_SECRET_TABLES = frozenset({"delivery", "storage", "polish"})  # their URLs may carry a password


def _country(name: str) -> str:
    code = country_code(name)
    if code is None:
        raise ValueError(f"{name!r} is not a country; write its English name or its two-letter code")
    return code


def _currency(code: str) -> str:
    try:
        decimals(code.upper())
    except BidwrightError as error:
        raise ValueError(str(error)) from error
    return code.upper()


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; write one like Europe/Lisbon") from None
    return name


def _language(code: str) -> str:
    short = code.lower()
    if not (len(short) == 2 and short.isascii() and short.isalpha()):  # noqa: PLR2004 - ISO 639-1
        raise ValueError(f"{code!r} is not a two-letter language code such as en or pt")
    return short


def _working_hours(text: str) -> str:
    _day(text)
    return text


def _day(text: str) -> tuple[time, time]:
    """Return ``09:00-17:00`` as two times; raise ``ValueError`` for anything else."""
    begin, _, end = (part.strip() for part in text.partition("-"))
    try:
        return time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise ValueError(f"{text!r} is not a working day; write one like 09:00-17:00") from None


Country = Annotated[str, AfterValidator(_country)]
Currency = Annotated[str, AfterValidator(_currency)]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, lt=10**9)]


class ProfileTable(Table):
    """``[profile]``: who bids."""

    name: Text
    headline: Text
    summary: str = ""
    country: Country | None = None
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    languages: tuple[Annotated[str, AfterValidator(_language)], ...] = ("en",)
    hours_per_week: Annotated[int, Field(ge=1, le=100)] | None = None
    working_hours: Annotated[str, AfterValidator(_working_hours)] | None = None


class RatesTable(Table):
    """``[rates]``: what the person works for, net of fees."""

    currency: Currency
    floor: Amount
    target: Amount | None = None
    fixed_minimum: Amount | None = None


class SkillTable(Table):
    """``[[skills]]``."""

    name: Text
    level: SkillLevel = SkillLevel.GOOD
    years: Annotated[int, Field(ge=0, le=70)] | None = None
    aliases: tuple[str, ...] = ()
    want: bool = True


class EvidenceTable(Table):
    """``[[evidence]]``: past work a proposal may point to."""

    title: Text
    summary: str = ""
    result: str = ""
    url: str | None = None
    skills: tuple[str, ...] = ()


class AnswerTable(Table):
    """``[[answers]]``: reusable answers."""

    question: Text
    answer: Text


class AvoidTable(Table):
    """``[avoid]``: what not to show."""

    words: tuple[Text, ...] = ()
    clients_from: tuple[Country, ...] = ()
    contract_types: tuple[Literal["hourly", "fixed", "employment"], ...] = ()
    proposals_over: Annotated[int, Field(ge=0)] | None = None


class TimeTable(Table):
    """``[time]``: the half hour, and what is in play already."""

    minutes_per_day: Annotated[int, Field(ge=1, le=1440)] = 30
    minutes_per_proposal: Annotated[int, Field(ge=1, le=480)] = 12
    minutes_per_question: Annotated[int, Field(ge=0, le=60)] = 2
    minutes_per_follow_up: Annotated[int, Field(ge=0, le=240)] = 5
    follow_up_after_days: Annotated[int, Field(ge=1, le=30)] = 5
    bids_in_play: Annotated[int, Field(ge=0)] | None = None
    hours_taken: Annotated[int, Field(ge=0, le=168)] | None = None


class ConnectsTable(Table):
    """``[connects]``."""

    price: Amount = Decimal("0.15")
    per_week: Annotated[int, Field(ge=0)] | None = None


class DeliveryTable(Table):
    """``[delivery]``: where a digest goes besides the screen."""

    email_to: str | None = None
    smtp: str | None = None
    notify: tuple[str, ...] = ()


class StorageTable(Table):
    """``[storage]``."""

    url: Text = "sqlite:///bidwright.db"


Weight = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, lt=10**6)]


class WeightsTable(Table):
    """``[ranking.weights]``: what each component of the score counts; only their proportions matter."""

    fit: Weight | None = None
    pay: Weight | None = None
    value: Weight | None = None
    client: Weight | None = None
    chance: Weight | None = None
    freshness: Weight | None = None

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        score_weights(self.own())
        return self

    def own(self) -> ScoreWeights:
        """Return the weights as a domain value."""
        return ScoreWeights(**self.model_dump())


class RankingTable(Table):
    """``[ranking]``."""

    model: Text = "bundled"
    weights: WeightsTable = WeightsTable()


class ExchangeTable(Table):
    """``[exchange]``: the person's own rates instead of the shipped ones, all of one day.

    ``per_base`` gives units of each currency for one unit of ``base``. A currency that is not in it is not
    converted: its posts are ranked without pay rather than with a rate of another day.
    """

    date: date
    base: Currency
    per_base: dict[Currency, Annotated[Amount, Field(gt=0)]]

    def rates(self) -> Exchange:
        """Return the table as rates to convert by."""
        per_base = self.per_base | {self.base: Decimal(1)}
        return Exchange(day=self.date, per_base=per_base, source=f"your own rates of {self.date}")


class _File(Table):
    profile: ProfileTable
    rates: RatesTable
    skills: tuple[SkillTable, ...] = ()
    evidence: tuple[EvidenceTable, ...] = ()
    answers: tuple[AnswerTable, ...] = ()
    avoid: AvoidTable = AvoidTable()
    time: TimeTable = TimeTable()
    connects: ConnectsTable = ConnectsTable()
    sources: tuple[SourceTable, ...] = ()
    delivery: DeliveryTable = DeliveryTable()
    storage: StorageTable = StorageTable()
    ranking: RankingTable = RankingTable()
    exchange: ExchangeTable | None = None
    polish: PolishTable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A checked settings file: the person as a domain value, the rest as read."""

    profile: Profile
    sources: tuple[SourceTable, ...]
    delivery: DeliveryTable
    storage_url: str
    model: str
    exchange: Exchange
    polish: PolishTable | None = None


def load_settings(path: Path) -> Settings:
    """Return the settings in ``path``; raise :class:`ConfigError` listing everything wrong with it."""
    return _settings(_checked(_File, _read_toml(path), path))


def load_profile(path: Path) -> Profile:
    """Return only the person described in ``path``, a settings file whose other tables are optional."""
    return _profile(_checked(_File, _read_toml(path), path))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except FileNotFoundError:
        raise ConfigError(
            "no such file", where=str(path), remedy="Make a workspace with: bidwright init DIR"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", where=str(path), remedy="Save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", where=str(path), remedy="Mend that line") from error


def _checked(model: type[_File], data: Mapping[str, Any], path: Path) -> _File:
    try:
        table = model.model_validate(data)
    except ValidationError as error:
        lines = [_problem(item) for item in error.errors(include_url=False, include_input=True)]
        raise ConfigError("; ".join(lines), where=str(path)) from None
    names = [source.name for source in table.sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(
            f"sources: the name {twice[0]!r} is used twice", where=str(path), remedy="Rename one of them"
        )
    return table


def _problem(item: Mapping[str, Any]) -> str:
    """Return one line for one pydantic error: the key as written in the file, what is wrong, what to do."""
    place = item["loc"]
    key = _key(place)
    if item["type"] == "extra_forbidden":
        known = _known_keys(place[:-1])
        near = get_close_matches(str(place[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
        return f"{key}: unknown key; {hint}"
    if item["type"] == "missing":
        return f"{key}: missing; every workspace needs it"
    message = str(item["msg"]).removeprefix("Value error, ")
    # A parameter may be a key that was put in the wrong place.
    found = "" if place[0] in _SECRET_TABLES or "params" in place else f" (found {_shown(item['input'])})"
    return f"{key}: {message[:1].lower()}{message[1:]}{found}"


def _shown(value: object) -> str:
    text = repr(str(value) if isinstance(value, Decimal) else value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - one line stays one line


def _key(place: tuple[str | int, ...]) -> str:
    """Return ``("skills", 0, "nam")`` as ``skills[1].nam``, counting from one as people do."""
    text = ""
    for step in place:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _known_keys(place: tuple[str | int, ...]) -> list[str]:
    model: Any = _File
    for step in place:
        if isinstance(step, int):
            continue
        annotation = model.model_fields[step].annotation
        arguments = getattr(annotation, "__args__", ())
        model = arguments[0] if arguments else annotation
    return list(model.model_fields)


def _profile(file: _File) -> Profile:
    who = file.profile
    return Profile(
        name=who.name,
        headline=who.headline,
        summary=who.summary,
        country=who.country,
        time_zone=who.time_zone,
        languages=who.languages,
        hours_per_week=who.hours_per_week,
        working_hours=_day(who.working_hours) if who.working_hours else None,
        rates=Rates(**file.rates.model_dump()),
        skills=tuple(_skill(skill) for skill in file.skills),
        evidence=tuple(Evidence(**item.model_dump()) for item in file.evidence),
        answers=tuple(Answer(**item.model_dump()) for item in file.answers),
        avoid=Avoid(**file.avoid.model_dump()),
        time=TimeBudget(**file.time.model_dump()),
        connects=ConnectsBudget(**file.connects.model_dump()),
        weights=file.ranking.weights.own(),
    )


def _skill(given: SkillTable) -> Skill:
    """Return the skill, found also under the name that posts have it by once they are read."""
    skill = Skill(**given.model_dump())
    usual = canonical_skill(skill.name)
    known = (skill.name, *skill.aliases)
    return skill if usual in known else replace(skill, aliases=(*skill.aliases, usual))


def _settings(file: _File) -> Settings:
    return Settings(
        profile=_profile(file),
        sources=file.sources,
        delivery=file.delivery,
        storage_url=file.storage.url,
        model=file.ranking.model,
        exchange=file.exchange.rates() if file.exchange else reference_rates(),
        polish=file.polish,
    )
