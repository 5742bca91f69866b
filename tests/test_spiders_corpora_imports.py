"""Real tables, dumps and pages kept outside this repository: every row is a post or an issue, and the pay of each
post is what a few lines of another program make of its row. Every test is skipped where the files are absent."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tarfile
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.normalise import normalise
from spiders.importing import read_file
from spiders.sandbox import ParserPool

pytestmark = pytest.mark.slow

SHARED = Path(__file__).parents[1] / ".." / "shared"
DATA = SHARED / "data"
HOSTILE = SHARED / "hostile"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the collected posts are not here")
csv.field_size_limit(10**9)


@pytest.fixture(scope="module")
def pool():
    with ParserPool() as shared:
        yield shared


def unpacked(path: Path) -> bytes:
    body = path.read_bytes()
    return gzip.decompress(body) if path.suffix == ".gz" else body


def rows_of(path: Path) -> list[dict[str, object]]:
    """Read a table or a list of objects with the standard library alone."""
    body = unpacked(path)
    if ".json" in path.name:
        return json.loads(body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def figures(text: object) -> list[Decimal]:
    return [Decimal(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", str(text or ""))]


def span(unit: str, *texts: object, currency: str | None = "USD"):
    """Return (unit, currency, low, high) of one or two figures; ``None`` where they state nothing."""
    found = [figure for text in texts for figure in figures(text)]
    if not any(found):
        return None
    return unit, currency, found[0] or None, found[-1] or None


def kind_and_budget(kind: object, budget: object):
    """Upwork's cards: "Hourly: $10.00 - $20.00" is itself the pay, a fixed price has it beside."""
    if str(kind).lower().startswith("hourly"):
        return span("hour", kind)
    return span("fixed", budget)


def of_roshan(row):
    codes = {"₹": "INR", "€": "EUR", "£": "GBP"}
    written = str(row["Budget"])
    return span("fixed", written, currency=re.search(r"[A-Z]{3}$", written)[0] or codes[written[0]])


def of_graphql(row):
    job = row.get("jobTile", {}).get("job", row)
    if job["jobType"] == "HOURLY":
        return span("hour", job["hourlyBudgetMin"], job["hourlyBudgetMax"])
    amount = job["fixedPriceAmount"]
    return span("fixed", amount["amount"] if isinstance(amount, dict) else amount)


def of_raufh(row):
    if row["fixed_price"] is not None:
        return span("fixed", row["fixed_price"])
    low, high = (
        Decimal(str(row[key])) if row[key] is not None else None
        for key in ("min_hourly_rate", "max_hourly_rate")
    )
    return ("hour", "USD", low, high) if low or high else None


def of_harivonyr(row):
    if row["average_bid"] == "True" or not row["price"]:
        return None
    low, *high = figures(row["price"])
    return "fixed", "USD", low, None if row["price"].startswith("min") else (high or [low])[0]


