"""What DeleteAccount promises."""

from typing import Any

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import (
    TRANSFER,
    call,
    change,
    create,
    delete_template,
    delete_transaction,
    draft,
    eur,
    get,
    held,
    listed,
    make,
    make_template,
    opened,
    record,
    record_all,
    request,
    shared_with,
    transaction,
    transfer,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write


async def test_delete_account_returns_it_as_it_was_and_hides_it(book: BookOf) -> None:
    made = await make(book, name="Old", icon="bank")
    gone = await call("Delete", book, made.id)
    assert (gone.name, gone.icon, gone.created_at) == ("Old", "bank", made.created_at)
    assert (await refusal_of(get(book, made.id))).reason == "NOT_FOUND"
    assert (await refusal_of(call("Delete", book, made.id))).reason == "NOT_FOUND"
    assert made.id not in await listed(book)


async def test_delete_account_keeps_the_promises_of_a_write(book: BookOf) -> None:
    one, other = await opened(book, 5), await make(book)
    await keeps_the_promises_of_a_write(book, "DeleteAccount", request("Delete", book, one.id), account_id=other.id)


async def test_delete_account_takes_its_opening_balance_with_it(book: BookOf) -> None:
    made = await create(book, opening_balance=eur(100), opening_on="2026-01-01")
    await call("Delete", book, made.account.id)
    assert (await refusal_of(transaction(book, made.opening.id))).reason == "NOT_FOUND"
    assert (await refusal_of(held(book, made.account.id))).reason == "NOT_FOUND"


async def test_delete_account_whose_opening_balance_was_deleted_before(book: BookOf) -> None:
    made = await create(book, opening_balance=eur(100), opening_on="2026-01-01")
    await delete_transaction(book, made.opening)
    assert (await call("Delete", book, made.account.id)).opening_transaction_id == made.opening.id


@pytest.mark.parametrize("minor", [-100, 100])
async def test_delete_account_with_anything_but_its_opening_balance_is_refused(book: BookOf, minor: int) -> None:
    made = await opened(book, 100)
    booked = await record(book, made.id, minor, "2026-01-02")
    refusal = await refusal_of(call("Delete", book, made.id))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "IN_USE")
    await delete_transaction(book, booked)
    assert (await call("Delete", book, made.id)).id == made.id


async def test_delete_account_goes_when_what_was_on_it_moved_elsewhere(book: BookOf) -> None:
    made = await make(book)
    booked = await record(book, made.id, -100, "2026-01-02")
    await change(book, booked, account_id=book.account_id)
    await call("Delete", book, made.id)
    assert await held(book, book.account_id) == -100


async def test_t62_delete_account_is_refused_for_each_end_of_a_transfer(book: BookOf) -> None:
    """Accounts are not taken from under the other legs of their transfers, whichever end it is."""
    source, target = await make(book), await make(book)
    await transfer(book, source.id, target.id, 500, "2026-01-02")
    for end in (source, target):
        assert (await refusal_of(call("Delete", book, end.id))).reason == "IN_USE"
    assert (await held(book, source.id), await held(book, target.id)) == (-500, 500)


@pytest.mark.parametrize("place", ["account_id", "to_account_id", "splits"])
async def test_delete_account_is_refused_while_a_template_names_it(book: BookOf, place: str) -> None:
    made = await make(book)
    drafts: dict[str, dict[str, Any]] = {
        "account_id": {"account_id": made.id},
        "to_account_id": {"kind": TRANSFER, "to_account_id": made.id},
        "splits": {"splits": [{"amount": eur(40)}, {"amount": eur(60), "account_id": made.id.upper()}]},
    }
    template = await make_template(book, **drafts[place])
    assert (await refusal_of(call("Delete", book, made.id))).reason == "IN_USE"
    await delete_template(book, template.id)
    assert (await call("Delete", book, made.id)).id == made.id


async def test_delete_account_lets_nothing_be_booked_on_it(book: BookOf) -> None:
    made = await make(book)
    await call("Delete", book, made.id)
    for refused in (
        draft(made.id, -1, "2026-01-01"),
        draft(book.account_id, 1, "2026-01-01", kind=TRANSFER, to_account_id=made.id),
    ):
        assert (await refusal_of(record_all(book, [refused]))).reason == "NOT_FOUND"


async def test_delete_account_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    private, theirs = await make(book, private=True), await make_book(bob)
    for missing in (theirs.account_id, new_id()):
        assert (await refusal_of(call("Delete", book, missing))).reason == "NOT_FOUND"
    assert (await refusal_of(call("Delete", await shared_with(book, bob), private.id))).reason == "NOT_FOUND"
