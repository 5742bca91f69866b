"""What a marketplace keeps of a payment: rates, bands and minimums, rounded half-up per transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from domain.errors import LedgerError
from domain.fees import FeeEstimate
from domain.money import Money
from ledger.rulebook import MARKETPLACE, Band, FeeKind, FeeRow, find_fee, rulebook

RATE_MISSING = "fee_rate_missing"
LIFETIME_MISSING = "lifetime_missing"
OTHER_CURRENCY = "schedule_in_other_currency"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFee:
    """The fee on one payment of ``gross``: ``low`` to ``high``, equal when ``known``.

    ``flag`` names what is missing where it is not known: the contract's recorded rate, the lifetime billings
    with the client, or a schedule in the payment's currency.
    """

    gross: Money
    low: Money
    high: Money
    known: bool
    flag: str | None
    basis: str

    @property
    def net_low(self) -> Money:
        """The least that is left."""
        return self.gross - self.high

    @property
    def net_high(self) -> Money:
        """The most that is left."""
        return self.gross - self.low


def _check_rate(rate: Decimal | None) -> None:
    if rate is not None and not 0 <= rate <= 1:
        raise LedgerError(f"a fee rate of {rate} is not a share", remedy="Write 10 % as 0.10")


def fee_rate(
    channel: str,
    *,
    opened: date,
    recorded_rate: Decimal | None = None,
    paid: date | None = None,
    variant: str = MARKETPLACE,
    terms: str | None = None,
) -> FeeEstimate:
    """Return the share ``channel`` keeps of a payment on ``paid`` (default: the opening day).

    ``recorded_rate`` (0..1) is what the offer stated; it decides where the rules say the fee is set per
    contract and is ignored where a schedule decides. Source of the rules: ``ledger/rules``.
    """
    _check_rate(recorded_rate)
    row = find_fee(rulebook(channel), opened=opened, paid=paid or opened, variant=variant, terms=terms)
    if row.may_record and recorded_rate is not None:
        rate, basis = recorded_rate, "recorded with the contract"
        return FeeEstimate(low=rate, expected=rate, high=rate, known=True, basis=basis)
    known = row.kind is FeeKind.FLAT
    return FeeEstimate(low=row.low, expected=row.expected, high=row.high, known=known, basis=row.words)


def banded_fee(bands: tuple[Band, ...], lifetime: Decimal, amount: Decimal) -> Decimal:
    """Return the exact fee on ``amount`` after ``lifetime`` billings: each band takes its own part.

    Unrounded, so the fees of a payment's parts add up to the fee of the whole.
    """
    edges = [Decimal(0), *(band.up_to if band.up_to is not None else lifetime + amount for band in bands)]
    return sum(
        (
            max(Decimal(0), min(top, lifetime + amount) - max(bottom, lifetime)) * band.rate
            for band, (bottom, top) in zip(bands, pairwise(edges), strict=True)
        ),
        Decimal(0),
    )


def _flat(gross: Money, row: FeeRow, rules_currency: str, rate: Decimal) -> Money:
    fee = gross.times(rate)
    if row.minimum is None or gross.currency != rules_currency:
        return fee
    return max(fee, Money.of(row.minimum, rules_currency))


def _range(gross: Money, row: FeeRow, flag: str, basis: str) -> PaymentFee:
    low, high = gross.times(row.low), gross.times(row.high)
    return PaymentFee(gross=gross, low=low, high=high, known=False, flag=flag, basis=basis)


def _known(gross: Money, fee: Money, basis: str) -> PaymentFee:
    return PaymentFee(gross=gross, low=fee, high=fee, known=True, flag=None, basis=basis)


def payment_fee(
    gross: Money,
    *,
    channel: str,
    opened: date,
    paid: date | None = None,
    recorded_rate: Decimal | None = None,
    lifetime: Money | None = None,
    lifetime_at_change: Money | None = None,
    variant: str = MARKETPLACE,
    terms: str | None = None,
) -> PaymentFee:
    """Return the fee on a payment of ``gross``, half-up to its minor unit, as a range where it is not known.

    ``lifetime`` is what the client was billed before this payment (bands need it; ``None`` is not zero).
    ``lifetime_at_change`` is what it was when a rule for large clients began. Raise :class:`LedgerError`
    for a negative amount or an impossible rate.
    """
    _check_rate(recorded_rate)
    if gross.minor < 0:
        raise LedgerError(f"a payment of {gross} is negative", remedy="Record money going back as a refund")
    rules = rulebook(channel)
    row = find_fee(
        rules,
        opened=opened,
        paid=paid or opened,
        variant=variant,
        terms=terms,
        lifetime_at_change=None if lifetime_at_change is None else lifetime_at_change.amount,
    )
    if row.may_record and recorded_rate is not None:
        return _known(gross, gross.times(recorded_rate), "recorded with the contract")
    if row.kind is FeeKind.RECORDED:
        return _range(gross, row, RATE_MISSING, row.words)
    if row.kind is FeeKind.FLAT:
        return _known(gross, _flat(gross, row, rules.currency, row.expected), row.words)
    if gross.currency != rules.currency:
        return _range(gross, row, OTHER_CURRENCY, f"{row.words}; the bands are in {rules.currency}")
    if lifetime is None:
        return _range(gross, row, LIFETIME_MISSING, row.words)
    exact = banded_fee(row.bands, lifetime.amount, gross.amount)
    return _known(gross, Money.of(exact, gross.currency), row.words)


def charged_on_award(channel: str, *, opened: date, variant: str, terms: str) -> bool:
    """Return whether ``channel`` takes its fee when a contract is accepted rather than from each payment."""
    row = find_fee(rulebook(channel), opened=opened, paid=opened, variant=variant, terms=terms)
    return row.charged == "award"
