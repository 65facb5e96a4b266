"""What is a book at a glance, and each member of a household? All is read once, and told apart by who holds the accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from tallystick.budgets.periods import Span
from tallystick.ledger.accounts.rules import is_named
from tallystick.ledger.rates.converting import Converter
from tallystick.ledger.rules import require_date
from tallystick.ledger.spending.rules import CurrencyDay, Seen, Slot
from tallystick.reports.queries import Ground, get_ground
from tallystick.reports.queries_forecast import find_going_on
from tallystick.reports.queries_net_worth import amounts_held, read_held
from tallystick.reports.queries_summaries import compose_summary
from tallystick.reports.rules import Counted, Pot, biggest_of, gather, pot_of
from tallystick.reports.rules_days import MONTH, PERIOD_BEFORE, YEAR, lay_out, month_before, years_before
from tallystick.reports.rules_forecast import next_of
from tallystick.reports.rules_worth import Worths
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_templates_pb2 import Template
from tallystick.v1.report_dashboard_pb2 import Dashboard, DashboardPart, GetDashboardRequest, GetDashboardResponse
from tallystick.v1.report_summaries_pb2 import Summary

_MONTHS_BEFORE = 12


@dataclass(frozen=True, slots=True)
class _Glance:
    """What was read for all parts."""

    ground: Ground
    day: date
    month: Span
    year: Span
    spans: Sequence[Span]
    sums: Mapping[Slot, Mapping[CurrencyDay, int]]
    held: Mapping[UUID, int]
    converter: Converter
    most: int
    # What falls due of these.
    templates: Sequence[Template] = ()


async def get_dashboard(tx: ReadTx, request: GetDashboardRequest, now: datetime) -> GetDashboardResponse:
    async with tx.snapshot() as snapshot:
        ground = await get_ground(snapshot, request.currency, request.filter, now)
        day, most = require_date("on", request.on) if request.on else ground.today, biggest_of(request.biggest)
        calendar = ground.calendar
        is_household = len(ground.sight.member_ids) > 1 and not request.filter.member_id
        glance = await _look(ground, day, calendar.period(MONTH, day), calendar.period(YEAR, day), most)
        glance = replace(glance, templates=await find_going_on(ground))
        response = GetDashboardResponse(report=_compose(glance, is_household=is_household))
        if request.compare_with:
            is_month = request.compare_with == PERIOD_BEFORE
            earlier = month_before(day) if is_month else years_before(day, 1)
            month = calendar.period(MONTH, day, -1 if is_month else -_MONTHS_BEFORE)
            glance = await _look(ground, earlier, month, calendar.period(YEAR, day, -1), most)
            response.previous.CopyFrom(_compose(glance, is_household=is_household))
    return response


async def _look(ground: Ground, day: date, month: Span, year: Span, most: int) -> _Glance:
    spans = lay_out(month, year)
    sums = await ground.sum_up(spans)
    held = await read_held(ground, [day])
    converter = await ground.converter_for(*sums.values(), *amounts_held(ground, [day], held))
    of_accounts = {seen.id: minor for seen, minor in zip(ground.accounts, held[0], strict=True)}
    return _Glance(ground, day, month, year, spans, sums, of_accounts, converter, most)


def _compose(glance: _Glance, *, is_household: bool) -> Dashboard:
    ground = glance.ground
    dashboard = Dashboard(on=glance.day.isoformat(), book=_compose_part(glance, ground.accounts))
    if not is_household:
        return dashboard
    members = ground.sight.member_ids
    for member_id in members:
        part = _compose_part(glance, [each for each in ground.accounts if each.member_id == member_id])
        part.member_id = str(member_id)
        part.display_name = ground.sight.open_member(ground.tx, member_id).display_name
        dashboard.members.append(part)
    dashboard.shared.CopyFrom(
        _compose_part(glance, [each for each in ground.accounts if each.member_id not in members])
    )
    return dashboard


def _compose_part(glance: _Glance, accounts: Sequence[Seen]) -> DashboardPart:
    ids, worths = {each.id for each in accounts}, Worths(glance.converter)
    amounts = gather(glance.sums, lambda slot: pot_of(slot) if slot.account_id in ids else None)
    held = [glance.held[each.id] for each in accounts]
    return DashboardPart(
        net_worth=worths.compose_point(glance.day, accounts, held, by_account=False),
        net_worth_conversion=worths.compose_conversion(),
        month=_compose_summary(glance, amounts, glance.month),
        year=_compose_summary(glance, amounts, glance.year),
        due=[each.compose() for each in next_of(_of_accounts(glance.templates, accounts), glance.most)],
    )


def _compose_summary(glance: _Glance, amounts: Mapping[Pot, Mapping[CurrencyDay, int]], days: Span) -> Summary:
    spans = [number for number, span in enumerate(glance.spans) if days.from_on <= span[0] and span[1] <= days.until_on]
    counted = Counted(glance.converter, {pot: its for pot, its in amounts.items() if pot.span in spans})
    return compose_summary(glance.ground, counted, spans, days, glance.most)


def _of_accounts(templates: Sequence[Template], accounts: Sequence[Seen]) -> list[Template]:
    """Those that book something on one of the accounts."""
    return [each for each in templates if any(is_named(each.draft, str(seen.id)) for seen in accounts)]
