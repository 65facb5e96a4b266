"""What GetAccountBalance promises."""

import grpc

from people import BookOf, new_id, refusal_of
from tallystick_client.v1 import ledger_service_pb2


def balance_of(book: BookOf, account_id: str) -> ledger_service_pb2.GetAccountBalanceRequest:
    return ledger_service_pb2.GetAccountBalanceRequest(book_id=book.id, account_id=account_id)


async def test_get_account_balance_of_an_account_without_entries_is_zero(book: BookOf) -> None:
    answer = (await book.person.ledger.GetAccountBalance(balance_of(book, book.account_id))).balance
    assert (answer.balance.minor, answer.balance.currency, answer.version) == (0, "EUR", 0)


async def test_get_account_balance_names_the_change_that_moved_it(book: BookOf) -> None:
    made = await book.spend(250)
    answer = (await book.person.ledger.GetAccountBalance(balance_of(book, book.account_id))).balance
    assert answer == made.balance


async def test_get_account_balance_of_no_account_is_not_found(book: BookOf) -> None:
    refusal = await refusal_of(book.person.ledger.GetAccountBalance(balance_of(book, new_id())))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
