"""Tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, spends without a network, and is paid back.

python story.py 127.0.0.1:8080 ann@example.com
"""

import queue
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tallystick_client import Client, Money, new_id, parse_money, to_decimal
from tallystick_client.offline import OfflineBook
from tallystick_client.offline.watching import News, Watcher, What
from tallystick_client.v1.auth_service_pb2 import RegisterRequest
from tallystick_client.v1.group_balances_pb2 import Debt, GetBalancesRequest
from tallystick_client.v1.group_expenses_pb2 import CreateExpenseRequest, Expense, ExpenseDraft
from tallystick_client.v1.group_pb2 import CreateGroupRequest
from tallystick_client.v1.group_settlements_pb2 import RecordSettlementRequest
from tallystick_client.v1.ledger_pb2 import Account, AccountType, TransactionKind
from tallystick_client.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateBookRequest,
    CreateTransactionRequest,
    GetAccountBalanceRequest,
)

PASSWORD = "correct horse battery"  # noqa: S105 - of somebody who is made up
PATIENCE_S = 60.0


def main(address: str, email: str) -> None:
    with Client(address) as client:
        sign_up(client, email)
        account = keep_a_book(client)
        trip = share_a_dinner(client)
        spend_offline(client, account)
        settle(client, trip)
        client.sign_out()
    print("signed out")


def sign_up(client: Client, email: str) -> None:
    client.auth.Register(RegisterRequest(request_id=new_id(), email=email, password=PASSWORD, display_name="Ann"))
    print("signed in:", client.sign_in(email, PASSWORD, "sample").user.display_name)


def keep_a_book(client: Client) -> Account:
    book = client.ledger.CreateBook(CreateBookRequest(request_id=new_id(), name="Home", base_currency="EUR")).book
    print("book:", book.name, book.base_currency)
    account = client.ledger.CreateAccount(
        CreateAccountRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Cash",
            type=AccountType.ACCOUNT_TYPE_CASH,
            currency="EUR",
            opening_balance=parse_money("100", "EUR"),
            opening_on="2026-02-01",
        )
    ).account
    print("account:", account.name)
    spent = client.ledger.CreateTransaction(
        CreateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
            account_id=account.id,
            amount=parse_money("12.30", "EUR"),
            booked_on="2026-02-03",
            payee="Bakery",
        )
    )
    print("expense:", spent.transaction.payee, "leaves", to_decimal(spent.balance.balance))
    return account


@dataclass(frozen=True)
class Trip:
    """A group, and what its members are called, by their ids."""

    id: str
    names: dict[str, str]


def share_a_dinner(client: Client) -> Trip:
    made = client.groups.CreateGroup(
        CreateGroupRequest(request_id=new_id(), name="Trip", default_currency="EUR", guests=["Bob", "Cleo"])
    )
    trip = Trip(made.group.id, {member.id: member.display_name for member in made.members})
    print("group:", made.group.name, "of", len(trip.names))
    arrived = see_it_arrive(client, trip.id)
    print("arrived:", arrived.description, to_decimal(arrived.amount))
    tell_in_order(
        f"{trip.names[share.member_id]} bears {to_decimal(Money(currency=arrived.amount.currency, minor=share.owed_minor))}"
        for share in arrived.shares
    )
    return trip


def see_it_arrive(client: Client, group_id: str) -> Expense:
    """Watches a copy of the group, adds the expense once that is whole, and returns it as the stream brings it."""
    with TemporaryDirectory() as folder:
        copy = OfflineBook.open(Path(folder) / "trip.db", group_id, user_id=client.tokens.user_id)
        copy.sync(client)
        inbox: queue.SimpleQueue[News] = queue.SimpleQueue()
        watcher = Watcher(client, [copy], inbox.put)
        watcher.start()
        try:
            draft = ExpenseDraft(booked_on="2026-02-03", description="Dinner", amount=parse_money("30", "EUR"))
            client.groups.CreateExpense(CreateExpenseRequest(request_id=new_id(), group_id=group_id, expense=draft))
            while not copy.list(Expense):
                news = inbox.get(timeout=PATIENCE_S)
                if news.what is What.FORGOTTEN:
                    raise RuntimeError("the group has gone")
            return copy.list(Expense)[0]
        finally:
            watcher.stop()
            copy.close()


def spend_offline(client: Client, account: Account) -> None:
    """Spends from a copy of the book. Between the two `sync` nothing is asked of the server."""
    with TemporaryDirectory() as folder:
        copy = OfflineBook.open(Path(folder) / "home.db", account.book_id, user_id=client.tokens.user_id)
        copy.sync(client)
        kiosk = CreateTransactionRequest(
            kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
            account_id=account.id,
            amount=parse_money("3.50", "EUR"),
            booked_on="2026-02-04",
            payee="Kiosk",
        )
        copy.do(kiosk)
        print("offline:", kiosk.payee, "leaves", to_decimal(copy.balances()[account.id]))
        copy.sync(client)
        copy.close()
    held = client.ledger.GetAccountBalance(GetAccountBalanceRequest(book_id=account.book_id, account_id=account.id))
    print("online:", kiosk.payee, "leaves", to_decimal(held.balance.balance))


def settle(client: Client, trip: Trip) -> None:
    """Pays what is owed, debt by debt, and looks whether anything is left."""
    paid = []
    for debt in debts(client, trip.id):
        client.groups.RecordSettlement(
            RecordSettlementRequest(
                request_id=new_id(),
                group_id=trip.id,
                from_member_id=debt.from_member_id,
                to_member_id=debt.to_member_id,
                amount=debt.amount,
                booked_on="2026-02-04",
            )
        )
        paid.append(f"{trip.names[debt.from_member_id]} pays {trip.names[debt.to_member_id]} {to_decimal(debt.amount)}")
    tell_in_order(paid)
    print("open debts:", len(debts(client, trip.id)))


def debts(client: Client, group_id: str) -> list[Debt]:
    return list(client.groups.GetBalances(GetBalancesRequest(group_id=group_id)).debts)


def tell_in_order(lines: Iterable[str]) -> None:
    for line in sorted(lines):
        print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
