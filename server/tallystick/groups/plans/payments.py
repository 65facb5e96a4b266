"""How do the payments of a plan and settlements keep together? A settlement that counts marks its line, and leaves it when it does not."""

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.groups.plans import rules
from tallystick.groups.settlements.rules import counts
from tallystick.groups.tables import SETTLEMENT_PLAN
from tallystick.store.connection import Row
from tallystick.store.tx import WriteTx
from tallystick.v1.group_plans_pb2 import PlannedPayment, SettlementPlan
from tallystick.v1.group_settlements_pb2 import RecordSettlementRequest, Settlement


@dataclass(frozen=True, slots=True)
class PlanInUse:
    """A plan inside a commit that makes one of its payments or takes one back."""

    tx: WriteTx
    plan: SettlementPlan
    newest_version: int

    def require_payable(self, request: RecordSettlementRequest, from_id: str, to_id: str) -> PlannedPayment:
        return rules.require_payable(self.plan, request, from_id, to_id)

    def mark(self, settlement: Settlement) -> None:
        """Before the settlement is posted: only then it can be told what moved the balances before."""
        after = rules.marked(
            self.plan,
            settlement.plan_line,
            settlement.id,
            counts=counts(settlement),
            newest_version=self.newest_version,
            seq=self.tx.seq,
        )
        if after != self.plan:
            self.tx.put(SETTLEMENT_PLAN, self.plan, after)


def open_plan(tx: WriteTx, plans: Sequence[Row], newest: Sequence[Row]) -> PlanInUse:
    """From what `asked_of_plan` found."""
    return PlanInUse(tx, tx.require(SETTLEMENT_PLAN, plans), newest[0][0])
