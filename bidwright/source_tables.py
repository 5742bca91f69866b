"""``[[sources]]`` of the settings file: where posts come from, and how foreign items become posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bidwright.durations import parse_duration
from domain.errors import ConfigError


class Table(BaseModel):
    """One table of the file: a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _duration(text: object) -> object:
    try:
        return parse_duration(text) if isinstance(text, str) else text
    except ConfigError as error:
        raise ValueError(str(error)) from error


def _parameter(value: object) -> object:
    """Return a number or a truth value as a query parameter has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


Text = Annotated[str, Field(min_length=1)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Parameter = Annotated[str, BeforeValidator(_parameter)]
Rule = Text | None


class ClientMap(Table):
    """``client`` of a field map: what an item says about the client."""

    id: Rule = None
    name: Rule = None
    country: Rule = None
    payment_verified: Rule = None
    total_spent: Rule = None
    hires: Rule = None
    hire_rate: Rule = None
    rating: Rule = None
    reviews: Rule = None
    member_since: Rule = None


class PostMap(Table):
    """Our key = where it stands in an item; ``=`` before a text makes it the text itself."""

    title: Text
    source_id: Rule = None
    url: Rule = None
    description: Rule = None
    skills: Rule = None
    category: Rule = None
    contract_type: Rule = None
    budget_min: Rule = None
    budget_max: Rule = None
    budget_raw: Rule = None
    currency: Rule = None
    period: Rule = None
    date_posted: Rule = None
    valid_through: Rule = None
    experience_level: Rule = None
    duration: Rule = None
    workload: Rule = None
    location: Rule = None
    company: Rule = None
    proposals_min: Rule = None
    proposals_max: Rule = None
    interviewing: Rule = None
    hires: Rule = None
    connects: Rule = None
    client: ClientMap = ClientMap()

    def options(self) -> dict[str, Any]:
        """Return the map as plain data, as the parsers take it: only what is set, ``client.country`` flat."""
        plain = self.model_dump(exclude_none=True)
        client = {f"client.{key}": rule for key, rule in plain.pop("client").items()}
        return {key: value for key, value in plain.items() if value not in ("", ())} | client


class FieldsTable(PostMap):
    """``[sources.fields]`` of a ``json`` source: keys are paths in the item, with dots between them.

    ``items`` is the path of the list (left out: the document is the list), ``ignore`` paths of no use.
    """

    items: str = ""
    ignore: tuple[str, ...] = ()


class SelectTable(PostMap):
    """``[sources.select]`` of an ``html`` source: keys are CSS selectors within an ``item``.

    ``empty`` selects what the page shows when it has no posts.
    """

    item: Text
    empty: Rule = None


class SourceTable(Table):
    """``[[sources]]``: one source.

    ``params`` are query parameters; ``permitted`` says that the person has the permission its terms want.
    Keys of the source are no settings: they come from the environment.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    type: Text
    url: str | None = None
    every: Duration | None = None
    allow_private: bool = False
    permitted: bool = False
    params: dict[str, Parameter] = {}
    fields: FieldsTable | None = None
    select: SelectTable | None = None
