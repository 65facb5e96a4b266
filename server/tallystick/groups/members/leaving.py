"""How does what is open between a leaving member and the others become nothing? As settlements, in the commit that they leave in."""

from uuid import UUID

from tallystick.groups.members import rules_leaving as rules
from tallystick.groups.members.queries import Open
from tallystick.groups.members.rules import Roster, has_balance
from tallystick.groups.members.rules_leaving import Gift
from tallystick.groups.profiles.rules import require_unlocked
from tallystick.groups.sums.effects import step_of_settlement
from tallystick.groups.sums.posting import post
from tallystick.groups.tables import SETTLEMENT
from tallystick.ledger.rules import require_date
from tallystick.ledger.templates.rules import today_in
from tallystick.store.journal import CHANGES_MAX
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.group_members_pb2 import LeaveGroupRequest
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_settlements_pb2 import Settlement
from tallystick.v1.money_pb2 import Money

# The member's own change is in the commit, too.
SETTLEMENTS_MAX = CHANGES_MAX - 1


async def settle_up(
    tx: WriteTx, request: LeaveGroupRequest, group: Group, roster: Roster, own_id: UUID, member_id: UUID, left: Open
) -> list[Settlement]:
    """Records what the request says became of it."""
    gifts = _compose_gifts(tx, request, roster, own_id, member_id, left)
    if len(gifts) > SETTLEMENTS_MAX:
        raise has_balance(
            left.nets, f"More is open than {SETTLEMENTS_MAX} settlements can end; settle some of it first."
        )
    day = require_date("on", request.on) if request.on else today_in(group.time_zone, tx.now)
    if gifts:
        require_unlocked(group, day)
    kind = rules.kind_of(request)
    settlements = [
        tx.add(
            SETTLEMENT,
            Settlement(
                id=str(tx.new_id()),
                group_id=str(tx.space_id),
                from_member_id=str(gift.from_id),
                to_member_id=str(gift.to_id),
                amount=Money(currency=gift.currency, minor=gift.minor),
                booked_on=day.isoformat(),
                kind=kind,
                state=rules.state_of(kind),
                created_at=to_timestamp(tx.now),
            ),
        )
        for gift in gifts
    ]
    await post(tx, [(None, step_of_settlement(each)) for each in settlements])
    return settlements


def _compose_gifts(
    tx: WriteTx, request: LeaveGroupRequest, roster: Roster, own_id: UUID, member_id: UUID, left: Open
) -> list[Gift]:
    if request.HasField("taken_over"):
        taker_id = UUID(request.taken_over.member_id)
        rules.require_other(member_id, taker_id)
        roster.require_in([taker_id])
        rules.require_may_hand_over(tx.role, left.debts)
        return rules.hand_over(member_id, taker_id, left.debts)
    if request.HasField("forgiven"):
        rules.require_may_forgive(tx.role, own_id, member_id, left.debts)
    return rules.even_out(member_id, left.debts)
