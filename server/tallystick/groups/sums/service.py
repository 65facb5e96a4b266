"""What do the calls about balances mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.groups.sums.people import get_person_balance
from tallystick.groups.sums.state import as_date, debts_in_order, nets_by_currency, read_sums
from tallystick.groups.sums.statement import get_statement
from tallystick.groups.sums.views import view_of
from tallystick.ledger.rules import require_currency
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_balances_pb2 import (
    Debt,
    GetBalancesRequest,
    GetBalancesResponse,
    GetPersonBalanceRequest,
    GetPersonBalanceResponse,
    GetStatementRequest,
    GetStatementResponse,
    MemberBalance,
)
from tallystick.v1.money_pb2 import Money

Context = ServicerContext[Any, Any]


class BalanceCalls:
    """The calls about balances."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def GetBalances(self, request: GetBalancesRequest, context: Context) -> GetBalancesResponse:
        currency = require_currency("in_currency", request.in_currency) if request.in_currency else ""
        on = as_date("as_of", request.as_of, self._store.clock.now().date())
        tx = self._store.reader(caller(), request.group_id, request)
        sums = await read_sums(tx, request.as_of)
        # Everybody is named in many debts, and to write an id takes longer than to look it up.
        members = {each for *named, _ in (*sums.nets, *sums.debts) for each in named}
        names = {each: str(each) for each in members}
        return GetBalancesResponse(
            balances=[
                MemberBalance(member_id=names[member_id], net=Money(currency=each, minor=net))
                for each, nets in nets_by_currency(sums).items()
                for member_id, net in nets.items()
            ],
            debts=[
                Debt(from_member_id=names[from_id], to_member_id=names[to_id], amount=Money(currency=each, minor=owes))
                for each, from_id, to_id, owes in debts_in_order(sums)
            ],
            version=sums.version,
            view=await view_of(tx, sums, currency, on) if currency else None,
        )

    async def GetStatement(self, request: GetStatementRequest, context: Context) -> GetStatementResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        after = self._pages.position(caller(), request)
        statement, last = await get_statement(tx, request, caller().user_id, after)
        if last is not None:
            statement.next_page_token = self._pages.token(caller(), request, *last)
        return statement

    async def GetPersonBalance(self, request: GetPersonBalanceRequest, context: Context) -> GetPersonBalanceResponse:
        return await get_person_balance(self._store, self._apart, caller(), request)
