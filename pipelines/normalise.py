"""Raw post to clean post: every field is taken, what is doubtful is an issue, the source's words stay."""

from __future__ import annotations

from datetime import datetime

from domain.identity import canonical_url
from domain.issues import Issue, error, info, warning
from domain.pay import Pay
from domain.posts import ContractType, JobPosting, RawPosting
from pipelines.channels import channel_for
from pipelines.clients import read_client, unread_client_values
from pipelines.contracts import contract_type, contract_type_of_pay, is_open
from pipelines.dates import parse_date
from pipelines.fields import Span, count, count_span, experience, one_line, read_field
from pipelines.language import detect_language
from pipelines.pay import pay_from_fields
from pipelines.pay_in_text import pay_in_text
from pipelines.skills import canonical_skill, find_skills
from pipelines.text import TEXT_LIMIT, TITLE_LIMIT, clean_text, clip, html_to_text, is_spun
from pipelines.tracking import beacons, without_tokens
from pipelines.upwork import TITLE_SUFFIX, id_in, time_in

_TITLE_WORDS = 12  # of the description, where a post has no title
_MOST_SKILLS = 100  # tags of one post that are read; RemoteOK's longest list has 40
_URL_LIMIT = 2048
_EXTRA_LIMIT = 10_000
_INTERPRETED = (
    *(
        "source_id",
        "url",
        "title",
        "contract_type",
        "budget_min",
        "budget_max",
        "budget_raw",
        "currency",
        "period",
    ),
    *("date_posted", "valid_through", "experience_level", "proposals_min", "proposals_max", "interviewing"),
    *("hires", "connects", "company"),
)


def normalise(raw: RawPosting, *, now: datetime) -> tuple[JobPosting | None, tuple[Issue, ...]]:
    """Return the job post ``raw`` states and every issue met; ``None`` only without title and description.

    ``now`` is aware UTC and judges dates. ``raw`` of the result keeps the source's words of every field that
    was interpreted, by contract key (``client.…`` for those about the client).
    """
    issues: list[Issue] = []
    description = _description(raw, issues)
    title = _title(raw, description, issues)
    if not title:
        return None, (error(raw.where, "neither title nor description; the post was left out"),)
    pay = _pay(raw, title, description, issues)
    channel = channel_for(raw.source, raw.url)
    source_id = _source_id(raw, channel)
    proposals = _proposals(raw, issues)
    post = JobPosting(
        source=one_line(raw.source) or "unknown",
        channel=channel,
        title=title,
        source_id=source_id,
        url=_url(raw, issues),
        description=description,
        skills=_skills(raw, title, description, issues),
        category=one_line(raw.category),
        contract_type=_contract_type(raw, issues) or contract_type_of_pay(pay),
        pay=pay,
        date_posted=_date_posted(raw, channel, source_id, now, issues),
        valid_through=_date(raw.valid_through, f"{raw.where}: valid_through", now, issues, future_ok=True),
        experience_level=experience(raw.experience_level),
        duration=one_line(raw.duration),
        workload=one_line(raw.workload),
        location=one_line(raw.location),
        language=detect_language(f"{title}\n{description}"),
        proposals_min=proposals[0],
        proposals_max=proposals[1],
        interviewing=read_field(raw.interviewing, count, f"{raw.where}: interviewing", issues),
        hires=read_field(raw.hires, count, f"{raw.where}: hires", issues),
        connects=read_field(raw.connects, count, f"{raw.where}: connects", issues),
        client=read_client(raw, now=now, issues=issues),
        raw=_kept(raw),
        extra=_extra(raw, issues),
    )
    return post, tuple(issues)


def _pay(raw: RawPosting, title: str, description: str, issues: list[Issue]) -> Pay | None:
    """Return the pay of the fields made for it, or else what the post's own sentences state."""
    pay, found = pay_from_fields(raw)
    issues.extend(found)
    if pay is not None:
        return pay
    pay, found = pay_in_text(title, description, where=f"{raw.where}: description")
    issues.extend(found)
    if pay is not None:
        issues.append(info(f"{raw.where}: description", f"pay is read from the text: {pay.raw!r}"))
    return pay


def _description(raw: RawPosting, issues: list[Issue]) -> str:
    if not raw.description:
        return ""
    if len(raw.description) > TEXT_LIMIT:
        issues.append(
            warning(f"{raw.where}: description", f"only the first {TEXT_LIMIT} characters were read")
        )
    text, tokens = without_tokens(html_to_text(raw.description))
    if tokens:
        issues.append(info(f"{raw.where}: description", f"marks that name the reader were removed: {tokens}"))
    unseen = beacons(clip(raw.description, TEXT_LIMIT))
    if unseen:
        issues.append(
            info(f"{raw.where}: description", f"images that only report a reader were left out: {unseen}")
        )
    if is_spun(text):
        issues.append(
            warning(f"{raw.where}: description", "words to choose from, as {this|that}: made for many copies")
        )
    return text


