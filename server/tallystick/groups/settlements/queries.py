"""Which settlements are there? By id, and a page at a time, the newest first."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Uuid, bindparam, select, tuple_

from tallystick.groups.members.queries import MEMBERS
from tallystick.groups.plans.queries import asked_of_plan
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.tables import SETTLEMENT, settlement
from tallystick.ledger.rules import canonical
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import Call, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.group_settlements_pb2 import ListSettlementsRequest, RecordSettlementRequest, Settlement

_SPACE_ID = bindparam("space_id", type_=Uuid)
_settlement = select(settlement.c.id, settlement.c.version, settlement.c.body).where(
    settlement.c.space_id == _SPACE_ID, settlement.c.deleted_at.is_(None)
)
SETTLEMENT_BY_ID = prepare(_settlement.where(settlement.c.id == bindparam("id", type_=Uuid)))
_SETTLEMENTS_BEFORE = prepare(
    _settlement.where(
        tuple_(settlement.c.booked_on, settlement.c.id)
        < tuple_(bindparam("before_on", type_=Date), bindparam("before_id", type_=Uuid))
    )
    .order_by(settlement.c.booked_on.desc(), settlement.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_LAST = (date.max, UUID(int=2**128 - 1))
# Who gave and who got only the settlement itself says: a page of one member's looks through so many at a time.
SLICE_ROWS = 200


def asked_to_record(space_id: UUID, request: RecordSettlementRequest) -> list[Call[*tuple[Any, ...]]]:
    """What must be known to record a settlement: the group and who is in it; of a payment of a plan, that plan and when balances last
    moved."""
    of_group = [GROUP_OF_SPACE(space_id=space_id), MEMBERS(space_id=space_id)]
    return [*of_group, *asked_of_plan(space_id, request.plan_id)] if request.plan_id else [*of_group]


async def get_settlement(tx: ReadTx, settlement_id: str) -> Settlement:
    return tx.require(SETTLEMENT, await tx.fetch(SETTLEMENT_BY_ID(space_id=tx.space_id, id=UUID(settlement_id))))


async def list_settlements(
    tx: ReadTx, request: ListSettlementsRequest, after: Sequence[str] | None
) -> Page[Settlement]:
    """A page, newest first. `after` is the day and id of the last one of the page before."""
    size, member_id = page_size(request.page_size), canonical(request.member_id)
    before_on, before_id = (date.fromisoformat(after[0]), UUID(after[1])) if after else _LAST
    limit = SLICE_ROWS if member_id else size + 1
    found: list[Settlement] = []
    while len(found) <= size:
        rows = await tx.fetch(
            _SETTLEMENTS_BEFORE(space_id=tx.space_id, before_on=before_on, before_id=before_id, limit=limit)
        )
        opened = [tx.open(SETTLEMENT, row) for row in rows]
        found += [each for each in opened if not member_id or member_id in (each.from_member_id, each.to_member_id)]
        if len(rows) < limit:
            break
        before_on, before_id = date.fromisoformat(opened[-1].booked_on), rows[-1][0]
    page = found[:size]
    return Page(page, (page[-1].booked_on, page[-1].id) if len(found) > size else ())
