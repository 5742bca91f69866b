"""What to offer for a post: a pure decision from the person's rates, the post's pay and the fee."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from domain.fees import FeeEstimate
from domain.pay import PayUnit
from domain.posts import ContractType, JobPosting
from domain.profile import Rates
from proposals.context import PriceFacts
from proposals.settings import draft_rules
from ranking.exchange import Exchange, reference_rates


def price_for(
    post: JobPosting, rates: Rates, fee: FeeEstimate, exchange: Exchange | None = None
) -> PriceFacts | None:
    """Return the amount to offer in the post's currency and unit, with what it nets after the fee.

    Per hour: the target (else the floor) raised so that it is left after the fee, rounded up to a whole unit,
    held inside the range the post states; ``exchange`` (the shipped reference rates unless given) turns it
    into the post's currency. For a fixed job: the budget as stated, in as many parts as it can bear; what it
    is worth per hour is the ranking's business. ``None`` where there is no rate for the currency, no amount
    to go by, or a budget below the person's minimum: then the person decides.
    """
    pay = post.pay
    currency = rates.currency if pay is None else pay.currency
    if currency is None:
        return None
    if pay.unit is PayUnit.HOUR if pay else post.contract_type is ContractType.HOURLY:
        wanted = rates.target if rates.target is not None else rates.floor
        wanted_here = (exchange or reference_rates()).convert(wanted, rates.currency, currency)
        if wanted_here is None:
            return None
        gross = _gross(wanted_here, fee.expected)
        amount = _held(gross, pay.low if pay else None, pay.high if pay else None)
        unit = PayUnit.HOUR
    elif pay is not None and pay.unit is PayUnit.FIXED:
        stated = pay.high if pay.high is not None else pay.low
        assert stated is not None  # a Pay states at least one bound
        amount, unit = stated, PayUnit.FIXED
        if _too_little(amount, currency, rates, exchange or reference_rates()):
            return None
    else:
        return None
    return PriceFacts(
        amount=amount,
        currency=currency,
        unit=unit.value,
        net_low=amount * (1 - fee.high),
        net_high=amount * (1 - fee.low),
        basis=fee.basis,
        shares=_shares(amount, currency, exchange or reference_rates()),
    )


def _too_little(amount: Decimal, currency: str, rates: Rates, exchange: Exchange) -> bool:
    """Return whether a budget is known to lie below the person's minimum for a fixed job."""
    if rates.fixed_minimum is None:
        return False
    least = exchange.convert(rates.fixed_minimum, rates.currency, currency)
    return least is not None and amount < least


def _shares(amount: Decimal, currency: str, exchange: Exchange) -> tuple[int, ...]:
    """Return how a fixed amount is split over milestones: a small job has one, a large one three."""
    dollars = exchange.convert(amount, currency, "USD")
    rules = draft_rules()
    for most, shares in rules.shares:
        if dollars is not None and dollars < most:
            return shares
    return rules.usual_shares


def _gross(net: Decimal, share: Decimal) -> Decimal:
    """Return the whole amount of which ``net`` is left after ``share`` is kept."""
    return (net / (1 - share)).to_integral_value(ROUND_CEILING)


def _held(amount: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    above = amount if low is None else max(amount, low)
    return above if high is None else min(above, high)
