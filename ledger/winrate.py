"""Win rates with honest intervals, and the funnel from submitted to won.

Only decided bids count: an open one is not a loss, a withdrawn one is nobody's decision.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from math import comb

from domain.events import Event
from ledger.bids import Bid, BidState
from ledger.book import Book

NOT_STATED = "not stated"
Grouping = Callable[[Bid], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How rates are judged; from ``ledger/data/winrate.toml``, where the reasons stand."""

    enough: int
    small: int
    z: Decimal
    prior_wins: int
    prior_losses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A share between 0 and 1 with its 95 % interval."""

    low: Decimal
    p: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRow:
    """The bids of one group; each count of the funnel includes those that went further.

    ``observed`` is the Wilson interval of won over decided, ``None`` when nothing is decided. ``posterior``
    adds the prior of a typical marketplace, and is ``None`` once there are enough bids to do without.
    ``enough`` is false while the rate says too little to act on; ``needed`` decided bids change that.
    """

    group: str
    submitted: int
    viewed: int
    replied: int
    interviewed: int
    won: int
    lost: int
    withdrawn: int
    open: int
    observed: Interval | None
    posterior: Interval | None
    enough: bool
    needed: int
    connects: int | None

    @property
    def decided(self) -> int:
        """Bids that were won or lost."""
        return self.won + self.lost


@cache
def judgement() -> Judgement:
    """Return the shipped judgement."""
    table = tomllib.loads(files("ledger").joinpath("data", "winrate.toml").read_text(encoding="utf-8"))
    return Judgement(
        enough=table["enough"],
        small=table["small"],
        z=Decimal(table["z"]),
        prior_wins=table["prior_wins"],
        prior_losses=table["prior_losses"],
    )


def wilson(won: int, decided: int, z: Decimal) -> Interval | None:
    """Return the Wilson score interval of ``won`` out of ``decided``, ``None`` of nothing.

    Source: Wilson 1927, doi 10.1080/01621459.1927.10502953.
    """
    if not decided:
        return None
    n, p, z2 = Decimal(decided), Decimal(won) / decided, z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * (p * (1 - p) / n + z2 / (4 * n * n)).sqrt()
    low = Decimal(0) if won == 0 else max(Decimal(0), centre - half)
    high = Decimal(1) if won == decided else min(Decimal(1), centre + half)
    return Interval(low=low, p=p, high=high)


def _beta_cdf(x: Decimal, a: int, b: int) -> Decimal:
    """Return P(X <= x) of Beta(a, b) for whole a, b: the chance of at least ``a`` in ``a + b - 1`` draws."""
    n = a + b - 1
    return sum((comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1)), Decimal(0))


def _beta_quantile(share: Decimal, a: int, b: int) -> Decimal:
    low, high = Decimal(0), Decimal(1)
    for _ in range(34):  # halves the interval to below 1e-10
        middle = (low + high) / 2
        low, high = (middle, high) if _beta_cdf(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def beta_posterior(won: int, lost: int, rules: Judgement) -> Interval:
    """Return mean and central 95 % interval of the win chance under the prior of ``rules``."""
    a, b = won + rules.prior_wins, lost + rules.prior_losses
    tail = Decimal("0.025")
    return Interval(
        low=_beta_quantile(tail, a, b), p=Decimal(a) / (a + b), high=_beta_quantile(1 - tail, a, b)
    )


def _row(group: str, bids: list[Bid], rules: Judgement) -> WinRow:
    won, lost, withdrawn, still_open = (
        sum(bid.state is state for bid in bids)
        for state in (BidState.WON, BidState.LOST, BidState.WITHDRAWN, BidState.OPEN)
    )
    decided = won + lost
    spent = [(bid.connects or 0) + (bid.boost or 0) for bid in bids if bid.connects is not None]
    return WinRow(
        group=group,
        submitted=len(bids),
        viewed=sum(bid.was_viewed for bid in bids),
        replied=sum(bid.was_replied for bid in bids),
        interviewed=sum(bid.was_interviewed for bid in bids),
        won=won,
        lost=lost,
        withdrawn=withdrawn,
        open=still_open,
        observed=wilson(won, decided, rules.z),
        posterior=beta_posterior(won, lost, rules) if decided <= rules.small else None,
        enough=decided >= rules.enough,
        needed=max(0, rules.enough - decided),
        connects=sum(spent) if spent else None,
    )


def win_rate(
    events: Iterable[Event], *, by: Grouping | None = None, rules: Judgement | None = None
) -> tuple[WinRow, ...]:
    """Return one row per group of bids, largest first; without ``by`` a single row, "all bids".

    Bids for which ``by`` gives ``None`` come last, as "not stated".
    """
    return win_rate_of(Book.replay(events).bids.values(), by=by, rules=rules)


def win_rate_of(
    bids: Iterable[Bid], *, by: Grouping | None = None, rules: Judgement | None = None
) -> tuple[WinRow, ...]:
    """Return the rows of :func:`win_rate` for bids already read from a book."""
    groups: dict[str, list[Bid]] = {} if by else {"all bids": []}
    for bid in bids:
        groups.setdefault("all bids" if by is None else by(bid) or NOT_STATED, []).append(bid)
    rows = [_row(group, members, rules or judgement()) for group, members in groups.items()]
    return tuple(sorted(rows, key=lambda row: (row.group == NOT_STATED, -row.submitted, row.group)))


def by_template(bid: Bid) -> str | None:
    """Group bids by proposal template."""
    return bid.template


def by_channel(bid: Bid) -> str | None:
    """Group bids by channel."""
    return bid.channel


def by_source(bid: Bid) -> str | None:
    """Group bids by the source their post was read from."""
    return bid.source


def by_category(bid: Bid) -> str | None:
    """Group bids by the category of their post."""
    return bid.category


GROUPINGS: dict[str, Grouping] = {
    "template": by_template,
    "channel": by_channel,
    "source": by_source,
    "category": by_category,
}
"""What win rates can be broken down by, as the command line names it."""
