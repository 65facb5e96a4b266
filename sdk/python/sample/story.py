"""Tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, sees it arrive, and is paid back.

python story.py 127.0.0.1:8080 ann@example.com
"""

import queue
import sys
from collections.abc import Iterable
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
from tallystick_client.v1.ledger_pb2 import AccountType, TransactionKind
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest, CreateBookRequest, CreateTransactionRequest

PASSWORD = "correct horse battery"  # noqa: S105 - of somebody who is made up
PATIENCE_S = 60.0


def main(address: str, email: str) -> None:
    with Client(address) as client:
        sign_up(client, email)
        keep_a_book(client)
        share_a_dinner(client)
        client.sign_out()
    print("signed out")


def sign_up(client: Client, email: str) -> None:
    client.auth.Register(RegisterRequest(request_id=new_id(), email=email, password=PASSWORD, display_name="Ann"))
    print("signed in:", client.sign_in(email, PASSWORD, "sample").user.display_name)


def keep_a_book(client: Client) -> None:
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


def share_a_dinner(client: Client) -> None:
    made = client.groups.CreateGroup(
        CreateGroupRequest(request_id=new_id(), name="Trip", default_currency="EUR", guests=["Bob", "Cleo"])
    )
    names = {member.id: member.display_name for member in made.members}
    print("group:", made.group.name, "of", len(names))
    arrived = see_it_arrive(client, made.group.id)
    print("arrived:", arrived.description, to_decimal(arrived.amount))
    tell_in_order(
        f"{names[share.member_id]} bears {to_decimal(Money(currency=arrived.amount.currency, minor=share.owed_minor))}"
        for share in arrived.shares
    )
    settle(client, made.group.id, names)


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


def settle(client: Client, group_id: str, names: dict[str, str]) -> None:
    """Pays what is owed, debt by debt, and looks whether anything is left."""
    paid = []
    for debt in debts(client, group_id):
        client.groups.RecordSettlement(
            RecordSettlementRequest(
                request_id=new_id(),
                group_id=group_id,
                from_member_id=debt.from_member_id,
                to_member_id=debt.to_member_id,
                amount=debt.amount,
                booked_on="2026-02-04",
            )
        )
        paid.append(f"{names[debt.from_member_id]} pays {names[debt.to_member_id]} {to_decimal(debt.amount)}")
    tell_in_order(paid)
    print("open debts:", len(debts(client, group_id)))


def debts(client: Client, group_id: str) -> list[Debt]:
    return list(client.groups.GetBalances(GetBalancesRequest(group_id=group_id)).debts)


def tell_in_order(lines: Iterable[str]) -> None:
    for line in sorted(lines):
        print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
