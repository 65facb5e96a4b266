"""What DeleteCategory promises."""

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of, sign_up
from rpc.ledger.categories import delete, get, listed, make, make_payee
from rpc.ledger.labels import PAYEES
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.ledger.rule_book import delete_rule, make_rule
from rpc.spaces.sharing import EDITOR, share
from tallystick_client.v1 import (
    ledger_pb2,
    ledger_service_pb2,
    ledger_templates_pb2,
    ledger_transactions_pb2,
    money_pb2,
)
from tallystick_client.v1.ledger_categories_pb2 import DeleteCategoryRequest


async def test_delete_category_hides_what_nothing_uses(book: BookOf) -> None:
    made = await make(book)
    gone = await delete(book, made.id)
    assert (gone.id, gone.name) == (made.id, made.name)
    assert made.id not in await listed(book)
    for call in (get, delete):
        assert (await refusal_of(call(book, made.id))).reason == "NOT_FOUND"


async def test_delete_category_keeps_the_promises_of_a_write(book: BookOf) -> None:
    request = DeleteCategoryRequest(request_id=new_id(), book_id=book.id, category_id=(await make(book)).id)
    await keeps_the_promises_of_a_write(book, "DeleteCategory", request, category_id=book.spending_id)


async def test_delete_category_does_not_see_what_is_not_there(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    for missing in (theirs.spending_id, new_id()):
        assert (await refusal_of(delete(book, missing))).reason == "NOT_FOUND"


async def is_in_use(book: BookOf, category_id: str) -> bool:
    refusal = await refusal_of(delete(book, category_id))
    assert refusal.code == grpc.StatusCode.FAILED_PRECONDITION
    return refusal.reason == "IN_USE"


async def test_delete_category_refuses_one_with_transactions_until_they_are_deleted(book: BookOf) -> None:
    spent = await book.spend(category_id=book.spending_id)
    assert await is_in_use(book, book.spending_id)
    await book.person.ledger.DeleteTransaction(
        ledger_transactions_pb2.DeleteTransactionRequest(
            request_id=new_id(), book_id=book.id, transaction_id=spent.transaction.id
        )
    )
    assert (await delete(book, book.spending_id)).id == book.spending_id


async def test_delete_category_refuses_one_that_a_split_has(book: BookOf) -> None:
    made = await make(book)
    parts = [
        ledger_pb2.Split(category_id=one, amount=money_pb2.Money(currency="EUR", minor=125))
        for one in (book.spending_id, made.id)
    ]
    await book.spend(250, category_id="", splits=parts)
    assert await is_in_use(book, made.id)


async def test_delete_category_refuses_one_that_only_somebody_else_s_private_account_has(
    book: BookOf, bob: Person
) -> None:
    await share(book.person, book.id, bob, EDITOR)
    account = await bob.ledger.CreateAccount(
        ledger_service_pb2.CreateAccountRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Mine",
            type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
            currency="EUR",
            private=True,
        )
    )
    await bob.ledger.CreateTransaction(book.expense(account_id=account.account.id))
    assert await is_in_use(book, book.spending_id)


async def test_delete_category_refuses_one_with_children_until_they_are_deleted(book: BookOf) -> None:
    below = await make(book, parent_id=book.spending_id)
    assert await is_in_use(book, book.spending_id)
    await delete(book, below.id)
    assert (await delete(book, book.spending_id)).id == book.spending_id


async def test_delete_category_refuses_one_that_a_payee_suggests_until_it_is_deleted(book: BookOf) -> None:
    payee = await make_payee(book, book.spending_id)
    assert await is_in_use(book, book.spending_id)
    await PAYEES.call("Delete", book, payee_id=payee.id)
    assert (await delete(book, book.spending_id)).id == book.spending_id


async def test_delete_category_refuses_one_that_a_rule_fills_in_until_it_is_deleted(book: BookOf) -> None:
    rule = await make_rule(book, category_id=book.spending_id)
    assert await is_in_use(book, book.spending_id)
    await delete_rule(book, rule.id)
    assert (await delete(book, book.spending_id)).id == book.spending_id


@pytest.mark.parametrize("with_splits", [False, True])
async def test_delete_category_refuses_one_that_a_template_books(book: BookOf, with_splits: bool) -> None:
    await make_template(book, book.spending_id, with_splits=with_splits)
    assert await is_in_use(book, book.spending_id)


async def make_template(book: BookOf, category_id: str, *, with_splits: bool = False) -> ledger_templates_pb2.Template:
    euros = money_pb2.Money(currency="EUR", minor=900)
    response: ledger_templates_pb2.CreateTemplateResponse = await book.person.ledger.CreateTemplate(
        ledger_templates_pb2.CreateTemplateRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Rent",
            mode=ledger_templates_pb2.TemplateMode.TEMPLATE_MODE_REMIND,
            schedule=ledger_templates_pb2.Schedule(starts_on="2026-01-31", rule="FREQ=MONTHLY"),
            draft=ledger_pb2.TransactionDraft(
                kind=ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE,
                account_id=book.account_id,
                amount=euros,
                category_id="" if with_splits else category_id,
                splits=[ledger_pb2.Split(category_id=category_id, amount=euros)] if with_splits else [],
            ),
        )
    )
    return response.template


async def test_delete_category_by_an_editor_who_is_not_the_owner(book: BookOf) -> None:
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve, EDITOR)
    made = await make(book)
    request = DeleteCategoryRequest(request_id=new_id(), book_id=book.id, category_id=made.id)
    assert (await eve.ledger.DeleteCategory(request)).category.id == made.id
