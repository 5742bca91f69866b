"""Countries, dates, channels, languages, contract types and single fields."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.issues import IssueLevel
from domain.posts import ContractType
from pipelines.channels import channel_for
from pipelines.contracts import contract_type, is_open
from pipelines.countries import country_code
from pipelines.data import table
from pipelines.dates import parse_date
from pipelines.fields import (
    count,
    count_span,
    dollars,
    experience,
    one_line,
    rating,
    read_field,
    share,
    truth,
)
from pipelines.language import detect_language

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States", "US"), ("usa", "US"), ("U.S.", "US"), ("The Netherlands", "NL"), ("england", "GB"),
        ("Türkiye", "TR"), ("turkiye", "TR"), ("Cote d’Ivoire", "CI"), ("IND", "IN"), ("pt", "PT"),
        ("Bengaluru,  India", "IN"), ("Congo, Democratic Republic of the", "CD"), ("Bosnia & Herzegovina", "BA"),
        ("KOR", "KR"), ("Korea", "KR"), ("Worldwide", None), ("", None), ("New York", None), ("x" * 10_000, None),
    ],
)  # fmt: skip
def test_country_code(name, code):
    assert country_code(name) == code


def test_every_country_is_there_once_and_reads_as_itself():
    countries = table("countries")["countries"]
    assert len(countries) == 250  # the 249 of ISO 3166-1, and Kosovo
    for code, (alpha_3, *names) in countries.items():
        assert {country_code(name) for name in (code, alpha_3, *names)} == {code}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-13T09:46:45Z", "2024-05-13T09:46:45+00:00"),
        ("2024-05-13T09:46:45.5+02:00", "2024-05-13T07:46:45.500000+00:00"),
        ("Mon, 13 May 2024 09:46:45 +0000", "2024-05-13T09:46:45+00:00"),
        ("Mon, 03 Dec 2018 13:03:47 PST", "2018-12-03T21:03:47+00:00"),
        ("May 13, 2024 09:46 UTC", "2024-05-13T09:46:00+00:00"),
        ("May 13, 2024 9:46 PM GMT", "2024-05-13T21:46:00+00:00"),
        ("Sept. 3, 2024 at 12:07 am UTC", "2024-09-03T00:07:00+00:00"),
        ("13 May 2024 10:00 UTC", "2024-05-13T10:00:00+00:00"),
        ("1700000000", "2023-11-14T22:13:20+00:00"),
        ("1700000000123", "2023-11-14T22:13:20.123000+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
    ],
)
def test_dates_with_a_zone(text, expected):
    moment, issues = parse_date(text, now=NOW)
    assert (moment.isoformat(), issues) == (expected, [])


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-13T09:46:00",
        "2024-05-13 09:46 (no zone)",
        "May 13, 2024 09:46",
        "Mon, 13 May 2024 09:46:00 XYZ",
    ],
)
def test_a_date_without_a_zone_is_utc_and_says_so(text):
    moment, issues = parse_date(text, now=NOW, where="feed: 1: date_posted")
    assert moment == datetime(2024, 5, 13, 9, 46, tzinfo=UTC)
    assert [(issue.level, issue.where) for issue in issues] == [(IssueLevel.INFO, "feed: 1: date_posted")]


@pytest.mark.parametrize(
    "text",
    ["yesterday", "12/11/10", "1e400", "今天", "٢٠٢٦-٠١-٠١", "Feb 30, 2024", "May 2024", "Mon, 32 Foo 2026 25:61:61 +9999",
     "1969-12-31T23:59:59Z", "0", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "2026-03-05T08:00:00Z", "Xyz 3, 2024"],
)  # fmt: skip
def test_what_is_no_date_is_a_warning(text):
    moment, issues = parse_date(text, now=NOW)
    assert (moment, [issue.level for issue in issues][-1]) == (None, IssueLevel.WARNING)


def test_dates_ahead():
    assert parse_date("2026-03-04T07:59:00Z", now=NOW)[0] == NOW + timedelta(hours=47, minutes=59)
    assert parse_date("2027-01-01T00:00:00Z", now=NOW)[0] is None
    assert parse_date("2027-01-01T00:00:00Z", now=NOW, future_ok=True)[0] == datetime(2027, 1, 1, tzinfo=UTC)
    assert parse_date("  ", now=NOW) == (None, [])


@given(st.datetimes(datetime(2000, 1, 2), datetime(2026, 3, 1), timezones=st.timezones()))
def test_every_instant_survives_the_round_trip(moment):
    utc = moment.astimezone(UTC)
    assert parse_date(utc.isoformat(), now=NOW) == (utc, [])
    assert parse_date(moment.isoformat(), now=NOW)[0] == utc


@given(st.text())
def test_parse_date_never_raises_and_gives_utc(text):
    moment, _ = parse_date(text, now=NOW)
    assert moment is None or moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("source", "url", "channel"),
    [
        ("anything", "https://www.upwork.com/jobs/~01", "upwork"),
        ("upwork-saved", "https://upwork.example/jobs/x", "upwork"),
        ("anything", "https://www.freelancer.co.uk/projects/1", "freelancer"),
        ("anything", "https://notupwork.com/jobs/1", "board"),
        ("anything", "https://upwork.com.evil.example/jobs/1", "board"),
        ("Upwork", None, "upwork"),
        ("upwork", "https://board.example/1", "upwork"),
        ("referral", None, "direct"),
        ("wwr", "https://weworkremotely.com/1", "board"),
        ("wwr", "http://[bad", "board"),
        ("fiverr", None, "fiverr"), ("x", "https://guru.com/1", "guru"), ("x", "https://contra.com/1", "contra"),
        ("x", "https://www.peopleperhour.com/1", "peopleperhour"),
    ],
)  # fmt: skip
def test_channel_for(source, url, channel):
    assert channel_for(source, url) == channel


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We are looking for a developer who can build the new version of our shop", "en"),
        ("Buscamos un desarrollador para la nueva versión de nuestra tienda y con experiencia", "es"),
        ("Nous recherchons un développeur pour la nouvelle version de notre boutique avec vous", "fr"),
        ("Wir suchen einen Entwickler für die neue Version unseres Shops und das Backend", "de"),
        ("Preciso de um desenvolvedor para a nova versão do nosso site, com experiência em PHP", "pt"),
        ("Cerchiamo uno sviluppatore per la nuova versione del nostro sito, anche da remoto", "it"),
        ("Wij zoeken een ontwikkelaar voor de nieuwe versie van onze winkel met ervaring", "nl"),
        ("Нужен разработчик для нового сайта", "ru"),
        ("نبحث عن مطور لبناء متجر جديد", "ar"),
        ("我们需要一名开发人员来建设新网站", "zh"),
        ("新しいサイトを作る開発者を探しています", "ja"),
        ("새로운 사이트를 만들 개발자를 찾습니다", "ko"),
        ("हमें नई वेबसाइट के लिए डेवलपर चाहिए", "hi"),
        ("Python, Django, PostgreSQL, Celery, Redis, Docker", None),
        ("Hello", None),
        ("", None),
        ("1234 5678 !!!", None),
    ],
)
def test_detect_language(text, language):
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "kind", "open_"),
    [
        ("Hourly", ContractType.HOURLY, False), ("FIXED_PRICE", ContractType.FIXED, False),
        ("full-time", ContractType.EMPLOYMENT, False), ("Part Time", ContractType.EMPLOYMENT, False),
        ("contract", None, True), ("barter", None, False), (None, None, False),
    ],
)  # fmt: skip
def test_contract_type(text, kind, open_):
    assert (contract_type(text), is_open(text)) == (kind, open_)


@pytest.mark.parametrize(
    ("reader", "text", "expected"),
    [
        (count, "1,234", 1234), (count, "12 bids", 12), (count, "7.0", 7), (count, "7.5", None), (count, "1,23", None),
        (count, "-1", None), (count, "9" * 12, None),
        (count_span, "5 to 10", (5, 10)), (count_span, "less than 5", (0, 4)), (count_span, "50+", (50, None)),
        (count_span, "7", (7, 7)), (count_span, "20 to 5", (5, 20)), (count_span, "proposals: 5 to 10", (5, 10)),
        (count_span, "many", None),
        (dollars, "$10k+", Decimal(10_000)), (dollars, "128400", Decimal(128_400)),
        (dollars, "$1,234.50 total spent", Decimal("1234.50")), (dollars, "2.5m", Decimal(2_500_000)),
        (dollars, "a lot", None),
        (share, "95%", Decimal("0.95")), (share, "0.86", Decimal("0.86")), (share, "95", Decimal("0.95")),
        (share, "1", Decimal(1)), (share, "140%", None), (share, "most", None),
        (rating, "4.9", Decimal("4.9")), (rating, "4.9/5", Decimal("4.9")), (rating, "4.9 of 5", Decimal("4.9")),
        (rating, "7", None), (rating, "good", None),
        (truth, "true", True), (truth, "unverified", False), (truth, "perhaps", None),
    ],
)  # fmt: skip
def test_readers(reader, text, expected):
    assert reader(text) == expected


@pytest.mark.parametrize("text", [None, "", "  ", "N/A", "nan", "null"])
def test_what_is_not_stated_is_no_issue(text):
    issues = []
    assert read_field(text, count, "w", issues) is None
    assert issues == []


def test_what_is_not_understood_is_reported_and_left_out():
    issues = []
    assert read_field("a dozen", count, "f: 1: hires", issues) is None
    assert [(issue.level, issue.where, issue.message) for issue in issues] == [
        (IssueLevel.WARNING, "f: 1: hires", "'a dozen' is not understood; left out")
    ]


def test_levels_have_one_spelling_and_others_stay():
    assert experience("ExpertLevel") == "Expert"
    assert experience("Entry level") == "Entry"
    assert experience("Guru  of gurus") == "Guru of gurus"
    assert experience(None) is None
    assert one_line("\u200b") is None
