"""What were accounts worth together, on many days?"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tallystick.budgets.periods import Span
from tallystick.ledger.accounts.queries_held import get_held
from tallystick.ledger.spending.rules import CurrencyDay
from tallystick.reports.queries import Ground, get_ground
from tallystick.reports.rules_days import MONTH, compose_days, require_days, years_before
from tallystick.reports.rules_worth import Worths
from tallystick.store.tx import ReadTx
from tallystick.v1.report_net_worth_pb2 import GetNetWorthRequest, GetNetWorthResponse, NetWorthReport

_DAY = timedelta(days=1)


async def get_net_worth(tx: ReadTx, request: GetNetWorthRequest, now: datetime) -> GetNetWorthResponse:
    async with tx.snapshot() as snapshot:
        ground = await get_ground(snapshot, request.currency, request.filter, now)
        days = require_days(request.from_on, request.until_on, ground.today, lambda last: years_before(last, 1) + _DAY)
        step = request.step or MONTH
        response = GetNetWorthResponse(report=await _report(ground, request, days))
        before = ground.calendar.compared(days, request.compare_with, step)
        if before is not None:
            response.previous.CopyFrom(await _report(ground, request, before))
    return response


async def _report(ground: Ground, request: GetNetWorthRequest, days: Span) -> NetWorthReport:
    points = [each.until_on for each in ground.calendar.steps(request.step or MONTH, days)]
    held = await read_held(ground, points)
    worths = Worths(await ground.converter_for(*amounts_held(ground, points, held)))
    report = NetWorthReport(days=compose_days(days))
    for day, at_once in zip(points, held, strict=True):
        worths.write_point(report.points.add(), day, ground.accounts, at_once, by_account=request.by_account)
    report.conversion.CopyFrom(worths.compose_conversion())
    return report


async def read_held(ground: Ground, days: Sequence[date]) -> list[list[int]]:
    """Of each day what each account held, in the order of the accounts."""
    held = await get_held(ground.tx, [each.id for each in ground.accounts], days)
    return [[held[each.id][number] for each in ground.accounts] for number in range(len(days))]


def amounts_held(ground: Ground, days: Sequence[date], held: Sequence[Sequence[int]]) -> list[dict[CurrencyDay, int]]:
    """What may have to be converted of it."""
    return [
        {(seen.currency, day): minor for seen, minor in zip(ground.accounts, at_once, strict=True) if minor}
        for day, at_once in zip(days, held, strict=True)
    ]
