"""What DeleteTransaction promises."""

from people import new_id, refusal_of
from rpc.ledger.money import REFUND, Purse, eur, part
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.ledger_pb2 import Transaction


async def test_delete_takes_a_transaction_out_of_all_sums(purse: Purse) -> None:
    kept, gone = await purse.spend(100), await purse.split(part(100, purse.food_id), part(150, purse.home_id))
    answer = await purse.delete(gone)
    assert [b.balance.minor for b in answer.balances] == [-100]
    assert (await refusal_of(purse.get(gone))).reason == "NOT_FOUND"
    assert await purse.get(kept) == kept


async def test_t7_delete_of_a_transfer_leaves_both_accounts(purse: Purse) -> None:
    transfer = await purse.transfer(1000)
    answer = await purse.delete(transfer)
    assert {b.account_id: b.balance.minor for b in answer.balances} == {purse.cash_id: 0, purse.bank_id: 0}


async def test_t8_delete_of_what_a_statement_covers_needs_unlock(purse: Purse) -> None:
    gone = await purse.spend(250)
    await purse.reconcile(-250)
    refusal = await refusal_of(purse.delete(gone))
    assert (refusal.reason, refusal.metadata["account_id"]) == ("ENTRY_RECONCILED", purse.cash_id)
    await purse.delete(gone, unlock=True)
    assert await purse.held() == 0


async def test_delete_on_an_older_version_is_refused(purse: Purse) -> None:
    before = await purse.spend(250)
    later = await purse.update(before, note="theirs")
    refusal = await refusal_of(purse.delete(before, base_version=before.version))
    assert (refusal.reason, refusal.metadata["current_version"]) == ("STALE_VERSION", str(later.version))
    await purse.delete(before, base_version=later.version)


async def test_delete_of_an_expense_waits_for_its_refunds(purse: Purse) -> None:
    expense = await purse.spend(1000)
    refund = await purse.spend(400, kind=REFUND, refund_of_id=expense.id)
    assert (await refusal_of(purse.delete(expense))).reason == "REFUNDED"
    await purse.delete(refund)
    await purse.delete(expense)
    assert (await refusal_of(purse.restore(refund))).reason == "NOT_FOUND"


async def test_delete_frees_tags_and_stays_on_a_closed_account(purse: Purse) -> None:
    tag = await purse.make_tag()
    gone = await purse.spend(250, tag_ids=[tag])
    await purse.close(purse.cash_id)
    await purse.delete(gone)
    assert await purse.held() == 0


async def test_delete_keeps_the_promises_of_a_write(purse: Purse) -> None:
    gone = await purse.spend(250)
    await keeps_the_promises_of_a_write(purse.book, "DeleteTransaction", purse.deleting(gone), unlock=True)
    assert (await refusal_of(purse.delete(gone))).reason == "NOT_FOUND"
    assert (await refusal_of(purse.delete(Transaction(id=new_id())))).reason == "NOT_FOUND"


async def test_t14_a_deleted_import_comes_back_only_when_asked_for(purse: Purse) -> None:
    """T14 to T16: both ways of the policy."""
    gone = await purse.spend(250, import_key="fitid-1")
    await purse.delete(gone)
    refusal = await refusal_of(purse.spend(250, import_key="fitid-1"))
    assert (refusal.reason, refusal.metadata["transaction_id"]) == ("IMPORT_KEY_DELETED", gone.id)
    again = await purse.spend(250, import_key="fitid-1", reimport_deleted=True)
    assert again.id != gone.id
    taken = await refusal_of(purse.restore(gone))
    assert (taken.reason, taken.metadata["transaction_id"]) == ("IMPORT_KEY_TAKEN", again.id)
    assert await purse.held() == -250
    assert eur(-250) == again.entries[0].amount
