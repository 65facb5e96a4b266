"""What follows from each expense and settlement of a group? Its shares, and how far it moves nets and debts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tallystick.errors import TallystickError
from tallystick.groups.proof import queries
from tallystick.groups.proof.rules import NAMED_BY, borne, wrong_shares
from tallystick.groups.sums.effects import Step, moves_of, step_of_expense, step_of_settlement
from tallystick.proof.inspecting import Inspection
from tallystick.proof.walking import EntityWalk
from tallystick.store.entity import Entity
from tallystick.store.tx import ReadTx
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_settlements_pb2 import Settlement
from tallystick.v1.space_pb2 import Member


class GroupInspection(Inspection):
    """What is known of a group so far, and what was found."""

    space_field = "group_id"
    named_by = NAMED_BY
    cells = queries.CELLS

    def __init__(self, tx: ReadTx, walks: Sequence[EntityWalk]) -> None:
        super().__init__(tx, walks)
        self.nets: dict[tuple[UUID, str], int] = {}
        self.debts: dict[tuple[UUID, UUID, str], int] = {}
        # What each expense's refunds gave back, by member.
        self.given_back: dict[UUID, dict[UUID, int]] = {}
        self.live_expenses = 0
        self.live_settlements = 0
        self.members = 0

    def judge(self, entity: Entity[Any], message: Any, named: Sequence[tuple[str, UUID]], *, is_live: bool) -> None:  # noqa: ARG002 - what is named is no affair of anybody's alone here
        self.members += isinstance(message, Member)
        if isinstance(message, Expense):
            self.findings += wrong_shares(message)
        if not is_live:
            return
        if isinstance(message, Expense):
            self.live_expenses += 1
            self._add(step_of_expense(message))
            self._note_refund(message)
        elif isinstance(message, Settlement):
            self.live_settlements += 1
            self._add(step_of_settlement(message))

    def _add(self, step: Step | None) -> None:
        try:
            nets, debts = moves_of(None, step)
        except TallystickError:
            # Shares that do not add up move nothing that could be told; that they do not was found before.
            return
        for net, moved in nets.items():
            self.nets[net] = self.nets.get(net, 0) + moved
        for debt, moved in debts.items():
            self.debts[debt] = self.debts.get(debt, 0) + moved

    def _note_refund(self, refund: Expense) -> None:
        if not refund.refund_of_id:
            return
        given = self.given_back.setdefault(UUID(refund.refund_of_id), {})
        for member_id, minor in borne(refund).items():
            given[member_id] = given.get(member_id, 0) + minor
