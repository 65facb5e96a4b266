"""Do others' copies lose what moves to a private account? They may not see it any more, so they must be made anew."""

from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id
from recurring import draft_of, make_template, update
from rpc.spaces.sharing import share
from rpc.sync.copy import Copy
from tallystick_client.v1.ledger_pb2 import AccountType, TransactionDraft
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest
from tallystick_client.v1.ledger_transactions_pb2 import UpdateTransactionRequest


@pytest.fixture
async def book(ann: Person, bob: Person) -> BookOf:
    made = await make_book(ann)
    await share(ann, made.id, bob)
    return made


async def make_private_account(book: BookOf) -> str:
    request = CreateAccountRequest(
        request_id=new_id(),
        book_id=book.id,
        name="Own",
        type=AccountType.ACCOUNT_TYPE_CASH,
        currency="EUR",
        private=True,
    )
    return str((await book.person.ledger.CreateAccount(request)).account.id)


async def fresh(person: Person, book: BookOf) -> Any:
    return (await Copy(person, book.id).pull()).rows


async def test_a_transaction_that_moves_to_a_private_account_leaves_others_copies(book: BookOf, bob: Person) -> None:
    spent, own = await book.spend(), await make_private_account(book)
    copy = await Copy(bob, book.id).pull()
    assert ("transaction", spent.transaction.id) in copy.rows
    await book.person.ledger.UpdateTransaction(
        UpdateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            transaction_id=spent.transaction.id,
            change=TransactionDraft(account_id=own),
        )
    )
    await copy.pull()
    assert copy.rows == await fresh(bob, book)
    assert copy.digest() == (await copy.status()).digest


async def test_a_template_that_moves_to_a_private_account_leaves_others_copies(book: BookOf, bob: Person) -> None:
    template, own = await make_template(book), await make_private_account(book)
    copy = await Copy(bob, book.id).pull()
    assert ("template", template.id) in copy.rows
    await update(book, template, "draft", draft=draft_of(book, account_id=own))
    await copy.pull()
    assert copy.rows == await fresh(bob, book)
    assert copy.digest() == (await copy.status()).digest


async def test_a_first_copy_that_was_cut_off_goes_on_with_what_is_now(book: BookOf, bob: Person) -> None:
    """What it has not come to yet may have been everybody's once."""
    for number in range(4):
        await book.spend(number + 1)
    spent, own = await book.spend(), await make_private_account(book)
    await book.person.ledger.UpdateTransaction(
        UpdateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            transaction_id=spent.transaction.id,
            change=TransactionDraft(account_id=own),
        )
    )
    copy = await Copy(bob, book.id).pull(pages=1, max_bytes=1)
    assert copy.head > max(version for version, *_ in copy.rows.values())
    await copy.pull(pages=1, max_bytes=1)
    await copy.pull()
    assert copy.rows == await fresh(bob, book)
