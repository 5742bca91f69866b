"""The sample posts and what a reader concludes from them, read with the standard library alone."""

from __future__ import annotations

import html
import json
import re
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from functools import cache
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "bidwright" / "sample"
FEEDS = SAMPLE / "feeds"
SAVED = SAMPLE / "import" / "upwork-saved.jsonl"
PROFILE = SAMPLE / "profile.toml"
POST_FILES = (*sorted(FEEDS.iterdir()), SAVED)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

PLACEHOLDER = re.compile(r"@@(iso|rfc822|epoch):([+-])(\d+)([mhd])@@")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}

ATOM = "{http://www.w3.org/2005/Atom}"
RSS1 = "{http://purl.org/rss/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"

CONTRACT_KEYS = {
    *("source", "source_id", "url", "title", "description", "skills", "category", "contract_type"),
    *("budget_min", "budget_max", "budget_raw", "currency", "period", "date_posted", "valid_through"),
    *("experience_level", "duration", "workload", "proposals_min", "proposals_max", "interviewing"),
    *("hires", "connects", "client"),
}
CLIENT_KEYS = {
    *("id", "country", "payment_verified", "total_spent", "hires", "hire_rate", "rating", "reviews"),
    "member_since",
}


def span(sign: str, count: str, unit: str) -> timedelta:
    length = timedelta(**{UNITS[unit]: int(count)})
    return length if sign == "+" else -length


def filled(path: Path) -> str:
    """Return the text of ``path`` with every placeholder replaced as if read at NOW."""

    def moment(match: re.Match[str]) -> str:
        at = NOW + span(match[2], match[3], match[4])
        if match[1] == "epoch":
            return str(int(at.timestamp()))
        return at.isoformat() if match[1] == "iso" else format_datetime(at)

    return PLACEHOLDER.sub(moment, path.read_text(encoding="utf-8"))


def xml(name: str) -> ET.Element:
    return ET.fromstring(filled(FEEDS / name))


def loaded(name: str):
    return json.loads(filled(FEEDS / name))


def codelane() -> list[tuple[str, str, str]]:
    return [
        (
            item.findtext("guid", ""),
            item.findtext("title", ""),
            f"{item.findtext('description', '')}\n{item.findtext(CONTENT, '')}",
        )
        for item in xml("codelane.rss").iter("item")
    ]


def harbour() -> list[tuple[str, str, str]]:
    return [
        (
            entry.findtext(f"{ATOM}id", ""),
            entry.findtext(f"{ATOM}title", ""),
            entry.findtext(f"{ATOM}content", ""),
        )
        for entry in xml("harbour.atom").iter(f"{ATOM}entry")
    ]


def oldmill() -> list[tuple[str, str, str]]:
    return [
        (
            item.attrib[f"{RDF}about"],
            item.findtext(f"{RSS1}title", ""),
            item.findtext(f"{RSS1}description", ""),
        )
        for item in xml("oldmill.rdf").iter(f"{RSS1}item")
    ]


def northwind() -> list[tuple[str, str, str]]:
    items = loaded("northwind-jobfeed.json")["items"]
    return [(item["id"], item["title"], item["content_html"]) for item in items]


def remotive() -> list[tuple[str, str, str]]:
    jobs = loaded("remotive.json")["jobs"]
    return [(str(job["id"]), job["title"], f"{job['salary']}\n{job['description']}") for job in jobs]


def remoteok() -> list[tuple[str, str, str]]:
    jobs = loaded("remoteok.json")[1:]
    return [(job["id"], job["position"], job["description"]) for job in jobs]


def himalayas() -> list[tuple[str, str, str]]:
    jobs = loaded("himalayas.json")["jobs"]
    return [(job["guid"], job["title"], job["description"]) for job in jobs]


@cache
def saved() -> list[dict]:
    return [json.loads(line) for line in filled(SAVED).splitlines()]


def upwork() -> list[tuple[str, str, str]]:
    return [(post["source_id"], post["title"], post["description"]) for post in saved()]


READERS = {
    reader.__name__: reader
    for reader in (codelane, harbour, oldmill, northwind, remotive, remoteok, himalayas, upwork)
}


@cache
def posts() -> dict[tuple[str, str], tuple[str, str]]:
    """Return (title, body) by (source, id), over all feeds."""
    return {
        (source, post_id): (title, body)
        for source, reader in READERS.items()
        for post_id, title, body in reader()
    }


