"""What CreateAccount promises."""

from people import BookOf, new_id, refusal_of
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2


def account_request(book: BookOf, **other: object) -> ledger_service_pb2.CreateAccountRequest:
    fields: dict[str, object] = {
        "request_id": new_id(),
        "book_id": book.id,
        "name": "Savings",
        "type": ledger_pb2.AccountType.ACCOUNT_TYPE_SAVINGS,
        "currency": "JPY",
    }
    return ledger_service_pb2.CreateAccountRequest(**fields | other)  # type: ignore[arg-type]  # a table of fields


async def test_create_account_keeps_its_own_currency(book: BookOf) -> None:
    made = (await book.person.ledger.CreateAccount(account_request(book))).account
    assert (made.currency, made.book_id) == ("JPY", book.id)


async def test_create_account_answers_a_repeat_with_the_first_answer(book: BookOf) -> None:
    request = account_request(book)
    first = await book.person.ledger.CreateAccount(request)
    assert await book.person.ledger.CreateAccount(request) == first


async def test_create_account_refuses_an_unknown_currency_and_an_id_that_is_taken(book: BookOf) -> None:
    unknown = await refusal_of(book.person.ledger.CreateAccount(account_request(book, currency="ABC")))
    assert (unknown.reason, unknown.fields) == ("UNKNOWN_CURRENCY", ("currency",))
    taken = await refusal_of(book.person.ledger.CreateAccount(account_request(book, account_id=book.account_id)))
    assert taken.reason == "ID_TAKEN"
