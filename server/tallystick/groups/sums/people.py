"""What is open between two users, over all groups that both are in? Nothing is said of groups that the caller is not in."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, select

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.rules import require_amount
from tallystick.groups.sums.queries import TALLIES, open_sums
from tallystick.groups.tables import GROUP
from tallystick.spaces.queries import ID_MIN
from tallystick.store.apart import Apart
from tallystick.store.members import MEMBER_OF_USER
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tables import space, user_space
from tallystick.store.tx import ReadTx
from tallystick.v1.group_balances_pb2 import GetPersonBalanceRequest, GetPersonBalanceResponse, GroupDebt
from tallystick.v1.money_pb2 import Money
from tallystick.v1.space_pb2 import SpaceKind

GROUPS_AT_ONCE = 100

_theirs = user_space.alias("theirs")
SHARED_GROUPS = prepare(
    select(space.c.id)
    .select_from(
        user_space.join(_theirs, _theirs.c.space_id == user_space.c.space_id).join(
            space, space.c.id == user_space.c.space_id
        )
    )
    .where(
        user_space.c.user_id == bindparam("user_id", type_=Uuid),
        user_space.c.left_at.is_(None),
        _theirs.c.user_id == bindparam("other_id", type_=Uuid),
        _theirs.c.left_at.is_(None),
        space.c.kind == SpaceKind.SPACE_KIND_GROUP,
        space.c.erased_at.is_(None),
        space.c.deleted_at.is_(None),
        space.c.id > bindparam("after_id", type_=Uuid),
    )
    .order_by(space.c.id)
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(slots=True)
class _Open:
    """What was found so far."""

    debts: list[GroupDebt] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)

    def add(self, group_id: str, name: str, currency: str, minor: int) -> None:
        amount = Money(currency=currency, minor=minor)
        self.debts.append(GroupDebt(group_id=group_id, group_name=name, amount=amount))
        self.totals[currency] = self.totals.get(currency, 0) + minor


async def get_person_balance(
    store: Store, apart: Apart, caller: Caller, request: GetPersonBalanceRequest
) -> GetPersonBalanceResponse:
    """One round trip a group, one after the other: a caller's question must not take all connections."""
    found, after_id, other_id = _Open(), ID_MIN, UUID(request.user_id)
    while True:
        rows = await apart.fetch(
            SHARED_GROUPS(user_id=caller.user_id, other_id=other_id, after_id=after_id, limit=GROUPS_AT_ONCE)
        )
        for (group_id,) in rows:
            try:
                await _add_group(store.reader(caller, group_id, request), caller.user_id, other_id, found)
            except NotVisible:
                # Either has left meanwhile, or the group is gone.
                continue
        if len(rows) < GROUPS_AT_ONCE:
            break
        after_id = rows[-1][0]
    totals = [
        Money(currency=currency, minor=require_amount("totals", minor))
        for currency, minor in sorted(found.totals.items())
    ]
    return GetPersonBalanceResponse(debts=found.debts, totals=totals)


async def _add_group(tx: ReadTx, user_id: UUID, other_id: UUID, found: _Open) -> None:
    groups, own, other, tallies = await tx.fetch_all(
        GROUP_OF_SPACE(space_id=tx.space_id),
        MEMBER_OF_USER(space_id=tx.space_id, user_id=user_id),
        MEMBER_OF_USER(space_id=tx.space_id, user_id=other_id),
        TALLIES(space_id=tx.space_id),
    )
    group, own_id, their_id = tx.require(GROUP, groups), own[0][0], other[0][0] if other else None
    for (one_id, second_id, currency), owes in sorted(open_sums(tx, tallies).debts.items()):
        if {one_id, second_id} == {own_id, their_id}:
            found.add(group.id, group.name, currency, -owes if one_id == own_id else owes)
