"""What follows a group is changed there: in the book only what describes it is the book's own."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from circle import money
from linked import TRANSFER, Linked, make_category, make_caught_up
from people import Person, new_id, refusal_of
from rpc.spaces.sharing import outcome_of
from rpc.sync.test_push import outcomes, reason
from tallystick.app import App
from tallystick_client.v1 import (
    ledger_accounts_pb2,
    ledger_categories_pb2,
    ledger_labels_pb2,
    ledger_pb2,
    sync_mutation_pb2,
    sync_service_pb2,
)
from tallystick_client.v1 import ledger_transactions_pb2 as pb


@pytest.fixture
async def linked(ann: Person, server: App) -> Linked:
    return await make_caught_up(ann, server)


async def both_of(linked: Linked) -> tuple[ledger_pb2.Transaction, ledger_pb2.Transaction]:
    """The share and the payment."""
    one, other = await linked.transactions()
    return (other, one) if one.kind == TRANSFER else (one, other)


async def call(linked: Linked, rpc: str, transaction_id: str, **fields: Any) -> Any:
    usual = {"request_id": new_id(), "book_id": linked.book.id, "transaction_id": transaction_id}
    return await getattr(linked.person.ledger, rpc)(getattr(pb, f"{rpc}Request")(**usual | fields))


@pytest.mark.parametrize(
    "change",
    [
        {"amount": money(1)},
        {"booked_on": "2026-01-01"},
        {"kind": ledger_pb2.TransactionKind.TRANSACTION_KIND_REFUND},
        {"splits": [ledger_pb2.Split(amount=money(1000)), ledger_pb2.Split(amount=money(2000))]},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_money_is_the_groups(linked: Linked, change: dict[str, Any]) -> None:
    spent, _ = await both_of(linked)
    if "splits" in change:
        change = change | {"category_id": ""}
    refusal = await refusal_of(linked.describe(spent, **change))
    assert (refusal.reason, refusal.metadata) == ("FOLLOWS_GROUP", {"transaction_id": spent.id})


async def test_accounts_are_the_links(linked: Linked) -> None:
    spent, paid = await both_of(linked)
    assert await outcome_of(linked.describe(spent, account_id=linked.book.account_id)) == "FOLLOWS_GROUP"
    swapped = {"account_id": paid.entries[1].account_id, "to_account_id": paid.entries[0].account_id}
    assert await outcome_of(linked.describe(paid, **swapped)) == "FOLLOWS_GROUP"


async def test_it_is_not_deleted_alone_or_among_others(linked: Linked) -> None:
    spent, _ = await both_of(linked)
    assert await outcome_of(call(linked, "DeleteTransaction", spent.id)) == "FOLLOWS_GROUP"
    own = (await linked.book.spend()).transaction
    request = pb.BatchDeleteTransactionsRequest(
        request_id=new_id(), book_id=linked.book.id, transaction_ids=[own.id, spent.id]
    )
    refusal = await refusal_of(linked.person.ledger.BatchDeleteTransactions(request))
    assert (refusal.reason, refusal.metadata["index"]) == ("FOLLOWS_GROUP", "1")


async def test_it_is_not_changed_among_others(linked: Linked) -> None:
    spent, _ = await both_of(linked)
    mask = FieldMask(paths=["booked_on"])
    change = ledger_pb2.TransactionDraft(booked_on="2026-01-01")
    update = pb.TransactionUpdate(transaction_id=spent.id, change=change, update_mask=mask)
    request = pb.BatchUpdateTransactionsRequest(request_id=new_id(), book_id=linked.book.id, updates=[update])
    assert await outcome_of(linked.person.ledger.BatchUpdateTransactions(request)) == "FOLLOWS_GROUP"


async def test_it_does_not_come_back_before_the_group_says_so(linked: Linked) -> None:
    spent, _ = await both_of(linked)
    await linked.call("DeleteExpense", spent.followed_id)
    await linked.caught_up()
    assert await outcome_of(call(linked, "RestoreTransaction", spent.id)) == "FOLLOWS_GROUP"
    back = call(linked, "RevertTransaction", spent.id, to_version=spent.version)
    assert await outcome_of(back) == "FOLLOWS_GROUP"


async def test_it_goes_back_in_words_and_not_in_money(linked: Linked) -> None:
    spent, _ = await both_of(linked)
    named = await linked.describe(spent, note="with Gus")
    await linked.describe(named, note="with Hal")
    back = await call(linked, "RevertTransaction", spent.id, to_version=named.version)
    assert back.transaction.note == "with Gus"
    await linked.change(spent.followed_id, booked_on="2026-04-04")
    await linked.caught_up()
    again = call(linked, "RevertTransaction", spent.id, to_version=named.version)
    assert await outcome_of(again) == "FOLLOWS_GROUP"


async def test_what_describes_it_is_the_books_own(linked: Linked) -> None:
    spent, paid = await both_of(linked)
    fun = await make_category(linked.book, "Fun")
    tag = ledger_labels_pb2.CreateTagRequest(request_id=new_id(), book_id=linked.book.id, name="sea")
    tag_id = (await linked.person.ledger.CreateTag(tag)).tag.id
    after = await linked.describe(spent, category_id=fun, tag_ids=[tag_id], note="with Gus", payee="Harbour Inn")
    assert (after.entries[0].category_id, [*after.tag_ids], after.link_id) == (fun, [tag_id], linked.link.id)
    pending = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_PENDING
    assert (await linked.describe(paid, status=pending)).status == pending
    await linked.require_even()


async def test_its_category_may_become_another(linked: Linked) -> None:
    fun = await make_category(linked.book, "Fun")
    merge = ledger_categories_pb2.MergeCategoriesRequest(
        request_id=new_id(), book_id=linked.book.id, category_id=linked.book.spending_id, into_category_id=fun
    )
    await linked.person.ledger.MergeCategories(merge)
    spent, _ = await both_of(linked)
    assert spent.entries[0].category_id == fun
    assert (await linked.get()).link.default_category_id == fun


async def test_a_category_that_a_link_names_is_in_use(linked: Linked) -> None:
    fun = await make_category(linked.book, "Fun")
    await linked.update(default_category_id=fun)
    delete = ledger_categories_pb2.DeleteCategoryRequest(request_id=new_id(), book_id=linked.book.id, category_id=fun)
    assert await outcome_of(linked.person.ledger.DeleteCategory(delete)) == "IN_USE"


async def test_the_accounts_of_a_link_stay_while_it_is_followed(linked: Linked) -> None:
    expense = (await both_of(linked))[0].followed_id
    await linked.call("DeleteExpense", expense)
    await linked.caught_up()
    (made,) = (await linked.get()).link.accounts

    async def delete() -> str:
        request = ledger_accounts_pb2.DeleteAccountRequest(
            request_id=new_id(), book_id=linked.book.id, account_id=made.receivable_account_id
        )
        return await outcome_of(linked.person.ledger.DeleteAccount(request))

    assert await delete() == "FOLLOWS_GROUP"
    await linked.unlink(keep=True)
    assert await delete() == "OK"
    await linked.link_again()
    await linked.call("RestoreExpense", expense)
    await linked.caught_up()
    assert await linked.receivables() == {"EUR": 6000}


async def test_what_a_device_changed_offline_is_refused_by_itself(linked: Linked) -> None:
    spent, _ = await both_of(linked)
    delete = pb.DeleteTransactionRequest(request_id=new_id(), book_id=linked.book.id, transaction_id=spent.id)
    mutations = [
        sync_mutation_pb2.Mutation(delete_transaction=delete),
        sync_mutation_pb2.Mutation(create_transaction=linked.book.expense()),
    ]
    push = sync_service_pb2.PushRequest(space_id=linked.book.id, mutations=mutations)
    refused, done = (await linked.person.sync.Push(push)).results
    assert (outcomes([refused, done]), reason(refused)) == (["REJECTED", "APPLIED"], "FOLLOWS_GROUP")
