"""What BatchUpdateTransactions promises."""

from typing import Any

from people import new_id, refusal_of
from rpc.ledger.money import Purse, eur
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.ledger_pb2 import Transaction, TransactionDraft
from tallystick_client.v1.ledger_transactions_pb2 import BatchUpdateTransactionsRequest, TransactionUpdate

Pairs = list[tuple[Transaction, dict[str, Any]]]


def updates(purse: Purse, *pairs: tuple[Transaction, dict[str, Any]], **other: Any) -> BatchUpdateTransactionsRequest:
    return BatchUpdateTransactionsRequest(
        request_id=new_id(),
        book_id=purse.id,
        updates=[
            TransactionUpdate(transaction_id=each.id, change=TransactionDraft(**change)) for each, change in pairs
        ],
        **other,
    )


async def test_batch_update_changes_all_of_them(purse: Purse) -> None:
    one, two, three = await purse.spend(100), await purse.spend(200), await purse.spend(300)
    pairs: Pairs = [(one, {"amount": eur(150)}), (two, {"account_id": purse.bank_id}), (three, {"note": "x"})]
    answer = await purse.ledger.BatchUpdateTransactions(updates(purse, *pairs))
    assert {b.account_id: b.balance.minor for b in answer.balances} == {purse.cash_id: -450, purse.bank_id: -200}
    found = [await purse.get(each) for each in (one, two, three)]
    assert {each.version for each in found} == {answer.version}


async def test_batch_update_with_one_bad_change_changes_nothing_and_names_it(purse: Purse) -> None:
    one, two = await purse.spend(100), await purse.spend(200)
    pairs: Pairs = [(one, {"amount": eur(150)}), (two, {"booked_on": "2026-02-30"})]
    refusal = await refusal_of(purse.ledger.BatchUpdateTransactions(updates(purse, *pairs)))
    assert (refusal.reason, refusal.fields) == ("INVALID_DATE", ("updates[1].change.booked_on",))
    assert await purse.get(one) == one


async def test_batch_update_names_what_is_not_there_or_named_twice(purse: Purse) -> None:
    one = await purse.spend(100)
    missing = updates(purse, (one, {"note": "x"}), (Transaction(id=new_id()), {"note": "x"}))
    refusal = await refusal_of(purse.ledger.BatchUpdateTransactions(missing))
    assert (refusal.reason, refusal.metadata["index"]) == ("NOT_FOUND", "1")
    twice = updates(purse, (one, {"note": "x"}), (one, {"payee": "y"}))
    refusal = await refusal_of(purse.ledger.BatchUpdateTransactions(twice))
    assert (refusal.reason, refusal.fields) == ("DUPLICATE_IN_BATCH", ("updates[1].transaction_id",))


async def test_batch_update_of_what_a_statement_covers_needs_unlock(purse: Purse) -> None:
    one = await purse.spend(100)
    await purse.reconcile(-100)
    changes = [(one, {"amount": eur(90)})]
    refusal = await refusal_of(purse.ledger.BatchUpdateTransactions(updates(purse, *changes)))
    assert (refusal.reason, refusal.metadata["index"]) == ("ENTRY_RECONCILED", "0")
    await purse.ledger.BatchUpdateTransactions(updates(purse, *changes, unlock=True))
    assert await purse.held() == -90


async def test_batch_update_keeps_the_promises_of_a_write(purse: Purse) -> None:
    one = await purse.spend(100)
    request = updates(purse, (one, {"note": "x"}))
    await keeps_the_promises_of_a_write(purse.book, "BatchUpdateTransactions", request, unlock=True)
