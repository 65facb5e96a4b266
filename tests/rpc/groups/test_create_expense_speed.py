"""Does recording and changing an expense ask the database as seldom as it can?"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from circle import Circle, money
from rpc.groups.spending import counts_as, delete, update
from tallystick.store import door
from tallystick.store.connection import Connection
from tallystick_client.v1.group_splits_pb2 import Payer

Trips = Callable[[], int]


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Trips:
    """How many round trips the last write made, from its lock to its commit."""
    sent: list[tuple[Connection, Sequence[Any]]] = []
    batch = Connection.batch

    async def counted(self: Connection, calls: Sequence[Any]) -> Any:
        sent.append((self, [call.statement for call in calls]))
        return await batch(self, calls)

    monkeypatch.setattr(Connection, "batch", counted)

    def count() -> int:
        locked = max(number for number, (_, statements) in enumerate(sent) if door.LOCK in statements)
        own = [statements for connection, statements in sent[locked:] if connection is sent[locked][0]]
        return next(number for number, statements in enumerate(own, start=1) if door.COMMIT in statements)

    return count


async def test_an_expense_takes_two_round_trips(circle: Circle, trips: Trips) -> None:
    # The first write of a group opens its key.
    await circle.spend(1000)
    payers = [Payer(member_id=circle.owner_id, minor=2000), Payer(member_id=circle.guests["Hal"], minor=1000)]
    dollars = {"currency": "USD", "conversion": counts_as(100)}
    kinds: tuple[dict[str, Any], ...] = (
        {},
        {"payers": payers},
        {"import_key": "row 7"},
        dollars,
        {"payers": [], "split": None},
    )
    for fields in kinds:
        await circle.spend(sum(payer.minor for payer in fields.get("payers", [])) or 1000, **fields)
        assert trips() == 2, fields


async def test_changing_and_deleting_it_take_two_as_well(circle: Circle, trips: Trips) -> None:
    made = await circle.spend(1000)
    await update(circle, made, note="late", base_version=made.version)
    assert trips() == 2
    await update(circle, made, amount=money(2000))
    assert trips() == 2
    await delete(circle, made)
    assert trips() == 2
