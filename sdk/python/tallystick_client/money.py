"""How is money read, written, added and divided without ever being a floating point number? In whole minor units."""

import re
from collections.abc import Sequence

from tallystick_client.v1.money_pb2 import Money

_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_MINOR_MAX = 2**63 - 1
_MINOR_MIN = -(2**63)

_USUAL_EXPONENT = 2
_CODES_BY_OTHER_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_OTHER_EXPONENTS = {code: exponent for exponent, codes in _CODES_BY_OTHER_EXPONENT.items() for code in codes.split()}


def exponent_of(currency: str) -> int:
    """How many decimals a currency's smallest unit has, by ISO 4217."""
    if not _CURRENCY.fullmatch(currency):
        raise ValueError(f"not an ISO 4217 code: {currency}")
    return _OTHER_EXPONENTS.get(currency, _USUAL_EXPONENT)


def to_decimal(money: Money) -> str:
    """The amount as a decimal number without its currency: `-12.30` for -1230 cents."""
    exponent = exponent_of(money.currency)
    sign = "-" if money.minor < 0 else ""
    digits = str(abs(money.minor)).rjust(exponent + 1, "0")
    whole, fraction = digits[: len(digits) - exponent], digits[len(digits) - exponent :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def parse_money(decimal: str, currency: str) -> Money:
    """Reads a decimal number with a point, such as `12.3`. More decimals than the currency has are an error, never rounded."""
    exponent = exponent_of(currency)
    found = _DECIMAL.fullmatch(decimal)
    if found is None:
        raise ValueError(f"not a decimal number: {decimal}")
    sign, whole, fraction = found[1], found[2], found[3] or ""
    if len(fraction) > exponent:
        raise ValueError(f"{currency} has {exponent} decimals: {decimal}")
    size = int(whole + fraction.ljust(exponent, "0"))
    return money_of(currency, -size if sign else size)


def money_of(currency: str, minor: int) -> Money:
    """An amount, if 64 bits hold it."""
    if not _MINOR_MIN <= minor <= _MINOR_MAX:
        raise OverflowError(f"does not fit in 64 bits: {minor}")
    return Money(currency=currency, minor=minor)


def add_money(first: Money, *others: Money) -> Money:
    """The exact sum of amounts of one currency."""
    for other in others:
        if other.currency != first.currency:
            raise ValueError(f"{other.currency} cannot be added to {first.currency}")
    return money_of(first.currency, first.minor + sum(other.minor for other in others))


def allocate(money: Money, weights: Sequence[int]) -> list[Money]:
    """Divides an amount in proportion to whole weights, to the last cent: the parts add up to it.

    Each part is rounded towards zero, and the units that are left go to the parts that lost most by it; of those that lost the same,
    to the first. A negative amount is divided as the positive one.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights are not below zero, and one is above")
    sign, size = (-1, -money.minor) if money.minor < 0 else (1, money.minor)
    parts = [size * weight // total for weight in weights]
    lost = [size * weight % total for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda index: -lost[index])
    for index in by_loss[: size - sum(parts)]:
        parts[index] += 1
    return [Money(currency=money.currency, minor=sign * part) for part in parts]
