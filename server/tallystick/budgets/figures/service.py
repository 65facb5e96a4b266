"""What do the calls about what has become of budgets mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.budgets.figures.listing import list_periods
from tallystick.budgets.figures.queries import get_analysis
from tallystick.caller import caller
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.budget_analysis_pb2 import (
    GetBudgetAnalysisRequest,
    GetBudgetAnalysisResponse,
    ListBudgetPeriodsRequest,
    ListBudgetPeriodsResponse,
)

Context = ServicerContext[Any, Any]


class FigureCalls:
    """The calls about what has become of budgets."""

    _store: Store
    _pages: Pages

    async def GetBudgetAnalysis(self, request: GetBudgetAnalysisRequest, context: Context) -> GetBudgetAnalysisResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        async with tx.snapshot() as snapshot:
            return await get_analysis(snapshot, request, self._store.clock.now())

    async def ListBudgetPeriods(self, request: ListBudgetPeriodsRequest, context: Context) -> ListBudgetPeriodsResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await list_periods(tx, request, self._store.clock.now(), self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListBudgetPeriodsResponse(periods=page.items, next_page_token=token)
