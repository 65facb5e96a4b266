"""What of a book becomes pages? All of it must be known before the first is made, so there is a limit. Other formats have none."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from tallystick.caller import Caller
from tallystick.exports.books import look
from tallystick.exports.files import ComingFile, Piece
from tallystick.exports.moment import Moment, Readers
from tallystick.exports.naming import read_names
from tallystick.exports.pages.compiling import Pages
from tallystick.exports.pages.reports import Figures, compose_report
from tallystick.exports.pages.statements import compose_statement, require_fits
from tallystick.exports.rules import Order, compose_file_name
from tallystick.exports.statement import Statement
from tallystick.exports.statement_reading import lines_of, read_statement
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.templates.rules import today_in
from tallystick.reports.queries_breakdown import get_category_breakdown
from tallystick.reports.queries_net_worth import get_net_worth
from tallystick.reports.queries_spending import get_spending_trends
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick.v1.report_net_worth_pb2 import GetNetWorthRequest
from tallystick.v1.report_pb2 import ReportStep
from tallystick.v1.report_spending_pb2 import GetCategoryBreakdownRequest, GetSpendingTrendsRequest

_MONTH = ReportStep.REPORT_STEP_MONTH


@dataclass(frozen=True, slots=True)
class BookPages:
    """Makes PDFs of books."""

    pages: Pages = field(default_factory=Pages)

    async def export_statement(
        self, readers: Readers, caller: Caller, request: ExportRequest, order: Order
    ) -> ComingFile:
        async with look(readers, caller, request) as tx:
            statement = await read_statement(tx, request, order, readers.store.clock.now())
            moment = await Moment.of(readers, caller, request, tx)
        require_fits(len(statement.ids))
        name = compose_file_name(statement.account.name, *order.days, format_=order.format)
        return ComingFile(name, order.content_type, len(statement.ids), self._statement(moment, statement))

    async def _statement(self, moment: Moment, statement: Statement) -> AsyncGenerator[Piece, None]:
        async with aclosing(lines_of(statement, moment, await read_names(moment))) as pages:
            lines = [line async for page in pages for line in page]
        made_on = today_in(statement.book.time_zone, moment.readers.store.clock.now())
        data = compose_statement(statement, lines, made_on)
        yield Piece(await self.pages.make("statement", data), len(lines))

    async def export_report(self, readers: Readers, caller: Caller, request: ExportRequest, order: Order) -> ComingFile:
        now = readers.store.clock.now()
        common: dict[str, Any] = {"book_id": request.book_id, "currency": request.currency}
        async with look(readers, caller, request) as tx:
            book = await get_book(tx)
            asked = GetSpendingTrendsRequest(from_on=request.from_on, until_on=request.until_on, step=_MONTH, **common)
            trends = (await get_spending_trends(tx, asked, now)).report
            # The others are of the days that these were taken to be.
            days: dict[str, Any] = {"from_on": trends.days.from_on, "until_on": trends.days.until_on}
            worth = (await get_net_worth(tx, GetNetWorthRequest(step=_MONTH, **days, **common), now)).report
            spent = (await get_category_breakdown(tx, GetCategoryBreakdownRequest(**days, **common), now)).report
        data = compose_report(Figures(book, trends, worth, spent), today_in(book.time_zone, now))

        async def pieces() -> AsyncGenerator[Piece, None]:
            yield Piece(await self.pages.make("report", data), len(data["categories"]))

        name = compose_file_name(book.name, "report", *days.values(), format_=order.format)
        return ComingFile(name, order.content_type, len(data["categories"]), pieces())
