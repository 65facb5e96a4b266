"""How do the calls of all nouns make one service?"""

from tallystick.budgets.figures.service import FigureCalls
from tallystick.budgets.items.service import ItemCalls
from tallystick.budgets.moves.service import MoveCalls
from tallystick.budgets.plans.service import PlanCalls
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.budget_service_pb2_grpc import BudgetServiceServicer


class BudgetService(PlanCalls, ItemCalls, MoveCalls, FigureCalls, BudgetServiceServicer):
    """What people mean to spend."""

    def __init__(self, store: Store, pages: Pages) -> None:
        self._store = store
        self._pages = pages
