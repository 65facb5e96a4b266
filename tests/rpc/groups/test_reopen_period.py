"""What ReopenPeriod promises."""

import proof
from circle import Circle
from people import new_id, refusal_of
from rpc.groups import hall
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR
from tallystick_client.v1 import group_pb2 as pb


async def test_reopen_period_opens_it_in_part_and_in_whole(circle: Circle, database: proof.Connection) -> None:
    await hall.lock(circle.person, circle.id, "2026-02-28")
    request = pb.ReopenPeriodRequest(request_id=new_id(), group_id=circle.id, locked_until="2026-01-31")
    opened = await keeps_the_promises_of_a_write(circle, "ReopenPeriod", request, locked_until="")
    assert opened.group.locked_until == "2026-01-31"
    await circle.spend(booked_on="2026-02-03")
    assert (await hall.reopen(circle.person, circle.id)).locked_until == ""
    await circle.spend(booked_on="2026-01-03")
    assert hall.audited(database, circle.id).count("period_reopened") == 2


async def test_reopen_period_locks_nothing(circle: Circle, database: proof.Connection) -> None:
    before = await hall.get(circle.person, circle.id)
    assert await hall.reopen(circle.person, circle.id) == before
    for until in ("", "2026-01-31"):
        if until:
            await hall.lock(circle.person, circle.id, until)
        later = await refusal_of(hall.reopen(circle.person, circle.id, "2026-02-01"))
        assert (later.reason, later.fields) == ("INVALID_FIELD", ("locked_until",))
    assert "period_reopened" not in hall.audited(database, circle.id)


async def test_reopen_period_needs_a_day_that_exists(circle: Circle) -> None:
    assert (await refusal_of(hall.reopen(circle.person, circle.id, "2026-02-30"))).reason == "INVALID_DATE"


async def test_reopen_period_is_for_owners(circle: Circle) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    assert (await refusal_of(hall.reopen(eve, circle.id))).reason == "ROLE_TOO_LOW"
