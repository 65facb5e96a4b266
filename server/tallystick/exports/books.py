"""What of a book becomes a file? One short look at the beginning says what there is, and what was found then is poured out page by page."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import datetime
from uuid import UUID

from tallystick.caller import Caller
from tallystick.exports import ofx, qif
from tallystick.exports.files import ComingFile, Piece, table
from tallystick.exports.moment import PAGE_ROWS, Moment, Readers
from tallystick.exports.naming import read_names
from tallystick.exports.rules import Order, compose_file_name, compose_list_request
from tallystick.exports.sheets import Sheet, sheet_of, text
from tallystick.exports.statement import Statement
from tallystick.exports.statement_reading import lines_of, read_statement
from tallystick.exports.transactions import COLUMNS, rows_of
from tallystick.ledger.accounts.queries import list_accounts
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.transactions.lists import list_ids
from tallystick.store.pages import PAGE_SIZE_MAX
from tallystick.store.tx import Snapshot
from tallystick.v1.export_pb2 import ExportFormat
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick.v1.ledger_accounts_pb2 import ListAccountsRequest
from tallystick.v1.ledger_pb2 import AccountType, Transaction

ACCOUNT_COLUMNS = ("Account", "Type", "Balance", "Currency", "Closed on", "Reconciled on", "Note", "Id")


def look(readers: Readers, caller: Caller, request: ExportRequest) -> AbstractAsyncContextManager[Snapshot]:
    """One state of the book, for as short as it takes to say what there is."""
    return readers.store.reader(caller, request.book_id, request).snapshot()


async def export_transactions(readers: Readers, caller: Caller, request: ExportRequest, order: Order) -> ComingFile:
    async with look(readers, caller, request) as tx:
        book, ids = await get_book(tx), await list_ids(tx, compose_list_request(request))
        moment = await Moment.of(readers, caller, request, tx)
    name = compose_file_name(book.name, "transactions", *order.days, format_=order.format)
    return ComingFile(name, order.content_type, len(ids), _transactions(moment, ids, sheet_of(request.table)))


async def export_accounts(readers: Readers, caller: Caller, request: ExportRequest, order: Order) -> ComingFile:
    sheet, rows = sheet_of(request.table), list[tuple[str, ...]]()
    after: tuple[str, ...] | None = None
    async with look(readers, caller, request) as tx:
        book = await get_book(tx)
        while after != ():
            found = await list_accounts(tx, ListAccountsRequest(page_size=PAGE_SIZE_MAX), after)
            for account, balance in zip(found.page.items, found.balances, strict=True):
                kind = AccountType.Name(account.type).removeprefix("ACCOUNT_TYPE_").lower()
                held = (sheet.amount(balance.balance), account.currency)
                days = (account.closed_on, account.reconciled_on)
                rows.append((text(account.name), kind, *held, *days, text(account.note), account.id))
            after = found.page.last
    return table(compose_file_name(book.name, "accounts", format_=order.format), sheet, ACCOUNT_COLUMNS, rows)


async def export_statement(readers: Readers, caller: Caller, request: ExportRequest, order: Order) -> ComingFile:
    """As QIF or OFX."""
    now = readers.store.clock.now()
    async with look(readers, caller, request) as tx:
        statement = await read_statement(tx, request, order, now)
        moment = await Moment.of(readers, caller, request, tx)
    is_ofx = order.format == ExportFormat.EXPORT_FORMAT_OFX
    pieces = _ofx(moment, statement, now) if is_ofx else _qif(moment, statement)
    name = compose_file_name(statement.account.name, *order.days, format_=order.format)
    return ComingFile(name, order.content_type, len(statement.ids), pieces)


async def _transactions(moment: Moment, ids: Sequence[UUID], sheet: Sheet) -> AsyncGenerator[Piece, None]:
    yield Piece(sheet.begin(COLUMNS), 0)
    names = await read_names(moment)
    for start in range(0, len(ids), PAGE_ROWS):
        page = await moment.open_many("transaction", Transaction, ids[start : start + PAGE_ROWS])
        rows = (row for transaction in page for row in rows_of(transaction, names, sheet))
        yield Piece(await asyncio.to_thread(sheet.rows, rows), start + len(page))


async def _ofx(moment: Moment, statement: Statement, now: datetime) -> AsyncGenerator[Piece, None]:
    yield Piece(ofx.begin(statement, now), 0)
    done = 0
    async with aclosing(lines_of(statement, moment, await read_names(moment))) as pages:
        async for lines in pages:
            done += len(lines)
            yield Piece(await asyncio.to_thread(ofx.transactions, statement, lines), done)
    yield Piece(ofx.end(statement), done)


async def _qif(moment: Moment, statement: Statement) -> AsyncGenerator[Piece, None]:
    yield Piece(qif.begin(statement), 0)
    done, names = 0, await read_names(moment)
    async with aclosing(lines_of(statement, moment, names)) as pages:
        async for lines in pages:
            done += len(lines)
            yield Piece(await asyncio.to_thread(qif.transactions, statement, lines, names), done)
