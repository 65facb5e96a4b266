"""What came in and went out, step by step, and what is going to?"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from tallystick.budgets.periods import Span
from tallystick.errors import InvalidInput
from tallystick.ledger.spending.rules import Side
from tallystick.reports.queries import Ground, get_ground
from tallystick.reports.queries_forecast import sum_up_coming
from tallystick.reports.rules import Counted, compose_conversion, foreign_of, money, total_of
from tallystick.reports.rules_days import compose_days, require_steps, years_before
from tallystick.reports.rules_forecast import FORECAST_YEARS
from tallystick.store.tx import ReadTx
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.report_cash_flow_pb2 import CashFlow, CashFlowStep, Flow, GetCashFlowRequest, GetCashFlowResponse


async def get_cash_flow(tx: ReadTx, request: GetCashFlowRequest, now: datetime) -> GetCashFlowResponse:
    async with tx.snapshot() as snapshot:
        ground = await get_ground(snapshot, request.currency, request.filter, now)
        step, days = require_steps(ground.calendar, request, ground.today)
        before = ground.calendar.compared(days, request.compare_with, step)
        if request.forecast_steps:
            last = ground.calendar.period(step, days.until_on, request.forecast_steps).until_on
            _require_near(ground, last)
            days = Span(days.from_on, last)
        steps = ground.calendar.steps(step, days)
        response = GetCashFlowResponse(report=await _report(ground, steps, is_forecast=request.forecast_steps > 0))
        if before is not None:
            response.previous.CopyFrom(await _report(ground, ground.calendar.steps(step, before), is_forecast=False))
    return response


def _require_near(ground: Ground, last: date) -> None:
    if years_before(last, FORECAST_YEARS) > ground.today:
        raise InvalidInput.of_field(
            "forecast_steps",
            f"goes on for more than {FORECAST_YEARS} years after today",
            ErrorReason.ERROR_REASON_INVALID_DATE,
        )


async def _report(ground: Ground, steps: Sequence[Span], *, is_forecast: bool) -> CashFlow:
    found = await ground.sum_up(steps)
    booked = foreign_of(found)
    coming = await sum_up_coming(ground, steps) if is_forecast else {}
    converter = await ground.converter_for(*booked.values(), *coming.values())
    counted, expected = Counted(converter, booked, found), Counted(converter, coming)
    report = CashFlow(
        days=compose_days(Span(steps[0].from_on, steps[-1].until_on)),
        total=_flow(counted, ground.currency, range(len(steps))),
        conversion=compose_conversion(converter, total_of([counted.total(), expected.total()])),
    )
    for number, days in enumerate(steps):
        step = CashFlowStep(days=compose_days(days), flow=_flow(counted, ground.currency, [number]))
        if is_forecast and days.until_on >= ground.today:
            step.expected.CopyFrom(_flow(expected, ground.currency, [number]))
        report.steps.append(step)
    return report


def _flow(counted: Counted, currency: str, spans: Iterable[int]) -> Flow:
    came, went = counted.minor(Side.EARNED, spans), counted.minor(Side.SPENT, spans)
    # `in` is a word of Python's, so that the field is set by its name.
    return Flow(**{"in": money(currency, came)}, out=money(currency, went), net=money(currency, came - went))
