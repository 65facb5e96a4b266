"""What is a device in a test? A client that is signed in, and a copy of a book in a file."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from people import PASSWORD, BookOf, Person
from tallystick_client import Client, MemoryTokens, new_id
from tallystick_client.offline import OfflineBook, Verdict
from tallystick_client.v1 import space_service_pb2
from tallystick_client.v1.ledger_pb2 import Transaction, TransactionKind
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.ledger_transactions_pb2 import UpdateTransactionRequest
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.role_pb2 import Role

T = TypeVar("T")


@dataclass
class Device:
    """One of somebody's devices. Its calls block: tests make them in a thread."""

    client: Client
    book: OfflineBook
    path: Path
    home: BookOf

    def spend(self, minor: int = 250, **other: Any) -> str:
        """Puts an expense into the outbox, and returns its transaction's id."""
        fields: dict[str, Any] = {
            "kind": TransactionKind.TRANSACTION_KIND_EXPENSE,
            "account_id": self.home.account_id,
            "category_id": self.home.spending_id,
            "amount": Money(currency="EUR", minor=minor),
            "booked_on": "2026-02-03",
            "payee": "Bakery",
        }
        before = {each.id for each in self.book.list(Transaction)}
        self.book.do(CreateTransactionRequest(**fields | other))
        (made,) = {each.id for each in self.book.list(Transaction)} - before
        return made

    def change(self, transaction_id: str, **fields: Any) -> str:
        """Puts a change of some fields into the outbox."""
        change = UpdateTransactionRequest(transaction_id=transaction_id)
        change.change.MergeFrom(type(change.change)(**fields))
        change.update_mask.paths.extend(fields)
        return self.book.do(change)

    def sync(self) -> None:
        self.book.sync(self.client)

    def get(self, transaction_id: str) -> Transaction:
        found = self.book.get(Transaction, transaction_id)
        assert found is not None, transaction_id
        return found

    @property
    def balance(self) -> int:
        return self.book.balances()[self.home.account_id].minor


class Devices:
    """Makes devices, and puts them away."""

    def __init__(self, address: str, home: BookOf, folder: Path) -> None:
        self._address = address
        self._home = home
        self._folder = folder
        self._made: list[Device] = []

    def make(self, name: str, person: Person | None = None, space_id: str = "") -> Device:
        """One that is signed in when it is first used. Its copy is of the book, unless another space is named."""
        whose = person or self._home.person
        client = _SignsInLate(self._address, whose.email)
        path = self._folder / f"{name}.db"
        device = Device(client, OfflineBook.open(path, space_id or self._home.id, whose.user.id), path, self._home)
        self._made.append(device)
        return device

    def close(self) -> None:
        for device in self._made:
            device.book.close()
            device.client.close()


class _SignsInLate(Client):
    """Fixtures run in the server's own event loop, where nobody may block."""

    def __init__(self, address: str, email: str) -> None:
        super().__init__(address, MemoryTokens())
        self._email = email

    @property
    def sync(self) -> Any:
        if not self.tokens.access_token:
            self.sign_in(self._email, PASSWORD)
        return self._sync

    @sync.setter
    def sync(self, stub: Any) -> None:
        self._sync = stub


async def apart(story: Callable[[], T]) -> T:
    """In a thread: the server runs in the loop of the test."""
    return await asyncio.to_thread(story)


def eur(minor: int) -> Money:
    return Money(currency="EUR", minor=minor)


def end(*devices: Device) -> None:
    """All sent, and all copies are what the space is."""
    for _ in range(2):
        for device in devices:
            device.sync()
    for device in devices:
        assert device.book.waiting == 0
        assert device.book.verify(device.client) is Verdict.SAME


async def join(ann: Person, bob: Person, book: BookOf, role: Role.ValueType) -> str:
    """Bob comes to the book. Returns the id of his membership."""
    invited = await ann.spaces.Invite(space_service_pb2.InviteRequest(request_id=new_id(), space_id=book.id, role=role))
    await bob.spaces.JoinByCode(space_service_pb2.JoinByCodeRequest(request_id=new_id(), code=invited.invitation.code))
    members = await ann.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=book.id))
    found: str = next(member.id for member in members.members if member.user_id == bob.user.id)
    return found
