"""What do the calls about reports mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.reports.queries_breakdown import get_category_breakdown
from tallystick.reports.queries_budgets import get_budget_performance
from tallystick.reports.queries_cash_flow import get_cash_flow
from tallystick.reports.queries_dashboard import get_dashboard
from tallystick.reports.queries_net_worth import get_net_worth
from tallystick.reports.queries_spending import get_spending_trends
from tallystick.reports.queries_summaries import get_monthly_summary, get_yearly_summary
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.v1.report_budgets_pb2 import GetBudgetPerformanceRequest, GetBudgetPerformanceResponse
from tallystick.v1.report_cash_flow_pb2 import GetCashFlowRequest, GetCashFlowResponse
from tallystick.v1.report_dashboard_pb2 import GetDashboardRequest, GetDashboardResponse
from tallystick.v1.report_net_worth_pb2 import GetNetWorthRequest, GetNetWorthResponse
from tallystick.v1.report_service_pb2_grpc import ReportServiceServicer
from tallystick.v1.report_spending_pb2 import (
    GetCategoryBreakdownRequest,
    GetCategoryBreakdownResponse,
    GetSpendingTrendsRequest,
    GetSpendingTrendsResponse,
)
from tallystick.v1.report_summaries_pb2 import (
    GetMonthlySummaryRequest,
    GetMonthlySummaryResponse,
    GetYearlySummaryRequest,
    GetYearlySummaryResponse,
)

Context = ServicerContext[Any, Any]


class ReportService(ReportServiceServicer):
    """What the money in a book comes to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def GetNetWorth(self, request: GetNetWorthRequest, context: Context) -> GetNetWorthResponse:
        return await get_net_worth(self._reader(request), request, self._store.clock.now())

    async def GetSpendingTrends(self, request: GetSpendingTrendsRequest, context: Context) -> GetSpendingTrendsResponse:
        return await get_spending_trends(self._reader(request), request, self._store.clock.now())

    async def GetCategoryBreakdown(
        self, request: GetCategoryBreakdownRequest, context: Context
    ) -> GetCategoryBreakdownResponse:
        return await get_category_breakdown(self._reader(request), request, self._store.clock.now())

    async def GetMonthlySummary(self, request: GetMonthlySummaryRequest, context: Context) -> GetMonthlySummaryResponse:
        return await get_monthly_summary(self._reader(request), request, self._store.clock.now())

    async def GetYearlySummary(self, request: GetYearlySummaryRequest, context: Context) -> GetYearlySummaryResponse:
        return await get_yearly_summary(self._reader(request), request, self._store.clock.now())

    async def GetCashFlow(self, request: GetCashFlowRequest, context: Context) -> GetCashFlowResponse:
        return await get_cash_flow(self._reader(request), request, self._store.clock.now())

    async def GetBudgetPerformance(
        self, request: GetBudgetPerformanceRequest, context: Context
    ) -> GetBudgetPerformanceResponse:
        return await get_budget_performance(self._reader(request), request, self._store.clock.now())

    async def GetDashboard(self, request: GetDashboardRequest, context: Context) -> GetDashboardResponse:
        return await get_dashboard(self._reader(request), request, self._store.clock.now())

    def _reader(self, request: Any) -> ReadTx:
        return self._store.reader(caller(), request.book_id, request)
