"""What may be attached to transactions and expenses? Files of the same space that are there; and what was attached stays named."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest

import recurring
import recurring_expenses
from circle import Circle
from files.desk import bring, delete
from people import MISSING_ID, BookOf, Person, make_book, new_id, refusal_of
from rpc.groups import spending
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.groups.recurring.commands import post_occurrence
from tallystick.v1 import group_recurring_pb2
from tallystick_client.v1 import file_pb2, ledger_pb2, ledger_transactions_pb2, sync_service_pb2
from tallystick_client.v1 import file_service_pb2 as api
from tallystick_client.v1.sync_mutation_pb2 import Mutation

pytestmark = pytest.mark.usefixtures("equation")


async def of_a_book(book: BookOf, **other: Any) -> file_pb2.File:
    return await bring(book.person, book.id, b"receipt", **other)


async def update(book: BookOf, transaction: Any, **change: Any) -> Any:
    request = ledger_transactions_pb2.UpdateTransactionRequest(
        request_id=new_id(),
        book_id=book.id,
        transaction_id=transaction.id,
        change=ledger_pb2.TransactionDraft(**change),
    )
    return (await book.person.ledger.UpdateTransaction(request)).transaction


@pytest.fixture
async def foreign(bob: Person) -> str:
    """A file of somebody else's."""
    return (await of_a_book(await make_book(bob))).id


async def test_a_transaction_names_files_of_its_book(book: BookOf) -> None:
    one, other = await of_a_book(book), await of_a_book(book)
    made = (await book.spend(attachment_ids=[one.id, other.id.upper()])).transaction
    assert list(made.attachment_ids) == [one.id, other.id]


async def test_what_is_no_file_of_the_book_is_refused_alike(book: BookOf, foreign: str) -> None:
    mine, gone = await of_a_book(book), await of_a_book(book)
    await delete(book.person, gone)
    elsewhere = await bring(book.person, book.person.user.home_id, b"receipt")
    refusals = [await refusal_of(book.spend(attachment_ids=[mine.id, each])) for each in (foreign, MISSING_ID)]
    assert (refusals[0].reason, refusals[0].fields) == ("INVALID_FIELD", ("attachment_ids[1]",))
    assert refusals[0].raw == refusals[1].raw
    for each in (gone.id, elsewhere.id):
        assert (await refusal_of(book.spend(attachment_ids=[each]))).fields == ("attachment_ids[0]",)


async def test_a_batch_says_whose_attachment_it_is(book: BookOf) -> None:
    drafts = [recurring.draft_of(book, booked_on="2026-02-03"), recurring.draft_of(book, booked_on="2026-02-03")]
    drafts[1].attachment_ids.append(MISSING_ID)
    request = ledger_transactions_pb2.BatchCreateTransactionsRequest(
        request_id=new_id(), book_id=book.id, transactions=drafts
    )
    refused = await refusal_of(book.person.ledger.BatchCreateTransactions(request))
    assert refused.fields == ("transactions[1].attachment_ids[0]",)


async def test_what_was_attached_stays_named_and_comes_back(book: BookOf) -> None:
    file = await of_a_book(book)
    made = (await book.spend(attachment_ids=[file.id])).transaction
    await delete(book.person, file)
    changed = await update(book, made, note="later", attachment_ids=[file.id])
    assert (list(changed.attachment_ids), changed.note) == ([file.id], "later")
    request = file_pb2.RestoreFileRequest(request_id=new_id(), space_id=book.id, file_id=file.id)
    await book.person.files.RestoreFile(request)
    assert (await book.spend(attachment_ids=[file.id])).transaction.attachment_ids == [file.id]


async def test_a_revert_does_not_bring_back_what_is_gone(book: BookOf) -> None:
    file = await of_a_book(book)
    made = (await book.spend(attachment_ids=[file.id])).transaction
    request = ledger_transactions_pb2.UpdateTransactionRequest(
        request_id=new_id(), book_id=book.id, transaction_id=made.id, change=ledger_pb2.TransactionDraft(note="x")
    )
    request.update_mask.paths.extend(["attachment_ids", "note"])
    assert list((await book.person.ledger.UpdateTransaction(request)).transaction.attachment_ids) == []
    await delete(book.person, file)
    back = ledger_transactions_pb2.RevertTransactionRequest(
        request_id=new_id(), book_id=book.id, transaction_id=made.id, to_version=made.version
    )
    reverted = (await book.person.ledger.RevertTransaction(back)).transaction
    assert (list(reverted.attachment_ids), reverted.note) == ([], made.note)


