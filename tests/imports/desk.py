"""How does a test take in a file? It lays the file where the server looks for files, and makes an import of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from people import BookOf, new_id
from tallystick.errors import NotVisible
from tallystick.imports.contents import FileContent
from tallystick.store.tx import ReadTx
from tallystick_client.v1 import import_pb2, import_rows_pb2, import_service_pb2, ledger_pb2, ledger_service_pb2

STATUS = import_pb2.ImportStatus
STATE = import_rows_pb2.ImportRowState
ACTION = import_rows_pb2.ImportRowAction
REASON = import_rows_pb2.ImportMatchReason
CONFIDENCE = import_rows_pb2.ImportConfidence
PIECE = 64 * 1024


@dataclass(frozen=True)
class Head:
    name: str
    size_bytes: int


@dataclass(frozen=True)
class Content:
    """A file in memory."""

    file: Head
    data: bytes

    async def pieces(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.data), PIECE):
            yield self.data[start : start + PIECE]


@dataclass
class Files:
    """The files that the server finds, by space and id."""

    held: dict[tuple[UUID, UUID], Content] = field(default_factory=dict)

    def put(self, space_id: str, data: bytes, name: str = "bank.csv") -> str:
        file_id = new_id()
        self.held[UUID(space_id), UUID(file_id)] = Content(Head(name, len(data)), data)
        return file_id

    async def __call__(self, tx: ReadTx, file_id: UUID) -> FileContent:
        await tx.fetch_all()
        found = self.held.get((tx.space_id, file_id))
        if found is None:
            raise NotVisible
        return found


@dataclass
class Desk:
    """Whoever takes files into a book."""

    book: BookOf
    files: Files

    @property
    def calls(self) -> Any:
        return self.book.person.imports

    def creation(
        self, data: bytes | str, name: str = "bank.csv", **fields: Any
    ) -> import_service_pb2.CreateImportRequest:
        raw = data.encode() if isinstance(data, str) else data
        given: dict[str, Any] = {
            "request_id": new_id(),
            "space_id": self.book.id,
            "file_id": self.files.put(self.book.id, raw, name),
            "account_id": self.book.account_id,
        }
        return import_service_pb2.CreateImportRequest(**given | fields)

    async def create(self, data: bytes | str, name: str = "bank.csv", **fields: Any) -> Any:
        return (await self.calls.CreateImport(self.creation(data, name, **fields))).file_import

    async def answer(self, import_id: str, **fields: Any) -> Any:
        request = import_service_pb2.UpdateImportMappingRequest(
            request_id=new_id(), space_id=self.book.id, import_id=import_id, **fields
        )
        return (await self.calls.UpdateImportMapping(request)).file_import

    async def get(self, import_id: str) -> Any:
        request = import_service_pb2.GetImportRequest(space_id=self.book.id, import_id=import_id)
        return (await self.calls.GetImport(request)).file_import

    async def rows(self, import_id: str, *states: import_rows_pb2.ImportRowState.ValueType) -> list[Any]:
        found: list[Any] = []
        token = ""
        while True:
            page = await self.calls.ListImportRows(
                import_rows_pb2.ListImportRowsRequest(
                    space_id=self.book.id, import_id=import_id, states=states, page_token=token
                )
            )
            found += page.rows
            token = page.next_page_token
            if not token:
                return found

    async def decide(self, import_id: str, *updates: import_rows_pb2.ImportRowUpdate) -> Any:
        request = import_rows_pb2.UpdateImportRowsRequest(
            request_id=new_id(), space_id=self.book.id, import_id=import_id, updates=updates
        )
        return (await self.calls.UpdateImportRows(request)).file_import

    def processing(self, import_id: str, **fields: Any) -> Any:
        """The stream of what is told."""
        request = import_service_pb2.ProcessImportRequest(
            request_id=new_id(), space_id=self.book.id, import_id=import_id, **fields
        )
        return self.book.person.importing.ProcessImport(request)

    async def process(self, import_id: str, **fields: Any) -> Any:
        """The import as it ends."""
        return [each async for each in self.processing(import_id, **fields)][-1].file_import

    def reverting(self, import_id: str) -> Any:
        request = import_service_pb2.RevertImportRequest(
            request_id=new_id(), space_id=self.book.id, import_id=import_id
        )
        return self.book.person.importing.RevertImport(request)

    async def revert(self, import_id: str) -> Any:
        return [each async for each in self.reverting(import_id)][-1].file_import

    async def take_in(self, data: bytes | str, name: str = "bank.csv", **fields: Any) -> Any:
        """From the file to the book, with nothing to ask."""
        made = await self.create(data, name, **fields)
        assert not made.questions, made.questions
        return await self.process(made.id)

    async def transactions(self) -> list[Any]:
        found: list[Any] = []
        token = ""
        while True:
            page = await self.book.person.ledger.ListTransactions(
                ledger_service_pb2.ListTransactionsRequest(book_id=self.book.id, page_size=200, page_token=token)
            )
            found += page.transactions
            token = page.next_page_token
            if not token:
                return found

    async def add_account(self, name: str, currency: str = "EUR") -> str:
        made = await self.book.person.ledger.CreateAccount(
            ledger_service_pb2.CreateAccountRequest(
                request_id=new_id(),
                book_id=self.book.id,
                name=name,
                type=ledger_pb2.AccountType.ACCOUNT_TYPE_CHECKING,
                currency=currency,
            )
        )
        return str(made.account.id)


def statement(*lines: str, head: str = "Date,Payee,Amount") -> str:
    """A bank's CSV."""
    return "\n".join((head, *lines)) + "\n"


def update(row_no: int, **fields: Any) -> import_rows_pb2.ImportRowUpdate:
    return import_rows_pb2.ImportRowUpdate(row_no=row_no, **fields)
