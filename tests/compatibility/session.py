"""What does an app do that was built with an old version of the Python SDK, and is still used? In two acts, each a process of its own:
between them somebody else has a newer app. Only what every kept version has is used here.

python session.py ACT ADDRESS FOLDER EMAIL
"""

import json
import queue
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tallystick_client import Client, FileTokens, new_id, parse_money
from tallystick_client.offline import OfflineBook
from tallystick_client.offline.watching import News, Watcher, What
from tallystick_client.v1 import (
    auth_service_pb2,
    group_expenses_pb2,
    group_pb2,
    ledger_service_pb2,
    ledger_transactions_pb2,
)
from tallystick_client.v1.ledger_pb2 import Account, AccountType, Transaction, TransactionKind

PASSWORD = "correct horse battery"
PATIENCE_S = 120.0


def begin(client: Client, folder: Path, email: str) -> dict[str, Any]:
    """Signs up, keeps a book, shares an expense, and takes a copy of both."""
    client.auth.Register(
        auth_service_pb2.RegisterRequest(request_id=new_id(), email=email, password=PASSWORD, display_name="Ann")
    )
    user = client.sign_in(email, PASSWORD, "old device").user
    book = client.ledger.CreateBook(
        ledger_service_pb2.CreateBookRequest(request_id=new_id(), name="Home", base_currency="EUR")
    ).book
    account = client.ledger.CreateAccount(
        ledger_service_pb2.CreateAccountRequest(
            request_id=new_id(), book_id=book.id, name="Cash", type=AccountType.ACCOUNT_TYPE_CASH, currency="EUR"
        )
    ).account
    made = client.groups.CreateGroup(
        group_pb2.CreateGroupRequest(request_id=new_id(), name="Trip", default_currency="EUR", guests=["Bob"])
    )
    with closing(OfflineBook.open(folder / "book.db", book.id, user.id)) as copy:
        copy.sync(client)
        copy.do(_expense(account.id, "12.30"))
        copy.sync(client)
        (transaction,) = copy.list(Transaction)
    with closing(OfflineBook.open(folder / "group.db", made.group.id, user.id)) as copy:
        copy.sync(client)
        _dine(copy)
        copy.sync(client)
        (expense,) = copy.list(group_expenses_pb2.Expense)
    return {
        "user": user.id,
        "book": book.id,
        "group": made.group.id,
        "account": account.id,
        "transaction": transaction.id,
        "shares": [share.owed_minor for share in expense.shares],
    }


def go_on(client: Client, folder: Path, _email: str) -> dict[str, Any]:
    """Works on without a network on what a newer app has changed meanwhile, sends it, and sees what comes."""
    with (
        closing(OfflineBook.open(folder / "book.db", _place(folder, "book"))) as book,
        closing(OfflineBook.open(folder / "group.db", _place(folder, "group"))) as group,
    ):
        book.sync(client)
        group.sync(client)
        (account,), (first,) = book.list(Account), book.list(Transaction)
        change = ledger_transactions_pb2.UpdateTransactionRequest(transaction_id=first.id)
        change.change.note = "from an old app"
        change.update_mask.paths.append("note")
        book.do(change)
        book.do(_expense(account.id, "1.00"))
        _dine(group)
        balance = book.balances()[account.id].minor
        book.sync(client)
        group.sync(client)
        arrived = _see_arrive(client, book)
        return {
            "balance": balance,
            "arrived": arrived,
            "waiting": book.waiting + group.waiting,
            "tray": len(book.tray()) + len(group.tray()),
            "conflicts": len(book.conflicts()) + len(group.conflicts()),
            "verified": [book.verify(client).name, group.verify(client).name],
            "account": account.SerializeToString().hex(),
            "open": {code: sorted(each.nets.values()) for code, each in group.group_balances().items()},
        }


def _see_arrive(client: Client, copy: OfflineBook) -> str:
    """A transaction that is made once the copy is watched, as the stream brings it."""
    known = {each.id for each in copy.list(Transaction)}
    (account,) = copy.list(Account)
    inbox: queue.SimpleQueue[News] = queue.SimpleQueue()
    watcher = Watcher(client, [copy], inbox.put)
    watcher.start()
    try:
        request = _expense(account.id, "2.00")
        request.request_id, request.book_id, request.payee = new_id(), copy.space_id, "Kiosk"
        client.ledger.CreateTransaction(request)
        while not (new := [each for each in copy.list(Transaction) if each.id not in known]):
            news = inbox.get(timeout=PATIENCE_S)
            if news.what in {What.FORGOTTEN, What.FAILED}:
                raise RuntimeError(str(news))
        return str(new[0].payee)
    finally:
        watcher.stop()


def _dine(copy: OfflineBook) -> None:
    draft = group_expenses_pb2.ExpenseDraft(
        booked_on="2026-02-03", description="Dinner", amount=parse_money("30.00", "EUR")
    )
    copy.do(group_expenses_pb2.CreateExpenseRequest(expense=draft))


def _expense(account_id: str, amount: str) -> ledger_service_pb2.CreateTransactionRequest:
    return ledger_service_pb2.CreateTransactionRequest(
        kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
        account_id=account_id,
        amount=parse_money(amount, "EUR"),
        booked_on="2026-02-03",
        payee="Bakery",
    )


def _place(folder: Path, what: str) -> str:
    return str(json.loads((folder / "begun.json").read_text())[what])


def main(act: str, address: str, folder: Path, email: str) -> None:
    with Client(address, FileTokens(folder / "tokens")) as client:
        told = {"begin": begin, "go_on": go_on}[act](client, folder, email)
    if act == "begin":
        (folder / "begun.json").write_text(json.dumps(told))
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
