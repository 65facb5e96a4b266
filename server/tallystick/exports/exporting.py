"""Who makes which file, and what is noted about it?"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from tallystick.caller import Caller
from tallystick.exports.book_pages import BookPages
from tallystick.exports.book_reports import export_report
from tallystick.exports.books import export_accounts, export_statement, export_transactions
from tallystick.exports.everything import Everything
from tallystick.exports.files import ComingFile
from tallystick.exports.groups import export_expenses
from tallystick.exports.moment import Readers
from tallystick.exports.rules import Order, Subject, read_order
from tallystick.exports.spaces import export_all
from tallystick.store.audit import AuditNote
from tallystick.store.noting import note
from tallystick.v1.export_pb2 import ExportContent, ExportFormat
from tallystick.v1.export_service_pb2 import ExportRequest

Make = Callable[[Readers, Caller, ExportRequest, Order], Awaitable[ComingFile]]

_C = ExportContent
_MAKERS: dict[ExportContent.ValueType, Make] = {
    _C.EXPORT_CONTENT_ALL: export_all,
    _C.EXPORT_CONTENT_TRANSACTIONS: export_transactions,
    _C.EXPORT_CONTENT_ACCOUNTS: export_accounts,
    _C.EXPORT_CONTENT_STATEMENT: export_statement,
    _C.EXPORT_CONTENT_EXPENSES: export_expenses,
    _C.EXPORT_CONTENT_BREAKDOWN: export_report,
    _C.EXPORT_CONTENT_NET_WORTH: export_report,
    _C.EXPORT_CONTENT_BUDGETS: export_report,
}


class Exporting:
    """Begins exports."""

    def __init__(self, readers: Readers, everything: Everything) -> None:
        self._readers = readers
        pages = BookPages()
        self._of_everything: Make = everything.export
        self._of_pages: dict[ExportContent.ValueType, Make] = {
            ExportContent.EXPORT_CONTENT_STATEMENT: pages.export_statement,
            ExportContent.EXPORT_CONTENT_REPORT: pages.export_report,
        }

    async def begin(self, caller: Caller, request: ExportRequest) -> ComingFile:
        """The file, before its first byte. By then it is certain that the caller may have it, and it is noted that they took it."""
        order = read_order(request)
        file = await self._maker_of(order)(self._readers, caller, request, order)
        space_id = UUID(request.book_id or request.group_id or str(caller.home_id))
        account_id = UUID(request.account_id) if request.account_id else None
        await note(self._readers.store, caller, space_id, AuditNote("export", account_id))
        return file

    def _maker_of(self, order: Order) -> Make:
        if order.subject is Subject.EVERYTHING:
            return self._of_everything
        makers = self._of_pages if order.format == ExportFormat.EXPORT_FORMAT_PDF else _MAKERS
        return makers[order.content]
