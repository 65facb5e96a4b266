"""What CreateCategory promises."""

import grpc

from people import BookOf, new_id, refusal_of
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2


def category_request(book: BookOf, **other: object) -> ledger_service_pb2.CreateCategoryRequest:
    fields: dict[str, object] = {
        "request_id": new_id(),
        "book_id": book.id,
        "name": "Bread",
        "kind": ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE,
        "parent_id": book.spending_id,
    }
    return ledger_service_pb2.CreateCategoryRequest(**fields | other)  # type: ignore[arg-type]  # a table of fields


async def test_create_category_is_part_of_its_parent(book: BookOf) -> None:
    made = (await book.person.ledger.CreateCategory(category_request(book))).category
    assert made.parent_id == book.spending_id


async def test_create_category_answers_a_repeat_with_the_first_answer(book: BookOf) -> None:
    request = category_request(book)
    first = await book.person.ledger.CreateCategory(request)
    assert await book.person.ledger.CreateCategory(request) == first


async def test_create_category_refuses_a_parent_of_the_other_kind_and_one_that_is_not_there(book: BookOf) -> None:
    other = await refusal_of(book.person.ledger.CreateCategory(category_request(book, parent_id=book.earning_id)))
    assert (other.reason, other.fields) == ("CATEGORY_KIND_MISMATCH", ("parent_id",))
    missing = await refusal_of(book.person.ledger.CreateCategory(category_request(book, parent_id=new_id())))
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
