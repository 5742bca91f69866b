"""Numbers of a ranking made again from the parts that ``bidwright show`` prints, and from nothing else.

Curves are read from the published tables in ``ranking/data``. A :class:`Shown` is what one view says of one post; it is
read from the JSON or from the text, and :func:`check` holds every number against its parts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pytest

from ranking.tables import on_curve, table

D = Decimal
CENT = D("0.01")
NUMBER = r"-?\d[\d,]*(?:\.\d+)?"
Rows = list[tuple[str, str, str]]
"""Label, value and source of each part of one number, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one view says of one post; ``None`` stands for a number that it says is not stated.

    ``fit``, ``client`` and ``chance`` are as precise as the view shows them: ``places`` decimals.
    """

    fit: float
    client: float
    net: tuple[Decimal, Decimal, Decimal] | None  # low, expected, high
    chance: tuple[float, float, float]  # low, the chance, high
    value: Decimal | None
    score: float
    stated: tuple[Decimal | None, Decimal | None]  # the bounds of the pay, in its own currency
    parts: Mapping[str, Rows]
    places: int
    score_places: int


# ---- reading the views ----


def from_json(data: Mapping[str, object]) -> Shown:
    """Read what ``bidwright show --json`` prints."""
    ranking, pay = data["ranking"], data["pay"]
    net, chance = ranking["net_hourly"], ranking["win_chance"]
    bounds = (None, None) if pay is None else (pay["low"], pay["high"])
    return Shown(
        fit=ranking["fit"],
        client=ranking["client"],
        net=None if net is None else tuple(D(net[name]) for name in ("low", "expected", "high")),
        chance=(chance["low"], chance["p"], chance["high"]),
        value=None if ranking["expected_value"] is None else D(ranking["expected_value"]),
        score=ranking["score"],
        stated=tuple(None if bound is None else D(bound) for bound in bounds),
        parts={
            name: [(each["label"], each["value"], each["source"]) for each in rows]
            for name, rows in ranking["parts"].items()
        },
        places=6,
        score_places=6,
    )


_GAP = 24
_HEADS = {
    "Fit": "fit",
    "Net pay per hour": "net_hourly",
    "Client": "client",
    "Win chance": "win_chance",
    "Expected value": "expected_value",
    "Score": "score",
}


def from_text(text: str) -> Shown:
    """Read the text of ``bidwright show``, at any width."""
    heads: dict[str, str] = {}
    rows: dict[str, Rows] = {}
    for label, value in _entries(text):
        if not label.startswith(" "):
            heads[label] = value
            rows[label] = []
        elif rows:
            shown, _, source = value.partition(" [")
            rows[next(reversed(rows))].append((label.strip(), shown, source.removesuffix("]")))
    net, chance = heads["Net pay per hour"], heads["Win chance"]
    value = heads["Expected value"]
    percents = [float(found) / 100 for found in re.findall(r"([\d.]+)%", chance)]
    middle, low, high = percents if len(percents) == 3 else (percents[0], percents[1], percents[1])
    return Shown(
        fit=float(heads["Fit"].partition("%")[0]) / 100,
        client=float(heads["Client"].partition("%")[0]) / 100,
        net=None if net == "not stated" else _net(net),
        chance=(low, middle, high),
        value=None if value == "not stated" else numbers(value)[0],
        score=float(heads["Score"]),
        stated=_bounds(heads["Pay as stated"]),
        parts={name: rows[head] for head, name in _HEADS.items()},
        places=2,
        score_places=4,
    )


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield label and text of each entry from "Pay as stated" to the verdict, its lines joined."""
    label, words = "", ""
    for line in text[text.index("Pay as stated") :].partition("\nVerdict")[0].splitlines():
        name, rest = line[:_GAP], line[_GAP:]
        if name.strip():
            if label:
                yield label, words
            label, words = name.rstrip(), rest
        elif rest:
            words += f" {rest}"
    yield label, words


def _net(told: str) -> tuple[Decimal, Decimal, Decimal]:
    expected, interval = told.split(" (", 1)
    low, *high = numbers(interval.partition(";")[0])
    return low, numbers(expected)[0], (high or [low])[0]


def _bounds(told: str) -> tuple[Decimal | None, Decimal | None]:
    if told == "not stated":
        return None, None
    found = numbers(told)
    if told.startswith("up to"):
        return None, found[0]
    return (found[0], None) if told.startswith("from") else (found[0], found[-1])


def numbers(text: str) -> list[Decimal]:
    """Return the figures in ``text``."""
    return [D(found.replace(",", "")) for found in re.findall(rf"(?<![\w.]){NUMBER}", text)]


# ---- making the numbers again ----


