"""What does a report stand on? What the caller sees of the book, which of it was asked for, and what it comes to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tallystick.errors import FieldViolation, TallystickError
from tallystick.ledger.rates.converting import Converter
from tallystick.ledger.rates.queries_days import read_converter
from tallystick.ledger.rules import NO_CATEGORY, require_currency
from tallystick.ledger.spending.queries import Sight, get_sight
from tallystick.ledger.spending.queries_sums import Wanted, sum_up
from tallystick.ledger.spending.rules import Amounts, CurrencyDay, Seen, Span, with_below
from tallystick.ledger.templates.rules import today_in
from tallystick.ledger.transactions.rules_lists import CATEGORIZED, Query, read_query
from tallystick.reports.rules import Counted, foreign_days, foreign_of
from tallystick.reports.rules_days import Calendar, calendar_of
from tallystick.store.tx import Snapshot
from tallystick.v1.ledger_service_pb2 import ListTransactionsRequest
from tallystick.v1.report_pb2 import AccountFilter, ReportFilter

_OF_TRANSACTIONS = ("payee_ids", "tag_ids", "payment_method_ids", "statuses")


@dataclass(frozen=True, slots=True)
class Ground:
    """One state of a book, and which of it is looked at."""

    tx: Snapshot
    sight: Sight
    currency: str
    today: date
    accounts: Sequence[Seen]
    # The nil UUID stands for what has no category.
    category_ids: frozenset[UUID]
    # What kept totals do not know of. None: nothing of that kind was asked.
    narrowed: Query | None = None
    # Of the categories that were named so far.
    names: dict[UUID, str] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        return calendar_of(self.sight.book)

    def wanted(self, spans: Sequence[Span]) -> Wanted:
        return Wanted(spans, self.currency, self.accounts, self.category_ids)

    async def sum_up(self, spans: Sequence[Span]) -> list[Amounts]:
        return await sum_up(self.tx, self.sight, self.wanted(spans), self.narrowed)

    async def converter_for(self, *amounts: Mapping[CurrencyDay, int]) -> Converter:
        currencies, days = foreign_days(amounts, self.currency)
        return await read_converter(self.tx, self.currency, currencies, days)

    async def count(self, spans: Sequence[Span]) -> Counted:
        found = await self.sum_up(spans)
        foreign = foreign_of(found)
        return Counted(await self.converter_for(*foreign.values()), foreign, found)

    def fields_of(self, category_id: UUID) -> dict[str, Any]:
        """How a category is named in an answer."""
        if category_id == NO_CATEGORY:
            return {"uncategorized": True}
        return {"category_id": str(category_id), "name": self._name_of(category_id)}

    def _name_of(self, category_id: UUID) -> str:
        if category_id not in self.names:
            self.names[category_id] = self.sight.open_category(self.tx, category_id).name
        return self.names[category_id]


async def get_ground(tx: Snapshot, currency: str, chosen: AccountFilter | ReportFilter, now: datetime) -> Ground:
    """Whatever the request says of money, before it says of days."""
    if currency:
        require_currency("currency", currency)
    narrowed = _read_narrowed(chosen) if isinstance(chosen, ReportFilter) else None
    sight = await get_sight(tx)
    return Ground(
        tx,
        sight,
        currency or sight.book.base_currency,
        today_in(sight.book.time_zone, now),
        [each for each in sight.accounts.values() if _is_chosen(each, chosen)],
        _categories_of(sight, chosen),
        narrowed,
    )


def _is_chosen(seen: Seen, chosen: AccountFilter | ReportFilter) -> bool:
    return (
        (not chosen.account_ids or seen.id in set(map(UUID, chosen.account_ids)))
        and (not chosen.currencies or seen.currency in chosen.currencies)
        and (not chosen.member_id or seen.member_id == UUID(chosen.member_id))
    )


def _categories_of(sight: Sight, chosen: AccountFilter | ReportFilter) -> frozenset[UUID]:
    if isinstance(chosen, AccountFilter) or not (chosen.category_ids or chosen.uncategorized):
        return frozenset({*sight.kinds, NO_CATEGORY})
    ids = [UUID(each) for each in chosen.category_ids]
    named = frozenset(ids) & sight.kinds.keys() if chosen.without_children else with_below(sight.parents, ids)
    return named | {NO_CATEGORY} if chosen.uncategorized else named


def _read_narrowed(chosen: ReportFilter) -> Query | None:
    """What a list of transactions would have to find."""
    request = ListTransactionsRequest(text=chosen.text)
    for name in _OF_TRANSACTIONS:
        getattr(request, name).extend(getattr(chosen, name))
    if not set(CATEGORIZED) <= set(chosen.kinds):
        request.kinds.extend(chosen.kinds)
    if chosen.HasField("min_amount"):
        request.min_amount.CopyFrom(chosen.min_amount)
    if chosen.HasField("max_amount"):
        request.max_amount.CopyFrom(chosen.max_amount)
    with _in_filter():
        query = read_query(request)
    return query if query.values or query.sought else None


@contextmanager
def _in_filter() -> Iterator[None]:
    """Says of what is wrong that it is wrong in the filter."""
    try:
        yield
    except TallystickError as error:
        error.violations = tuple(
            FieldViolation(f"filter.{each.field}", each.rule, each.description) for each in error.violations
        )
        raise
