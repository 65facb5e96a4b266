"""How does a test act as somebody? A person is a signed-in client of our own SDK's stubs, with a book where one is needed."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status

from tallystick_client.v1 import (
    auth_service_pb2,
    auth_service_pb2_grpc,
    backup_service_pb2_grpc,
    budget_service_pb2_grpc,
    export_service_pb2_grpc,
    file_service_pb2_grpc,
    group_service_pb2_grpc,
    import_service_pb2_grpc,
    ledger_pb2,
    ledger_service_pb2,
    ledger_service_pb2_grpc,
    money_pb2,
    notification_service_pb2_grpc,
    report_service_pb2_grpc,
    settings_service_pb2_grpc,
    space_service_pb2_grpc,
    status_service_pb2_grpc,
    sync_service_pb2_grpc,
    webhook_service_pb2_grpc,
)

PASSWORD = "correct horse battery"
# An id that nothing has. It is the same in every process, so that tests can be named by it.
MISSING_ID = "00000000-0000-4000-8000-000000000000"


def new_id() -> str:
    return str(uuid4())


class Client:
    """The stubs of every service on one channel, as whoever the metadata says."""

    def __init__(self, channel: grpc.aio.Channel, *metadata: tuple[str, str]) -> None:
        self.channel = channel
        self.metadata = metadata
        self.auth = _Bound(auth_service_pb2_grpc.AuthServiceStub(channel), metadata)
        self.spaces = _Bound(space_service_pb2_grpc.SpaceServiceStub(channel), metadata)
        self.budgets = _Bound(budget_service_pb2_grpc.BudgetServiceStub(channel), metadata)
        self.files = _Bound(file_service_pb2_grpc.FileServiceStub(channel), metadata)
        self.contents = _Streams(file_service_pb2_grpc.FileServiceStub(channel), metadata)
        self.groups = _Bound(group_service_pb2_grpc.GroupServiceStub(channel), metadata)
        self.ledger = _Bound(ledger_service_pb2_grpc.LedgerServiceStub(channel), metadata)
        self.reports = _Bound(report_service_pb2_grpc.ReportServiceStub(channel), metadata)
        self.settings = _Bound(settings_service_pb2_grpc.SettingsServiceStub(channel), metadata)
        self.notifications = _Bound(notification_service_pb2_grpc.NotificationServiceStub(channel), metadata)
        self.status = _Bound(status_service_pb2_grpc.StatusServiceStub(channel), metadata)
        self.sync = _Bound(sync_service_pb2_grpc.SyncServiceStub(channel), metadata)
        self.webhooks = _Bound(webhook_service_pb2_grpc.WebhookServiceStub(channel), metadata)
        self.imports = _Bound(import_service_pb2_grpc.ImportServiceStub(channel), metadata)
        self.importing = _Streams(import_service_pb2_grpc.ImportServiceStub(channel), metadata)
        self.backups = _Bound(backup_service_pb2_grpc.BackupServiceStub(channel), metadata)
        self.backing_up = _Streams(backup_service_pb2_grpc.BackupServiceStub(channel), metadata)
        self.streams = _Streams(sync_service_pb2_grpc.SyncServiceStub(channel), metadata)
        self.exports = _Streams(export_service_pb2_grpc.ExportServiceStub(channel), metadata)
        self.proofs = _Streams(group_service_pb2_grpc.GroupServiceStub(channel), metadata)

    def with_token(self, token: str) -> "Client":
        return Client(self.channel, ("authorization", f"Bearer {token}"))


class _Bound:
    """A stub whose calls carry the same metadata."""

    def __init__(self, stub: object, metadata: tuple[tuple[str, str], ...]) -> None:
        self._stub = stub
        self._metadata = metadata

    def __getattr__(self, rpc: str) -> Any:
        method = getattr(self._stub, rpc)

        async def call(request: Message, **options: Any) -> Any:
            return await method(request, metadata=self._metadata, **options)

        return call


class _Streams:
    """The same for calls that answer with a stream."""

    def __init__(self, stub: object, metadata: tuple[tuple[str, str], ...]) -> None:
        self._stub = stub
        self._metadata = metadata

    def __getattr__(self, rpc: str) -> Any:
        method = getattr(self._stub, rpc)

        def call(request: Message, **options: Any) -> Any:
            return method(request, metadata=self._metadata, **options)

        return call


@dataclass
class Person(Client):
    """A signed-in user."""

    client: Client
    email: str
    password: str
    user: Any
    tokens: Any
    device_token: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.client.channel, ("authorization", f"Bearer {self.tokens.access_token}"))


async def sign_up(client: Client, name: str = "Ann") -> Person:
    email = f"{name.lower()}-{uuid4().hex[:12]}@example.com"
    await client.auth.Register(
        auth_service_pb2.RegisterRequest(request_id=new_id(), email=email, password=PASSWORD, display_name=name)
    )
    return await sign_in(client, email)


async def sign_in(client: Client, email: str, password: str = PASSWORD, device_token: str = "") -> Person:
    signed_in = await client.auth.Login(
        auth_service_pb2.LoginRequest(
            request_id=new_id(), email=email, password=password, device_name="test", device_token=device_token
        )
    )
    return Person(client, email, password, signed_in.user, signed_in.tokens, signed_in.device_token)


@dataclass
class BookOf:
    """A person's book with one account and one category of each kind."""

    person: Person
    id: str
    account_id: str
    spending_id: str
    earning_id: str
    metadata: dict[str, str] = field(default_factory=dict)

    def expense(self, minor: int = 250, **other: Any) -> ledger_service_pb2.CreateTransactionRequest:
        """A request for an expense in cash; whatever is given replaces the usual."""
        fields: dict[str, Any] = {
            "request_id": new_id(),
            "book_id": self.id,
            "kind": ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE,
            "account_id": self.account_id,
            "category_id": self.spending_id,
            "amount": money_pb2.Money(currency="EUR", minor=minor),
            "booked_on": "2026-02-03",
            "payee": "Bakery",
            "note": "rye",
        }
        return ledger_service_pb2.CreateTransactionRequest(**fields | other)

    async def spend(self, minor: int = 250, **other: Any) -> ledger_service_pb2.CreateTransactionResponse:
        response: ledger_service_pb2.CreateTransactionResponse = await self.person.ledger.CreateTransaction(
            self.expense(minor, **other)
        )
        return response

    async def balance(self) -> int:
        answer = await self.person.ledger.GetAccountBalance(
            ledger_service_pb2.GetAccountBalanceRequest(book_id=self.id, account_id=self.account_id)
        )
        return int(answer.balance.balance.minor)


