"""What is kept of what members owe each other? A tally for each currency of a group."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.groups.sums.cells import Tally
from tallystick.groups.tables import TALLY, tally
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx

TALLIES = prepare(
    select(tally.c.currency, tally.c.version, tally.c.amount).where(
        tally.c.space_id == bindparam("space_id", type_=Uuid)
    )
)

Rows = Iterable[tuple[str, int, bytes]]


class Sums(NamedTuple):
    """What is open in a group. `version` is the seq of the last commit that moved any of it."""

    nets: dict[tuple[UUID, str], int]
    debts: dict[tuple[UUID, UUID, str], int]
    version: int


async def read_all(tx: ReadTx) -> Sums:
    return open_sums(tx, await tx.fetch(TALLIES(space_id=tx.space_id)))


async def read_nets_of(tx: ReadTx, member_id: UUID) -> dict[str, int]:
    """What one member is owed or owes, by currency; nothing where it is zero."""
    return nets_of(await read_all(tx), member_id)


def nets_of(sums: Sums, member_id: UUID) -> dict[str, int]:
    return {currency: net for (each, currency), net in sorted(sums.nets.items()) if each == member_id}


def open_tally(tx: ReadTx, currency: str, version: int, cell: bytes) -> Tally:
    return Tally(tx.open_cell(TALLY, version, cell, currency=currency))


def open_sums(tx: ReadTx, rows: Rows) -> Sums:
    """Nothing is said of what is zero."""
    nets: dict[tuple[UUID, str], int] = {}
    debts: dict[tuple[UUID, UUID, str], int] = {}
    newest = 0
    for currency, version, cell in rows:
        opened = open_tally(tx, currency, version, cell)
        nets |= {(member_id, currency): net for member_id, net in opened.nets()}
        debts |= {(one_id, other_id, currency): owes for one_id, other_id, owes in opened.debts()}
        newest = max(newest, version)
    return Sums(nets, debts, newest)
