"""What BatchDeleteTransactions promises."""

from typing import Any

from people import new_id, refusal_of
from rpc.ledger.money import REFUND, Purse
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_transactions_pb2 import BatchDeleteTransactionsRequest


def deletion(purse: Purse, *transactions: Transaction, **other: Any) -> BatchDeleteTransactionsRequest:
    ids = [transaction.id for transaction in transactions]
    return BatchDeleteTransactionsRequest(request_id=new_id(), book_id=purse.id, transaction_ids=ids, **other)


async def test_t24_batch_delete_takes_all_of_them_out_of_the_sums(purse: Purse) -> None:
    made = [await purse.spend(100 + n) for n in range(3)] + [await purse.transfer(1000)]
    kept = await purse.spend(7)
    answer = await purse.ledger.BatchDeleteTransactions(deletion(purse, *made))
    assert {b.account_id: b.balance.minor for b in answer.balances} == {purse.cash_id: -7, purse.bank_id: 0}
    assert await purse.get(kept) == kept


async def test_batch_delete_with_one_bad_id_deletes_nothing_and_names_it(purse: Purse) -> None:
    one = await purse.spend(100)
    refusal = await refusal_of(purse.ledger.BatchDeleteTransactions(deletion(purse, one, Transaction(id=new_id()))))
    assert (refusal.reason, refusal.metadata["index"]) == ("NOT_FOUND", "1")
    assert await purse.get(one) == one


async def test_batch_delete_takes_an_expense_with_its_refunds_only(purse: Purse) -> None:
    expense = await purse.spend(1000)
    refund = await purse.spend(400, kind=REFUND, refund_of_id=expense.id)
    refusal = await refusal_of(purse.ledger.BatchDeleteTransactions(deletion(purse, expense)))
    assert (refusal.reason, refusal.metadata["index"]) == ("REFUNDED", "0")
    await purse.ledger.BatchDeleteTransactions(deletion(purse, expense, refund))
    assert await purse.held() == 0


async def test_batch_delete_of_what_a_statement_covers_needs_unlock(purse: Purse) -> None:
    one = await purse.spend(100)
    await purse.reconcile(-100)
    refusal = await refusal_of(purse.ledger.BatchDeleteTransactions(deletion(purse, one)))
    assert (refusal.reason, refusal.metadata["index"]) == ("ENTRY_RECONCILED", "0")
    await purse.ledger.BatchDeleteTransactions(deletion(purse, one, unlock=True))


async def test_batch_delete_keeps_the_promises_of_a_write(purse: Purse) -> None:
    one = await purse.spend(100)
    await keeps_the_promises_of_a_write(purse.book, "BatchDeleteTransactions", deletion(purse, one), unlock=True)
