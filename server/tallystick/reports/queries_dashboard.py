"""What is a book at a glance, and each member of a household? All is read once, and told apart by who holds the accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from tallystick.budgets.periods import Span
from tallystick.ledger.accounts.rules import is_named
from tallystick.ledger.rates.converting import Converter
from tallystick.ledger.rules import require_date
from tallystick.ledger.spending.rules import Amounts, Seen
from tallystick.reports.queries import Ground, get_ground
from tallystick.reports.queries_forecast import find_going_on
from tallystick.reports.queries_net_worth import amounts_held, read_held
from tallystick.reports.queries_summaries import compose_summary
from tallystick.reports.rules import Counted, biggest_of, foreign_of
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
    found: Sequence[Amounts]
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
    found = await ground.sum_up(spans)
    held = await read_held(ground, [day])
    converter = await ground.converter_for(*foreign_of(found).values(), *amounts_held(ground, [day], held))
    of_accounts = {seen.id: minor for seen, minor in zip(ground.accounts, held[0], strict=True)}
    return _Glance(ground, day, month, year, spans, found, of_accounts, converter, most)


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
    found = [each for each in glance.found if each.account.id in ids]
    counted = Counted(glance.converter, foreign_of(found), found)
    part = DashboardPart(
        month=_compose_summary(glance, counted, glance.month),
        year=_compose_summary(glance, counted, glance.year),
        due=[each.compose() for each in next_of(_of_accounts(glance.templates, accounts), glance.most)],
    )
    held = [glance.held[each.id] for each in accounts]
    worths.write_point(part.net_worth, glance.day, accounts, held, by_account=False)
    part.net_worth_conversion.CopyFrom(worths.compose_conversion())
    return part


def _compose_summary(glance: _Glance, counted: Counted, days: Span) -> Summary:
    spans = [number for number, span in enumerate(glance.spans) if days.from_on <= span[0] and span[1] <= days.until_on]
    return compose_summary(glance.ground, counted, spans, days, glance.most)


def _of_accounts(templates: Sequence[Template], accounts: Sequence[Seen]) -> list[Template]:
    """Those that book something on one of the accounts."""
    return [each for each in templates if any(is_named(each.draft, str(seen.id)) for seen in accounts)]
