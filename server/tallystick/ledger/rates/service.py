"""What do the calls about rates mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger import rules
from tallystick.ledger.rates import commands, queries
from tallystick.ledger.rates import rules as rules_rates
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_rates_pb2 import (
    ConvertRequest,
    ConvertResponse,
    DeleteRateRequest,
    DeleteRateResponse,
    ListRatesRequest,
    ListRatesResponse,
    SetRateRequest,
    SetRateResponse,
)
from tallystick.v1.money_pb2 import Money

Context = ServicerContext[Any, Any]


class RateCalls:
    """The calls about rates."""

    _store: Store
    _pages: Pages

    async def SetRate(self, request: SetRateRequest, context: Context) -> SetRateResponse:
        return await self._store.write(caller(), request.book_id, request, commands.set_rate, SetRateResponse)

    async def DeleteRate(self, request: DeleteRateRequest, context: Context) -> DeleteRateResponse:
        return await self._store.write(caller(), request.book_id, request, commands.delete_rate, DeleteRateResponse)

    async def ListRates(self, request: ListRatesRequest, context: Context) -> ListRatesResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await queries.list_rates(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListRatesResponse(rates=page.items, next_page_token=token)

    async def Convert(self, request: ConvertRequest, context: Context) -> ConvertResponse:
        have = rules.require_currency("amount.currency", request.amount.currency)
        want = rules.require_currency("to_currency", request.to_currency)
        on = rules.require_date("on", request.on)
        tx = self._store.reader(caller(), request.book_id, request)
        path, legs = await queries.get_conversion(tx, have, want, on)
        minor = rules_rates.convert(request.amount.minor, have, want, path.rate)
        return ConvertResponse(
            amount=Money(currency=want, minor=minor),
            rate=rules_rates.canonical_rate(path.rate),
            as_of=path.as_of.isoformat(),
            legs=legs,
        )
