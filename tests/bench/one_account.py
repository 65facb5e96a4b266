"""Is a balance exact when everybody writes at once? 32 writers on one account of one book, and then every entry is added up."""

import random
from collections.abc import Collection
from uuid import uuid4

from bench import load
from bench.books import AMOUNT_MAX, Book, bearer, make_books, make_owner
from bench.effort import CALLERS, CONNECTIONS, Effort
from bench.figures import Figure
from bench.place import Place
from people import Person
from tallystick.v1.ledger_service_pb2 import (
    CreateTransactionResponse,
    GetAccountBalanceRequest,
    ListTransactionsRequest,
)

NAMES = ("one_account_32_writers",)
PATH = "/tallystick.v1.LedgerService/CreateTransaction"
PAGE_SIZE = 200


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    acknowledged: dict[str, int] = {}

    def compose(connection: int) -> bytes:
        return book.expense(random.randint(1, AMOUNT_MAX), request_id=str(uuid4())).SerializeToString()

    def note(message: bytes, answer: bytes) -> None:
        made = CreateTransactionResponse.FromString(answer).transaction
        acknowledged[made.id] = made.entries[0].amount.minor

    tally = await load.run(
        load.Target(place.server.port, PATH, [bearer(person)]),
        compose,
        effort.one_account_s,
        callers=CALLERS,
        connections=CONNECTIONS,
        on_answer=note,
    )
    listed = await _list_all(person, book)
    balance = await balance_of(person, book)
    exact = (
        listed == acknowledged
        and len(acknowledged) == tally.answered
        and balance == sum(acknowledged.values())
        and not tally.failures
    )
    print(
        f"one account: {len(acknowledged)} acknowledged, {len(listed)} listed, balance {balance}, entries "
        f"{sum(listed.values())}, retries {tally.retries}, failures {dict(tally.failures)}"
    )
    return [Figure(NAMES[0], tally.rate, "/s", target="exact", met=exact)]


async def _list_all(person: Person, book: Book) -> dict[str, int]:
    """The amount of every transaction there is, by its id."""
    amounts: dict[str, int] = {}
    token = ""
    while True:
        page = await person.ledger.ListTransactions(
            ListTransactionsRequest(book_id=str(book.id), page_size=PAGE_SIZE, page_token=token)
        )
        for transaction in page.transactions:
            assert transaction.id not in amounts, "a transaction was listed twice"
            amounts[transaction.id] = sum(entry.amount.minor for entry in transaction.entries)
        token = page.next_page_token
        if not token:
            return amounts


async def balance_of(person: Person, book: Book) -> int:
    answer = await person.ledger.GetAccountBalance(
        GetAccountBalanceRequest(book_id=str(book.id), account_id=str(book.account_id))
    )
    return int(answer.balance.balance.minor)
