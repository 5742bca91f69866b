"""Ranked posts made by hand for the reports: plain ones, awkward ones and hostile ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.issues import Finding, IssueLevel
from domain.pay import Pay, PayUnit
from domain.posts import Client, ContractType, JobPosting
from domain.sources import SourceRun, SourceState
from ranking.results import (
    ClientScore,
    Fit,
    NetHourly,
    Part,
    RankedPost,
    RiskFlag,
    WinChance,
)
from reports.digest import Digest, build_digest
from tests.fakes import NOW, fixed, hourly, make_post, make_profile, stored

LOCAL_DATE = date(2026, 3, 2)
HOSTILE_TITLE = (
    '<script>alert(1)</script><img src=x onerror=alert(2)> "quoted" & \x1b[31mred\x1b[0m \u202egpj.exe'
)
LONG_TITLE = (
    "Senior full-stack engineer to take over a property management platform with owner statements, "
    "channel manager integrations, automated guest messaging and a long tail of reports nobody has touched"
)


def net(expected: str, low: str, high: str, *, currency: str = "USD", stated: bool = True) -> NetHourly:
    return NetHourly(
        low=Decimal(low),
        expected=Decimal(expected),
        high=Decimal(high),
        currency=currency,
        basis="hourly range stated" if stated else "12 comparable posts",
        stated=stated,
        hours=Decimal(40),
        parts=(
            Part(label="gross", value="50 to 80 USD/h", source="the post"),
            Part(label="fee", value="10 %", source="flat 10 % since 2023-05-03"),
        ),
    )


def ranked(
    post: JobPosting,
    *,
    pay: NetHourly | None = None,
    out: str | None = None,
    risk: tuple[RiskFlag, ...] = (),
    picked: bool = False,
    worth: str | None = "73.65",
    score: float = 0.8,
    n: int = 0,
    matched: tuple[str, ...] = ("Django", "PostgreSQL"),
    missing: tuple[str, ...] = (),
    reasons: tuple[str, ...] = ("Pays 35% above your floor", "You built a booking API like this one"),
) -> RankedPost:
    return RankedPost(
        stored=stored(post),
        eligible=out is None,
        left_out_because=out,
        fit=Fit(
            score=0.8249,
            lexical=0.4,
            semantic=0.71,
            asked=0.9,
            matched=matched,
            missing=missing,
            parts=(Part(label="words shared", value="0.40 x 0.3", source="weights.toml"),),
        ),
        net_hourly=pay,
        client=ClientScore(score=0.62, parts=(Part(label="payment verified", value="+0.10"),)),
        risk=risk,
        win_chance=WinChance(
            p=0.0833, low=0.0023, high=0.285, n=n, parts=(Part(label="prior", value="1 in 12"),)
        ),
        expected_value=None if worth is None else Decimal(worth),
        value_parts=(Part(label="chance x net", value="76.05 USD", source="0.0845 x 900.00"),),
        score=score,
        score_parts=(Part(label="fit", value="0.33"),),
        reasons=reasons,
        picked=picked,
    )


GOOD_CLIENT = Client(
    name="Acme Hotels",
    country="PT",
    payment_verified=True,
    total_spent=Decimal(12400),
    hires=31,
    hire_rate=Decimal("0.72"),
    rating=Decimal("4.9"),
    reviews=28,
    member_since=datetime(2019, 5, 1, tzinfo=UTC),
)


def sample() -> list[RankedPost]:
    """Nine posts: three picks, two next best, four left out."""
    return [
        ranked(
            make_post("Django developer for a booking API", connects=16, client=GOOD_CLIENT),
            pay=net("61", "48", "75"),
            picked=True,
            missing=("Kubernetes",),
            score=0.91,
        ),
        ranked(
            make_post(
                LONG_TITLE,
                contract_type=ContractType.FIXED,
                pay=fixed("4500"),
                client=Client(country="DE"),
                date_posted=NOW - timedelta(days=3),
            ),
            pay=net("52.5", "31", "88"),
            picked=True,
            risk=(
                RiskFlag(
                    code="unpaid_test",
                    message="asks for work before hire",
                    words="build the login page as a test first",
                    severe=False,
                ),
            ),
            score=0.85,
            n=21,
        ),
        ranked(
            make_post(
                "مطلوب مطور Django لتطوير منصة حجوزات – 予約サイトの開発者",
                pay=None,
                contract_type=None,
                date_posted=None,
            ),
            pay=net("47", "20", "110", stated=False),
            picked=True,
            worth=None,
            matched=(),
            reasons=(),
            score=0.7,
        ),
        ranked(
            make_post("Data pipeline on Airflow", pay=hourly("40", "60", "EUR")),
            pay=net("44.10", "38", "52", currency="EUR"),
            score=0.6,
        ),
        ranked(make_post(HOSTILE_TITLE, url="javascript:alert(1)", pay=None), score=0.55, worth=None),
        ranked(make_post("Casino landing page"), out="avoided word: casino", score=0.5),
        ranked(make_post("Fix my site"), out="pays below floor: 12 USD/h", score=0.4),
        ranked(make_post("Simple scraper"), out="pays below floor: 9.50 USD/h", score=0.3),
        ranked(
            make_post(
                "Rewrite of everything",
                pay=Pay(unit=PayUnit.HOUR, currency=None, low=None, high=Decimal(20), raw="max 20/hr"),
            ),
            out="pays below floor: 18 USD/h",
            score=0.2,
        ),
    ]


FINDINGS = tuple(
    Finding(level=level, message=message, where="item 7", count=count)
    for level, message, count in [
        (IssueLevel.ERROR, "no title; left out", 1),
        (IssueLevel.WARNING, "unknown key 'mood'; kept in extra", 1),
        (IssueLevel.INFO, "text in a broken encoding was repaired", 4),
        (IssueLevel.INFO, "a tracking word was removed", 2),
    ]
)


def sources() -> list[SourceRun]:
    def run(source: str, state: SourceState, **more: object) -> SourceRun:
        return SourceRun(
            run_id="r1", source=source, state=state, started_at=NOW, finished_at=NOW, **more  # type: ignore[arg-type]
        )  # fmt: skip

    return [
        run(
            "wwr", SourceState.OK, posts_read=120, posts_new=14, posts_updated=3, issues=2, findings=FINDINGS
        ),
        run("hn", SourceState.NOT_DUE, detail="next in 40 minutes"),
        run(
            "remotive",
            SourceState.BLOCKED,
            detail="429 Too Many Requests; trying again in 6 h",
            failures=3,
            failing_since=NOW - timedelta(days=2),
        ),
    ]


def sample_digest(posts: list[RankedPost] | None = None) -> Digest:
    items = sample() if posts is None else posts
    first = items[0].stored.post_id if items else ""
    return build_digest(
        items,
        profile=make_profile(),
        local_date=LOCAL_DATE,
        now=NOW,
        sources=sources(),
        attribution={"wwr": "Posts from We Work Remotely", "test": "Posts from Test Board"},
        duplicates=4,
        drafts={first: f"drafts/{first}.md"},
        asks={first: ["Begin with the word BLUE", "Which APIs have you built?"]},
    )
