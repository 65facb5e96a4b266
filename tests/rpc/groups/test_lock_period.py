"""What LockPeriod promises."""

import proof
from circle import Circle
from people import new_id, refusal_of
from rpc.groups import hall
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR
from tallystick_client.v1 import group_pb2 as pb


async def test_lock_period_shuts_everything_up_to_a_day(circle: Circle, database: proof.Connection) -> None:
    request = pb.LockPeriodRequest(request_id=new_id(), group_id=circle.id, locked_until="2026-01-31")
    locked = await keeps_the_promises_of_a_write(circle, "LockPeriod", request, locked_until="2026-02-28")
    assert locked.group.locked_until == "2026-01-31"
    assert hall.audited(database, circle.id).count("period_locked") == 1
    refused = await refusal_of(circle.spend(booked_on="2026-01-31"))
    assert (refused.reason, refused.metadata["locked_until"]) == ("PERIOD_LOCKED", "2026-01-31")
    await circle.spend(booked_on="2026-02-01")


async def test_lock_period_only_grows(circle: Circle, database: proof.Connection) -> None:
    locked = await hall.lock(circle.person, circle.id, "2026-01-31")
    assert await hall.lock(circle.person, circle.id, "2026-01-31") == locked
    assert hall.audited(database, circle.id).count("period_locked") == 1
    shorter = await refusal_of(hall.lock(circle.person, circle.id, "2026-01-30"))
    assert (shorter.reason, shorter.fields) == ("INVALID_FIELD", ("locked_until",))
    assert (await hall.lock(circle.person, circle.id, "2026-02-28")).locked_until == "2026-02-28"


async def test_lock_period_needs_a_day_that_exists(circle: Circle) -> None:
    assert (await refusal_of(hall.lock(circle.person, circle.id, "2026-02-30"))).reason == "INVALID_DATE"
    assert (await refusal_of(hall.lock(circle.person, circle.id, ""))).reason == "INVALID_FIELD"


async def test_lock_period_is_for_owners(circle: Circle) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    assert (await refusal_of(hall.lock(eve, circle.id, "2026-01-31"))).reason == "ROLE_TOO_LOW"