async def test_what_waits_in_an_outbox_is_held_to_the_same(book: BookOf) -> None:
    file = await of_a_book(book)
    mutations = [
        Mutation(create_transaction=book.expense(attachment_ids=[file.id])),
        Mutation(create_transaction=book.expense(attachment_ids=[MISSING_ID])),
        Mutation(
            delete_file=file_pb2.DeleteFileRequest(request_id=new_id(), space_id=book.id, file_id=file.id),
            base_version=file.version,
        ),
        Mutation(create_transaction=book.expense(attachment_ids=[file.id])),
        Mutation(restore_file=file_pb2.RestoreFileRequest(request_id=new_id(), space_id=book.id, file_id=file.id)),
    ]
    request = sync_service_pb2.PushRequest(space_id=book.id, mutations=mutations)
    results = (await book.person.sync.Push(request)).results
    assert [bool(each.rejection.reason) for each in results] == [False, True, False, True, False]
    assert [each.rejection.violations[0].field for each in results[1:4:2]] == ["attachment_ids[0]"] * 2
    get = api.GetFileRequest(space_id=book.id, file_id=file.id)
    assert (await book.person.files.GetFile(get)).file.version > file.version


async def test_a_template_posts_without_what_is_gone(book: BookOf) -> None:
    kept, gone = await of_a_book(book), await of_a_book(book)
    bad = recurring.new_template(book, draft=recurring.draft_of(book, attachment_ids=[MISSING_ID]))
    assert (await refusal_of(book.person.ledger.CreateTemplate(bad))).fields == ("draft.attachment_ids[0]",)
    draft = recurring.draft_of(book, attachment_ids=[gone.id, kept.id])
    template = await recurring.make_template(book, draft=draft)
    await delete(book.person, gone)
    posted = (await recurring.execute(book, template)).transaction
    assert list(posted.attachment_ids) == [kept.id]


async def test_an_expense_names_files_of_its_group(circle: Circle, foreign: str) -> None:
    file = await bring(circle.person, circle.id, b"receipt")
    made = await circle.spend(receipt_ids=[file.id.upper()])
    assert list(made.receipt_ids) == [file.id]
    refusals = [await refusal_of(circle.spend(receipt_ids=[file.id, each])) for each in (foreign, MISSING_ID)]
    assert (refusals[0].reason, refusals[0].fields) == ("INVALID_FIELD", ("expense.receipt_ids[1]",))
    assert refusals[0].raw == refusals[1].raw
    wrong = spending.update(circle, made, "receipt_ids", receipt_ids=[MISSING_ID])
    assert (await refusal_of(wrong)).fields == ("change.receipt_ids[0]",)


async def test_an_expense_keeps_what_was_deleted_and_a_revert_does_not_bring_it_back(circle: Circle) -> None:
    file = await bring(circle.person, circle.id, b"receipt")
    made = await circle.spend(receipt_ids=[file.id])
    await delete(circle.person, file)
    kept = await spending.update(circle, made, note="later")
    assert list(kept.receipt_ids) == [file.id]
    cleared = await spending.update(circle, kept, "receipt_ids")
    assert list(cleared.receipt_ids) == []
    back = await spending.revert(circle, cleared, made.version)
    assert (list(back.receipt_ids), back.note) == ([], made.note)


async def test_a_recurring_expense_posts_without_what_is_gone(circle: Circle, server: App) -> None:
    file = await bring(circle.person, circle.id, b"receipt")
    draft = recurring_expenses.draft_of(circle, receipt_ids=[file.id])
    made = await recurring_expenses.daily(circle, 1, draft=draft)
    await delete(circle.person, file)
    caller = Caller(UUID(circle.person.user.id), UUID(circle.person.user.home_id), None, "")
    request = group_recurring_pb2.UpdateRecurringExpenseRequest(
        request_id=new_id(), group_id=circle.id, recurring_id=made.id
    )
    post = partial(post_occurrence, seen_version=made.version)
    await server.store.write(caller, circle.id, request, post, group_recurring_pb2.UpdateRecurringExpenseResponse)
    (posted,) = await recurring_expenses.posted_of(circle, made)
    assert list(posted.receipt_ids) == []
