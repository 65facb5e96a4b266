"""What GetTransaction promises."""

import grpc

from people import BookOf, Person, make_book, new_id, refusal_of
from tallystick_client.v1 import ledger_service_pb2


def get(book_id: str, transaction_id: str) -> ledger_service_pb2.GetTransactionRequest:
    return ledger_service_pb2.GetTransactionRequest(book_id=book_id, transaction_id=transaction_id)


async def test_get_transaction_returns_what_was_created(book: BookOf) -> None:
    made = (await book.spend()).transaction
    assert (await book.person.ledger.GetTransaction(get(book.id, made.id))).transaction == made


async def test_get_transaction_of_others_is_as_if_it_did_not_exist(book: BookOf, bob: Person) -> None:
    made = (await book.spend()).transaction
    theirs = await make_book(bob)
    refusals = [
        await refusal_of(bob.ledger.GetTransaction(get(book_id, transaction_id)))
        for book_id, transaction_id in (
            (book.id, made.id),
            (theirs.id, made.id),
            (book.id, new_id()),
            (new_id(), new_id()),
        )
    ]
    assert refusals[0].code is grpc.StatusCode.NOT_FOUND
    assert all(refusal == refusals[0] for refusal in refusals)
