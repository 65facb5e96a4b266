"""What RestoreTransaction promises."""

from people import new_id, refusal_of
from rpc.ledger.money import CLEARED, REFUND, Purse, eur, part
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.ledger_categories_pb2 import DeleteCategoryRequest
from tallystick_client.v1.ledger_transactions_pb2 import RestoreTransactionRequest


async def test_restore_brings_back_all_of_it(purse: Purse) -> None:
    tag = await purse.make_tag()
    gone = await purse.split(part(100, purse.food_id), part(150, purse.home_id), tag_ids=[tag], import_key="fitid-1")
    await purse.delete(gone)
    answer = await purse.restore(gone)
    gone.version = answer.transaction.version
    assert answer.transaction == gone == await purse.get(gone)
    assert [b.balance.minor for b in answer.balances] == [-250]


async def test_restore_of_what_is_there_changes_nothing(purse: Purse) -> None:
    there = await purse.spend(250)
    assert (await purse.restore(there)).transaction == there


async def test_restore_looks_at_what_became_of_the_rest(purse: Purse) -> None:
    expense = await purse.spend(1000)
    refund = await purse.spend(600, kind=REFUND, refund_of_id=expense.id)
    await purse.delete(refund)
    await purse.update(expense, amount=eur(500))
    assert (await refusal_of(purse.restore(refund))).reason == "REFUND_EXCEEDS_ORIGINAL"
    late = await purse.spend(100, booked_on="2026-08-01")
    await purse.delete(late)
    await purse.close(purse.cash_id, "2026-07-01")
    assert (await refusal_of(purse.restore(late))).reason == "ACCOUNT_CLOSED"


async def test_restore_keeps_the_promises_of_a_write(purse: Purse) -> None:
    gone, other = await purse.spend(250), await purse.spend(100)
    await purse.delete(gone)
    request = RestoreTransactionRequest(request_id=new_id(), book_id=purse.id, transaction_id=gone.id)
    await keeps_the_promises_of_a_write(purse.book, "RestoreTransaction", request, transaction_id=other.id)


async def test_restore_does_not_bring_back_a_category_that_is_gone(purse: Purse) -> None:
    gone = await purse.split(part(100, purse.home_id), part(150, purse.food_id))
    await purse.delete(gone)
    await purse.ledger.DeleteCategory(
        DeleteCategoryRequest(request_id=new_id(), book_id=purse.id, category_id=purse.home_id)
    )
    answer = await purse.restore(gone)
    assert [entry.category_id for entry in answer.transaction.entries] == ["", purse.food_id]


async def test_restore_does_not_bring_back_what_a_statement_said(purse: Purse) -> None:
    gone = await purse.spend(250)
    await purse.reconcile(-250)
    await purse.delete(gone, unlock=True)
    assert (await purse.restore(gone)).transaction.status == CLEARED
