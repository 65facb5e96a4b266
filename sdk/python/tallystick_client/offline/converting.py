"""What does an expense count as that was paid in another currency? Pure, and the same as on the server."""

import re
from collections.abc import Collection
from fractions import Fraction

from tallystick_client.money import exponent_of
from tallystick_client.offline.masks import copy_of
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.v1.group_expenses_pb2 import ExpenseDraft
from tallystick_client.v1.group_splits_pb2 import Conversion
from tallystick_client.v1.money_pb2 import Money

_RATE_SHAPE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def conversion_of(draft: ExpenseDraft, group_currency: str, kept_currency: str) -> Conversion | None:
    """Into the group's currency, or not at all. What was converted when the group had another one may stay in that."""
    if draft.HasField("conversion"):
        return _require_agreed(draft, (group_currency, kept_currency))
    if not draft.convert_with:
        if draft.convert_source:
            raise CannotApply
        return None
    return Conversion(
        amount=_convert(draft.amount, group_currency, draft.convert_with),
        rate=_canonical_rate(draft.convert_with),
        source=draft.convert_source,
        rate_on=draft.booked_on,
    )


def converted_again(kept: Conversion, amount: Money) -> Conversion:
    """The conversion of another amount by the rate that is kept."""
    again = copy_of(kept)
    again.amount.CopyFrom(_convert(amount, kept.amount.currency, kept.rate))
    return again


def _require_agreed(draft: ExpenseDraft, currencies: Collection[str]) -> Conversion:
    """Both amounts were given. A rate beside them has to lead from the one to the other."""
    said, counted = draft.conversion, draft.conversion.amount
    is_odd = draft.convert_with or counted.currency not in currencies or counted.minor <= 0
    if is_odd or draft.amount.currency == counted.currency:
        raise CannotApply
    if said.rate and _convert(draft.amount, counted.currency, said.rate) != counted:
        raise CannotApply
    return copy_of(said)


def _convert(amount: Money, currency: str, rate: str) -> Money:
    """Exact, and rounded half to even once, at the end. Something is left of it."""
    if not _RATE_SHAPE.fullmatch(rate) or amount.currency == currency:
        raise CannotApply
    try:
        digits = exponent_of(currency) - exponent_of(amount.currency)
    except ValueError as unknown:
        raise CannotApply from unknown
    minor = round(amount.minor * Fraction(rate) * Fraction(10) ** digits)
    if not 0 < minor < 2**63:
        raise CannotApply
    return Money(currency=currency, minor=minor)


def _canonical_rate(rate: str) -> str:
    """The one way to write a rate: no zeros at either end that say nothing."""
    whole, _, part = rate.partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))
