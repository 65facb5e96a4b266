"""How is a statement read? What it says as a whole in one short look, and its lines page by page, as they were at that moment."""

from collections.abc import AsyncGenerator
from datetime import date, datetime, timedelta
from uuid import UUID

from tallystick.exports.moment import PAGE_ROWS, Moment
from tallystick.exports.names import Names
from tallystick.exports.rules import Order, compose_list_request
from tallystick.exports.statement import Line, Statement, compose_line
from tallystick.ledger.accounts.queries import get_as_of
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.templates.rules import today_in
from tallystick.ledger.transactions.lists import list_ids
from tallystick.store.tx import Snapshot
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick.v1.ledger_pb2 import Transaction


async def read_statement(tx: Snapshot, request: ExportRequest, order: Order, now: datetime) -> Statement:
    """All but the lines themselves."""
    account_id = UUID(request.account_id)
    book = await get_book(tx)
    until_on = order.until_on or max(today_in(book.time_zone, now), order.from_on or date.min)
    closing = await get_as_of(tx, account_id, until_on)
    opening = 0
    if order.from_on and order.from_on > date.min:
        opening = (await get_as_of(tx, account_id, order.from_on - timedelta(days=1))).minor
    listed = compose_list_request(request)
    listed.booked_until = until_on.isoformat()
    del listed.account_ids[:]
    listed.account_ids.append(request.account_id)
    ids = await list_ids(tx, listed)
    return Statement(book, closing.held.account, order.from_on, until_on, opening, closing.minor, ids)


async def lines_of(statement: Statement, moment: Moment, names: Names) -> AsyncGenerator[list[Line], None]:
    """Its lines, the oldest first. They lead from the opening to the closing balance, or it is no statement."""
    balance = statement.opening
    for start in range(0, len(statement.ids), PAGE_ROWS):
        lines = []
        ids = statement.ids[start : start + PAGE_ROWS]
        for transaction in await moment.open_many("transaction", Transaction, ids):
            line = compose_line(transaction, statement.account.id, balance, names)
            balance = line.balance
            lines.append(line)
        yield lines
    assert balance == statement.closing, f"the lines of account {statement.account.id} do not lead to its balance"
