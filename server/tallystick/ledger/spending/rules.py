"""Which span is a day in, which side does an amount count on, and how do amounts of an account and a category grow? Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from uuid import UUID

from tallystick.v1.ledger_pb2 import Account, CategoryKind, TransactionKind

# Two days and all between them, both ends included.
Span = tuple[date, date]
# A currency, and the day that an amount of it is of.
CurrencyDay = tuple[str, date]

_INCOME = TransactionKind.TRANSACTION_KIND_INCOME
_FOR_EARNING = CategoryKind.CATEGORY_KIND_INCOME


@dataclass(frozen=True, slots=True)
class Seen:
    """An account that the caller sees, and the member whose money it is. None: everybody's."""

    id: UUID
    account: Account
    currency: str
    member_id: UUID | None


class Side(IntEnum):
    """What was spent, less what came back of it; and what was earned. Both are above zero as a rule."""

    SPENT = 1
    EARNED = 2


class SpanSums:
    """Amounts as they grow, as entries have them: spending below zero. Of the currency that is asked for by span; of any other by span and
    day, because each day has a rate of its own."""

    __slots__ = ("days", "is_home", "minors")

    def __init__(self, spans: int, *, is_home: bool) -> None:
        self.is_home = is_home
        # The last one is nowhere: what is in no span is added there, and never looked at.
        self.minors = [0] * (spans + 1)
        # By span and the ordinal of the day.
        self.days: dict[tuple[int, int], int] = defaultdict(int)

    def add(self, span: int, day: int, minor: int) -> None:
        if self.is_home:
            self.minors[span] += minor
        elif span >= 0:
            self.days[span, day] += minor

    def include(self, other: "SpanSums") -> None:
        self.minors = [one + more for one, more in zip(self.minors, other.minors, strict=True)]
        for of, minor in other.days.items():
            self.days[of] += minor


class Amounts(SpanSums):
    """What an account has of a category on one side. The nil UUID stands for no category."""

    __slots__ = ("account", "category_id", "side")

    def __init__(self, account: Seen, category_id: UUID, side: Side, spans: int, *, is_home: bool) -> None:
        super().__init__(spans, is_home=is_home)
        self.account = account
        self.category_id = category_id
        self.side = side


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