@cache
def expected() -> dict:
    return tomllib.loads((SAMPLE / "expected.toml").read_text(encoding="utf-8"))


def key(label: dict) -> tuple[str, str]:
    return label["source"], label["id"]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"<[^>]*>", " ", text).casefold())


def shared_words(one: str, other: str) -> float:
    """Return the share of the shorter text's five-word runs that the other text holds too."""
    runs = [{tuple(w[i : i + 5]) for i in range(len(w) - 4)} for w in (words(one), words(other))]
    return len(runs[0] & runs[1]) / max(1, min(len(runs[0]), len(runs[1])))


# ---- the files ----------------------------------------------------------------------------------


def test_the_number_of_posts_by_feed() -> None:
    counts = {source: len(reader()) for source, reader in READERS.items()}
    assert counts == {
        "codelane": 12,
        "harbour": 7,
        "oldmill": 6,
        "northwind": 8,
        "remotive": 7,
        "remoteok": 6,
        "himalayas": 7,
        "upwork": 13,
    }
    assert 55 <= len(posts()) <= 70


@pytest.mark.parametrize("path", POST_FILES, ids=lambda path: path.name)
def test_dates_are_placeholders_of_three_kinds_or_one_of_the_two_impossible_ones(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "@@" not in PLACEHOLDER.sub("", text)
    literal = re.findall(r"\b(?:19|20)\d\d-\d\d-\d\dT[\d:.]+", PLACEHOLDER.sub("", text))
    assert literal == {
        "oldmill.rdf": ["2099-12-31T23:59:00"],
        "remotive.json": ["1970-01-01T00:00:00"],
    }.get(path.name, [])


@pytest.mark.parametrize("path", POST_FILES, ids=lambda path: path.name)
def test_each_format_uses_the_placeholder_its_readers_expect(path: Path) -> None:
    kinds = {match[1] for match in PLACEHOLDER.finditer(path.read_text(encoding="utf-8"))}
    assert kinds == {
        "codelane.rss": {"rfc822"},
        "remoteok.json": {"iso", "epoch"},
        "himalayas.json": {"epoch"},
    }.get(path.name, {"iso"})


def test_an_epoch_is_a_json_number() -> None:
    assert isinstance(loaded("remoteok.json")[1]["epoch"], int)
    assert loaded("himalayas.json")["jobs"][0]["pubDate"] == int((NOW - timedelta(hours=2)).timestamp())


def test_ages_run_from_twenty_minutes_to_twenty_days() -> None:
    spans = [
        span(match[2], match[3], match[4])
        for path in POST_FILES
        for match in re.finditer(
            r"(?:<pubDate>|<published>|<dc:date>|_?(?:date|Date|published|posted)\": \"?)"
            + PLACEHOLDER.pattern,
            path.read_text(encoding="utf-8"),
        )
        if match[2] == "-"
    ]
    assert min(spans) == timedelta(days=-20)
    assert sorted(spans)[-2:] == [timedelta(minutes=-20), timedelta(minutes=-10)]  # the last is the channel's


def test_one_closing_date_has_passed() -> None:
    closed = [job["guid"] for job in loaded("himalayas.json")["jobs"] if job["expiryDate"] < NOW.timestamp()]
    assert closed == ["https://himalayas.example/companies/kelpwood/jobs/django-developer-reporting"]


@pytest.mark.parametrize("path", [*POST_FILES, PROFILE], ids=lambda path: path.name)
def test_every_address_is_on_a_reserved_domain(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'\sxmlns(?::\w+)?="[^"]+"', "", text)  # namespaces are names, nobody visits them
    text = text.replace("https://jsonfeed.org/version/1.1", "")  # so is the version of JSON Feed
    hosts = re.findall(r"(?:https?:)?//([^/\s\"'<>)?\\]+)", text)
    assert hosts
    assert [host for host in hosts if not re.search(r"(^|\.)example(\.(com|net|org))?$", host)] == []
    suffixes = r"\b[\w-]+\.(?:com|net|org|io|co|app|dev|ai|eu|uk|de|pt|jp|in|au)\b"
    assert re.findall(suffixes, re.sub(r"example\.(com|net|org)", "", text), re.IGNORECASE) == []
    assert re.findall(r"[\w.]+@(?!@)[\w-]+\.(?!example)\w+", text) == []


# ---- the formats --------------------------------------------------------------------------------


def test_the_rss_channel_is_complete_and_one_item_has_no_title() -> None:
    root = xml("codelane.rss")
    channel = root.find("channel")
    assert root.attrib["version"] == "2.0"
    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    assert [item.findtext("guid") for item in root.iter("item") if item.find("title") is None] == [
        "codelane-4151"
    ]
    assert all(item.findtext(CONTENT) and item.findall("category") for item in root.iter("item"))


def test_every_atom_entry_has_what_rfc_4287_asks_for() -> None:
    for entry in (root := xml("harbour.atom")).iter(f"{ATOM}entry"):
        assert all(entry.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated")), entry
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
    assert all(root.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))


def test_the_rdf_channel_lists_its_items_in_order() -> None:
    root = xml("oldmill.rdf")
    listed = [li.attrib[f"{RDF}resource"] for li in root.iter(f"{RDF}li")]
    assert listed == [post_id for post_id, _, _ in oldmill()]
    assert all(item.findtext(f"{DC}date") for item in root.iter(f"{RSS1}item"))


def test_the_json_feed_has_what_version_1_1_asks_for() -> None:
    feed = loaded("northwind-jobfeed.json")
    assert (feed["version"], bool(feed["title"])) == ("https://jsonfeed.org/version/1.1", True)
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_html"]
        assert datetime.fromisoformat(item["date_published"]).tzinfo is not None


def test_remotive_leads_with_its_legal_notice_and_counts_its_jobs() -> None:
    answer = loaded("remotive.json")
    assert list(answer) == ["0-legal-notice", "job-count", "jobs"]
    assert answer["job-count"] == len(answer["jobs"])
    assert {frozenset(job) for job in answer["jobs"]} == {
        frozenset(
            {
                *("id", "url", "title", "company_name", "company_logo", "category", "tags", "job_type"),
                *("publication_date", "candidate_required_location", "salary", "description"),
                "company_logo_url",
            }
        )
    }
    assert all("/blank.gif?source=public_api" in job["description"] for job in answer["jobs"])


def test_remoteok_leads_with_its_legal_notice_and_plants_a_token_in_each_job() -> None:
    notice, *jobs = loaded("remoteok.json")
    assert set(notice) == {"last_updated", "legal"}
    assert all(int(datetime.fromisoformat(job["date"]).timestamp()) == job["epoch"] for job in jobs)
    token = re.compile(r"mention the word \*\*[A-Z]+\*\* and tag (R\w+==) when applying .* \(#\1\)\.")
    assert all(token.search(job["description"]) for job in jobs)
    assert {job["salary_min"] for job in jobs} == {0, 105000, 110000, 180000}


def test_himalayas_counts_its_jobs_and_states_some_salaries() -> None:
    answer = loaded("himalayas.json")
    assert answer["totalCount"] == len(answer["jobs"]) <= answer["limit"]
    assert {job["salaryPeriod"] for job in answer["jobs"]} == {"hourly", "monthly", "annual"}
    assert [job["companySlug"] for job in answer["jobs"] if job["minSalary"] is None] == ["brightwater-labs"]


def test_the_saved_posts_keep_to_the_contract() -> None:
    for post in saved():
        assert set(post) <= CONTRACT_KEYS, post["source_id"]
        assert set(post["client"]) <= CLIENT_KEYS, post["source_id"]
        assert (post["contract_type"], post["period"]) in {("hourly", "hour"), ("fixed", "fixed")}
        assert 0 <= post["client"].get("hire_rate", 0) <= 1
    assert Counter(post["contract_type"] for post in saved()) == {"hourly": 9, "fixed": 4}
    assert [post["source_id"] for post in saved() if "budget_min" not in post] == ["~01608a4ce9d1b73f25a2"]


# ---- the labels ---------------------------------------------------------------------------------


def test_every_post_is_labelled_once_and_every_label_has_a_post() -> None:
    labelled = [key(label) for label in expected()["posts"]]
    assert Counter(labelled).most_common(1)[0][1] == 1
    assert set(labelled) == set(posts())


def test_labels_use_the_declared_words_only() -> None:
    known = {"source", "id", "excellent", "fits", "pays", "pay", "flags", "duplicate_of", "times", "reason"}
    for label in expected()["posts"]:
        assert set(label) <= known, key(label)
        assert label["fits"] in {"yes", "partly", "no"}
        assert label["pays"] in {"above", "below", "not stated"}
        assert label["reason"].endswith(".")
    used = {flag for label in expected()["posts"] for flag in label["flags"]}
    assert used == set(expected()["flags"])


def test_pay_is_labelled_exactly_where_it_is_stated() -> None:
    for label in expected()["posts"]:
        assert ("pay" in label) == (label["pays"] != "not stated"), key(label)
        if pay := label.get("pay"):
            assert set(pay) == {"unit", "currency", "low", "high"}
            assert 0 < Decimal(pay["low"]) <= Decimal(pay["high"])


def test_the_label_agrees_with_the_pay_converted_by_hand() -> None:
    """The floor is 45 USD an hour; hours of fixed jobs are the posts' own estimates."""
    rate = {"USD": "1", "EUR": "1.10", "GBP": "1.28", "AUD": "0.65", "JPY": "0.0067", "INR": "0.012"}
    hours = {"hour": 1, "day": 8, "month": 2080 / 14, "year": 2080}
    fixed = {
        "codelane-4160": 10,
        "codelane-4151": 50,
        "https://oldmill.example/board/612": 100,
        "https://oldmill.example/board/610": 200,
        "nw-8822": 240,
        "~015e90d2b47af1836c2e": 70,
        "~0113bd0a66c8f7e9214a": 600,
        "~017b6ea0d3124f98c5b7": 30,
        "~01b1f6d83e5a7094c2e9": 45,
    }
    for label in expected()["posts"]:
        if pay := label.get("pay"):
            size = fixed[label["id"]] if pay["unit"] == "fixed" else hours[pay["unit"]]
            middle = (Decimal(pay["low"]) + Decimal(pay["high"])) / 2
            hourly = middle * Decimal(rate[pay["currency"]]) / Decimal(size)
            kept = Decimal("0.85") if label["source"] == "upwork" else Decimal(1)
            assert label["pays"] == ("above" if hourly * kept >= 45 else "below"), (key(label), hourly)


def test_excellent_posts_fit_pay_and_have_nothing_wrong_with_them() -> None:
    harmless = {"questions", "reversed_range"}
    excellent = [label for label in expected()["posts"] if label.get("excellent")]
    assert 10 <= len(excellent) <= 13
    for label in excellent:
        assert (label["fits"], label["pays"]) == ("yes", "above")
        assert set(label["flags"]) <= harmless
        assert "duplicate_of" not in label


def test_the_mix_of_labels() -> None:
    mix = Counter((label["fits"], label["pays"]) for label in expected()["posts"])
    assert mix["yes", "below"] + mix["partly", "below"] >= 8
    assert mix["no", "above"] >= 8
    assert sum(n for (_, pays), n in mix.items() if pays == "not stated") >= 7
    currencies = {label["pay"]["currency"] for label in expected()["posts"] if "pay" in label}
    assert currencies == {"USD", "EUR", "GBP", "INR", "AUD", "JPY"}


def test_reposts_share_their_text_and_point_at_the_first_one() -> None:
    groups = Counter()
    for label in expected()["posts"]:
        if "duplicate_of" in label:
            source, post_id = label["duplicate_of"].split(" ", 1)
            groups[source, post_id] += 1
            assert shared_words(posts()[key(label)][1], posts()[source, post_id][1]) > 0.8
    assert sorted(groups.values()) == [1, 1, 1, 2]  # three pairs and one triple


def test_posts_that_are_not_labelled_as_reposts_do_not_share_their_text() -> None:
    alone = [key(label) for label in expected()["posts"] if "duplicate_of" not in label]
    bodies = [posts()[name][1].split("<br/><br/>Please mention the word")[0] for name in alone]
    nearest = max(
        (shared_words(one, other), alone[i], alone[i + 1 + j])
        for i, one in enumerate(bodies)
        for j, other in enumerate(bodies[i + 1 :])
    )
    assert nearest[0] < 0.2, nearest


def test_a_post_listed_twice_is_labelled_with_its_count() -> None:
    listed = Counter((source, post_id) for source, reader in READERS.items() for post_id, _, _ in reader())
    twice = {name: count for name, count in listed.items() if count > 1}
    assert twice == {key(label): label["times"] for label in expected()["posts"] if "times" in label}
    assert twice == {("codelane", "codelane-4160"): 2}


# What a flagged post must contain, and the only flagged posts that may contain it.
MARKS = {
    "scam": r"cheque[\s\S]*forward the remaining balance",
    "free_test_work": r"trial is unpaid",
    "equity_only": r"equity",
    "for_language_models": r"ignore all previous instructions",
    "code_word": r"start your proposal with the word [A-Z]+",
    "questions": r"\n1\. .*\n2\. .*\n3\. ",
    "opener": r"start with a short summary",
    "tracking_word": r"\*\*[A-Z]+\*\* and tag R\w+==",
    "avoided_word": r"casino",
    "hostile_html": r"<script|font-size:1px",
    "hidden_characters": "[\u200b\u202e\ufeff\u0080-\u009f]",
    "escaped_twice": r"&lt;p&gt;",
    "reversed_range": r"\$90 - \$65",
}


@pytest.mark.parametrize("flag", MARKS)
def test_a_flag_marks_exactly_the_posts_that_show_it(flag: str) -> None:
    flagged = {key(label) for label in expected()["posts"] if flag in label["flags"]}
    showing = {name for name, (_, body) in posts().items() if re.search(MARKS[flag], body)}
    assert showing == flagged


def test_the_museum_post_carries_each_kind_of_hostile_html() -> None:
    body = posts()["codelane", "codelane-4171"][1]
    for mark in ("<script>", "onerror=", "onclick=", 'href="javascript:', "<iframe", 'width="1" height="1"'):
        assert mark in body, mark


def test_telegram_is_honest_in_one_post_and_not_in_the_other() -> None:
    telegram = {post_id for (_, post_id), (_, body) in posts().items() if "Telegram" in body}
    assert telegram == {"~017b6ea0d3124f98c5b7", "~012d9f4b801ec67a35f0"}


def test_the_longest_and_the_shortest_text() -> None:
    sizes = {name: len(words(body)) for name, (_, body) in posts().items()}
    longest = max(sizes, key=sizes.__getitem__)
    assert longest == ("harbour", "tag:harbour.example,2021:contract/3301")
    assert 1200 <= sizes[longest] <= 1450
    short = next(
        item for item in xml("codelane.rss").iter("item") if item.findtext("guid") == "codelane-4190"
    )
    assert len(words(short.findtext(CONTENT, ""))) == 10


def test_titles_missing_shouting_and_decorated() -> None:
    titles = {name: title for name, (title, _) in posts().items()}
    assert [name for name, title in titles.items() if not title] == [("codelane", "codelane-4151")]
    assert [name for name, title in titles.items() if title.isupper()] == [("codelane", "codelane-4168")]
    assert [name for name, title in titles.items() if "\U0001f680" in title] == [("northwind", "nw-8835")]


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        (("codelane", "codelane-4155"), "Cumprimentos"),
        (("northwind", "nw-8801"), "Reuniones en español"),
        (("harbour", "tag:harbour.example,2021:contract/3307"), "verhandlungssicheres Deutsch"),
    ],
)
def test_three_posts_are_not_in_english(name: tuple[str, str], sign: str) -> None:
    assert sign in posts()[name][1]


