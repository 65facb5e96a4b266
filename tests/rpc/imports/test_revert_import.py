"""What does RevertImport take away, and what does it leave?"""

import asyncio

from imports.desk import STATUS, Desk, statement
from people import MISSING_ID, new_id, refusal_of
from tallystick_client.v1 import ledger_pb2, ledger_transactions_pb2

THREE = statement("2026-03-01,Shop,-3.50", "2026-03-02,Bar,-4.50", "2026-03-03,Wages,10.00")


async def test_everything_that_it_made_is_gone_and_can_be_taken_in_again(desk: Desk) -> None:
    done = await desk.take_in(THREE)
    reverted = await desk.revert(done.id)
    assert reverted.status == STATUS.IMPORT_STATUS_REVERTED
    assert (reverted.counts.reverted, reverted.counts.kept) == (3, 0)
    assert (await desk.book.balance(), await desk.transactions()) == (0, [])
    again = await desk.take_in(THREE)
    assert again.counts.imported == 3
    assert await desk.book.balance() == 200


async def test_what_was_changed_since_or_is_needed_stays_and_is_counted(desk: Desk) -> None:
    done = await desk.take_in(THREE)
    ledger = desk.book.person.ledger
    by_payee = {each.payee: each for each in await desk.transactions()}
    await ledger.UpdateTransaction(
        ledger_transactions_pb2.UpdateTransactionRequest(
            request_id=new_id(),
            book_id=desk.book.id,
            transaction_id=by_payee["Shop"].id,
            change=ledger_pb2.TransactionDraft(note="mine"),
        )
    )
    await desk.book.spend(100, kind=4, refund_of_id=by_payee["Bar"].id, category_id="")
    reverted = await desk.revert(done.id)
    assert (reverted.counts.reverted, reverted.counts.kept) == (1, 2)
    assert {each.payee for each in await desk.transactions()} == {"Shop", "Bar", "Bakery"}
    again = await desk.take_in(THREE)
    assert (again.counts.imported, again.counts.duplicates) == (1, 2)


async def test_what_somebody_deleted_before_is_neither_reverted_nor_kept(desk: Desk) -> None:
    done = await desk.take_in(THREE)
    first = (await desk.transactions())[0]
    await desk.book.person.ledger.DeleteTransaction(
        ledger_transactions_pb2.DeleteTransactionRequest(
            request_id=new_id(), book_id=desk.book.id, transaction_id=first.id
        )
    )
    reverted = await desk.revert(done.id)
    assert (reverted.counts.reverted, reverted.counts.kept) == (2, 0)


async def test_a_repeat_and_two_at_once_do_it_once(desk: Desk) -> None:
    done = await desk.take_in(THREE)
    both = await asyncio.gather(desk.revert(done.id), desk.revert(done.id))
    assert {each.counts.reverted for each in [*both, await desk.revert(done.id)]} == {3}


async def test_what_was_not_processed_or_is_reverted_says_so(desk: Desk) -> None:
    made = await desk.create(THREE)
    assert (await refusal_of(desk.revert(made.id))).reason == "IMPORT_NOT_BEGUN"
    assert (await refusal_of(desk.revert(MISSING_ID))).reason == "NOT_FOUND"
    await desk.process(made.id)
    await desk.revert(made.id)
    assert (await refusal_of(desk.process(made.id))).reason == "IMPORT_REVERTED"
