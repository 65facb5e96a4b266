"""Who owes what in a group, now or at the end of a day, and of which state of the group is that?"""

from datetime import date
from uuid import UUID

from tallystick.groups.sums.folding import fold_until
from tallystick.groups.sums.queries import TALLIES, Sums, open_sums
from tallystick.ledger.rules import require_date
from tallystick.spaces.queries import SPACE_HEAD
from tallystick.store.tx import ReadTx


async def read_sums(tx: ReadTx, as_of: str) -> Sums:
    """In one round trip if they are those that are kept. Their version is the number of the group's state."""
    if as_of:
        until = require_date("as_of", as_of)
        async with tx.snapshot() as snapshot:
            return await fold_until(snapshot, until)
    head, tallies = await tx.fetch_all(SPACE_HEAD(space_id=tx.space_id), TALLIES(space_id=tx.space_id))
    return open_sums(tx, tallies)._replace(version=head[0][2])


def debts_in_order(sums: Sums) -> list[tuple[str, UUID, UUID, int]]:
    """What is open, each with who owes first and above zero, by currency."""
    found = [
        (currency, one, other, owes) if owes > 0 else (currency, other, one, -owes)
        for (one, other, currency), owes in sums.debts.items()
        if owes
    ]
    return sorted(found)


def nets_by_currency(sums: Sums) -> dict[str, dict[UUID, int]]:
    """Those that are not zero, by currency and then by member, in order."""
    nets: dict[str, dict[UUID, int]] = {}
    for (member_id, currency), net in sorted(sums.nets.items(), key=lambda item: (item[0][1], item[0][0])):
        if net:
            nets.setdefault(currency, {})[member_id] = net
    return nets


def as_date(field: str, text: str, otherwise: date) -> date:
    return require_date(field, text) if text else otherwise
