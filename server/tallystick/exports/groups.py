"""What of a group becomes a table? Everything that moved its balances, by date."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date

from tallystick.caller import Caller
from tallystick.exports.expenses import columns_of, row_of_expense, row_of_settlement
from tallystick.exports.files import ComingFile, Piece
from tallystick.exports.moment import PAGE_ROWS, Moment, Readers, open_body
from tallystick.exports.rules import Order, compose_file_name
from tallystick.exports.sheets import Sheet, sheet_of
from tallystick.groups.profiles.queries import get_group
from tallystick.groups.queries_moving import Moving, list_moving
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_settlements_pb2 import Settlement
from tallystick.v1.space_pb2 import Member


async def export_expenses(readers: Readers, caller: Caller, request: ExportRequest, order: Order) -> ComingFile:
    async with readers.store.reader(caller, request.group_id, request).snapshot() as tx:
        group = await get_group(tx)
        moving = await list_moving(tx, order.from_on or date.min, order.until_on or date.max)
        moment = await Moment.of(readers, caller, request, tx)
    name = compose_file_name(group.name, "expenses", *order.days, format_=order.format)
    return ComingFile(name, order.content_type, len(moving), _expenses(moment, moving, sheet_of(request.table)))


async def _expenses(moment: Moment, moving: Sequence[Moving], sheet: Sheet) -> AsyncGenerator[Piece, None]:
    members = await _read_members(moment)
    yield Piece(sheet.begin(columns_of(members.values())), 0)
    for start in range(0, len(moving), PAGE_ROWS):
        page = moving[start : start + PAGE_ROWS]
        expense_ids = [each.id for each in page if not each.is_settlement]
        settlement_ids = [each.id for each in page if each.is_settlement]
        expenses = iter(await moment.open_many("expense", Expense, expense_ids) if expense_ids else ())
        settlements = iter(await moment.open_many("settlement", Settlement, settlement_ids) if settlement_ids else ())
        rows = (
            row_of_settlement(next(settlements), members, sheet)
            if each.is_settlement
            else row_of_expense(next(expenses), members, sheet)
            for each in page
        )
        yield Piece(await asyncio.to_thread(sheet.rows, filter(None, rows)), start + len(page))


async def _read_members(moment: Moment) -> Mapping[str, Member]:
    """All, also who left: what they shared in stays."""
    tx, rows = await moment.kinds("member")
    found = (Member.FromString(open_body(tx, row[0], row[1], row[3], row[8])) for row in rows)
    return {member.id: member for member in sorted(found, key=lambda member: member.id)}
