"""An app that is killed: it puts commands into the outbox, says which it was promised, and perhaps syncs. Run as a program."""

import itertools
import json
import sys
from pathlib import Path

from sdk_python.pages import CASH
from tallystick_client import Client, MemoryTokens, Tokens, new_id
from tallystick_client.offline import OfflineBook
from tallystick_client.v1.ledger_pb2 import TransactionKind
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.money_pb2 import Money


def main(path: Path, space_id: str, settings: dict[str, str]) -> None:
    """Until somebody kills it, or there is nothing more to read from."""
    book = OfflineBook.open(path, space_id)
    client = None
    if "address" in settings:
        client = Client(settings["address"], MemoryTokens(Tokens(access_token=settings["token"])))
    for number in itertools.count(1):
        made = new_id()
        book.do(
            CreateTransactionRequest(
                transaction_id=made,
                kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
                account_id=settings.get("account_id", CASH),
                amount=Money(currency="EUR", minor=number),
                booked_on="2026-02-03",
            )
        )
        print(made, flush=True)  # noqa: T201 - the promise
        if client is not None and number % 3 == 0:
            book.sync(client)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
