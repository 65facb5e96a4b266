"""What RevertTransaction promises."""

from typing import Any

from people import new_id, refusal_of
from rpc.ledger.money import EXPENSE, Purse, eur, part
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.ledger_categories_pb2 import DeleteCategoryRequest
from tallystick_client.v1.ledger_labels_pb2 import DeleteTagRequest
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_transactions_pb2 import RevertTransactionRequest


def reverting(purse: Purse, transaction: Transaction, to_version: int, **other: Any) -> RevertTransactionRequest:
    return RevertTransactionRequest(
        request_id=new_id(), book_id=purse.id, transaction_id=transaction.id, to_version=to_version, **other
    )


def same_but_for_the_version(one: Transaction, other: Transaction) -> bool:
    copy = Transaction()
    copy.CopyFrom(one)
    copy.version = other.version
    return copy == other


async def test_revert_takes_a_transaction_back_with_all_sums(purse: Purse) -> None:
    made = await purse.split(part(100, purse.food_id, note="bread"), part(150, purse.home_id))
    await purse.update(made, "category_id", splits=[], amount=eur(900), account_id=purse.bank_id)
    answer = await purse.ledger.RevertTransaction(reverting(purse, made, made.version))
    assert same_but_for_the_version(made, answer.transaction)
    assert (await purse.held(), await purse.held(purse.bank_id)) == (-250, 0)


async def test_revert_brings_a_deleted_transaction_back(purse: Purse) -> None:
    made = await purse.transfer(1000)
    changed = await purse.update(made, kind=EXPENSE)
    await purse.delete(made)
    answer = await purse.ledger.RevertTransaction(reverting(purse, made, changed.version))
    assert same_but_for_the_version(changed, answer.transaction)
    assert (await purse.held(), await purse.held(purse.bank_id)) == (-1000, 0)


async def test_revert_to_how_it_is_changes_nothing(purse: Purse) -> None:
    made = await purse.spend(250)
    answer = await purse.ledger.RevertTransaction(reverting(purse, made, made.version))
    assert answer.transaction == made


async def test_revert_is_judged_by_what_there_is_now(purse: Purse) -> None:
    made = await purse.spend(250, booked_on="2026-08-01")
    await purse.update(made, booked_on="2026-01-01")
    await purse.close(purse.cash_id, "2026-03-01")
    refusal = await refusal_of(purse.ledger.RevertTransaction(reverting(purse, made, made.version)))
    assert refusal.reason == "ACCOUNT_CLOSED"


async def test_revert_of_what_a_statement_covers_needs_unlock(purse: Purse) -> None:
    made = await purse.spend(250)
    await purse.update(made, amount=eur(300))
    await purse.reconcile(-300)
    refusal = await refusal_of(purse.ledger.RevertTransaction(reverting(purse, made, made.version)))
    assert refusal.reason == "ENTRY_RECONCILED"
    await purse.ledger.RevertTransaction(reverting(purse, made, made.version, unlock=True))
    assert await purse.held() == -250


async def test_revert_to_a_version_that_it_never_had(purse: Purse) -> None:
    made, other = await purse.spend(250), await purse.spend(1)
    for version in (other.version, made.version + 1000):
        refusal = await refusal_of(purse.ledger.RevertTransaction(reverting(purse, made, version)))
        assert refusal.reason == "NOT_FOUND"


async def test_revert_keeps_the_promises_of_a_write(purse: Purse) -> None:
    made = await purse.spend(250)
    await purse.update(made, note="x")
    request = reverting(purse, made, made.version)
    await keeps_the_promises_of_a_write(purse.book, "RevertTransaction", request, unlock=True)


async def test_revert_does_not_bring_back_what_is_gone(purse: Purse) -> None:
    tag = await purse.make_tag()
    made = await purse.spend(250, category_id=purse.home_id, tag_ids=[tag])
    await purse.update(made, "category_id", "tag_ids")
    for request in (
        DeleteCategoryRequest(request_id=new_id(), book_id=purse.id, category_id=purse.home_id),
        DeleteTagRequest(request_id=new_id(), book_id=purse.id, tag_id=tag),
    ):
        await getattr(purse.ledger, type(request).__name__.removesuffix("Request"))(request)
    answer = await purse.ledger.RevertTransaction(reverting(purse, made, made.version))
    assert (answer.transaction.entries[0].category_id, list(answer.transaction.tag_ids)) == ("", [])
