"""What is a template going to record, and does that fit what a report looks at? Pure."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tallystick.ledger.gist import AMOUNT_BYTES, compose_gist, has_words
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.spending.rules import Side, count_on, side_of_kind
from tallystick.ledger.templates.recurrence import Occurrence
from tallystick.ledger.templates.rules import coming
from tallystick.ledger.transactions.rules_lists import CATEGORIZED, INCOME, REFUND, Query, fits, has_currency
from tallystick.v1.ledger_pb2 import Entry, Transaction, TransactionStatus
from tallystick.v1.ledger_templates_pb2 import Template
from tallystick.v1.money_pb2 import Money
from tallystick.v1.report_dashboard_pb2 import ComingOccurrence

FORECAST_YEARS = 5


class Line(NamedTuple):
    """One part of what is going to be recorded. Like a sum, it is above zero for spending."""

    account_id: UUID
    category_id: UUID
    side: Side
    currency: str
    minor: int


class Coming(NamedTuple):
    """An occurrence that is neither posted nor skipped."""

    template: Template
    occurrence: Occurrence

    def compose(self) -> ComingOccurrence:
        return ComingOccurrence(
            template_id=self.template.id,
            name=self.template.name,
            slot_on=self.occurrence.slot_on.isoformat(),
            booked_on=self.occurrence.booked_on.isoformat(),
            kind=self.template.draft.kind,
            account_id=self.template.draft.account_id,
            amount=self.template.draft.amount,
        )


def next_of(templates: Iterable[Template], most: int) -> list[Coming]:
    """The next ones, what waits already first."""
    found = [Coming(template, occurrence) for template in templates for occurrence in coming(template, most)]
    return sorted(found, key=lambda each: (each.occurrence.booked_on, each.template.id))[:most]


def lines_of(template: Template) -> Iterator[Line]:
    """Transfers have none: they are neither spending nor earning."""
    kind = template.draft.kind
    if kind not in CATEGORIZED:
        return
    side = side_of_kind(kind)
    for entry in _expected(template).entries:
        yield Line(
            UUID(entry.account_id),
            UUID(entry.category_id) if entry.category_id else NO_CATEGORY,
            side,
            entry.amount.currency,
            count_on(side, entry.amount.minor),
        )


def fits_query(template: Template, query: Query | None, named_ids: Collection[UUID]) -> bool:
    """Whether what is going to be recorded would be found. `named_ids` are the payees whose names have the words that are sought."""
    if query is None:
        return True
    expected, sought = _expected(template), query.sought
    if not fits(expected, query, ()):
        return False
    gist = compose_gist(expected)
    has_text = not sought.needle or has_words(gist, sought.needle) or _payee_of(expected) in named_ids
    has_amount = sought.least <= gist[:AMOUNT_BYTES] <= sought.most
    return has_text and has_amount and (not sought.currency or has_currency(expected, sought.currency))


def day_of(occurrence: Occurrence, today: date) -> date:
    """When it is expected: what waits already, today."""
    return max(occurrence.booked_on, today)


def _payee_of(transaction: Transaction) -> UUID | None:
    return UUID(transaction.payee_id) if transaction.payee_id else None


def _expected(template: Template) -> Transaction:
    """The transaction, as far as a report looks at it."""
    draft = template.draft
    sign = 1 if draft.kind in (INCOME, REFUND) else -1
    parts = [(part.account_id, part.category_id, part.amount, part.note) for part in draft.splits]
    return Transaction(
        kind=draft.kind,
        payee=draft.payee,
        note=draft.note,
        payee_id=draft.payee_id,
        payment_method_id=draft.payment_method_id,
        tag_ids=draft.tag_ids,
        status=draft.status or TransactionStatus.TRANSACTION_STATUS_CLEARED,
        entries=[
            Entry(
                account_id=account_id or draft.account_id,
                category_id=category_id,
                amount=Money(currency=amount.currency, minor=sign * amount.minor),
                note=note,
            )
            for account_id, category_id, amount, note in parts
            or [(draft.account_id, draft.category_id, draft.amount, "")]
        ],
    )
