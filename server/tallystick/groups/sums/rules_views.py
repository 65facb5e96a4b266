"""How do balances of several currencies look in one? Pure: each net is converted exactly, and rounded so that all still come to zero."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import NamedTuple
from uuid import UUID

from tallystick.currencies import EXPONENTS
from tallystick.errors import RuleBroken
from tallystick.groups.rules import Shares, require_amount
from tallystick.ledger.rates.rules import Conversion, Quote, find_path
from tallystick.v1.error_reason_pb2 import ErrorReason


class View(NamedTuple):
    """What everybody's nets come to, and how each currency was converted."""

    nets: Shares
    paths: dict[str, Conversion]


def view_in(currency: str, nets: Mapping[str, Shares], quotes: list[Quote], on: date) -> View:
    """The nets, by currency, in one. Largest remainder: nobody's is a whole unit away from the exact one."""
    paths = {each: _path(quotes, each, currency, on) for each in nets if each != currency}
    exact: dict[UUID, Fraction] = {}
    for each, of_currency in nets.items():
        worth = _worth(each, currency, paths[each].rate if each in paths else Decimal(1))
        for member_id, net in of_currency.items():
            exact[member_id] = exact.get(member_id, Fraction(0)) + net * worth
    rounded = {member_id: floor(exact[member_id]) for member_id in sorted(exact)}
    # As much as was rounded away in all, because all of it comes to zero.
    left = -sum(rounded.values())
    for member_id in sorted(rounded, key=lambda one: rounded[one] - exact[one])[:left]:
        rounded[member_id] += 1
    return View({each: require_amount("in_currency", net) for each, net in rounded.items()}, paths)


def _worth(base: str, quote: str, rate: Decimal) -> Fraction:
    return Fraction(rate) * Fraction(10 ** EXPONENTS[quote], 10 ** EXPONENTS[base])


def _path(quotes: list[Quote], base: str, quote: str, on: date) -> Conversion:
    path = find_path(quotes, base, quote, on)
    if path is None:
        raise RuleBroken(ErrorReason.ERROR_REASON_NO_RATE, f"No rate on or before {on} leads from {base} to {quote}.")
    return path