PAY_OF = {
    "upwork_60k_muzairaslam_2023/data_cleaned.csv.gz": lambda row: span("fixed", row["job_cost"]),
    "upwork_titles_kadiroruc_2025/upwork_jobs.csv.gz": lambda row: kind_and_budget(row["Hourly/Fixed"], row["Budget"]),
    "upwork_raoina_2025/Artificial_Intelligence_Scrapped_Data.csv.gz": lambda row: span("hour" if row["job_type"] == "Hourly" else "fixed", row["fixed_price"]),
    "upwork_raoina_2025/Javascript_Developer_Scrapped_Data.csv.gz": lambda row: span("hour" if row["job_type"] == "Hourly" else "fixed", row["fixed_price"]),
    "upwork_jibril_2025/upwork_jobs.csv.gz": lambda row: span("fixed", row["Price"]),
    "freelancer_harivonyr_2025/script_python_25_10_25.csv.gz": of_harivonyr,
    "freelancer_harivonyr_2025/script_python_29_10_25.csv.gz": of_harivonyr,
    "freelancer_small_2024/1amkaizen_projects.csv.gz": lambda row: span("fixed", row["Price"], currency={"₹": "INR", "€": "EUR", "£": "GBP", "$": "USD"}.get(row["Currency"])),
    "freelancer_small_2024/nashhz_example.csv.gz": lambda row: None,
    "freelancer_roshan_2023/ScrapedData.json.gz": of_roshan,
    "upwork_rss_dawn_2023/output.json.gz": lambda row: span("hour", row["hourly"]) if row["hourly"] else span("fixed", row["budget"]),
    "upwork_raufh10_2024/job_data.json.gz": of_raufh,
    "upwork_moise_2023/homepage-2023-11-13.json.gz": lambda row: kind_and_budget(row["job_type"], row["budget"]),
    "upwork_iscrape_2025/jobs.json.gz": lambda row: kind_and_budget(row["rate"], row["rate"]),
    "upwork_graphql_aschubbz_2025/upwork_jobs.json.gz": of_graphql,
    "upwork_graphql_aschubbz_2025/upwork_test_jobs.json.gz": of_graphql,
    "upwork_graphql_aschubbz_2025/merged_summary.json.gz": of_graphql,
    "upwork_jesse_2018/jobs_feed.json.gz": lambda row: span("fixed", (re.search(r"Budget: \$([\d,.]+)", str(row["time_money"])) or [""])[0]),
    "upwork_jesse_2018/web_dev_jobs.json.gz": lambda row: span("fixed", (re.search(r"Budget: \$([\d,.]+)", str(row["time_money"])) or [""])[0]),
}  # fmt: skip
LARGE = {"upwork_60k_muzairaslam_2023/data_cleaned.csv.gz", "upwork_titles_kadiroruc_2025/upwork_jobs.csv.gz"}
TITLES = ("title", "Title", "job_title", "Job Title")


@needs_data
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else []) for name in PAY_OF],
)
def test_every_row_is_a_post_or_an_issue_and_its_pay_is_what_it_states(pool, name):
    rows = rows_of(DATA / name)
    found = read_file(DATA / name, name="f", pool=pool)
    assert found.outcome == "ok"
    errors = [issue for issue in found.issues if issue.level.value == "error"]
    assert len(found.posts) + len(errors) == len(rows)
    titled = [row for row in rows if next((str(row[key]).strip() for key in TITLES if row.get(key)), "")]
    kept = [post for post in found.posts if post.title.strip()]
    assert len(kept) == len(titled)
    wrong = []
    for row, post in zip(titled, kept, strict=True):
        clean, issues = normalise(post, now=NOW)
        assert clean is not None
        in_text = any("pay is read from the text" in issue.message for issue in issues)
        pay = clean.pay if not in_text else None
        read = (pay.unit.value, pay.currency, pay.low, pay.high) if pay else None
        if read != PAY_OF[name](row):
            wrong.append((read, PAY_OF[name](row), row))
    assert wrong == []


@needs_data
@pytest.mark.parametrize("name", ["ashby", "greenhouse"])
def test_boards_that_companies_run_are_read_to_the_last_post(pool, name):
    path = DATA / "feeds_remote_2026" / f"brete_{name}.json"
    jobs = json.loads(path.read_bytes())["jobs"]
    found = read_file(path, name="f", pool=pool)
    assert [post.title for post in found.posts] == [job["title"] for job in jobs]
    assert all(post.url and post.source_id and post.description and post.location for post in found.posts)
    cleaned = [normalise(post, now=NOW)[0] for post in found.posts]
    assert all(
        post is not None and post.date_posted and "<" not in post.description[:200] for post in cleaned
    )


