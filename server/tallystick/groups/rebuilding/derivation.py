"""What follows from the expenses and settlements of a group? What is open among its members. By the rules that it is kept by."""

from collections.abc import Sequence

from sqlalchemy import Uuid, bindparam, select

from tallystick.errors import TallystickError
from tallystick.groups.sums.cells import Tally
from tallystick.groups.sums.effects import Step, moves_of, step_of_expense, step_of_settlement
from tallystick.groups.tables import EXPENSE, SETTLEMENT, TALLY, tally
from tallystick.rebuilding.refusals import unsound
from tallystick.rebuilding.states import State, stamped
from tallystick.store.statements import Call, prepare
from tallystick.store.tx import Snapshot

CURRENCIES = prepare(select(tally.c.currency).where(tally.c.space_id == bindparam("space_id", type_=Uuid)))


class GroupDerivation:
    """The rows of one group."""

    def __init__(self, view: Snapshot) -> None:
        self._view = view
        self._tallies: dict[str, Tally] = {}

    def count(self, state: State) -> None:
        if state.is_deleted:
            return
        if state.kind == EXPENSE.kind:
            self._add(state.kind, step_of_expense(state.message))
        elif state.kind == SETTLEMENT.kind:
            self._add(state.kind, step_of_settlement(state.message))

    async def rows_of(self, states: Sequence[State]) -> list[Call[()]]:  # noqa: ARG002 - each follows from all
        return []

    async def sums(self, seq: int) -> list[Call[()]]:
        rows = await self._view.fetch(CURRENCIES(space_id=self._view.space_id))
        return [
            self._keep(currency, self._tallies.get(currency) or Tally(), seq)
            for currency in sorted({row[0] for row in rows} | self._tallies.keys())
        ]

    def _add(self, kind: str, step: Step | None) -> None:
        try:
            nets, debts = moves_of(None, step)
        except TallystickError as wrong:
            raise unsound(f"{kind}.shares") from wrong
        for (member_id, currency), moved in nets.items():
            self._tally(currency).move_net(member_id, moved)
        for (one_id, other_id, currency), moved in debts.items():
            self._tally(currency).move_debt(one_id, other_id, moved)

    def _tally(self, currency: str) -> Tally:
        found = self._tallies.get(currency)
        if found is None:
            found = self._tallies[currency] = Tally()
        return found

    def _keep(self, currency: str, kept: Tally, seq: int) -> Call[()]:
        cell = self._view.seal.close(TALLY.place, TALLY.row_of({"currency": currency}), seq, kept.pack())
        return stamped(TALLY.table)(space_id=self._view.space_id, currency=currency, version=seq, amount=cell)