def test_the_text_escaped_twice_reads_well_after_unescaping_twice() -> None:
    body = posts()["harbour", "tag:harbour.example,2021:contract/3284"][1]
    assert "<p>" not in body
    assert html.unescape(html.unescape(body)).startswith(
        "<p>Corvane makes measuring instruments. Our R&D people"
    )
    assert "€58–€66 per hour" in html.unescape(html.unescape(body))


# ---- the profile --------------------------------------------------------------------------------


def test_the_profile_has_the_agreed_tables_and_no_sources() -> None:
    table = tomllib.loads(PROFILE.read_text(encoding="utf-8"))
    assert set(table) == {"profile", "rates", "skills", "evidence", "answers", "avoid", "time", "connects"}
    assert table["rates"] == {"currency": "USD", "floor": "45", "target": "70", "fixed_minimum": "300"}
    assert (len(table["skills"]), len(table["evidence"]), len(table["answers"])) == (10, 4, 6)
    assert all(re.search(r"\d", item["result"]) for item in table["evidence"])
    names = {skill["name"] for skill in table["skills"]}
    assert all(set(item["skills"]) <= names for item in table["evidence"])


def test_the_crowded_post_is_over_the_profile_s_limit_and_no_excellent_one_is() -> None:
    limit = tomllib.loads(PROFILE.read_text(encoding="utf-8"))["avoid"]["proposals_over"]
    crowded = {post["source_id"] for post in saved() if post["proposals_min"] > limit}
    assert crowded == {label["id"] for label in expected()["posts"] if "crowded" in label["flags"]}
    excellent = {label["id"] for label in expected()["posts"] if label.get("excellent")}
    assert all(p.get("proposals_max", 99) < limit for p in saved() if p["source_id"] in excellent)
