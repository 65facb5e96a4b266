"""What CreateCategory promises."""

from typing import Any

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import archive, chain, compose, delete, get, make
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2

DEPTH_MAX = 10


async def test_create_category_is_what_was_asked_for(book: BookOf) -> None:
    made = await make(book, " Bread\t", parent_id=book.spending_id.upper(), position=7, icon="loaf", color="#A0522D")
    assert (made.name, made.parent_id, made.position) == ("Bread", book.spending_id, 7)
    assert (made.icon, made.color, made.archived) == ("loaf", "#A0522D", False)
    assert await get(book, made.id) == made


async def test_create_category_keeps_the_promises_of_a_write(book: BookOf) -> None:
    request = compose(book, parent_id=book.spending_id)
    await keeps_the_promises_of_a_write(book, "CreateCategory", request, name="Other")


async def test_create_category_keeps_the_id_that_the_client_made_in_its_one_form(book: BookOf) -> None:
    chosen = new_id()
    assert (await make(book, category_id=chosen.upper())).id == chosen
    taken = await refusal_of(make(book, category_id=chosen))
    assert (taken.code, taken.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": " \n"}, "name"), ({"kind": 0}, "kind"), ({"color": "red"}, "color"), ({"position": -1}, "position")],
    ids=str,
)
async def test_create_category_refuses_what_is_no_category(book: BookOf, fields: dict[str, Any], field: str) -> None:
    refusal = await refusal_of(make(book, **fields))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (field,))


async def test_create_category_refuses_a_parent_of_the_other_kind(book: BookOf) -> None:
    refusal = await refusal_of(make(book, parent_id=book.earning_id))
    assert (refusal.reason, refusal.fields) == ("CATEGORY_KIND_MISMATCH", ("parent_id",))


async def test_create_category_refuses_an_archived_parent(book: BookOf) -> None:
    await archive(book, book.spending_id)
    refusal = await refusal_of(make(book, parent_id=book.spending_id))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CATEGORY_ARCHIVED")


async def test_create_category_does_not_see_a_parent_that_is_not_there(book: BookOf, bob: Person) -> None:
    gone, theirs = await make(book), await make_book(bob)
    await delete(book, gone.id)
    for missing in (gone.id, theirs.spending_id, new_id()):
        refusal = await refusal_of(make(book, parent_id=missing))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_create_category_goes_only_so_deep(book: BookOf) -> None:
    ids = await chain(book, DEPTH_MAX)
    refusal = await refusal_of(make(book, parent_id=ids[-1]))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("parent_id",))


async def test_create_category_refuses_the_nil_uuid(book: BookOf) -> None:
    """It stands for no category in the totals."""
    request = ledger_service_pb2.CreateCategoryRequest(
        request_id=new_id(),
        book_id=book.id,
        category_id="00000000-0000-0000-0000-000000000000",
        name="x",
        kind=ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE,
    )
    refusal = await refusal_of(book.person.ledger.CreateCategory(request))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("category_id",))