async def make_book(person: Person, currency: str = "EUR") -> BookOf:
    ledger = person.ledger
    made = await ledger.CreateBook(
        ledger_service_pb2.CreateBookRequest(request_id=new_id(), name="Home", base_currency=currency)
    )
    book_id = made.book.id
    account = await ledger.CreateAccount(
        ledger_service_pb2.CreateAccountRequest(
            request_id=new_id(),
            book_id=book_id,
            name="Cash",
            type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
            currency=currency,
        )
    )
    kinds = ledger_pb2.CategoryKind
    ids = []
    for name, kind in (("Food", kinds.CATEGORY_KIND_EXPENSE), ("Wages", kinds.CATEGORY_KIND_INCOME)):
        category = await ledger.CreateCategory(
            ledger_service_pb2.CreateCategoryRequest(request_id=new_id(), book_id=book_id, name=name, kind=kind)
        )
        ids.append(category.category.id)
    return BookOf(person, book_id, account.account.id, ids[0], ids[1])


@dataclass(frozen=True)
class Refusal:
    """A failed call as a client sees it."""

    code: grpc.StatusCode
    reason: str
    fields: tuple[str, ...]
    rules: tuple[str, ...]
    metadata: dict[str, str]
    retry_after_s: float | None
    raw: bytes


async def refusal_of(call: Any) -> Refusal:
    """Awaits a call that must fail, and returns how it did."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return read_refusal(error)
    raise AssertionError(f"the call was answered, and had to be refused: {answer}")


def read_refusal(error: grpc.aio.AioRpcError) -> Refusal:
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # it takes what looks like a call, and an AioRpcError does
    info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
    has_retry = False
    for detail in status.details if status else ():
        for message in (info, bad, retry):
            if detail.Unpack(message) and message is retry:
                has_retry = True
    return Refusal(
        code=error.code(),
        reason=info.reason,
        fields=tuple(violation.field for violation in bad.field_violations),
        rules=tuple(violation.reason for violation in bad.field_violations),
        metadata=dict(info.metadata),
        retry_after_s=retry.retry_delay.ToNanoseconds() / 1e9 if has_retry else None,
        raw=status.SerializeToString(deterministic=True) if status else b"",
    )
