"""What of a book's reports becomes a table? What the reports answer, with the same numbers."""

from tallystick.caller import Caller
from tallystick.exports import reports
from tallystick.exports.books import look
from tallystick.exports.files import ComingFile, table
from tallystick.exports.moment import Readers
from tallystick.exports.reports import Row
from tallystick.exports.rules import Order, compose_file_name
from tallystick.exports.sheets import Sheet, sheet_of
from tallystick.ledger.books.queries import get_book
from tallystick.reports.queries_breakdown import get_category_breakdown
from tallystick.reports.queries_budgets import get_budget_performance
from tallystick.reports.queries_net_worth import get_net_worth
from tallystick.store.tx import Snapshot
from tallystick.v1.export_pb2 import ExportContent
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick.v1.report_budgets_pb2 import GetBudgetPerformanceRequest
from tallystick.v1.report_net_worth_pb2 import GetNetWorthRequest
from tallystick.v1.report_spending_pb2 import GetCategoryBreakdownRequest


async def export_report(readers: Readers, caller: Caller, request: ExportRequest, order: Order) -> ComingFile:
    sheet = sheet_of(request.table)
    async with look(readers, caller, request) as tx:
        book = await get_book(tx)
        columns, rows = await _read(readers, tx, request, sheet)
    return table(compose_file_name(book.name, order.word, *order.days, format_=order.format), sheet, columns, rows)


async def _read(readers: Readers, tx: Snapshot, request: ExportRequest, sheet: Sheet) -> tuple[Row, list[Row]]:
    now, book_id = readers.store.clock.now(), request.book_id
    spent = GetCategoryBreakdownRequest(book_id=book_id, from_on=request.from_on, until_on=request.until_on)
    match request.content:
        case ExportContent.EXPORT_CONTENT_BREAKDOWN:
            spent.kind, spent.currency = request.kind, request.currency
            return reports.BREAKDOWN, [*reports.breakdown_rows(await get_category_breakdown(tx, spent, now), sheet)]
        case ExportContent.EXPORT_CONTENT_NET_WORTH:
            worth = GetNetWorthRequest(book_id=book_id, from_on=request.from_on, until_on=request.until_on)
            worth.step, worth.currency = request.step, request.currency
            return reports.NET_WORTH, [*reports.net_worth_rows(await get_net_worth(tx, worth, now), sheet)]
        case _:
            kept = GetBudgetPerformanceRequest(book_id=book_id, on=request.until_on)
            return reports.BUDGETS, [*reports.budget_rows(await get_budget_performance(tx, kept, now), sheet)]