@needs_data
def test_a_full_answer_about_one_job_is_one_post(pool):
    path = DATA / "upwork_graphql_milllan_2025" / "job_details_response.json"
    answer = json.loads(path.read_bytes())["data"]["jobAuthDetails"]
    (post,) = read_file(path, name="f", pool=pool).posts
    job, buyer = answer["opening"]["job"], answer["buyer"]["info"]
    assert (post.title, post.source_id) == (job["info"]["title"], job["info"]["ciphertext"])
    assert post.client["country"] == buyer["location"]["country"]
    assert Decimal(post.client["total_spent"]) == Decimal(str(buyer["stats"]["totalCharges"]["amount"]))
    assert list(post.skills) == [skill["prefLabel"] for skill in job["sandsData"]["additionalSkills"]]
    clean, _ = normalise(post, now=NOW)
    assert (clean.pay.unit.value, clean.pay.currency, clean.pay.low, clean.pay.high) == (
        "hour",
        "USD",
        20,
        40,
    )


@needs_data
@pytest.mark.parametrize("number", ["", "2", "3", "4", "5"])
def test_pasted_results_give_what_the_author_of_the_data_read_out_of_them(pool, number):
    folder = DATA / "upwork_jesse_2018"
    rows = rows_of(folder / f"jobs_feed{number}.json.gz")
    found = read_file(folder / f"jobs_feed{number}.txt.gz", name="f", pool=pool)
    assert (found.kind, [post.title for post in found.posts]) == (
        "upwork-text",
        [row["title"].strip() for row in rows],
    )
    for row, post in zip(rows, found.posts, strict=True):
        budget = re.search(r"Est\. Budget: \$[\d,.]+", row["time_money"])
        assert post.budget_raw == (budget[0] if budget else None)
        text = " ".join((post.description or "").split())
        assert " ".join(row["project_description"].split()) in text


@needs_data
def test_saved_pages(pool):
    pages = DATA / "html_pages"
    search = read_file(pages / "upwork_search_loggedin_2025-07.html.gz", name="f", pool=pool)
    text = unpacked(pages / "upwork_search_loggedin_2025-07.html.gz").decode()
    assert [post.source_id for post in search.posts] == [
        f"~02{number}" for number in re.findall(r'<article[^>]*data-ev-job-uid="(\d+)"', text)
    ]
    shown = re.findall(r"Hourly: \$[\d.]+ - \$[\d.]+|Est\. budget: ?\$[\d,.]+", re.sub(r"<[^>]*>", "", text))
    assert Counter(post.budget_raw for post in search.posts) == Counter(shown)
    assert all(
        post.title and post.description and post.skills and post.client["country"] for post in search.posts
    )
    (job,) = read_file(pages / "upwork_detail_loggedin_2025-07.html.gz", name="f", pool=pool).posts
    clean, _ = normalise(job, now=NOW)
    assert (clean.pay.low, clean.pay.high, clean.client.country, clean.connects) == (30, 75, "US", 11)
    projects = read_file(pages / "freelancer_com_search_2024-05.html.gz", name="f", pool=pool)
    assert len(projects.posts) == 50
    assert all(post.url.startswith("https://www.freelancer.com/projects/") for post in projects.posts)
    assert not any(post.budget_raw for post in projects.posts if "average_bid" in post.extra)
    wall = read_file(pages / "upwork_login_wall_2026-07.html.gz", name="f", pool=pool)
    assert (wall.outcome, wall.issues[0].message) == ("error", "a login page was saved, not the posts")


@pytest.mark.parametrize(
    "name", ["csv-injection", "email-isemail", "html5lib-tests", "own-cases", "xss-bleach", "strings-blns"]
)
def test_hostile_files_have_one_outcome(pool, name):
    path = HOSTILE / f"{name}.tar.gz"
    if not path.exists():
        pytest.skip(f"the hostile collection {name} is not here")
    count = 0
    with tarfile.open(path) as archive:
        for member in archive:
            if not member.isfile():
                continue
            body = archive.extractfile(member).read()
            found = read_file(body, name=member.name, pool=pool)
            assert found.outcome in {"ok", "empty", "error"}
            assert "the parser failed" not in str([issue.message for issue in found.issues]), member.name
            for parser in ("csv", "objects", "page", "mail"):
                outcome = pool.parse(parser, body, source="s", where="w")
                assert (outcome.result is None) is (outcome.error is not None)
                assert "the parser failed" not in str(outcome.error), (member.name, parser)
            count += 1
    assert count
