"""How do rows come into a group, and how are they taken out again? As `into_book` does it for books."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from tallystick.groups.expenses.queries import IMPORTED
from tallystick.groups.members.guests import add_guest, remove_guest
from tallystick.groups.members.queries import read_roster
from tallystick.groups.profiles.queries import get_group, get_group_name
from tallystick.groups.profiles.rules import require_in_use
from tallystick.groups.sums.queries import read_all
from tallystick.groups.tables import EXPENSE, SETTLEMENT, import_id_of
from tallystick.groups.taking_in import take_back, take_in
from tallystick.imports.all_but import AT, do_all_but
from tallystick.imports.commands import become_duplicate, fail_row
from tallystick.imports.profiles import remember
from tallystick.imports.queries import WRITTEN
from tallystick.imports.rows import IMPORT
from tallystick.imports.shared.placing import guest_name_of, member_ids_of
from tallystick.imports.shared.queries import MADE_EXPENSES, MADE_SETTLEMENTS, SETTLEMENTS_ON
from tallystick.imports.shared.rows import compose_thing
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_settlements_pb2 import Settlement, SettlementState
from tallystick.v1.import_pb2 import Import, ImportDifference
from tallystick.v1.import_rows_pb2 import ImportRow
from tallystick.v1.money_pb2 import Money
from tallystick.v1.space_pb2 import MemberState

_REVERSED = SettlementState.SETTLEMENT_STATE_REVERSED


async def get_name(tx: ReadTx) -> str:
    return await get_group_name(tx)


async def begin(tx: WriteTx, before: Import, after: Import) -> None:
    """Makes the guests that somebody asked for, and remembers who everybody is."""
    require_in_use(await get_group(tx))
    known = {str(each) for each in (await read_roster(tx)).members}
    member_ids = member_ids_of(before)
    for each in after.members:
        member_id = member_ids[each.name]
        if each.as_guest and each.rows and member_id not in known:
            add_guest(tx, guest_name_of(each.name), member_id)
            after.created_member_ids.append(member_id)
        if each.rows:
            each.member_id = member_id
    await remember(tx, after, ())


async def record(tx: WriteTx, of_import: Import, after: Import, rows: Sequence[ImportRow]) -> int:
    """Records what can be recorded, and returns how many that was. What cannot is said of its row."""

    async def take_all_in(some: Sequence[ImportRow]) -> None:
        things = [compose_thing(row, UUID(of_import.id)) for row in some]
        await take_in(tx, things, import_id=of_import.id, at=AT)

    left = await _without_late(tx, after, rows)
    return len(await do_all_but(left, take_all_in, partial(fail_row, tx, after)))


async def _without_late(tx: WriteTx, after: Import, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Without rows that came into the group since they were compared. One that somebody wants all the same loses its name: it is taken."""
    names = {name: row.import_key for row in rows if (name := import_id_of(tx.space_id, row.import_key))}
    days = sorted({date.fromisoformat(row.booked_on) for row in rows if row.payment})
    expenses, settlements = await tx.fetch_all(
        IMPORTED(space_id=tx.space_id, ids=sorted(names)), SETTLEMENTS_ON(space_id=tx.space_id, days=days)
    )
    taken = {names[import_id]: str(expense_id) for import_id, expense_id in expenses}
    for each in (tx.open(SETTLEMENT, (row[0], row[1], row[2])) for row in settlements):
        if each.import_key and each.state != _REVERSED:
            taken[each.import_key] = each.id
    left = []
    for row in rows:
        held = taken.get(row.import_key)
        if held is not None and row.action == IMPORT:
            row.import_key = ""
        elif held is not None:
            become_duplicate(tx, after, row, held)
            continue
        left.append(row)
    return left


async def finish(tx: WriteTx, before: Import, after: Import) -> None:
    """Says where balances are not what the file says they are."""
    sums = await read_all(tx)
    member_ids = {each.name: each.member_id for each in before.members}
    stated: dict[tuple[str, str], int] = {}
    for each in before.totals:
        key = member_ids.get(each.name, ""), each.total.currency
        stated[key] = stated.get(key, 0) + each.total.minor
    currencies = {currency for _, currency in stated}
    held = {
        (str(member_id), currency): net for (member_id, currency), net in sums.nets.items() if currency in currencies
    }
    after.differences.extend(
        ImportDifference(
            member_id=member_id,
            stated=Money(currency=currency, minor=stated.get((member_id, currency), 0)),
            held=Money(currency=currency, minor=held.get((member_id, currency), 0)),
        )
        for member_id, currency in sorted(stated.keys() | held.keys())
        if stated.get((member_id, currency), 0) != held.get((member_id, currency), 0)
    )


async def revert(tx: WriteTx, after: Import, ids: Sequence[UUID]) -> None:
    """Deletes expenses and reverses settlements, but for what somebody has changed since."""
    expenses, settlements, written = await tx.fetch_all(
        MADE_EXPENSES(space_id=tx.space_id, ids=ids),
        MADE_SETTLEMENTS(space_id=tx.space_id, ids=ids),
        WRITTEN(space_id=tx.space_id, ids=ids),
    )
    times: dict[UUID, int] = dict(written)
    things: list[Expense | Settlement] = [tx.open(EXPENSE, (row[0], row[1], row[2])) for row in expenses]
    payments = [tx.open(SETTLEMENT, (row[0], row[1], row[2])) for row in settlements]
    things += [each for each in payments if each.state != _REVERSED]
    untouched = [each for each in things if times[UUID(each.id)] == 1]
    taken_back = await do_all_but(untouched, partial(take_back, tx, at=AT))
    after.counts.reverted += len(taken_back)
    after.counts.kept += len(things) - len(taken_back)


async def clear(tx: WriteTx, before: Import) -> None:
    """Removes the guests that it made, but for those who have come to be somebody, or for whom something is open."""
    ids = [UUID(each) for each in before.created_member_ids]
    if not ids:
        return
    roster, sums = await read_roster(tx), await read_all(tx)
    times: dict[UUID, int] = dict(await tx.fetch(WRITTEN(space_id=tx.space_id, ids=ids)))
    owing = {member_id for member_id, _ in sums.nets}
    for member_id in ids:
        guest = roster.members.get(member_id)
        is_guest = guest is not None and guest.state == MemberState.MEMBER_STATE_GUEST
        if guest is not None and is_guest and times[member_id] == 1 and member_id not in owing:
            await remove_guest(tx, guest)
