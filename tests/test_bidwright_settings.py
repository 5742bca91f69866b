"""The settings file: every mistake is named with file, key and the nearest known key; secrets never shown."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bidwright.durations import describe_duration, parse_duration
from bidwright.settings import load_settings
from bidwright.workspace import find_workspace, init_workspace
from domain.errors import ConfigError, UsageError
from domain.profile import SkillLevel

MINIMAL = """
[profile]
name = "Ana Prado"
headline = "Django back ends"
[rates]
currency = "eur"
floor = "45.50"
"""


def settings_from(tmp_path: Path, text: str):
    path = tmp_path / "bidwright.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def problem(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        settings_from(tmp_path, text)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(tmp_path / "bidwright.toml"))
    return message


def test_a_minimal_file_is_enough_and_says_nothing_it_was_not_told(tmp_path):
    settings = settings_from(tmp_path, MINIMAL)
    assert settings.profile.rates.currency == "EUR"
    assert settings.profile.rates.floor == Decimal("45.50")
    assert settings.profile.rates.target is None
    assert settings.profile.country is None
    assert settings.storage_url == "sqlite:///bidwright.db"


def test_every_table_of_the_contract_is_read(tmp_path):
    settings = settings_from(
        tmp_path,
        MINIMAL
        + """
        target = 70
        fixed_minimum = 300.50
        [[skills]]
        name = "Django"
        level = "expert"
        years = 6
        aliases = ["DRF"]
        want = false
        [[evidence]]
        title = "Booking API"
        skills = ["Django"]
        [[answers]]
        question = "When?"
        answer = "Monday."
        [avoid]
        words = ["casino"]
        clients_from = ["Germany"]
        contract_types = ["fixed"]
        proposals_over = 50
        [time]
        minutes_per_day = 40
        [connects]
        price = "0.20"
        per_week = 60
        [[sources]]
        name = "wwr"
        type = "rss"
        url = "https://board.example/rss"
        every = "2h"
        [delivery]
        email_to = "ana@example.com"
        [storage]
        url = "postgresql+psycopg://u@h/db"
        [ranking]
        model = "some/model"
        """,
    )
    profile = settings.profile
    assert (profile.rates.target, profile.rates.fixed_minimum) == (Decimal(70), Decimal("300.50"))
    skill = profile.skills[0]
    assert (skill.name, skill.level, skill.years, skill.aliases, skill.want) == (
        "Django", SkillLevel.EXPERT, 6, ("DRF",), False,
    )  # fmt: skip
    assert profile.evidence[0].skills == ("Django",)
    assert profile.answers[0].answer == "Monday."
    assert profile.avoid.clients_from == ("DE",)
    assert profile.time.minutes_per_proposal == 12
    assert profile.connects.price == Decimal("0.20")
    assert settings.sources[0].every == timedelta(hours=2)
    assert settings.model == "some/model"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MINIMAL + "flor = 3", "rates.flor: unknown key; did you mean 'floor'?"),
        (
            MINIMAL + "[[skills]]\nname='a'\n[[skills]]\nnam='b'",
            "skills[2].nam: unknown key; did you mean 'name'?",
        ),
        (MINIMAL + "[ranks]\nmodel='x'", "ranks: unknown key; did you mean 'ranking'?"),
        (MINIMAL + "[time]\nzzz = 1", "known keys: minutes_per_day, minutes_per_proposal"),
        (
            MINIMAL.replace("45.50", "-5"),
            "rates.floor: input should be greater than or equal to 0 (found '-5')",
        ),
        (MINIMAL.replace("45.50", "cheap"), "rates.floor"),
        (MINIMAL.replace("45.50", "nan"), "rates.floor"),
        (MINIMAL.replace("eur", "XYZ"), "unknown currency 'XYZ'"),
        (MINIMAL.replace('name = "Ana Prado"', 'country = "Atlantis"'), "'Atlantis' is not a country"),
        (MINIMAL.replace('name = "Ana Prado"', 'time_zone = "Europe/Lisabon"'), "is not a time zone"),
        (MINIMAL.replace('name = "Ana Prado"', ""), "profile.name: missing"),
        (MINIMAL + "[[sources]]\nname='a'\ntype='rss'\nevery='1 fortnight'", "sources[1].every"),
        (
            MINIMAL + "[[sources]]\nname='a'\ntype='rss'\n[[sources]]\nname='a'\ntype='rss'",
            "'a' is used twice",
        ),
        (MINIMAL + "[[sources]]\nname='../a'\ntype='rss'", "sources[1].name"),
        ("[profile", "is not valid TOML"),
    ],
)
def test_each_mistake_is_named(tmp_path, text, expected):
    assert expected in problem(tmp_path, text)


def test_all_mistakes_are_reported_at_once(tmp_path):
    message = problem(tmp_path, "[profile]\nnam = 'x'\n")
    assert "did you mean 'name'?" in message
    assert "rates: missing" in message


def test_a_secret_in_the_file_is_never_repeated(tmp_path):
    message = problem(tmp_path, MINIMAL + "[delivery]\nsmtp = ['smtp://ana:hunter2@mail.example']")
    assert "delivery.smtp" in message
    assert "hunter2" not in message


def test_what_is_not_text_is_said_so(tmp_path):
    path = tmp_path / "bidwright.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(path)


def test_init_writes_a_file_that_is_valid_and_never_touches_yours(tmp_path):
    root = tmp_path / "desk"
    written = init_workspace(root)
    assert root / "bidwright.toml" in written
    settings = load_settings(root / "bidwright.toml")
    assert {source.type for source in settings.sources} == {"remotive", "remoteok", "himalayas"}
    with pytest.raises(UsageError, match="already a bidwright.toml"):
        init_workspace(root)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        init_workspace(tmp_path / "file")


def test_the_commented_lines_of_the_shipped_file_are_valid_too(tmp_path):
    init_workspace(tmp_path)
    path = tmp_path / "bidwright.toml"
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        bare = line.removeprefix("# ")
        is_setting = line.startswith("# ") and (bare.startswith("[") or " = " in bare)
        lines.append(bare if is_setting else line)
    path.write_text("\n".join(lines), encoding="utf-8")
    tomllib.loads("\n".join(lines))
    settings = load_settings(path)
    assert settings.profile.country == "PT"
    assert settings.sources[-1].name == "my-board"


def test_the_workspace_is_the_given_one_then_the_environment_then_the_nearest(tmp_path, monkeypatch):
    near, named, given = tmp_path / "near", tmp_path / "named", tmp_path / "given"
    for root in (near, named, given):
        init_workspace(root)
    inner = near / "drafts" / "old"
    inner.mkdir(parents=True)
    monkeypatch.delenv("BIDWRIGHT_WORKSPACE", raising=False)
    assert find_workspace(start=inner).root == near
    monkeypatch.setenv("BIDWRIGHT_WORKSPACE", str(named))
    assert find_workspace(start=inner).root == named
    assert find_workspace(str(given), start=inner).root == given
    with pytest.raises(ConfigError, match="bidwright init"):
        find_workspace(str(tmp_path / "nowhere"))


def test_no_workspace_anywhere_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.delenv("BIDWRIGHT_WORKSPACE", raising=False)
    with pytest.raises(ConfigError, match="Make a workspace with: bidwright init DIR"):
        find_workspace(start=tmp_path)


def test_a_relative_database_lies_in_the_workspace(tmp_path):
    init_workspace(tmp_path)
    assert find_workspace(str(tmp_path)).storage_url == f"sqlite:///{tmp_path / 'bidwright.db'}"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), (" 1H ", 3600), ("2d", 172_800), ("522w", 315_705_600)]
)
def test_durations(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "1", "h", "1.5h", "-1h", "1 month", "99999999h", "999999w", "3661d"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ConfigError, match="30m, 1h or 1d"):
        parse_duration(text)


def test_durations_are_described_in_whole_units():
    spans = [timedelta(hours=24), timedelta(minutes=90), timedelta(seconds=61), timedelta(0)]
    assert [describe_duration(span) for span in spans] == ["1d", "90m", "61s", "0s"]


RATES = """
[exchange]
date = 2026-11-20
base = "EUR"
per_base = { usd = "1.20", INR = 100 }
"""


def test_a_persons_own_rates_replace_the_shipped_ones_as_a_whole(tmp_path):
    shipped = settings_from(tmp_path, MINIMAL).exchange
    assert shipped.convert(Decimal(1), "GBP", "EUR") is not None
    own = settings_from(tmp_path, MINIMAL + RATES).exchange
    assert own.convert(Decimal(120), "USD", "INR") == Decimal(10_000)
    assert own.rate_words("USD", "INR") == "1 USD = 83.3333 INR on 2026-11-20"
    assert own.source == "your own rates of 2026-11-20"
    assert own.convert(Decimal(1), "GBP", "EUR") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RATES.replace("base =", "bse =", 1), "exchange.bse: unknown key; did you mean 'base'?"),
        (RATES.replace("2026-11-20", '"soon"'), "exchange.date: "),
        (RATES.replace("100", "0"), "exchange.per_base.INR: input should be greater than 0 (found 0)"),
        (RATES.replace("INR", "RUPEE"), "exchange.per_base.RUPEE"),
    ],
)
def test_rates_that_are_none_are_named(tmp_path, text, expected):
    assert expected in problem(tmp_path, MINIMAL + text)
