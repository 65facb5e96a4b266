"""With whom was money spent? By payee; where a transaction names none, by its text. Totals know nothing of payees: entries are read."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from tallystick.ledger import tables
from tallystick.ledger.folding import folded
from tallystick.ledger.spending.queries_entries import ID_BYTES, PAID_OF, PaidRow, paid_that_fit
from tallystick.ledger.spending.queries_sums import Wanted
from tallystick.ledger.spending.rules import CurrencyDay, Side, count_on, find_span, side_of_kind
from tallystick.ledger.tables import ENTRY, PAYEE, TRANSACTION
from tallystick.ledger.transactions.queries_lists import find_filters
from tallystick.ledger.transactions.rules_lists import Query
from tallystick.ledger.transactions.scan import Scan, find_named
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx, Snapshot

# Bodies take longer than amounts.
SLICE_ROWS = 200

_payee = tables.payee
# Also deleted ones: what names them still does.
PAYEES_EVER = prepare(
    select(_payee.c.id, _payee.c.version, _payee.c.body).where(
        _payee.c.space_id == bindparam("space_id", type_=Uuid),
        _payee.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
)


class Payee(NamedTuple):
    """Who was paid: one that the book knows, or whom texts name alike."""

    id: UUID | None
    folded_name: str = ""


PayeeSums = Mapping[Payee, Mapping[CurrencyDay, int]]


class Paid(NamedTuple):
    """What was spent with whom, and how texts name those whom the book does not know."""

    sums: dict[Payee, dict[CurrencyDay, int]]
    names: dict[Payee, str]


async def sum_up_payees(tx: Snapshot, wanted: Wanted) -> Paid:
    """What was spent with whom in all spans. What says of nobody is with nobody, and left out."""
    paid, currencies = Paid({}, {}), {each.id.bytes: each.currency for each in wanted.accounts}
    if not wanted.accounts:
        return paid
    query = wanted.narrowed or Query(wanted.spans[0][0], wanted.spans[-1][1])
    async with aclosing(_paid_rows(tx, wanted, query)) as slices:
        async for rows in slices:
            for row, plain in zip(rows, tx.seal.open_many(ENTRY.place, rows), strict=True):
                place, day, kind = row[2:5]
                if side_of_kind(kind) is Side.EARNED or not _is_wanted(wanted, place):
                    continue
                payee = _payee_of(tx, row, paid.names)
                if payee is None or find_span(wanted.spans, day) is None:
                    continue
                its, of = paid.sums.setdefault(payee, {}), (currencies[place[:ID_BYTES]], day)
                its[of] = its.get(of, 0) + count_on(Side.SPENT, int.from_bytes(plain, signed=True))
    return paid


async def get_payee_names(tx: ReadTx, ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = await tx.fetch(PAYEES_EVER(space_id=tx.space_id, ids=list(ids))) if ids else []
    return {row[0]: tx.open(PAYEE, row).name for row in rows}


async def _paid_rows(tx: Snapshot, wanted: Wanted, query: Query) -> AsyncGenerator[list[PaidRow], None]:
    accounts, filters = [each.id for each in wanted.accounts], await find_filters(tx, query)
    if not query.opens_gists:
        async with aclosing(tx.slices(paid_that_fit(tx.space_id, accounts, filters), SLICE_ROWS)) as slices:
            async for rows in slices:
                yield rows
        return
    scan = Scan(tx, query, filters, await find_named(tx, query.sought.needle))
    async with aclosing(scan.ids()) as found:
        async for ids in found:
            for start in range(0, len(ids), SLICE_ROWS):
                some = ids[start : start + SLICE_ROWS]
                yield await tx.fetch(PAID_OF(space_id=tx.space_id, accounts=accounts, ids=some))


def _is_wanted(wanted: Wanted, place: bytes) -> bool:
    return wanted.category_ids is None or UUID(bytes=place[ID_BYTES:]) in wanted.category_ids


def _payee_of(tx: ReadTx, row: PaidRow, names: dict[Payee, str]) -> Payee | None:
    payee_id, row_id, version, body = row[5:]
    if payee_id:
        return Payee(payee_id)
    assert body is not None, "what names no payee comes with its body"
    text = tx.open(TRANSACTION, (row_id, version, body)).payee
    payee = Payee(None, folded(text))
    if not payee.folded_name:
        return None
    # Of texts that differ only in case or spaces one, whatever order they come in.
    names[payee] = min(text, names.get(payee, text))
    return payee
