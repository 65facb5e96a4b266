"""What does an expense count as that was paid in another currency? Pure. It is converted once, by what its draft says."""

from collections.abc import Collection

from tallystick.errors import InvalidInput
from tallystick.ledger.rates.rules import canonical_rate, convert, require_rate
from tallystick.ledger.rules import require_currency, require_date
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_expenses_pb2 import ExpenseDraft
from tallystick.v1.group_splits_pb2 import Conversion
from tallystick.v1.money_pb2 import Money

_MISMATCH = ErrorReason.ERROR_REASON_CURRENCY_MISMATCH


def conversion_of(draft: ExpenseDraft, group_currency: str, kept_currency: str) -> Conversion | None:
    """Into the group's currency, or not at all: what counts never mixes others in. What was converted when the group had another one
    may stay in that."""
    if draft.HasField("conversion"):
        if draft.convert_with:
            raise InvalidInput.of_field("convert_with", "is instead of a conversion")
        return _require_agreed(draft, {group_currency, kept_currency})
    if not draft.convert_with:
        if draft.convert_source:
            raise InvalidInput.of_field("convert_source", "is of a rate")
        return None
    _require_other("convert_with", draft.amount.currency, group_currency)
    rate = require_rate("convert_with", draft.convert_with)
    minor = convert(draft.amount.minor, draft.amount.currency, group_currency, rate)
    if minor == 0:
        raise InvalidInput.of_field("convert_with", "leaves nothing of the amount")
    return Conversion(
        amount=Money(currency=group_currency, minor=minor),
        rate=canonical_rate(rate),
        source=draft.convert_source,
        rate_on=draft.booked_on,
    )


def converted_again(kept: Conversion, amount: Money) -> Conversion:
    """The conversion of another amount by the rate that is kept."""
    minor = convert(amount.minor, amount.currency, kept.amount.currency, require_rate("conversion.rate", kept.rate))
    if minor == 0:
        raise InvalidInput.of_field("conversion", "leaves nothing of the amount")
    again = Conversion()
    again.CopyFrom(kept)
    again.amount.minor = minor
    return again


def _require_agreed(draft: ExpenseDraft, currencies: Collection[str]) -> Conversion:
    """Both amounts were given. A rate beside them has to lead from the one to the other."""
    said = draft.conversion
    require_currency("conversion.amount.currency", said.amount.currency)
    _require_other("conversion.amount.currency", draft.amount.currency, said.amount.currency)
    if said.amount.currency not in currencies:
        raise InvalidInput.of_field("conversion.amount.currency", "is not that of the group", _MISMATCH)
    if said.rate_on:
        require_date("conversion.rate_on", said.rate_on)
    if said.rate:
        rate = require_rate("conversion.rate", said.rate)
        if convert(draft.amount.minor, draft.amount.currency, said.amount.currency, rate) != said.amount.minor:
            raise InvalidInput.of_field("conversion.amount.minor", "is not what the rate makes of the amount")
    agreed = Conversion()
    agreed.CopyFrom(said)
    return agreed


def _require_other(field: str, paid_in: str, counts_in: str) -> None:
    if paid_in == counts_in:
        raise InvalidInput.of_field(field, "is the currency in which it was paid", _MISMATCH)
