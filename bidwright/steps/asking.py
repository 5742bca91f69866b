"""What a source is asked and with which keys, or why it is not asked at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bidwright.source_tables import SourceTable
from domain.errors import ConfigError
from domain.sources import Source, SourceRun
from spiders.catalogue import SourceType, source_type
from spiders.fetching import FetchRequest, Key

_SHORTEST_KEY = (
    8  # what is sent is looked for in every answer and taken out; a short text stands there by chance
)


def configured_source(table: SourceTable, where: str) -> Source:
    """Return the source that ``table`` configures, with the terms of its type; raise ConfigError if wrong."""
    kind = source_type(table.type)
    place = f"sources.{table.name}"
    url = table.url or kind.url
    if url is None:
        raise ConfigError(
            f"{place}: a source of type {table.type!r} needs a url", where=where, remedy="Add one"
        )
    every = table.every if table.every is not None else kind.terms.min_interval
    return Source(
        name=table.name,
        type=table.type,
        url=_with_params(url, table.params),
        every=max(every, kind.terms.min_interval),
        terms=kind.terms,
        options=_options(table, kind, place, where),
    )


def _options(table: SourceTable, kind: SourceType, place: str, where: str) -> dict[str, object]:
    """Return the field map of ``table``; raise ConfigError for one that is missing, wrong or of no use."""
    secrets = {secret.query for secret in kind.secrets if secret.query} & table.params.keys()
    for name in sorted(secrets):
        variable = variable_of(table.name, name)
        raise ConfigError(f"{place}.params: {name} is a key", where=where, remedy=f"Put it in {variable}")
    if table.permitted and not kind.permission:
        raise ConfigError(
            f"{place}: permitted says nothing for type {table.type!r}", where=where, remedy="Take it out"
        )
    maps = {"fields": table.fields, "select": table.select}
    for key, given in maps.items():
        if given is not None and kind.options != key:
            raise ConfigError(
                f"{place}: a source of type {table.type!r} has no use for {key}",
                where=where,
                remedy="Take it out, or correct the type",
            )
        if given is None and kind.options == key:
            raise ConfigError(
                f"{place}: a source of type {table.type!r} needs [sources.{key}]",
                where=where,
                remedy="docs/sources.md shows one",
            )
    chosen = table.fields or table.select
    options = chosen.options() if chosen is not None else {}
    if kind.options == "select":
        from spiders.parsers.mapped_html import wrong_selector

        problem = wrong_selector(options)
        if problem:
            raise ConfigError(f"{place}.select.{problem}", where=where, remedy="Correct it")
    return options


def _with_params(url: str, params: Mapping[str, str]) -> str:
    if not params:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in params]
    return urlunsplit(parts._replace(query=urlencode([*kept, *params.items()])))


def variable_of(source: str, secret: str) -> str:
    """Return the environment variable that the key ``secret`` of the source named ``source`` stands in."""
    return f"BIDWRIGHT_{source}_{secret}".upper().replace("-", "_")


def why_off(source: Source, table: SourceTable, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return why ``source`` is not asked until the person does something, or ``None``."""
    kind = source_type(source.type)
    if kind.permission and not table.permitted:
        return (
            f"its terms want the permission of {kind.permission} ({kind.terms_at});"
            " once you have it, set permitted = true"
        )
    variables = [variable_of(source.name, secret.name) for secret in kind.secrets if secret.required]
    missing = [name for name in variables if not environ.get(name)]
    if missing:
        return f"it needs a key of yours: set {' and '.join(missing)} in the environment"
    keys = _keys(source, environ)
    short = [name for name, key in keys.items() if len(key.secret) < _SHORTEST_KEY]
    if short:
        return f"{short[0]} is shorter than {_SHORTEST_KEY} characters: not a key"
    if any(not key.secret.isascii() or not key.secret.isprintable() for key in keys.values()):
        return "a key of it holds characters that cannot be sent"
    if keys and not (source.url.startswith("https:") or table.allow_private):
        return "its key would be sent unencrypted: give it an https address"
    return None


def request_for(
    source: Source,
    table: SourceTable,
    previous: SourceRun | None,
    *,
    address: str,
    environ: Mapping[str, str] = os.environ,
) -> FetchRequest:
    """Return the request for ``source`` at ``address``, with what it said last time and its keys."""
    return FetchRequest(
        name=source.name,
        url=address,
        etag=previous.etag if previous else None,
        last_modified=previous.last_modified if previous else None,
        allow_private=table.allow_private,
        follow=source_type(source.type).follow,
        keys=tuple(_keys(source, environ).values()),
    )


def _keys(source: Source, environ: Mapping[str, str]) -> dict[str, Key]:
    """Return the keys of ``source`` that are in ``environ``, by their variable."""
    found: dict[str, Key] = {}
    for secret in source_type(source.type).secrets:
        variable = variable_of(source.name, secret.name)
        if environ.get(variable):
            value = environ[variable].strip()
            found[variable] = Key(
                secret=value, header=secret.header, prefix=secret.prefix, query=secret.query
            )
    return found
