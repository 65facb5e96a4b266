"""How does a test take in a file? It brings the file to the book, and makes an import of it."""

from dataclasses import dataclass
from typing import Any

from files.desk import bring
from people import BookOf, new_id
from tallystick_client.v1 import import_pb2, import_rows_pb2, import_service_pb2, ledger_pb2, ledger_service_pb2
from tallystick_client.v1.file_pb2 import File

STATUS = import_pb2.ImportStatus
STATE = import_rows_pb2.ImportRowState
ACTION = import_rows_pb2.ImportRowAction
REASON = import_rows_pb2.ImportMatchReason
CONFIDENCE = import_rows_pb2.ImportConfidence


@dataclass
class Desk:
    """Whoever takes files into a book."""

    book: BookOf

    @property
    def calls(self) -> Any:
        return self.book.person.imports

    async def put(self, data: bytes | str, name: str = "bank.csv") -> File:
        """A file of the book."""
        raw = data.encode() if isinstance(data, str) else data
        return await bring(self.book.person, self.book.id, raw, name=name)

    def creation(self, file_id: str, **fields: Any) -> import_service_pb2.CreateImportRequest:
        given: dict[str, Any] = {"request_id": new_id(), "space_id": self.book.id, "file_id": file_id}
        return import_service_pb2.CreateImportRequest(**given | {"account_id": self.book.account_id} | fields)

    async def create(self, data: bytes | str, name: str = "bank.csv", **fields: Any) -> Any:
        file = await self.put(data, name)
        return (await self.calls.CreateImport(self.creation(**{"file_id": file.id} | fields))).file_import

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