def check(shown: Shown) -> None:
    """Hold every number of ``shown`` against what its parts come to."""
    _check_fit(shown)
    _check_client(shown)
    _check_net(shown)
    _check_chance(shown)
    _check_value(shown)
    _check_score(shown)


def _products(rows: Rows) -> dict[str, tuple[float, float]]:
    """Return both factors of each part that reads "a x b"."""
    found = {label: re.fullmatch(rf"({NUMBER}) x ({NUMBER})", value) for label, value, _ in rows}
    return {label: (float(match[1]), float(match[2])) for label, match in found.items() if match}


def _half(places: int) -> float:
    """Return how far a number shown with ``places`` decimals may be from what it was rounded from."""
    return 0.5 * 10**-places + 1e-9


def _check_fit(shown: Shown) -> None:
    rows = shown.parts["fit"]
    values = {label: value for label, value, _ in rows}
    pairs = _products(rows)
    near = [pairs[name] for name in ("meaning", "words shared", "named")]
    closeness = round(sum(a * b for a, b in near) / sum(b for _, b in near), 4)
    assert pairs["closeness"][0] == closeness
    whole = sum(a * b for a, b in (pairs["skills asked for"], pairs["closeness"]))
    assert float(values["sum"]) == pytest.approx(whole, abs=_half(4))
    stretched = on_curve(table("fit")["calibration"]["score"], whole)
    assert float(values["stretched"]) == pytest.approx(stretched, abs=_half(4))
    wanted = float(values.get("not wanted", "x 1").removeprefix("x "))
    fit = round(float(values["stretched"]) * wanted, 4)
    assert shown.fit == pytest.approx(fit, abs=_half(shown.places))
    assert _products(shown.parts["score"])["fit"][0] == fit


def _check_client(shown: Shown) -> None:
    pairs = _products(shown.parts["client"])
    assert len(pairs) == len(shown.parts["client"])
    mean = round(sum(a * b for a, b in pairs.values()) / sum(b for _, b in pairs.values()), 4)
    assert shown.client == pytest.approx(mean, abs=_half(shown.places))
    assert _products(shown.parts["score"])["client"][0] == mean


def _span(value: str) -> tuple[Decimal, Decimal, Decimal]:
    """Return low, middle and high of "40 to 60 USD, middle 48.9898" or "40 USD"."""
    low, *more = numbers(value)
    return (low, more[1], more[0]) if more else (low, low, low)


def _fee(value: str) -> tuple[Decimal, Decimal, Decimal]:
    """Return low, expected and high of "0-15 %, counted as 7.5 %" or "10 %", as shares."""
    low, *more = (figure / 100 for figure in numbers(value.replace("\N{EN DASH}", " ")))
    return (low, more[1], more[0]) if more else (low, low, low)


def _costs(values: Mapping[str, str]) -> tuple[Decimal, Decimal]:
    """Return what the connects cost and the hours that writing takes."""
    return numbers(values["connects"].rpartition("=")[2])[0], numbers(values["writing"])[0] / 60


def _check_net(shown: Shown) -> None:
    if shown.net is None:
        assert shown.parts["net_hourly"] == []
        return
    values = {label: value for label, value, _ in shown.parts["net_hourly"]}
    in_all = "gross budget" in values
    gross = _span(values["gross budget" if in_all else "gross per hour"])
    low_fee, fee, high_fee = _fee(values["fee"])
    least, most, about = numbers(values["hours"].replace("\N{EN DASH}", " "))
    connects, writing = _costs(values)
    hours = (most, about, least) if in_all else (about, about, about)

    def net(pay: Decimal, kept: Decimal, spent: Decimal) -> Decimal:
        whole = pay * kept if in_all else pay * kept * spent
        return ((whole - connects) / (spent + writing)).quantize(CENT, ROUND_HALF_UP)

    kept = (1 - high_fee, 1 - fee, 1 - low_fee)
    assert tuple(sorted(map(net, gross, kept, hours))) == shown.net
    assert _formula(values["expected"]).quantize(CENT, ROUND_HALF_UP) == shown.net[1]
    if "stated" in values:
        _check_gross(values, gross, shown.stated)
    if "job pays" in values:
        counted = 1 if in_all else min(about, D(table("effort")["ongoing"]["most_hours"]))
        assert numbers(values["job pays"])[0] == (gross[1] * (1 - fee) * counted).quantize(
            CENT, ROUND_HALF_UP
        )


def _formula(told: str) -> Decimal:
    """Return what "(40 x 0.9 x 20 - 2.4) / (20 + 12/60)" comes to."""
    match = re.fullmatch(
        rf"\((?P<whole>.+) - (?P<cost>{NUMBER})\) / \((?P<hours>{NUMBER}) \+ (?P<minutes>\d+)/60\)", told
    )
    assert match, told
    whole = math.prod(map(D, match["whole"].split(" x ")))
    return (whole - D(match["cost"])) / (D(match["hours"]) + D(match["minutes"]) / 60)


