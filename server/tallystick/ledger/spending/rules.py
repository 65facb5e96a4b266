"""Of which months and which days is a span of spending made, and which side does an amount count on? Pure."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from tallystick.v1.ledger_pb2 import Account, CategoryKind, TransactionKind

# Two days and all between them, both ends included.
Span = tuple[date, date]
# A currency, and the day that an amount of it is of. What needs no conversion may be of any day of its span.
CurrencyDay = tuple[str, date]

_DAY = timedelta(days=1)
_INCOME = TransactionKind.TRANSACTION_KIND_INCOME
_FOR_EARNING = CategoryKind.CATEGORY_KIND_INCOME


@dataclass(frozen=True, slots=True)
class Seen:
    """An account that the caller sees, and the member whose money it is. None: everybody's."""

    id: UUID
    account: Account
    member_id: UUID | None

    @property
    def currency(self) -> str:
        return self.account.currency


class Side(IntEnum):
    """What was spent, less what came back of it; and what was earned. Both are above zero as a rule."""

    SPENT = 1
    EARNED = 2


class Slot(NamedTuple):
    """What a sum is of. `span` is the number of one of the spans that were asked for; the nil UUID stands for no category."""

    span: int
    account_id: UUID
    category_id: UUID
    side: Side


Sums = Mapping[Slot, Mapping[CurrencyDay, int]]


class Pieces(NamedTuple):
    """What spans are made of: whole calendar months, of which sums are kept, each by the number of its span; and days."""

    months: Mapping[date, int]
    days: Sequence[Span]


def split(spans: Sequence[Span]) -> Pieces:
    """Takes spans apart. They are in order, and no day is in two of them."""
    months: dict[date, int] = {}
    days: list[Span] = []
    for number, (first, last) in enumerate(spans):
        day = first
        while day <= last:
            end = min(_month_end(day), last)
            if day.day == 1 and end == _month_end(day):
                months[day] = number
            else:
                days.append((day, end))
            if end == date.max:
                break
            day = end + _DAY
    return Pieces(months, joined(days))


def joined(days: Sequence[Span]) -> list[Span]:
    """Those that touch, as one."""
    found: list[Span] = []
    for first, last in days:
        if found and found[-1][1] + _DAY == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def find_span(spans: Sequence[Span], day: date) -> int | None:
    """The number of the span that a day is in."""
    number = bisect_right(spans, day, key=lambda span: span[0]) - 1
    return number if number >= 0 and day <= spans[number][1] else None


def side_of_kind(kind: int) -> Side:
    """Of what has no category: its transaction tells."""
    return Side.EARNED if kind == _INCOME else Side.SPENT


def side_of_category(kind: int) -> Side:
    """A category tells by itself: no transaction has one of the other kind."""
    return Side.EARNED if kind == _FOR_EARNING else Side.SPENT


def count_on(side: Side, minor: int) -> int:
    """How much an entry is on its side: entries of spending are below zero."""
    return minor if side is Side.EARNED else -minor


def with_below(parents: Mapping[UUID, UUID | None], category_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those categories, and all that are below them."""
    wanted = {each for each in category_ids if each in parents}
    while more := {child for child, parent in parents.items() if parent in wanted} - wanted:
        wanted |= more
    return frozenset(wanted)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