def _title(raw: RawPosting, description: str, issues: list[Issue]) -> str:
    title = one_line(html_to_text(raw.title, limit=TITLE_LIMIT), TITLE_LIMIT) or ""
    title = title.removesuffix(TITLE_SUFFIX).strip()
    if title or not description:
        return title
    issues.append(info(f"{raw.where}: title", "missing; the first words of the description stand in"))
    return " ".join(description.split()[:_TITLE_WORDS])[:TITLE_LIMIT]


def _source_id(raw: RawPosting, channel: str) -> str | None:
    """Return the source's id; on Upwork, where feeds give an address as id, the id inside it."""
    stated = one_line(raw.source_id, TITLE_LIMIT)
    if channel != "upwork":
        return stated
    if stated is None or "/" in stated:
        return id_in(stated) or id_in(raw.url) or stated
    return stated


def _url(raw: RawPosting, issues: list[Issue]) -> str | None:
    """Return the address without tracking parameters, with the scheme the source gave."""
    written = one_line(raw.url, _URL_LIMIT)
    if written is None:
        return None
    url = canonical_url(written)
    if url is None:
        issues.append(warning(f"{raw.where}: url", f"{written[:80]!r} is not a web address; left out"))
    elif written.lower().startswith("http:"):
        return url.replace("https:", "http:", 1)
    return url


def _skills(raw: RawPosting, title: str, description: str, issues: list[Issue]) -> tuple[str, ...]:
    """Return the tags of the post, or where it has none the skills its words name."""
    if len(raw.skills) > _MOST_SKILLS:
        issues.append(
            warning(f"{raw.where}: skills", f"only the first {_MOST_SKILLS} of {len(raw.skills)} were read")
        )
    tags: dict[str, str] = {}
    for name in filter(None, map(canonical_skill, raw.skills[:_MOST_SKILLS])):
        tags.setdefault(name.casefold(), name)
    return tuple(tags.values()) or find_skills(f"{title}\n{description}")


def _contract_type(raw: RawPosting, issues: list[Issue]) -> ContractType | None:
    kind = contract_type(raw.contract_type)
    words = one_line(raw.contract_type)
    if words and kind is None and not is_open(words):
        issues.append(warning(f"{raw.where}: contract_type", f"{words[:40]!r} is not understood; left out"))
    return kind


def _date(
    text: str | None, where: str, now: datetime, issues: list[Issue], *, future_ok: bool = False
) -> datetime | None:
    moment, found = parse_date(text, now=now, where=where, future_ok=future_ok) if text else (None, [])
    issues.extend(found)
    return moment


def _date_posted(
    raw: RawPosting, channel: str, source_id: str | None, now: datetime, issues: list[Issue]
) -> datetime | None:
    """Return when the post was published: as stated, or as an Upwork id carries it."""
    stated = _date(raw.date_posted, f"{raw.where}: date_posted", now, issues)
    if stated is not None or raw.date_posted or channel != "upwork":
        return stated
    carried = time_in(source_id, now=now) or time_in(id_in(raw.url), now=now)
    if carried is not None:
        issues.append(info(f"{raw.where}: date_posted", "not stated; taken from the post's id"))
    return carried


def _proposals(raw: RawPosting, issues: list[Issue]) -> Span:
    """Return the least and the most proposals; one field may hold both ("5 to 10")."""
    least = read_field(raw.proposals_min, count_span, f"{raw.where}: proposals_min", issues)
    most = read_field(raw.proposals_max, count_span, f"{raw.where}: proposals_max", issues)
    if least is not None and most is not None:
        low, high = least[0], most[1]
    else:
        low, high = least or most or (None, None)
        if raw.proposals_min and not raw.proposals_max and least and least[0] == least[1]:
            high = None  # one figure in the field for the least says nothing about the most
        if raw.proposals_max and not raw.proposals_min and most and most[0] == most[1]:
            low = None
    if low is not None and high is not None and low > high:
        issues.append(info(f"{raw.where}: proposals", f"{low} to {high} was written in reverse"))
        low, high = high, low
    return low, high


def _kept(raw: RawPosting) -> dict[str, str]:
    """Return the source's own words of what was interpreted, clipped and fit to store, by contract key."""
    fields = {key: one_line(getattr(raw, key), _URL_LIMIT) for key in _INTERPRETED}
    client = {f"client.{key}": one_line(value) for key, value in raw.client.items()}
    skills = {"skills": one_line(", ".join(raw.skills[:_MOST_SKILLS]), _URL_LIMIT)}
    return {key: value for key, value in (fields | skills | client).items() if value}


def _extra(raw: RawPosting, issues: list[Issue]) -> dict[str, str]:
    given = dict(raw.extra) | unread_client_values(raw, issues)
    cleaned = {one_line(key) or "": clean_text(clip(value, _EXTRA_LIMIT)) for key, value in given.items()}
    return {key: value for key, value in cleaned.items() if key and value}