def _check_gross(
    values: Mapping[str, str],
    gross: tuple[Decimal, Decimal, Decimal],
    stated: tuple[Decimal | None, Decimal | None],
) -> None:
    """Hold the gross pay against the stated bounds, the filled-in one, the rate and the hours of a unit."""
    low, high = (
        math.prod(map(D, values[name].split(" x "))) if name in values else bound
        for name, bound in zip(("least", "most"), stated, strict=True)
    )
    rate = D(values["rate"].split(" = ")[1].split()[0]) if "rate" in values else D(1)
    unit = next((numbers(value)[0] for label, value in values.items() if label.startswith("one ")), D(1))
    for shown, bound in ((gross[0], low), (gross[2], high)):
        assert bound is not None
        assert float(shown) == pytest.approx(float(bound * rate / unit), rel=1e-5, abs=1e-4)
    assert float(gross[1]) == pytest.approx(math.sqrt(gross[0] * gross[2]), rel=1e-5, abs=1e-4)


def _odds(p: float, factor: float) -> float:
    odds = p / (1 - p) * factor
    return min(0.95, odds / (1 + odds))


def _check_chance(shown: Shown) -> None:
    rows = shown.parts["win_chance"]
    values = {label: value for label, value, _ in rows}
    facts = [float(value.removeprefix("x ")) for _, value, _ in rows if value.startswith("x ")]
    *factors, lift, odds = facts
    bounds = table("chance")["bounds"]
    held = {label: source for label, _, source in rows}["lift"]
    assert held == "held between 1/3 and 2.5"
    assert lift == round(min(2.5, max(bounds["least"], math.prod(factors))), 4)
    exponent, scale = map(float, values["own outcomes"].removeprefix("lift ^ ").split(" x "))
    assert odds == pytest.approx(min(2.5, max(1 / 3, scale * lift**exponent)), abs=_half(4))
    base = float(values["base rate"])
    p = round(_odds(base, odds), 6)
    assert float(values["chance"]) == p
    assert p <= base * 2.5 + 1e-6
    if "odds" in values["interval"]:
        least, most = map(float, re.findall(r"\d+\.\d+", values["interval"]))
        low, high = _odds(base, odds / least), _odds(base, odds * most)
    else:
        low, high = (_odds(float(each), odds) for each in values["interval"].split(" to "))
    interval = (round(min(p, low), 6), p, round(min(1.0, max(p, high)), 6))
    for seen, made in zip(shown.chance, interval, strict=True):
        assert seen == pytest.approx(made, abs=_half(shown.places))


def _check_value(shown: Shown) -> None:
    rows = shown.parts["expected_value"]
    if shown.value is None:
        assert rows == []
        return
    values = {label: value for label, value, _ in rows}
    p, pay = (numbers(each)[0] for each in values["chance x pay"].split(" x "))
    net = {label: value for label, value, _ in shown.parts["net_hourly"]}
    assert float(p) == float(
        next(value for label, value, _ in shown.parts["win_chance"] if label == "chance")
    )
    assert pay == numbers(net["job pays"])[0]
    spent, written = (abs(numbers(values[name])[0]) for name in ("connects", "writing"))
    assert spent == _costs(net)[0]
    assert shown.value == (p * pay - spent - written).quantize(CENT, ROUND_HALF_UP)
    assert numbers(values["worth"])[0] == shown.value
    minutes = numbers(net["writing"])[0]
    if minutes:
        assert numbers(values["per minute"])[0] == (shown.value / minutes).quantize(
            D("0.0001"), ROUND_HALF_UP
        )


def _check_score(shown: Shown) -> None:
    rows = shown.parts["score"]
    pairs = _products(rows)
    assert sum(weight for _, weight in pairs.values()) == pytest.approx(1, abs=1e-9)
    values = {label: value for label, value, _ in rows}
    plain = round(sum(a * b for a, b in pairs.values()) * float(values["suits"].removeprefix("x ")), 6)
    shifts = sum(float(value) for label, value, _ in rows if label.startswith("preference"))
    assert shown.score == pytest.approx(plain + shifts, abs=2e-6 + _half(shown.score_places))
    curves = table("weights")
    assert float(values["suits"].removeprefix("x ")) == round(
        on_curve(curves["suits"]["curve"], pairs["fit"][0]), 4
    )
    chance = {label: value for label, value, _ in shown.parts["win_chance"]}
    times = float(chance["chance"]) / float(chance["base rate"])
    assert pairs["chance"][0] == pytest.approx(on_curve(curves["chance"]["curve"], times), abs=_half(4))
