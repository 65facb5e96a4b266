"""With whom was money spent? By payee; where a transaction names none, by its text. Totals know nothing of payees: entries are read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from tallystick.ledger import tables
from tallystick.ledger.folding import folded
from tallystick.ledger.spending.queries_sums import Wanted, read_told
from tallystick.ledger.spending.records import NOBODY, Told, account_in
from tallystick.ledger.spending.rules import CurrencyDay, Side, count_on, side_of_kind
from tallystick.ledger.tables import PAYEE, TRANSACTION
from tallystick.ledger.transactions.queries_scan import BODIES
from tallystick.ledger.transactions.rules_lists import Query
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


async def sum_up_payees(tx: Snapshot, wanted: Wanted, narrowed: Query | None) -> Paid:
    """What was spent with whom from the first to the last day. What says of nobody is with nobody, and left out."""
    adding, unnamed = _Adding(wanted), defaultdict[bytes, list[Told]](list)
    async with aclosing(read_told(tx, wanted, narrowed or Query(wanted.first_on, wanted.last_on))) as chunks:
        async for chunk in chunks:
            for told in chunk:
                if side_of_kind(told.kind) is Side.EARNED:
                    continue
                if told.payee == NOBODY:
                    unnamed[told.transaction].append(told)
                else:
                    adding.add(Payee(UUID(bytes=told.payee)), told)
    ids = [UUID(bytes=each) for each in unnamed]
    for start in range(0, len(ids), SLICE_ROWS):
        for row in await tx.fetch(BODIES(space_id=tx.space_id, ids=ids[start : start + SLICE_ROWS])):
            adding.add_named(tx.open(TRANSACTION, row).payee, unnamed[row[0].bytes])
    return adding.paid


async def get_payee_names(tx: ReadTx, ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = await tx.fetch(PAYEES_EVER(space_id=tx.space_id, ids=list(ids))) if ids else []
    return {row[0]: tx.open(PAYEE, row).name for row in rows}


class _Adding:
    """Sums as they grow."""

    def __init__(self, wanted: Wanted) -> None:
        self.paid = Paid({}, {})
        self._currencies = {each.id.bytes: each.currency for each in wanted.accounts}

    def add(self, payee: Payee, told: Told) -> None:
        its, of = (
            self.paid.sums.setdefault(payee, {}),
            (self._currencies[account_in(told.pair)], date.fromordinal(told.day)),
        )
        its[of] = its.get(of, 0) + count_on(Side.SPENT, told.minor)

    def add_named(self, text: str, entries: Iterable[Told]) -> None:
        """The entries of a transaction that says only in words who was paid."""
        payee, names = Payee(None, folded(text)), self.paid.names
        if payee.folded_name:
            # Of texts that differ only in case or spaces one, whatever order they come in.
            names[payee] = min(text, names.get(payee, text))
            for told in entries:
                self.add(payee, told)
