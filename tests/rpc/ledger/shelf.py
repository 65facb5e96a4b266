"""How do tests speak about whole books? Short names for the calls that nearly every test of books makes."""

from typing import Any

from people import Client, Person, new_id, sign_up
from rpc.spaces.sharing import share
from tallystick_client.v1 import auth_service_pb2, identity_pb2, ledger_books_pb2, ledger_service_pb2

Book = Any


async def make(person: Person, **other: Any) -> Book:
    fields: dict[str, Any] = {"request_id": new_id(), "name": "Home", "base_currency": "EUR"}
    made = await person.ledger.CreateBook(ledger_service_pb2.CreateBookRequest(**fields | other))
    return made.book


async def get(person: Client, book_id: str) -> Book:
    return (await person.ledger.GetBook(ledger_books_pb2.GetBookRequest(book_id=book_id))).book


async def books_of(person: Client, **filters: Any) -> list[Book]:
    return list((await person.ledger.ListBooks(ledger_books_pb2.ListBooksRequest(**filters))).books)


def update_request(book_id: str, *paths: str, **fields: Any) -> ledger_books_pb2.UpdateBookRequest:
    request = ledger_books_pb2.UpdateBookRequest(**{"request_id": new_id(), "book_id": book_id} | fields)
    request.update_mask.paths.extend(paths)
    return request


async def update(person: Person, book_id: str, *paths: str, **fields: Any) -> Book:
    return (await person.ledger.UpdateBook(update_request(book_id, *paths, **fields))).book


def delete_request(book_id: str) -> ledger_books_pb2.DeleteBookRequest:
    return ledger_books_pb2.DeleteBookRequest(request_id=new_id(), book_id=book_id)


async def delete(person: Person, book_id: str) -> Book:
    return (await person.ledger.DeleteBook(delete_request(book_id))).book


def restore_request(book_id: str) -> ledger_books_pb2.RestoreBookRequest:
    return ledger_books_pb2.RestoreBookRequest(request_id=new_id(), book_id=book_id)


async def restore(person: Person, book_id: str) -> Book:
    return (await person.ledger.RestoreBook(restore_request(book_id))).book


async def with_member(owner: Person, book_id: str, role: Any, name: str = "Vic") -> Person:
    """Somebody who shares the book."""
    person = await sign_up(owner.client, name)
    await share(owner, book_id, person, role)
    return person


async def with_key(person: Person, *book_ids: str) -> Client:
    """A program of the person's that may read these books."""
    made = await person.auth.CreateAccessKey(
        auth_service_pb2.CreateAccessKeyRequest(
            request_id=new_id(),
            name="Cron",
            book_ids=book_ids,
            scope=identity_pb2.AccessKeyScope.ACCESS_KEY_SCOPE_READ,
            days=30,
        )
    )
    return person.client.with_token(made.secret)
