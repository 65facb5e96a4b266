"""What shall happen when an account is compared with a statement? Everything cleared up to its day is locked, or nothing is."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from tallystick.caller import Caller
from tallystick.ledger import rules
from tallystick.ledger.accounts import queries
from tallystick.ledger.accounts import queries_movements as movements
from tallystick.ledger.accounts.queries import Held
from tallystick.ledger.accounts.rules import statement_mismatch
from tallystick.ledger.slices import SLICE_MAX, write_in_slices
from tallystick.ledger.tables import ACCOUNT, RECONCILIATION, TRANSACTION
from tallystick.ledger.transactions.posting import Step, post
from tallystick.ledger.transactions.references import References
from tallystick.ledger.transactions.rules import CLEARED, RECONCILED, Named, currency_mismatch, require_open
from tallystick.store.command import MoreThanOneCommit
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_accounts_pb2 import ReconcileAccountRequest, ReconcileAccountResponse
from tallystick.v1.ledger_pb2 import Account, Entry, Reconciliation, Transaction, TransactionKind
from tallystick.v1.money_pb2 import Money


class _Compared(NamedTuple):
    """An account that agrees with the statement, if need be with an adjustment."""

    held: Held
    adjustment: Transaction | None


async def reconcile(store: Store, caller: Caller, request: ReconcileAccountRequest) -> ReconcileAccountResponse:
    """In as many commits as it takes. Until the last one, entries are locked without a reconciliation that says so."""
    return await write_in_slices(
        store, caller, request.book_id, request, lock_a_slice, lambda _: reconcile_account, ReconcileAccountResponse
    )


async def reconcile_account(tx: WriteTx, request: ReconcileAccountRequest) -> ReconcileAccountResponse:
    """The last commit: what is left to lock, the adjustment, and the reconciliation itself."""
    held, adjustment = await _compare(tx, request)
    count = movements.COVERED_COUNT(**_statement_of(tx, request))
    rows, ((covered,),) = await tx.fetch_all(
        movements.TO_LOCK(**_statement_of(tx, request), limit=SLICE_MAX + 1), count
    )
    if len(rows) > SLICE_MAX:
        raise MoreThanOneCommit
    steps = _steps_to_lock(tx, rows, held.account.id)
    if adjustment is not None:
        steps.append(Step(None, adjustment))
        covered += 1
    known = References(Named({held.account.id: held.account}, {}), {UUID(held.account.id): held.sums}, {})
    await post(tx, steps, known)
    reconciliation = _put_reconciliation(tx, request, held.account, covered, adjustment)
    return ReconcileAccountResponse(reconciliation=reconciliation, adjustment=adjustment)


async def lock_a_slice(tx: WriteTx, request: ReconcileAccountRequest) -> ReconcileAccountResponse:
    """A commit before the last: the account agrees, and some of its entries are locked."""
    held, _ = await _compare(tx, request)
    rows = await tx.fetch(movements.TO_LOCK(**_statement_of(tx, request), limit=SLICE_MAX))
    await post(tx, _steps_to_lock(tx, rows, held.account.id))
    return ReconcileAccountResponse()


async def _compare(tx: WriteTx, request: ReconcileAccountRequest) -> _Compared:
    """Whatever is going to fail the call fails it here, before the first slice locks anything."""
    day = rules.require_date("statement_on", request.statement_on)
    found = await queries.get_as_of(tx, UUID(request.account_id), day)
    account = found.held.account
    if request.statement_balance.currency != account.currency:
        raise currency_mismatch("statement_balance.currency")
    difference = request.statement_balance.minor - found.cleared
    if not difference:
        return _Compared(found.held, None)
    if not request.adjust:
        raise statement_mismatch(expected=request.statement_balance.minor, actual=found.cleared)
    adjustment = _compose_adjustment(tx, request, account, difference)
    require_open(Named({account.id: account}, {}), adjustment.entries, adjustment.booked_on)
    return _Compared(found.held, adjustment)


def _statement_of(tx: WriteTx, request: ReconcileAccountRequest) -> dict[str, Any]:
    """What names the entries that the statement is about."""
    day = rules.require_date("statement_on", request.statement_on)
    return {"space_id": tx.space_id, "account_id": UUID(request.account_id), "until_on": day}


def _steps_to_lock(tx: WriteTx, rows: Sequence[tuple[UUID, int, bytes]], account_id: str) -> list[Step]:
    return [_lock(tx.open(TRANSACTION, row), account_id) for row in rows]


def _lock(before: Transaction, account_id: str) -> Step:
    after = Transaction()
    after.CopyFrom(before)
    for entry in after.entries:
        # An entry from before statuses were kept has none, and is cleared.
        if entry.account_id == account_id and (entry.status or CLEARED) == CLEARED:
            entry.status = RECONCILED
    after.status = min(entry.status or CLEARED for entry in after.entries)
    return Step(before, after)


def _compose_adjustment(
    tx: WriteTx, request: ReconcileAccountRequest, account: Account, difference: int
) -> Transaction:
    amount = Money(currency=account.currency, minor=rules.add(0, difference))
    return Transaction(
        id=str(tx.new_id()),
        book_id=str(tx.space_id),
        kind=TransactionKind.TRANSACTION_KIND_ADJUSTMENT,
        booked_on=request.statement_on,
        entries=[Entry(account_id=account.id, amount=amount, status=RECONCILED)],
        status=RECONCILED,
        private_to=account.private_to,
        created_at=to_timestamp(tx.now),
    )


def _put_reconciliation(
    tx: WriteTx, request: ReconcileAccountRequest, account: Account, count: int, adjustment: Transaction | None
) -> Reconciliation:
    if request.statement_on > account.reconciled_on:
        after = Account()
        after.CopyFrom(account)
        after.reconciled_on = request.statement_on
        tx.put(ACCOUNT, account, after)
    reconciliation = Reconciliation(
        id=rules.canonical(request.reconciliation_id) or str(tx.new_id()),
        book_id=str(tx.space_id),
        account_id=account.id,
        statement_balance=request.statement_balance,
        statement_on=request.statement_on,
        entries_reconciled=count,
        adjustment_id=adjustment.id if adjustment else "",
        created_at=to_timestamp(tx.now),
        private_to=account.private_to,
    )
    return tx.add(RECONCILIATION, reconciliation)
